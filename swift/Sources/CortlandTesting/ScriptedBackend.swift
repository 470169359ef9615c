import Cortland

/// A scripted model on a compute unit. Slots behind the position keep what was written, as in a real cache.
final class ScriptedBackend: InferenceBackend {
    let info: BackendInfo
    private let model: ScriptedModel
    private var slots: [Int32]
    private var position = 0

    init(_ model: ScriptedModel, _ unit: ComputeUnit) {
        var info = model.info
        info.computeUnit = unit
        self.info = info
        self.model = model
        slots = [Int32](repeating: -1, count: info.contextLength)
    }

    func prefill(_ tokens: [Int32], at position: Int) throws {
        try model.note(.prefill(tokens, position: position), info.computeUnit)
        try take(tokens, at: position, limit: info.prefillSize)
    }

    func step(_ tokens: [Int32], at position: Int, _ body: (LogitsView) throws -> Int32) throws -> Int32 {
        let givesNumbers = try model.note(.step(tokens, position: position), info.computeUnit)
        try take(tokens, at: position, limit: info.stepSize)
        let likes = Int(model.script(Array(slots[..<self.position])))
        switch model.scalar {
        case .float32: return try view(likes, of: givesNumbers ? Float(0) : .nan, Float(20), .nan, body)
        case .float16:  // by their bits: not every platform has the type
            return try view(likes, of: givesNumbers ? UInt16(0) : 0x7E00, UInt16(0x4D00), 0x7E00, body)
        }
    }

    func rewind(to position: Int) throws {
        try model.note(.rewind(position: position), info.computeUnit)
        guard position <= self.position, position == 0 || info.rewindRule == .anyPosition else {
            throw GenerationError.invalidRequest("rewind: got \(position), want 0 to \(self.position) by the rule")
        }
        self.position = position
    }

    private func take(_ tokens: [Int32], at position: Int, limit: Int) throws {
        let end = position + tokens.count
        guard position == self.position, !tokens.isEmpty, tokens.count <= limit, end <= slots.count else {
            throw GenerationError.invalidRequest(
                "call: got \(tokens.count) tokens at \(position), want 1 to \(limit) at \(self.position)")
        }
        slots.replaceSubrange(position..<end, with: tokens)
        self.position = end
    }

    private func view<Number>(
        _ likes: Int, of others: Number, _ liked: Number, _ gap: Number, _ body: (LogitsView) throws -> Int32
    ) throws -> Int32 {
        var numbers = [Number](repeating: gap, count: info.vocabularySize * model.stride)
        for id in 0..<info.vocabularySize { numbers[id * model.stride] = id == likes ? liked : others }
        return try numbers.withUnsafeBytes {
            guard let base = $0.baseAddress else { throw GenerationError.invalidRequest("vocabulary: is empty") }
            return try body(
                LogitsView(base: base, count: info.vocabularySize, stride: model.stride, scalar: model.scalar))
        }
    }
}
