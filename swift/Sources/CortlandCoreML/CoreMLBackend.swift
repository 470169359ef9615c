import Cortland

/// A loaded package or the parts of a model, their states, and the calls by which a conversation goes in.
final class CoreMLBackend: InferenceBackend {
    let info: BackendInfo
    private let parts: [LoadedPart]
    private let session: HostSession
    private let check: WarmUpCheck?

    private static let mostLogits = 16 << 20  // of a call: 32 MiB of fp16

    init(
        _ parts: [LoadedPart], _ contract: Contract, _ embedding: Embedding?, _ check: WarmUpCheck?, _ unit: ComputeUnit
    ) throws(GenerationError) {
        self.parts = parts
        self.check = check
        session = try HostSession(contract, embedding)
        // A package for any number of tokens gives the logits of all of them.
        let rows = max(1, Self.mostLogits / contract.vocabularySize)
        let isFlexible = contract.stepSize > 1
        info = BackendInfo(
            contextLength: contract.contextLength, vocabularySize: contract.vocabularySize,
            prefillSize: isFlexible ? min(contract.prefillSize, rows) : contract.prefillSize,
            stepSize: min(contract.stepSize, rows), computeUnit: unit,
            cacheBytes: parts.reduce(contract.keptBytes) { $0 + $1.stateBytes })
    }

    /// Units have refused the larger function alone, and have computed something else than the package says.
    func warmUp() throws {
        if info.prefillSize > info.stepSize {
            try prefill([Int32](repeating: 0, count: min(info.prefillSize, info.contextLength)), at: 0)
            try rewind(to: 0)
        }
        try check?.run(self)
    }

    func prefill(_ tokens: [Int32], at position: Int) throws {
        try rewind(to: position)
        for call in try session.feed(tokens, .more) { try run(call) { _ in } }
    }

    func step(_ tokens: [Int32], at position: Int, _ body: (LogitsView) throws -> Int32) throws -> Int32 {
        try rewind(to: position)
        let calls = try session.feed(tokens, .logits)
        for call in calls.dropLast() { try run(call) { _ in } }
        guard let last = calls.last else { throw GenerationError.internalFailure("step: no call was planned") }
        let (logits, row) = try session.logits(of: last)
        return try run(last) { outputs in
            try outputs.withNumbers(of: logits) { numbers in try body(Self.view(of: numbers, row: row)) }
        }
    }

    func resumablePosition(for position: Int) -> Int { session.resumablePosition(for: position) }

    func rewind(to position: Int) throws {
        if position != session.position { try session.rewind(to: position) }
    }

    private func run<Result>(
        _ call: HostSession.Call, _ read: (LoadedPart.Outputs) throws -> Result
    ) throws -> Result {
        try withAutoreleasePool {
            let outputs = try parts[call.part].predict(function: call.function, call.inputs) { input, numbers in
                try session.fill(call, input: input, numbers)
            }
            for (index, feature) in call.kept.enumerated() {
                try outputs.withNumbers(of: feature) { try session.keep(call, output: index, $0) }
            }
            if let hidden = call.hidden { try outputs.withNumbers(of: hidden) { try session.pass(call, $0) } }
            return try read(outputs)
        }
    }

    /// One row of logits [1, rows, V].
    private static func view(of numbers: StridedNumbers, row: Int) -> LogitsView {
        let isHalf = numbers.number == .float16
        let offset = row * numbers.strides[1] * (isHalf ? 2 : 4)
        return LogitsView(
            base: UnsafeRawPointer(numbers.base + offset), count: numbers.shape[2], stride: numbers.strides[2],
            scalar: isHalf ? .float16 : .float32)
    }
}
