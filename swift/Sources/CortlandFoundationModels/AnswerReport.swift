import Cortland
import Foundation

#if canImport(FoundationModels, _version: 2)
    import FoundationModels
#elseif canImport(FoundationModelsStandIn)
    import FoundationModelsStandIn
#endif

#if canImport(FoundationModels, _version: 2) || canImport(FoundationModelsStandIn)
    /// Tells a session what happens while a request is answered.
    @available(iOS 27, macOS 27, visionOS 27, *)
    struct AnswerReport {
        let channel: LanguageModelExecutorGenerationChannel
        private var tokens = 0  // chosen since the latest piece of text
        private var reasoningTokens = 0
        private var hasSaidSomething = false

        init(channel: LanguageModelExecutorGenerationChannel) { self.channel = channel }

        nonisolated(nonsending) mutating func send(_ event: GenerationEvent) async {
            switch event {
            case .token: tokens += 1
            case .reasoning(let piece):
                reasoningTokens += tokens
                await channel.send(.reasoning(action: .appendText(piece, tokenCount: takeTokens())))
            case .text(let piece):
                hasSaidSomething = true
                await channel.send(.response(action: .appendText(piece, tokenCount: takeTokens())))
            case .toolCall(let call):
                hasSaidSomething = true
                await channel.send(
                    .toolCalls(
                        action: .toolCall(
                            id: UUID().uuidString, name: call.name,
                            action: .appendArguments(call.arguments.text, tokenCount: takeTokens()))))
            case .finished(let statistics):
                if !hasSaidSomething {  // a session takes silence for a failure
                    await channel.send(.response(action: .appendText("", tokenCount: 0)))
                }
                await channel.send(
                    .response(
                        action: .updateUsage(
                            input: .init(
                                totalTokenCount: statistics.promptTokens, cachedTokenCount: statistics.cachedTokens),
                            output: .init(
                                totalTokenCount: statistics.generatedTokens, reasoningTokenCount: reasoningTokens))))
            case .started, .progress, .fellBack: break
            }
        }

        private mutating func takeTokens() -> Int {
            defer { tokens = 0 }
            return tokens
        }
    }
#endif
