import Synchronization

/// Where an executor sends its answer.
public struct LanguageModelExecutorGenerationChannel: Sendable {
    /// What can be sent.
    public struct Event: Sendable, Equatable {
        /// What it is, for tests. Apple's has no such thing.
        @_spi(StandIn) public enum Kind: Sendable, Equatable {
            /// Of a response.
            case response(Response.Action)
            /// Of reasoning.
            case reasoning(Reasoning.Action)
            /// Of calls of tools.
            case toolCalls(ToolCalls.Action)
        }
        /// What it is, for tests.
        @_spi(StandIn) public let kind: Kind
        /// Which entry it belongs to.
        @_spi(StandIn) public let entryID: String?

        /// Of a response.
        public static func response(entryID: String? = nil, action: Response.Action) -> Event {
            Event(kind: .response(action), entryID: entryID)
        }
        /// Of reasoning.
        public static func reasoning(entryID: String? = nil, action: Reasoning.Action) -> Event {
            Event(kind: .reasoning(action), entryID: entryID)
        }
        /// Of calls of tools.
        public static func toolCalls(entryID: String? = nil, action: ToolCalls.Action) -> Event {
            Event(kind: .toolCalls(action), entryID: entryID)
        }
    }

    /// What was read and said.
    public enum Usage {
        /// Of the prompt.
        public struct Input: Sendable, Equatable {
            /// All tokens.
            public var totalTokenCount: Int
            /// Those that were not read again.
            public var cachedTokenCount: Int
            /// Counts.
            public init(totalTokenCount: Int, cachedTokenCount: Int) {
                self.totalTokenCount = totalTokenCount
                self.cachedTokenCount = cachedTokenCount
            }
        }
        /// Of the answer.
        public struct Output: Sendable, Equatable {
            /// All tokens.
            public var totalTokenCount: Int
            /// Those of the reasoning.
            public var reasoningTokenCount: Int
            /// Counts.
            public init(totalTokenCount: Int, reasoningTokenCount: Int) {
                self.totalTokenCount = totalTokenCount
                self.reasoningTokenCount = reasoningTokenCount
            }
        }
    }

    /// What the model says.
    public enum Response {
        /// A change of it.
        public struct Action: Sendable, Equatable {
            /// What it can be, for tests.
            @_spi(StandIn) public enum Kind: Sendable, Equatable {
                /// More text.
                case text(String, tokenCount: Int)
                /// What it took.
                case usage(Usage.Input, Usage.Output)
            }
            /// What it is, for tests.
            @_spi(StandIn) public let kind: Kind

            /// More text.
            public static func appendText(_ text: String, segmentID: String? = nil, tokenCount: Int) -> Action {
                Action(kind: .text(text, tokenCount: tokenCount))
            }
            /// What it took.
            public static func updateUsage(input: Usage.Input, output: Usage.Output) -> Action {
                Action(kind: .usage(input, output))
            }
        }
    }

    /// What the model thinks.
    public enum Reasoning {
        /// A change of it.
        public struct Action: Sendable, Equatable {
            /// The text.
            @_spi(StandIn) public let text: String
            /// How many tokens it has.
            @_spi(StandIn) public let tokenCount: Int

            /// More text.
            public static func appendText(_ text: String, segmentID: String? = nil, tokenCount: Int) -> Action {
                Action(text: text, tokenCount: tokenCount)
            }
        }
    }

    /// Tools that the model wants to be called.
    public enum ToolCalls {
        /// A change of them.
        public struct Action: Sendable, Equatable {
            /// Which call it is.
            @_spi(StandIn) public let id: String
            /// The tool.
            @_spi(StandIn) public let name: String
            /// What it is called with, as JSON.
            @_spi(StandIn) public let arguments: String
            /// How many tokens it has.
            @_spi(StandIn) public let tokenCount: Int

            /// A call, or more of it.
            public static func toolCall(id: String, name: String, action: ToolCall.Action) -> Action {
                Action(id: id, name: name, arguments: action.arguments, tokenCount: action.tokenCount)
            }
        }

        /// One call.
        public enum ToolCall {
            /// A change of it.
            public struct Action: Sendable, Equatable {
                let arguments: String
                let tokenCount: Int

                /// More of its arguments, as JSON.
                public static func appendArguments(_ content: String, tokenCount: Int) -> Action {
                    Action(arguments: content, tokenCount: tokenCount)
                }
            }
        }
    }

    private final class Sent: Sendable {
        let events = Mutex<[Event]>([])
    }
    private let sent = Sent()

    /// A channel.
    public init() {}
    /// Sends.
    public nonisolated(nonsending) func send(_ event: Event) async { sent.events.withLock { $0.append(event) } }
    /// All that was sent.
    @_spi(StandIn) public var events: [Event] { sent.events.withLock { $0 } }
}
