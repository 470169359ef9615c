import CCortland

/// How a request is to be answered.
public struct GenerationOptions: Sendable, Hashable {
    /// Whether the model reasons before it answers, if it can.
    public enum Thinking: Sendable {
        /// It answers at once.
        case off
        /// It reasons first.
        case on

        var code: cortland_answer_mode {
            switch self {
            case .off: cortland_answer_mode(CORTLAND_ANSWER_DIRECT)
            case .on: cortland_answer_mode(CORTLAND_ANSWER_REASONING)
            }
        }
    }

    /// Whether the stream has an event for each token.
    public enum TokenReports: Sendable {
        /// Text alone.
        case none
        /// Its id and the logarithm of its probability.
        case each
    }

    /// How tokens are chosen; `nil`: as the makers of the model advise.
    public var samplingMode: SamplingMode?
    /// In place of the temperature of that.
    public var temperature: Double?
    /// Tokens that the answer has at most; `nil`: as the makers of the model advise, or as many as the context holds.
    public var maximumResponseTokens: Int?
    /// Each of them ends the answer, and is no part of it.
    public var stopStrings: [String] = []
    /// Whether the model reasons before it answers.
    public var thinking = Thinking.off
    /// Whether the stream has an event for each token.
    public var tokenReports = TokenReports.none

    /// Options; what is not given is as the makers of the model advise.
    public init(
        samplingMode: SamplingMode? = nil, temperature: Double? = nil, maximumResponseTokens: Int? = nil
    ) {
        self.samplingMode = samplingMode
        self.temperature = temperature
        self.maximumResponseTokens = maximumResponseTokens
    }
}

/// How the makers of a model advise to use it.
public struct GenerationDefaults: Sendable, Hashable {
    /// How tokens are chosen.
    public var samplingMode: GenerationOptions.SamplingMode
    /// Tokens that an answer has at most, if they say so.
    public var maximumResponseTokens: Int?
}

extension TextFile {
    /// How the makers of the model advise to use it.
    public func defaults(for thinking: GenerationOptions.Thinking) throws(GenerationError) -> GenerationDefaults {
        var sampling = cortland_sampling_default()
        var limit: Int64 = 0
        try Boundary.check { cortland_text_sampling(handle, thinking.code, &sampling, &limit, $0) }
        return GenerationDefaults(samplingMode: .init(sampling), maximumResponseTokens: limit > 0 ? Int(limit) : nil)
    }
}

extension GenerationOptions {
    /// What holds for a model: these options, and its defaults where they say nothing.
    public func resolved(for file: TextFile) throws(GenerationError) -> GenerationDefaults {
        var resolved = try file.defaults(for: thinking)
        if let samplingMode { resolved.samplingMode = samplingMode }
        if let temperature { resolved.samplingMode.temperature = temperature }
        if let maximumResponseTokens { resolved.maximumResponseTokens = maximumResponseTokens }
        if let limit = resolved.maximumResponseTokens, limit < 1 {
            throw .invalidRequest("maximumResponseTokens: is out of range; got \(limit), want 1 or more")
        }
        return resolved
    }
}
