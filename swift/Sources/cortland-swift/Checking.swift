import Cortland
import CortlandCoreML
import Foundation

/// Whether Core ML computes on each compute unit what the package means, how fast, and where operations are to run.
struct Checking {
    /// A check failed, and that was said.
    struct Failure: Error {}

    private var options: Options
    private let expectation: Expectation
    private let files: ModelFiles

    init(_ options: Options) throws {
        expectation = try Expectation(contentsOf: options.expected ?? options.model)
        self.options = options
        self.options.context = expectation.context
        files = try ModelFiles(self.options)
    }

    func run() async throws {
        var records: [DeviceReport.Record] = []
        for unit in options.policy?.ladder ?? ComputeUnit.allCases {
            let record = await record(on: unit)
            records.append(record)
            if !options.isJSON { show(record) }
        }
        if options.isJSON { Output.standardOutput(try DeviceReport(checks: records).json()) }
        if records.contains(where: { $0.passed == false }) { throw Failure() }
    }

    private func record(on unit: ComputeUnit) async -> DeviceReport.Record {
        var record = DeviceReport.Record(package: files.name, computeUnit: unit)
        record.digest = expectation.digest
        record.lint = expectation.lint
        #if !canImport(CoreML)
            record.standIn = true
        #endif
        let start = ContinuousClock.now
        var isMadeFor = true
        do {
            let model = try await files.model()
            isMadeFor = model.computePolicy.ladder.contains(unit)
            try measure(model, unit, &record)
        } catch {
            let attempt = LadderAttempt(unit: unit, stage: .load, error: error, duration: ContinuousClock.now - start)
            record.failures.append("\(attempt.message) (\(attempt.domain) \(attempt.code))")
        }
        // Nobody loads it elsewhere: what happens there is told and not judged.
        record.passed = isMadeFor ? record.failures.isEmpty : nil
        // What could not be run has a plan all the same, which may tell why.
        do {
            record.shares = try await CoreMLRuntime().shares(ofModelAt: try await files.compiled(), on: unit)
        } catch {
            Output.standardError("\(unit.rawValue): has no plan; \(error.localizedDescription)\n")
        }
        return record
    }

    /// All in one synchronous call: what Core ML made stays on this thread.
    private func measure(_ model: CoreMLModel, _ unit: ComputeUnit, _ record: inout DeviceReport.Record) throws {
        let start = ContinuousClock.now
        let backend = try model.load(on: unit)
        record.loadSeconds = (ContinuousClock.now - start) / .seconds(1)
        record.cacheBytes = backend.info.cacheBytes
        guard backend.info.vocabularySize == expectation.vocabulary else {
            throw GenerationError.unsupportedModel(
                "vocabulary: got \(backend.info.vocabularySize), want \(expectation.vocabulary) of what is expected")
        }
        let first = try pass(backend)
        record.fp32 = first.fp32.difference
        record.fp16 = first.fp16.difference
        judge(first, "", &record)
        // The second time nothing has to be prepared; and what the cache still has of the first must not be seen.
        try backend.rewind(to: 0)
        let second = try pass(backend)
        judge(second, "the second time, ", &record)
        record.promptTokens = expectation.promptTokens
        record.generatedTokens = second.steps.count
        record.promptTokensPerSecond = Double(expectation.promptTokens) / (second.prompt / .seconds(1))
        if !second.steps.isEmpty {
            record.tokensPerSecond = Double(second.steps.count) / (second.steps.reduce(.zero, +) / .seconds(1))
            record.medianStepMilliseconds = second.steps.sorted()[second.steps.count / 2] / .milliseconds(1)
        }
    }

    /// All ids once.
    private struct Pass {
        var fp32 = Comparison(), fp16 = Comparison()
        var prompt = Duration.zero
        var steps: [Duration] = []  // of the tokens behind the prompt
    }

    private func pass(_ backend: any InferenceBackend) throws -> Pass {
        var pass = Pass()
        let ids = expectation.ids, prompt = expectation.promptTokens
        let clock = ContinuousClock()
        var position = 0
        while prompt - position > backend.info.stepSize {
            let chunk = Array(ids[position..<min(position + backend.info.prefillSize, prompt - 1)])
            pass.prompt += try clock.measure { try backend.prefill(chunk, at: position) }
            position += chunk.count
        }
        for (index, wanted) in expectation.positions.enumerated() {
            let tokens = Array(ids[position..<(prompt + index)])
            let start = clock.now
            var duration = Duration.zero
            _ = try backend.step(tokens, at: position) { logits in
                duration = clock.now - start
                let numbers = logits.numbers()
                pass.fp32.add(numbers, wanted.fp32, at: wanted, tie: expectation.tie)
                pass.fp16.add(numbers, wanted.fp16, at: wanted, tie: nil)
                return 0
            }
            if index > 0 { pass.steps.append(duration) } else { pass.prompt += duration }
            position += tokens.count
        }
        return pass
    }

    private func judge(_ pass: Pass, _ when: String, _ record: inout DeviceReport.Record) {
        record.failures += pass.fp32.failures.map { when + $0 }
        guard let psnr = pass.fp32.difference.psnr, psnr < expectation.psnrLimit else { return }
        record.failures.append(
            when + String(format: "PSNR %.1f dB against fp32 math, want %.1f dB", psnr, expectation.psnrLimit))
    }

    private func show(_ record: DeviceReport.Record) {
        func number(_ value: Double?) -> String { value.map { String(format: "%.1f", $0) } ?? "-" }
        var line = record.computeUnit.rawValue.padding(toLength: 14, withPad: " ", startingAt: 0)
        line += record.passed.map { $0 ? "ok      " : "FAILED  " } ?? "measured"
        if let fp32 = record.fp32 {
            line += "  PSNR \(fp32.maxAbs == nil ? "no numbers" : fp32.psnr.map { number($0) + " dB" } ?? "equal")"
            line += "  argmax \(fp32.agreeing)/\(fp32.positions)"
        }
        line += "  load \(number(record.loadSeconds)) s  prefill \(number(record.promptTokensPerSecond))"
        line += "  decode \(number(record.tokensPerSecond)) tokens/s"
        let all = record.shares.reduce(0) { $0 + $1.operations }
        let here = record.shares.filter { $0.unit == record.computeUnit }.reduce(0) { $0 + $1.operations }
        line += all == 0 ? "  no plan" : String(format: "  plan %.1f %% here", 100 * Double(here) / Double(all))
        Output.standardOutput(line + "\n")
        for failure in record.failures { Output.standardOutput("  \(failure)\n") }
    }
}
