public import Cortland
public import Foundation

/// A conversation as it is kept.
public struct Conversation: Sendable, Equatable, Codable, Identifiable {
    /// A message, and what its answer took.
    public struct Entry: Sendable, Equatable, Codable, Identifiable {
        /// How an answer ended, if not as it should.
        public enum Interruption: String, Sendable, Codable {
            /// Someone stopped it.
            case stopped
            /// The app went to the background, or the device became too hot.
            case paused
            /// The model failed.
            case failed
        }

        /// What an answer took.
        public struct Measures: Sendable, Equatable, Codable {
            /// Where it ran.
            public var unit: ComputeUnit?
            /// Tokens of the prompt, and those of them that the cache had already.
            public var promptTokens, cachedTokens: Int
            /// Tokens of the answer.
            public var generatedTokens: Int
            /// From the request to the first token.
            public var firstTokenSeconds: Double?
            /// Tokens behind the first, for each second.
            public var tokensPerSecond: Double?

            /// Of an answer.
            public init(_ statistics: GenerationStatistics) {
                unit = statistics.computeUnit
                promptTokens = statistics.promptTokens
                cachedTokens = statistics.cachedTokens
                generatedTokens = statistics.generatedTokens
                firstTokenSeconds = statistics.timeToFirstToken.map { $0 / .seconds(1) }
                tokensPerSecond = statistics.tokensPerSecond
            }
        }

        /// Names it.
        public var id: UUID
        /// Who speaks, as chat templates spell it.
        public var role: String
        /// What is said.
        public var content: String
        /// What the model thought before.
        public var reasoning: String?
        /// How it ended.
        public var interruption: Interruption?
        /// What it took.
        public var measures: Measures?

        /// A message.
        public init(id: UUID = UUID(), _ role: Message.Role, _ content: String, reasoning: String? = nil) {
            self.id = id
            self.role = role.rawValue
            self.content = content
            self.reasoning = reasoning
        }

        /// What the model gets to see.
        public var message: Message { Message(Message.Role(rawValue: role), content, reasoning: reasoning) }
    }

    /// Names it.
    public var id: UUID
    /// The model that answered last.
    public var modelID: String?
    /// When something was said last.
    public var date: Date
    /// What was said.
    public var entries: [Entry]

    /// An empty conversation.
    public init(id: UUID = UUID(), modelID: String? = nil, date: Date) {
        self.id = id
        self.modelID = modelID
        self.date = date
        entries = []
    }

    /// The beginning of the first question; empty before there is one.
    public var title: String {
        let question = entries.first { $0.role == Message.Role.user.rawValue }?.content ?? ""
        let line = question.split(whereSeparator: \.isNewline).first ?? ""
        return line.count > 60 ? line.prefix(60) + "..." : String(line)
    }
}

/// Conversations on disk, each in a file `ID.json`.
public struct ConversationStore: Sendable {
    private let folder: URL

    /// A store in a folder, which is made when it is needed.
    public init(folder: URL) { self.folder = folder }

    /// All conversations, the latest first. Files that cannot be read are passed over, and stay.
    public func all() -> [Conversation] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let found = names.filter { $0.hasSuffix(".json") }.compactMap { name in
            (try? Data(contentsOf: folder.appending(path: name)))
                .flatMap { try? JSONDecoder().decode(Conversation.self, from: $0) }
        }
        return found.sorted { $0.date > $1.date }
    }

    /// Writes a conversation in place of what it was.
    /// - Throws: `fileSystem`.
    public func save(_ conversation: Conversation) throws(StoreError) {
        try onDisk("conversation") {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try JSONEncoder().encode(conversation).write(to: place(conversation.id), options: .atomic)
        }
    }

    /// Removes a conversation, if it is there.
    /// - Throws: `fileSystem`.
    public func remove(_ id: UUID) throws(StoreError) {
        guard FileManager.default.fileExists(atPath: place(id).path) else { return }
        try onDisk("conversation") { try FileManager.default.removeItem(at: place(id)) }
    }

    private func place(_ id: UUID) -> URL { folder.appending(path: id.uuidString + ".json") }
}
