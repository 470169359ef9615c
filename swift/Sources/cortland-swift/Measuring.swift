import Cortland
import Foundation

/// How long a model takes to load, to read and to answer.
struct Measuring {
    private let options: Options

    init(_ options: Options) { self.options = options }

    func run() async throws {
        var benchmark = Benchmark()
        benchmark.promptTokens = options.promptTokens
        benchmark.tokens = options.tokens
        let report = try await benchmark.run(try await ModelFiles(options).languageModel())
        if options.isJSON { try Output.json(report) } else { show(report) }
    }

    private func show(_ report: Benchmark.Report) {
        func number(_ value: Double?) -> String { value.map { String(format: "%.1f", $0) } ?? "-" }
        let unit = report.computeUnit?.rawValue ?? "-"
        let lines = [
            "unit      \(unit), \(report.attempts.count) failures before",
            "load      \(number(report.loadSeconds)) s, cache \(report.cacheBytes / 1024) KiB",
            "prompt    \(report.promptTokens) tokens, \(number(report.promptTokensPerSecond)) tokens/s, "
                + "first token after \(number(report.firstTokenSeconds)) s",
            "answer    \(report.generatedTokens) tokens, \(number(report.tokensPerSecond)) tokens/s",
            "step      \(number(report.medianStepMilliseconds)) ms, 95 of 100 at most "
                + "\(number(report.slowStepMilliseconds)) ms",
        ]
        Output.standardOutput(lines.joined(separator: "\n") + "\n")
        for attempt in report.attempts { Output.standardOutput("failed    \(attempt)\n") }
    }
}
