public import Cortland
public import CortlandStore
public import Foundation
public import Observation

/// An answer while it grows. It is an object of its own so that only its own view follows it.
@MainActor @Observable public final class LiveAnswer {
    /// What the model has said.
    public fileprivate(set) var text = ""
    /// What it has thought.
    public fileprivate(set) var reasoning = ""
    /// Tokens of the prompt that are in the cache.
    public fileprivate(set) var prefilled = 0
    /// Tokens of the prompt.
    public fileprivate(set) var promptTokens = 0
    /// All of it, which is shown a little later.
    @ObservationIgnored fileprivate var response = GenerationStream.Response()
    /// What it goes on with.
    fileprivate let earlier: Conversation.Entry?

    fileprivate init(goingOnWith earlier: Conversation.Entry? = nil) { self.earlier = earlier }

    /// What was said, unless that is nothing because it was interrupted.
    fileprivate func entry(_ interruption: Conversation.Entry.Interruption?) -> Conversation.Entry? {
        let reasoning = response.reasoning.isEmpty ? nil : response.reasoning
        var entry = Conversation.Entry(.assistant, response.content, reasoning: reasoning)
        entry.interruption = interruption
        guard interruption != nil else { return entry }
        let hasAll = earlier.map { entry.length >= $0.length } ?? (entry.length > 0)
        return hasAll ? entry : earlier
    }
}

/// What a person should know; views have the words.
public enum Notice: Sendable, Equatable {
    /// Something failed, and this is why.
    case failure(Failure)
    /// A compute unit failed during the answer, which goes on.
    case fellBack(ComputeUnit)
    /// The app was ended while it loaded the model on these units, so they are passed over.
    case steppedDown([ComputeUnit])
    /// So many of the oldest messages have no room in the context any longer.
    case forgot(Int)
    /// The device is too hot to go on.
    case tooHot
    /// The system wants memory back.
    case lowMemory
}

/// A conversation, and the answer that is being given.
@MainActor @Observable public final class ChatModel {
    /// The conversation, as it is kept.
    public private(set) var conversation: Conversation
    /// What is being typed.
    public var draft = ""
    /// The answer that is being given.
    public private(set) var answer: LiveAnswer?
    /// Whether it ends at the next token.
    public private(set) var isStopping = false
    /// What a person should know.
    public internal(set) var notice: Notice?
    /// What a screen reader is to say: the answer that has just ended.
    public private(set) var announcement: Announcement?
    /// The measures of the last answer.
    public private(set) var statistics: GenerationStatistics?

    /// Something to be said once.
    public struct Announcement: Sendable, Equatable {
        /// Which it is: the same text may be said again.
        public var number: Int
        /// What is said.
        public var text: String
    }

    private let active: ActiveModel
    private let settings: SettingsModel
    private let conversations: ConversationStore
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Date
    private let copyText: @MainActor (String) -> Void
    private var session: ChatSession?
    private var task: Task<Void, Never>?
    private var interruption = Conversation.Entry.Interruption.stopped
    /// Tokens of an answer at most while the device is hot.
    var hotLimit: Int?
    private static let refreshInterval = Duration.milliseconds(40)

    init(
        _ active: ActiveModel, _ settings: SettingsModel, _ conversations: ConversationStore,
        clock: any Clock<Duration>, now: @escaping @Sendable () -> Date, copy: @escaping @MainActor (String) -> Void
    ) {
        self.active = active
        self.settings = settings
        self.conversations = conversations
        self.clock = clock
        self.now = now
        copyText = copy
        conversation = Conversation(date: now())
    }

    /// Whether an answer is being given.
    public var isResponding: Bool { answer != nil }

    /// Whether there is something to send, and someone to send it to.
    public var canSend: Bool { !draft.allSatisfy(\.isWhitespace) && canAnswer }

    /// Whether a question can be answered now.
    public var canAnswer: Bool { !isResponding && active.languageModel != nil && !active.isTooHot }

    /// The share of the context that the conversation took with its last answer, 0 to 1.
    public var contextUse: Double? {
        guard let statistics, let length = active.prepared?.contextLength else { return nil }
        return min(1, Double(statistics.promptTokens + statistics.generatedTokens) / Double(length))
    }

    /// Asks what is typed.
    public func send() {
        guard canSend else { return }
        let question = draft.trimmingCharacters(in: .whitespacesAndNewlines)
        draft = ""
        conversation.entries.append(.init(.user, question))
        respond()
    }

    /// Ends the answer at the next token; what was said stays.
    public func stop() { end(as: .stopped) }

    /// The same, on behalf of the system, which may end the app before the answer has ended: what was said is kept now.
    func pause() {
        end(as: .paused)
        guard let said = answer?.entry(interruption) else { return }
        var kept = conversation
        kept.entries.append(said)
        kept.date = now()
        keep(kept)
    }

    /// Answers the last question again.
    public func regenerate() {
        guard canAnswer, let last = conversation.entries.lastIndex(where: { $0.role == Message.Role.user.rawValue })
        else { return }
        conversation.entries.removeSubrange((last + 1)...)
        respond()
    }

    /// Whether the last answer was stopped, and can go on from its last word.
    public var canContinue: Bool {
        guard canAnswer, let session, conversation.entries.last?.interruption != nil else { return false }
        return session.model === active.languageModel && session.canContinue && session.transcript == transcript()
    }

    /// Goes on with an answer that was stopped.
    public func continueAnswer() {
        guard canContinue, let session else { return }
        begin(LiveAnswer(goingOnWith: conversation.entries.removeLast())) { options in
            session.streamContinuation(options: options)
        }
    }

    /// Asks a question in other words; what came behind it goes.
    public func edit(_ id: Conversation.Entry.ID, as text: String) {
        guard canAnswer, !text.allSatisfy(\.isWhitespace),
            let place = conversation.entries.firstIndex(where: { $0.id == id && $0.role == Message.Role.user.rawValue })
        else { return }
        conversation.entries[place].content = text.trimmingCharacters(in: .whitespacesAndNewlines)
        conversation.entries.removeSubrange((place + 1)...)
        respond()
    }

    /// Puts what was said, without what was thought before, where other apps find it.
    public func copy(_ id: Conversation.Entry.ID) {
        if let entry = conversation.entries.first(where: { $0.id == id }) { copyText(entry.content) }
    }

    /// Puts another conversation in place of this one.
    func open(_ other: Conversation) {
        guard !isResponding else { return }
        conversation = other
        statistics = nil
        notice = nil
    }

    /// Begins an empty conversation.
    public func startOver() { open(Conversation(date: now())) }

    /// Forgets what a person has read.
    public func dismissNotice() { notice = nil }

    /// Another model answers from now on.
    func modelChanged() { session = nil }

    /// Waits until the answer has ended.
    func settle() async { await task?.value }

    private func end(as interruption: Conversation.Entry.Interruption) {
        guard isResponding, !isStopping else { return }
        self.interruption = interruption
        isStopping = true
        if let session { Task { await session.stop() } }
    }

    private func respond() {
        guard let model = active.languageModel else { return }
        conversation.modelID = active.bundle?.id
        let messages = transcript()
        begin { [self] options throws(GenerationError) in
            let session = try session(with: model, Array(messages.dropLast()))
            return session.streamResponse(to: messages.suffix(1), options: options)
        }
    }

    private func begin(
        _ live: LiveAnswer = LiveAnswer(),
        _ ask: @escaping @MainActor (GenerationOptions) throws(GenerationError) -> GenerationStream
    ) {
        if live.earlier == nil { keep(conversation) }
        notice = nil
        isStopping = false
        interruption = .stopped
        answer = live
        var options = settings.settings.options
        if let hotLimit { options.maximumResponseTokens = min(options.maximumResponseTokens ?? .max, hotLimit) }
        task = Task { [options] in
            var failure: GenerationError?
            do throws(GenerationError) {
                if !isStopping { try await follow(ask(options), live) }  // before it had begun
            } catch .cancelled {
                // While the model was being loaded: there is no answer, and nothing failed.
            } catch {
                failure = error
            }
            complete(live, failure)
        }
    }

    /// All that was said, and before it what holds for all conversations.
    private func transcript() -> [Message] {
        let system = settings.settings.systemPrompt.trimmingCharacters(in: .whitespacesAndNewlines)
        return (system.isEmpty ? [] : [Message(.system, system)]) + conversation.entries.map(\.message)
    }

    private func session(with model: LanguageModel, _ messages: [Message]) throws(GenerationError) -> ChatSession {
        if let session, session.model === model {
            if session.transcript != messages { try session.replaceTranscript(with: messages) }
            return session
        }
        let fresh = try ChatSession(model: model, transcript: messages)
        session = fresh
        return fresh
    }

    /// Shows what comes, a few times a second rather than for each token.
    private func follow(_ stream: GenerationStream, _ live: LiveAnswer) async throws(GenerationError) {
        var watch = Stopwatch(clock)
        for try await event in stream {
            live.response.add(event)
            switch event {
            case .started(let tokens, let cached): (live.promptTokens, live.prefilled) = (tokens, cached)
            case .progress(let prefilled, _): live.prefilled = prefilled
            case .fellBack(let attempt): notice = .fellBack(attempt.unit)
            case .text, .reasoning:
                let isFirst = live.text.isEmpty && live.reasoning.isEmpty
                guard isFirst || watch.elapsed >= Self.refreshInterval else { continue }
                (live.text, live.reasoning) = (live.response.content, live.response.reasoning)
                watch = Stopwatch(clock)
            case .token, .toolCall, .finished: break
            }
        }
    }

    private func complete(_ live: LiveAnswer, _ failure: GenerationError?) {
        let response = live.response
        let wasStopped = failure == nil && response.statistics.stopReason == .cancelled
        if var said = live.entry(failure != nil ? .failed : wasStopped ? interruption : nil) {
            if failure == nil, said != live.earlier { said.measures = .init(response.statistics) }
            conversation.entries.append(said)
        }
        if let failure {
            notice = .failure(Failure(failure))
        } else if response.statistics.promptTokens > 0 {
            statistics = response.statistics
            if response.statistics.forgottenMessages > 0 { notice = .forgot(response.statistics.forgottenMessages) }
        }
        conversation.date = now()
        keep(conversation)
        (answer, isStopping) = (nil, false)
        if !response.content.isEmpty {
            announcement = Announcement(number: (announcement?.number ?? 0) + 1, text: response.content)
        }
        active.wasUsed()
    }

    private func keep(_ conversation: Conversation) {
        do throws(StoreError) { try conversations.save(conversation) } catch {
            notice = .failure(Failure(error))
        }
    }
}

extension Conversation.Entry {
    fileprivate var length: Int { content.utf8.count + (reasoning?.utf8.count ?? 0) }
}
