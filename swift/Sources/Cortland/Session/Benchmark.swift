/// How fast a model loads, reads and answers.
public struct Benchmark: Sendable, Hashable {
    /// What was measured.
    public struct Report: Sendable, Equatable, Encodable {
        /// Where it ran.
        public var computeUnit: ComputeUnit?
        /// Until it was loaded, and from the request to the first token.
        public var loadSeconds, firstTokenSeconds: Double
        /// Tokens that were read, and given; and the size of the cache.
        public var promptTokens, generatedTokens, cacheBytes: Int
        /// How many of them in a second.
        public var promptTokensPerSecond, tokensPerSecond: Double?
        /// What a token takes in the middle, and what 95 of 100 do not exceed.
        public var medianStepMilliseconds, slowStepMilliseconds: Double?
        /// What failed on the way.
        public var attempts: [LadderAttempt]
    }

    /// Tokens to read, or a few more.
    public var promptTokens = 128
    /// Tokens to give.
    public var tokens = 64

    /// A benchmark.
    public init() {}

    /// Measures a model, which is loaded if it is not.
    /// - Throws: `busy`, `cancelled`, `contextFull`, `loadFailed`, `predictionFailed`.
    public func run(_ model: LanguageModel) async throws(GenerationError) -> Report {
        let start = ContinuousClock.now
        let info = try await model.load()
        let load = ContinuousClock.now - start
        var sampling = GenerationOptions.SamplingMode.greedy
        for id in try model.textFile.endIDs { sampling.logitBias[id] = -.infinity }  // it is to go on
        let wanted = GenerationOptions(samplingMode: sampling, maximumResponseTokens: tokens)
        let statistics = try await model.streamContinuation(of: try prompt(model), options: wanted).collect().statistics
        return Report(
            computeUnit: statistics.computeUnit, loadSeconds: load / .seconds(1),
            firstTokenSeconds: statistics.timeToFirstToken.map { $0 / .seconds(1) } ?? 0,
            promptTokens: statistics.promptTokens, generatedTokens: statistics.generatedTokens,
            cacheBytes: info.cacheBytes, promptTokensPerSecond: statistics.promptTokensPerSecond,
            tokensPerSecond: statistics.tokensPerSecond,
            medianStepMilliseconds: statistics.stepDuration(quantile: 0.5).map { $0 / .milliseconds(1) },
            slowStepMilliseconds: statistics.stepDuration(quantile: 0.95).map { $0 / .milliseconds(1) },
            attempts: statistics.attempts)
    }

    private func prompt(_ model: LanguageModel) throws(GenerationError) -> String {
        let tokenizer = Tokenizer(model.textFile)
        var text = "Once"
        while try tokenizer.encode(text, affixes: .added).count < promptTokens { text += " and once more" }
        return text
    }
}
