import CCortland

/// Chooses tokens. The same mode with a seed, prompt and logits give the same ones on every platform.
public final class Sampler {
    /// A token and how likely it was.
    public struct TokenProbability: Sendable, Equatable {
        /// The token.
        public var id: Int32
        /// Among those that it was chosen from, 0 to 1.
        public var probability: Double
        /// The natural logarithm of that.
        public var logProbability: Double
    }

    private let handle: OpaquePointer
    private let vocabularySize: Int

    /// `vocabularySize`: the number of logits, often more than the tokenizer has ids.
    /// - Throws: `invalidRequest` for numbers out of range.
    public init(_ mode: GenerationOptions.SamplingMode, vocabularySize: Int) throws(GenerationError) {
        self.vocabularySize = vocabularySize
        handle = try Boundary.handle { handle, failure in
            mode.withSampling { cortland_sampler_create(&$0, vocabularySize, handle, failure) }
        }
    }

    deinit { cortland_sampler_free(handle) }

    /// Begins an answer: only the ids of this prompt count as its history.
    /// - Throws: `invalidRequest` for ids outside the vocabulary.
    public func begin(prompt: [Int32]) throws(GenerationError) {
        try Boundary.check { cortland_sampler_begin(handle, prompt, prompt.count, $0) }
    }

    /// Adds a token to the answer that something else has chosen.
    public func accept(_ id: Int32) throws(GenerationError) {
        try Boundary.check { cortland_sampler_accept(handle, id, $0) }
    }

    /// Chooses a token and adds it to the answer.
    /// - Throws: `unusableLogits` when they are not numbers, or not as many as the vocabulary has.
    public func sample(_ logits: LogitsView) throws(GenerationError) -> Int32 {
        var view = logits.c
        var id: Int32 = 0
        do {
            try Boundary.check { cortland_sampler_sample(handle, &view, &id, $0) }
        } catch .invalidRequest(let message) {
            throw .unusableLogits(message)
        }
        return id
    }

    /// The likeliest of what the last token was chosen from, the likeliest first: at most `count`.
    public func top(_ count: Int) throws(GenerationError) -> [TokenProbability] {
        var tokens = [cortland_token_probability](repeating: .init(), count: count)
        var written = 0
        try Boundary.check { cortland_sampler_top(handle, &tokens, count, &written, $0) }
        return tokens.prefix(written).map {
            TokenProbability(id: $0.id, probability: $0.probability, logProbability: $0.log_probability)
        }
    }

    /// How likely a token was to be chosen when the last one was; `nil` when it could not.
    public func probability(of id: Int32) throws(GenerationError) -> TokenProbability? {
        // Mostly one of the likeliest, and to list all would take longer than to choose one.
        for count in [32, vocabularySize] {
            if let found = try top(count).first(where: { $0.id == id }) { return found }
        }
        return nil
    }
}
