import Cortland
import Foundation

/// How long a model takes to load, to read and to answer.
struct Benchmark {
    private let options: Options
    private let model: LanguageModel

    init(_ options: Options) async throws {
        self.options = options
        model = try await ModelFiles(options).languageModel()
    }

    private struct Report: Encodable {
        var computeUnit: ComputeUnit?
        var loadSeconds, firstTokenSeconds: Double
        var promptTokens, generatedTokens, cacheBytes: Int
        var promptTokensPerSecond, tokensPerSecond: Double?
        var medianStepMilliseconds, slowStepMilliseconds: Double?  // slow: 95 of 100 take no longer
        var attempts: [LadderAttempt]
    }

    func run() async throws {
        let start = ContinuousClock.now
        let info = try await model.load()
        let load = ContinuousClock.now - start
        var sampling = GenerationOptions.SamplingMode.greedy
        for id in try model.textFile.endIDs { sampling.logitBias[id] = -.infinity }  // it is to go on
        let wanted = GenerationOptions(samplingMode: sampling, maximumResponseTokens: options.tokens)
        let (text, affixes) = try prompt()
        let answer = try await model.streamContinuation(of: text, affixes: affixes, options: wanted).collect()
        let statistics = answer.statistics
        let report = Report(
            computeUnit: statistics.computeUnit, loadSeconds: load.seconds,
            firstTokenSeconds: statistics.timeToFirstToken?.seconds ?? 0, promptTokens: statistics.promptTokens,
            generatedTokens: statistics.generatedTokens, cacheBytes: info.cacheBytes,
            promptTokensPerSecond: statistics.promptTokensPerSecond, tokensPerSecond: statistics.tokensPerSecond,
            medianStepMilliseconds: statistics.stepDuration(quantile: 0.5).map { $0.seconds * 1000 },
            slowStepMilliseconds: statistics.stepDuration(quantile: 0.95).map { $0.seconds * 1000 },
            attempts: statistics.attempts)
        if options.isJSON { try Output.json(report) } else { show(report) }
    }

    /// A text of that many tokens or a few more.
    private func prompt() throws -> (String, Tokenizer.Affixes) {
        let tokenizer = Tokenizer(model.textFile)
        var text = "Once"
        while try tokenizer.encode(text, affixes: .added).count < options.promptTokens { text += " and once more" }
        return (text, .added)
    }

    private func show(_ report: Report) {
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
