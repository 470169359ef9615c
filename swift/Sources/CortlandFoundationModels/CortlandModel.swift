#if canImport(FoundationModels, _version: 2)
    public import FoundationModels
#elseif canImport(FoundationModelsStandIn)
    public import FoundationModelsStandIn
#endif

#if canImport(FoundationModels, _version: 2) || canImport(FoundationModelsStandIn)
    /// A model of this package for Apple's sessions, which take any model since iOS 27:
    /// `LanguageModelSession(model: CortlandModel(model))`.
    ///
    /// Instructions, tools and reasoning are those of the session; guided generation is refused, because the model declares
    /// no such capability. The session hands over its whole transcript each time, and what the cache has of it is not read
    /// again. A model answers one session at a time.
    @available(iOS 27, macOS 27, visionOS 27, *)
    public struct CortlandModel: LanguageModel {
        let source: ModelSource

        /// Reasoning and calls of tools, in the form that its chat template knows.
        public var capabilities: LanguageModelCapabilities { LanguageModelCapabilities([.reasoning, .toolCalling]) }

        /// Sessions of the same model share what answers them.
        public var executorConfiguration: Executor.Configuration { Executor.Configuration(model: source.id) }

        /// What answers the requests of sessions.
        public struct Executor: LanguageModelExecutor {
            /// The kind of model.
            public typealias Model = CortlandModel

            /// Which model it is.
            public struct Configuration: Hashable, Sendable {
                let model: ObjectIdentifier
            }

            /// It keeps nothing: the model that a request names has the cache.
            public init(configuration: Configuration) throws {}

            /// Begins to load the model.
            public func prewarm(model: CortlandModel, transcript: Transcript) { model.source.prewarm() }

            /// Sends an answer piece by piece: reasoning, text, calls of tools, and at the end what it took.
            /// - Throws: `LanguageModelError.contextSizeExceeded`, `CancellationError`, or `GenerationError` of this package.
            public nonisolated(nonsending) func respond(
                to request: LanguageModelExecutorGenerationRequest, model: CortlandModel,
                streamingInto channel: LanguageModelExecutorGenerationChannel
            ) async throws {
                try await model.source.answer(request, into: channel)
            }
        }
    }
#endif
