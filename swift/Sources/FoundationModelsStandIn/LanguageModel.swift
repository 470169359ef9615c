public import Foundation

/// A model that sessions can use.
public protocol LanguageModel: Sendable {
    /// What answers its requests.
    associatedtype Executor: LanguageModelExecutor where Self == Executor.Model
    /// What it can do.
    var capabilities: LanguageModelCapabilities { get }
    /// What its executor is made of.
    var executorConfiguration: Executor.Configuration { get }
}

/// What answers the requests of sessions.
public protocol LanguageModelExecutor: Sendable {
    /// What it is made of; one is made for each that differs.
    associatedtype Configuration: Hashable, Sendable
    /// The model.
    associatedtype Model: LanguageModel
    /// Makes it.
    init(configuration: Configuration) throws
    /// A request may come soon.
    func prewarm(model: Model, transcript: Transcript)
    /// Answers.
    nonisolated(nonsending) func respond(
        to request: LanguageModelExecutorGenerationRequest, model: Model,
        streamingInto channel: LanguageModelExecutorGenerationChannel) async throws
}

/// What a model can do.
public struct LanguageModelCapabilities: Sendable, Equatable {
    /// One thing.
    public struct Capability: Sendable, Hashable {
        let name: String
        /// Thinking, apart from the answer.
        public static var reasoning: Capability { Capability(name: "reasoning") }
        /// Asking for tools.
        public static var toolCalling: Capability { Capability(name: "toolCalling") }
        /// Answers in a form that a schema gives.
        public static var guidedGeneration: Capability { Capability(name: "guidedGeneration") }
    }

    private let capabilities: Set<Capability>
    /// All of these.
    public init(_ capabilities: [Capability]) { self.capabilities = Set(capabilities) }
    /// Whether it is among them.
    public func contains(_ capability: Capability) -> Bool { capabilities.contains(capability) }
}

/// What is asked of a model.
public struct LanguageModelExecutorGenerationRequest: Sendable {
    /// Which request it is.
    public var id: UUID
    /// The conversation, which ends with what is to be answered.
    public var transcript: Transcript
    /// The tools that may be called.
    public var enabledToolDefinitions: [Transcript.ToolDefinition]
    /// What the answer has to look like.
    public var schema: GenerationSchema?
    /// How tokens are chosen.
    public var generationOptions: GenerationOptions
    /// How the model is asked.
    public var contextOptions: ContextOptions

    /// A request.
    public init(
        id: UUID, transcript: Transcript, enabledTools: [Transcript.ToolDefinition], schema: GenerationSchema? = nil,
        generationOptions: GenerationOptions, contextOptions: ContextOptions
    ) {
        self.id = id
        self.transcript = transcript
        enabledToolDefinitions = enabledTools
        self.schema = schema
        self.generationOptions = generationOptions
        self.contextOptions = contextOptions
    }
}

/// How tokens are chosen.
public struct GenerationOptions: Sendable {
    /// A strategy.
    public struct SamplingMode: Sendable, Equatable {
        /// Which one.
        public enum Kind: Sendable, Equatable {
            /// The likeliest token.
            case greedy
            /// One of the likeliest.
            case randomTopK(Int, seed: UInt64?)
            /// One of those that share so much of the probability.
            case randomProbabilityThreshold(Double, seed: UInt64?)
        }

        /// Which one.
        public let kind: Kind
        /// The likeliest token.
        public static var greedy: SamplingMode { SamplingMode(kind: .greedy) }
        /// One of the likeliest.
        public static func random(top k: Int, seed: UInt64? = nil) -> SamplingMode {
            SamplingMode(kind: .randomTopK(k, seed: seed))
        }
        /// One of those that share so much of the probability.
        public static func random(probabilityThreshold: Double, seed: UInt64? = nil) -> SamplingMode {
            SamplingMode(kind: .randomProbabilityThreshold(probabilityThreshold, seed: seed))
        }
    }

    /// The strategy.
    public var samplingMode: SamplingMode?
    /// How much chance there is.
    public var temperature: Double?
    /// The most tokens of the answer.
    public var maximumResponseTokens: Int?
    /// Options.
    public init(
        samplingMode: SamplingMode? = nil, temperature: Double? = nil, maximumResponseTokens: Int? = nil
    ) {
        self.samplingMode = samplingMode
        self.temperature = temperature
        self.maximumResponseTokens = maximumResponseTokens
    }
}

/// How a model is asked.
public struct ContextOptions: Sendable {
    /// How much it may think.
    public enum ReasoningLevel: Sendable, Equatable {
        /// A little.
        case light
        /// Some.
        case moderate
        /// A lot.
        case deep
        /// In words of the model.
        case custom(String)
    }

    /// How much it may think.
    public var reasoningLevel: ReasoningLevel?
    /// Options.
    public init(reasoningLevel: ReasoningLevel? = nil) { self.reasoningLevel = reasoningLevel }
}

/// Why a model could not answer.
public enum LanguageModelError: Error {
    /// The conversation is too long.
    case contextSizeExceeded(ContextSizeExceeded)

    /// How long it is.
    public struct ContextSizeExceeded: Sendable {
        /// The most tokens.
        public var contextSize: Int
        /// Those that there are.
        public var tokenCount: Int
        /// In words.
        public var debugDescription: String
        /// What else is known.
        public var metadata: [String: any Sendable]
        /// How long it is.
        public init(contextSize: Int, tokenCount: Int, debugDescription: String, metadata: [String: any Sendable]) {
            self.contextSize = contextSize
            self.tokenCount = tokenCount
            self.debugDescription = debugDescription
            self.metadata = metadata
        }
    }
}
