import Foundation

/// A conversation of a session.
public struct Transcript: Sendable, RandomAccessCollection {
    /// What was said and done, in order.
    public enum Entry: Sendable {
        /// What holds for all of it.
        case instructions(Instructions)
        /// What the user said.
        case prompt(Prompt)
        /// Tools that the model wants to be called.
        case toolCalls(ToolCalls)
        /// What a tool gave.
        case toolOutput(ToolOutput)
        /// What the model said.
        case response(Response)
        /// What it thought.
        case reasoning(Reasoning)
    }

    /// A part of an entry.
    public enum Segment: Sendable {
        /// Text.
        case text(TextSegment)
        /// Structured content.
        case structure(StructuredSegment)
        /// A picture.
        case attachment(AttachmentSegment)
    }

    /// Text.
    public struct TextSegment: Sendable {
        /// The text.
        public var content: String
        /// Text.
        public init(content: String) { self.content = content }
    }

    /// Structured content.
    public struct StructuredSegment: Sendable {
        /// The content.
        public var content: GeneratedContent
        /// Structured content.
        public init(content: GeneratedContent) { self.content = content }
    }

    /// A picture.
    public struct AttachmentSegment: Sendable {
        /// A picture.
        public init() {}
    }

    /// What holds for all of a conversation.
    public struct Instructions: Sendable {
        /// Its parts.
        public var segments: [Segment]
        /// The tools that there are.
        public var toolDefinitions: [ToolDefinition]
        /// Instructions.
        public init(segments: [Segment], toolDefinitions: [ToolDefinition] = []) {
            self.segments = segments
            self.toolDefinitions = toolDefinitions
        }
    }

    /// What the user said.
    public struct Prompt: Sendable {
        /// Its parts.
        public var segments: [Segment]
        /// A prompt.
        public init(segments: [Segment]) { self.segments = segments }
    }

    /// What the model said.
    public struct Response: Sendable {
        /// Its parts.
        public var segments: [Segment]
        /// A response.
        public init(segments: [Segment]) { self.segments = segments }
    }

    /// What the model thought.
    public struct Reasoning: Sendable {
        /// Its parts.
        public var segments: [Segment]
        /// Reasoning.
        public init(segments: [Segment]) { self.segments = segments }
    }

    /// What a tool gave.
    public struct ToolOutput: Sendable {
        /// Which call it belongs to.
        public var id: String
        /// The tool.
        public var toolName: String
        /// Its parts.
        public var segments: [Segment]
        /// A result.
        public init(id: String, toolName: String, segments: [Segment]) {
            self.id = id
            self.toolName = toolName
            self.segments = segments
        }
    }

    /// A tool that the model wants to be called.
    public struct ToolCall: Sendable {
        /// Which one it is.
        public var id: String
        /// The tool.
        public var toolName: String
        /// What it is called with.
        public var arguments: GeneratedContent
        /// A call.
        public init(id: String, toolName: String, arguments: GeneratedContent) {
            self.id = id
            self.toolName = toolName
            self.arguments = arguments
        }
    }

    /// Tools that the model wants to be called.
    public struct ToolCalls: Sendable, RandomAccessCollection {
        private let calls: [ToolCall]
        /// Calls.
        public init(_ calls: some Sequence<ToolCall>) { self.calls = Array(calls) }
        /// The first of them.
        public var startIndex: Int { calls.startIndex }
        /// Behind the last one.
        public var endIndex: Int { calls.endIndex }
        /// One of them.
        public subscript(position: Int) -> ToolCall { calls[position] }
    }

    /// A tool.
    public struct ToolDefinition: Sendable {
        /// Its name.
        public var name: String
        /// What it does.
        public var description: String
        /// What it takes.
        public var parameters: GenerationSchema
        /// A tool.
        public init(name: String, description: String, parameters: GenerationSchema) {
            self.name = name
            self.description = description
            self.parameters = parameters
        }
    }

    private let entries: [Entry]
    /// A conversation.
    public init(entries: some Sequence<Entry> = []) { self.entries = Array(entries) }
    /// The first entry.
    public var startIndex: Int { entries.startIndex }
    /// Behind the last one.
    public var endIndex: Int { entries.endIndex }
    /// An entry.
    public subscript(position: Int) -> Entry { entries[position] }
}

/// A value of any kind.
public struct GeneratedContent: Sendable {
    /// As JSON.
    public let jsonString: String
    /// Reads JSON.
    public init(json: String) throws {
        _ = try JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed)
        jsonString = json
    }
}

/// What a value has to look like. Encoded, it is JSON Schema.
public struct GenerationSchema: Sendable, Encodable {
    private let properties: [String: [String: String]]
    /// An object whose properties have these types. Only here: Apple's is made by a macro.
    public init(types: [String: String]) { properties = types.mapValues { ["type": $0] } }

    private enum Key: String, CodingKey { case type, properties }
    /// Writes JSON Schema.
    public func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        try object.encode("object", forKey: .type)
        try object.encode(properties, forKey: .properties)
    }
}
