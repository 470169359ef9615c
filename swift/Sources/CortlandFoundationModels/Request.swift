import Cortland
import Foundation

#if canImport(FoundationModels, _version: 2)
    import FoundationModels
#elseif canImport(FoundationModelsStandIn)
    import FoundationModelsStandIn
#endif

#if canImport(FoundationModels, _version: 2) || canImport(FoundationModelsStandIn)
    @available(iOS 27, macOS 27, visionOS 27, *)
    extension LanguageModelExecutorGenerationRequest {
        /// How it is to be answered. Whoever asks for a level of reasoning gets some; there are no degrees of it here.
        var options: Cortland.GenerationOptions {
            var options = Cortland.GenerationOptions(
                temperature: generationOptions.temperature,
                maximumResponseTokens: generationOptions.maximumResponseTokens)
            switch generationOptions.samplingMode?.kind {
            case .randomTopK(let count, let seed): options.samplingMode = .random(top: count, seed: seed)
            case .randomProbabilityThreshold(let threshold, let seed):
                options.samplingMode = .random(probabilityThreshold: threshold, seed: seed)
            case .some(.greedy): options.samplingMode = .greedy
            default: break  // as the makers of the model advise
            }
            options.thinking = contextOptions.reasoningLevel == nil ? .off : .on
            options.tokenReports = .each
            return options
        }
    }

    @available(iOS 27, macOS 27, visionOS 27, *)
    extension Transcript {
        /// The conversation as a chat template gets it. What the model thought goes with what it said next.
        /// - Throws: `invalidRequest` for what is no text.
        func messages() throws -> [Message] {
            var messages: [Message] = []
            var reasoning: String?
            for entry in self {
                if case .instructions(let instructions) = entry {
                    messages.append(Message(.system, try text(of: instructions.segments)))
                } else if case .prompt(let prompt) = entry {
                    messages.append(Message(.user, try text(of: prompt.segments)))
                } else if case .reasoning(let thought) = entry {
                    reasoning = try text(of: thought.segments)
                } else if case .response(let response) = entry {
                    messages.append(Message(.assistant, try text(of: response.segments), reasoning: reasoning))
                    reasoning = nil
                } else if case .toolCalls(let calls) = entry {
                    let json = calls.map { call in
                        Cortland.ToolCall(name: call.toolName, arguments: .encoded(call.arguments.jsonString)).json
                    }
                    messages.append(
                        Message(.assistant, "", reasoning: reasoning, members: [.init("tool_calls", .array(json))]))
                    reasoning = nil
                } else if case .toolOutput(let output) = entry {
                    let name = JSONValue.Member("name", .string(output.toolName))
                    messages.append(Message(.tool, try text(of: output.segments), members: [name]))
                } else {
                    throw GenerationError.invalidRequest("transcript: has an entry of a kind that is not known here")
                }
            }
            return messages
        }

        private func text(of segments: [Segment]) throws -> String {
            try segments.map { segment in
                switch segment {
                case .text(let text): return text.content
                case .structure(let structure): return structure.content.jsonString
                default: throw GenerationError.invalidRequest("transcript: has an attachment; want text")
                }
            }
            .joined(separator: "\n")
        }
    }

    @available(iOS 27, macOS 27, visionOS 27, *)
    extension Transcript.ToolDefinition {
        /// As chat templates know it. A schema is JSON Schema when it is encoded.
        func json() throws -> JSONValue {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]  // the same prompt each time
            let schema = String(decoding: try encoder.encode(parameters), as: UTF8.self)
            let function: [JSONValue.Member] = [
                .init("name", .string(name)), .init("description", .string(description)),
                .init("parameters", .encoded(schema)),
            ]
            return .object([.init("type", "function"), .init("function", .object(function))])
        }
    }
#endif
