import CCortland
public import Foundation

/// From a conversation to the prompt that the model was trained with.
public struct ChatTemplate: Sendable {
    /// A moment as a clock on the wall shows it, for templates that write the date.
    public struct LocalTime: Sendable, Hashable {
        let year, month, day, hour, minute, second: Int32

        /// The moment in a calendar and its time zone.
        public init(_ date: Date, in calendar: Calendar) {
            let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
            year = Int32(parts.year ?? 0)
            month = Int32(parts.month ?? 0)
            day = Int32(parts.day ?? 0)
            hour = Int32(parts.hour ?? 0)
            minute = Int32(parts.minute ?? 0)
            second = Int32(parts.second ?? 0)
        }
    }

    /// What the template gets.
    public struct Input: Sendable {
        /// The conversation so far.
        public var messages: [Message]
        /// The tools that the model may call, each an object as the template wants it.
        public var tools: [JSONValue] = []
        /// What else the template asks for, such as `enable_thinking`.
        public var variables: [JSONValue.Member] = []
        /// For templates that write the date; `nil`: the first second of 1970.
        public var now: LocalTime?
        /// Whether the prompt ends where the answer of the model begins.
        public var end = End.answer
        /// Of what the messages and tools spell; those of the template itself always count.
        public var controlTokens = ControlTokens.plain

        /// A conversation without tools.
        public init(_ messages: [Message]) { self.messages = messages }
    }

    /// Where a prompt ends.
    public enum End: Sendable {
        /// Behind the last message.
        case messages
        /// Where the answer of the model begins.
        case answer
    }

    private let file: TextFile

    /// The template of a text file.
    /// - Throws: `notFound` when the model has none.
    public init(_ file: TextFile) throws(GenerationError) {
        guard file.hasChatTemplate else { throw .notFound("chat template: the model has none") }
        self.file = file
    }

    /// The prompt as text, to look at: encoded again, control tokens in the messages would come alive.
    /// - Throws: `templateRefused`, `invalidRequest`.
    public func render(_ input: Input) throws(GenerationError) -> String {
        try Boundary.text { buffer, capacity, size, failure in
            input.withChat { cortland_text_render_chat(file.handle, &$0, buffer, capacity, size, failure) }
        }
    }

    /// The ids of the prompt.
    /// - Throws: `templateRefused`, `invalidRequest`.
    public func encode(_ input: Input) throws(GenerationError) -> [Int32] {
        try Boundary.ids(capacity: 512) { buffer, capacity, count, failure in
            input.withChat { cortland_text_encode_chat(file.handle, &$0, buffer, capacity, count, failure) }
        }
    }
}

extension ChatTemplate.Input {
    fileprivate func withChat<Result>(_ body: (inout cortland_chat) -> Result) -> Result {
        var chat = cortland_chat_default()
        if let now {
            chat.now = cortland_local_time(
                year: now.year, month: now.month, day: now.day, hour: now.hour, minute: now.minute, second: now.second)
        }
        if end == .messages { chat.generation_prompt = cortland_generation_prompt(CORTLAND_GENERATION_PROMPT_NONE) }
        chat.control_tokens = controlTokens.code
        return JSONValue.array(messages.map(\.json)).text.withCString { messages in
            (tools.isEmpty ? "" : JSONValue.array(tools).text).withCString { tools in
                JSONValue.object(variables).text.withCString { variables in
                    chat.messages = messages
                    chat.tools = tools
                    chat.variables = variables
                    return body(&chat)
                }
            }
        }
    }
}
