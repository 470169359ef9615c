import CCortland

extension GenerationOptions {
    /// How a token is chosen, in the order in which the steps happen; each is off unless it is set.
    public struct SamplingMode: Sendable, Hashable {
        /// What is added to the logit of a token; minus infinity bans it.
        public var logitBias: [Int32: Double] = [:]
        /// Above 0; 1: off.
        public var repetitionPenalty = 1.0
        /// Taken off the logit for each time that the token stands in the answer.
        public var frequencyPenalty = 0.0
        /// Taken off the logit once the token stands in the answer.
        public var presencePenalty = 0.0
        /// The length of what must not repeat; 0: off.
        public var noRepeatNgram: Int64 = 0
        /// 0: the likeliest token, and no step below.
        public var temperature = 1.0
        /// How many of the likeliest tokens count; 0: all.
        public var topK: Int64 = 0
        /// The share of the probability that counts, 0 to 1.
        public var topP = 1.0
        /// The least probability, as a share of the largest, 0 to 1.
        public var minP = 0.0
        /// The same seed gives the same answer on every platform; `nil`: another one for each answer.
        public var seed: UInt64?

        /// From all tokens as likely as they are.
        public init() {}

        /// Always the likeliest token.
        public static let greedy: SamplingMode = {
            var mode = SamplingMode()
            mode.temperature = 0
            return mode
        }()

        /// From the `k` likeliest tokens.
        public static func random(top k: Int, seed: UInt64? = nil) -> SamplingMode {
            var mode = SamplingMode()
            mode.topK = Int64(k)
            mode.seed = seed
            return mode
        }

        /// From the likeliest tokens that have this probability together.
        public static func random(probabilityThreshold: Double, seed: UInt64? = nil) -> SamplingMode {
            var mode = SamplingMode()
            mode.topP = probabilityThreshold
            mode.seed = seed
            return mode
        }

        /// Close to what the model finds likeliest.
        public static let precise: SamplingMode = {
            var mode = SamplingMode.random(probabilityThreshold: 0.9)
            mode.temperature = 0.3
            return mode
        }()

        /// Between `precise` and `creative`.
        public static let balanced: SamplingMode = {
            var mode = SamplingMode.random(probabilityThreshold: 0.95)
            mode.temperature = 0.7
            return mode
        }()

        /// From all that is not unlikely.
        public static let creative: SamplingMode = {
            var mode = SamplingMode()
            mode.minP = 0.05
            return mode
        }()
    }
}

extension GenerationOptions.SamplingMode {
    /// What the makers of the model advise.
    init(_ sampling: cortland_sampling) {
        repetitionPenalty = sampling.repetition_penalty
        frequencyPenalty = sampling.frequency_penalty
        presencePenalty = sampling.presence_penalty
        noRepeatNgram = sampling.no_repeat_ngram
        temperature = sampling.temperature
        topK = sampling.top_k
        topP = sampling.top_p
        minP = sampling.min_p
    }

    func withSampling<Result>(_ body: (inout cortland_sampling) -> Result) -> Result {
        var sampling = cortland_sampling_default()
        sampling.repetition_penalty = repetitionPenalty
        sampling.frequency_penalty = frequencyPenalty
        sampling.presence_penalty = presencePenalty
        sampling.no_repeat_ngram = noRepeatNgram
        sampling.temperature = temperature
        sampling.top_k = topK
        sampling.top_p = topP
        sampling.min_p = minP
        sampling.seed = seed ?? UInt64.random(in: .min ... .max)
        let biases = logitBias.sorted { $0.key < $1.key }.map {
            cortland_logit_bias(bias: $0.value, id: $0.key, reserved: 0)
        }
        return biases.withUnsafeBufferPointer {
            sampling.logit_bias = $0.baseAddress
            sampling.logit_bias_count = $0.count
            return body(&sampling)
        }
    }
}
