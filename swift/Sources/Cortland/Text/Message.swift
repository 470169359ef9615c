/// A message of a conversation.
public struct Message: Sendable, Hashable {
    /// Who speaks. Templates may know further roles.
    public struct Role: Sendable, Hashable, RawRepresentable {
        /// As the chat template spells it.
        public let rawValue: String
        /// A role by its spelling.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// What holds for the whole conversation.
        public static let system = Role(rawValue: "system")
        /// A person.
        public static let user = Role(rawValue: "user")
        /// The model.
        public static let assistant = Role(rawValue: "assistant")
        /// The result of a tool.
        public static let tool = Role(rawValue: "tool")
    }

    /// Who speaks.
    public var role: Role
    /// What is said.
    public var content: String
    /// What the model thought before it spoke; the template decides whether it is shown again.
    public var reasoning: String?
    /// What else the template asks for, such as `tool_calls`.
    public var members: [JSONValue.Member]

    /// A message.
    public init(_ role: Role, _ content: String, reasoning: String? = nil, members: [JSONValue.Member] = []) {
        self.role = role
        self.content = content
        self.reasoning = reasoning
        self.members = members
    }

    /// As the chat template gets it.
    public var json: JSONValue {
        var all: [JSONValue.Member] = [.init("role", .string(role.rawValue)), .init("content", .string(content))]
        if let reasoning { all.append(.init("reasoning_content", .string(reasoning))) }
        return .object(all + members)
    }
}
