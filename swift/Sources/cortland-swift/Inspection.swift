import Cortland
import CortlandCoreML

/// What a package says of itself, and on which compute unit it loads.
struct Inspection {
    private let options: Options

    init(_ options: Options) { self.options = options }

    private struct Report: Encodable {
        var contextLength, vocabularySize, prefillSize, cacheBytes: Int
        var computeUnit: ComputeUnit
        var failures: [LadderAttempt]
    }

    func run() async throws {
        let model = try await ModelFiles(options).model()
        let policy = options.policy ?? model.computePolicy
        var failures: [LadderAttempt] = []
        while let unit = policy.next(after: failures) {
            let start = ContinuousClock.now
            do {
                let info = try model.load(on: unit).info
                let report = Report(
                    contextLength: info.contextLength, vocabularySize: info.vocabularySize,
                    prefillSize: info.prefillSize, cacheBytes: info.cacheBytes, computeUnit: unit, failures: failures)
                return try options.isJSON ? Output.json(report) : show(report)
            } catch {
                let duration = ContinuousClock.now - start
                failures.append(LadderAttempt(unit: unit, stage: .load, error: error, duration: duration))
            }
        }
        throw GenerationError.loadFailed(failures)
    }

    private func show(_ report: Report) {
        let lines = [
            "context     \(report.contextLength) tokens, cache \(report.cacheBytes / 1024) KiB",
            "vocabulary  \(report.vocabularySize)",
            "prefill     \(report.prefillSize) tokens in a call",
            "loads on    \(report.computeUnit.rawValue)",
        ]
        Output.standardOutput(lines.joined(separator: "\n") + "\n")
        for failure in report.failures { Output.standardOutput("failed      \(failure)\n") }
    }
}
