/// What happens while a request is answered, in this order but for `fellBack`.
public enum GenerationEvent: Sendable, Equatable {
    /// The prompt is ready; of its tokens that many lie in the cache already.
    case started(promptTokens: Int, cachedTokens: Int)
    /// So many tokens of the prompt are in the cache.
    case progress(prefilled: Int, total: Int)
    /// What the model thinks, a piece of it.
    case reasoning(String)
    /// What it says, a piece of it.
    case text(String)
    /// A tool that it wants to be called, when the session has tools.
    case toolCall(ToolCall)
    /// A token that it chose, when `GenerationOptions.tokenReports` asks for it.
    case token(id: Int32, logProbability: Double)
    /// A compute unit failed; the answer goes on, there or on another one.
    case fellBack(LadderAttempt)
    /// The answer is complete.
    case finished(GenerationStatistics)
}

/// Why an answer ended.
public enum StopReason: Sendable, Hashable {
    /// The model ended it, with this token.
    case endToken(Int32)
    /// This string would have come.
    case stopString(String)
    /// It has as many tokens as it may have.
    case maximumTokens
    /// The context has no room for more.
    case contextFull
    /// It was stopped; what was said until then counts.
    case cancelled
}

/// What an answer took.
public struct GenerationStatistics: Sendable, Equatable {
    /// Why it ended.
    public var stopReason = StopReason.cancelled
    /// Tokens of the prompt.
    public var promptTokens = 0
    /// Those of them that the cache had already.
    public var cachedTokens = 0
    /// Tokens of the answer, without the one that ends it.
    public var generatedTokens = 0
    /// Messages that the context had no room for.
    public var forgottenMessages = 0
    /// From the request to the first token, with loading and rendering; `nil`: there was none.
    public var timeToFirstToken: Duration?
    /// What the calls took that ended with the first token.
    public var prefillDuration = Duration.zero
    /// What each further token took, in order.
    public var stepDurations: [Duration] = []
    /// Where the answer ended.
    public var computeUnit: ComputeUnit?
    /// All that failed on the way.
    public var attempts: [LadderAttempt] = []

    /// Of an answer that has not begun.
    public init() {}

    /// Tokens of the prompt that were not cached, for each second; `nil`: nothing was measured.
    public var promptTokensPerSecond: Double? { rate(of: promptTokens - cachedTokens, in: prefillDuration) }

    /// Tokens behind the first, for each second; `nil`: nothing was measured.
    public var tokensPerSecond: Double? { rate(of: stepDurations.count, in: stepDurations.reduce(.zero, +)) }

    /// The duration that a share of the steps does not exceed; 0.5: the median. `nil`: there were none.
    public func stepDuration(quantile: Double) -> Duration? {
        guard !stepDurations.isEmpty else { return nil }
        let rank = (quantile * Double(stepDurations.count)).rounded(.up)
        return stepDurations.sorted()[min(max(Int(rank) - 1, 0), stepDurations.count - 1)]
    }

    private func rate(of count: Int, in duration: Duration) -> Double? {
        duration > .zero ? Double(count) / (duration / .seconds(1)) : nil
    }
}
