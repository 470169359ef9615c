public import Cortland

#if canImport(FoundationModels, _version: 2)
    import FoundationModels
#elseif canImport(FoundationModelsStandIn)
    import FoundationModelsStandIn
#endif

#if canImport(FoundationModels, _version: 2) || canImport(FoundationModelsStandIn)
    @available(iOS 27, macOS 27, visionOS 27, *)
    extension CortlandModel {
        /// Puts a model at the disposal of Apple's sessions. It needs a chat template.
        public init(_ model: Cortland.LanguageModel) { source = ModelSource(model: model) }
    }

    /// The model behind a `CortlandModel`; both modules have a `LanguageModel`, so that one file cannot speak of both.
    @available(iOS 27, macOS 27, visionOS 27, *)
    struct ModelSource: Sendable {
        let model: Cortland.LanguageModel

        var id: ObjectIdentifier { ObjectIdentifier(model) }

        func prewarm() {
            Task { [model] in try? await model.load() }
        }

        nonisolated(nonsending) func answer(
            _ request: LanguageModelExecutorGenerationRequest, into channel: LanguageModelExecutorGenerationChannel
        ) async throws {
            do {
                let session = try ChatSession(
                    model: model, transcript: [], tools: try request.enabledToolDefinitions.map { try $0.json() },
                    contextPolicy: .stop)
                let messages = try request.transcript.messages()
                var report = AnswerReport(channel: channel)
                for try await event in session.streamResponse(to: messages, options: request.options) {
                    await report.send(event)
                }
                if Task.isCancelled {
                    await session.stop()  // until the model is free for the next request
                    throw CancellationError()
                }
            } catch GenerationError.contextFull(let needed, let limit) {
                throw LanguageModelError.contextSizeExceeded(
                    .init(
                        contextSize: limit, tokenCount: needed,
                        debugDescription: "\(GenerationError.contextFull(needed: needed, limit: limit))", metadata: [:])
                )
            } catch GenerationError.cancelled {
                throw CancellationError()
            }
        }
    }
#endif
