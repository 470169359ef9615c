public import Foundation
import Synchronization

/// A conversation with a model. What the model has read already, it does not read again: the cache is kept between turns.
public final class ChatSession: Sendable {
    private struct State {
        var transcript: [Message]
        var forgotten = 0  // messages behind those of the system that the context had no room for
        var stopped: Prompt?  // goes on with the latest answer, if that was stopped
        var task: Task<Void, Never>?  // of the latest answer
        var isResponding = false
    }

    /// What it talks with; other sessions may use it too, one answer at a time.
    public let model: LanguageModel
    private let template: ChatTemplate
    private let tools: [JSONValue]
    private let variables: [JSONValue.Member]
    private let contextPolicy: ContextPolicy
    private let now: @Sendable () -> Date
    private let state: Mutex<State>

    /// Goes on with a conversation.
    /// - Parameters:
    ///   - model: what it talks with.
    ///   - transcript: what was said so far.
    ///   - tools: the tools that the model may call, each an object as its template wants it.
    ///   - variables: what else the template asks for. `enable_thinking` comes from the options of each request.
    ///   - contextPolicy: what happens when the conversation becomes too long.
    ///   - now: the time that templates may write into the prompt.
    /// - Throws: `notFound` when the model has no chat template.
    public init(
        model: LanguageModel, transcript: [Message] = [], tools: [JSONValue] = [],
        variables: [JSONValue.Member] = [], contextPolicy: ContextPolicy = .keepNewestTurns(),
        now: @escaping @Sendable () -> Date = { Date() }
    ) throws(GenerationError) {
        self.model = model
        template = try ChatTemplate(model.textFile)
        self.tools = tools
        self.variables = variables
        self.contextPolicy = contextPolicy
        self.now = now
        state = Mutex(State(transcript: transcript))
    }

    /// Begins a conversation. `instructions`: what holds for all of it, as a system message.
    /// - Throws: `notFound` when the model has no chat template.
    public convenience init(model: LanguageModel, instructions: String) throws(GenerationError) {
        try self.init(model: model, transcript: [Message(.system, instructions)])
    }

    /// The conversation so far; a turn is added when its answer has ended.
    public var transcript: [Message] { state.withLock { $0.transcript } }

    /// Whether a request of this session is being answered.
    public var isResponding: Bool { state.withLock { $0.isResponding } }

    /// Puts another conversation in place of this one: to edit a question, cut the transcript before it and ask anew. What
    /// both begin with stays in the cache.
    /// - Throws: `busy` while a request is being answered.
    public func replaceTranscript(with messages: [Message]) throws(GenerationError) {
        let isBusy = state.withLock { state in
            if !state.isResponding {
                state.transcript = messages
                state.forgotten = 0
                state.stopped = nil
            }
            return state.isResponding
        }
        if isBusy { throw .busy }
    }

    /// Loads the model, so that the first answer need not.
    /// - Throws: `loadFailed`.
    public func prewarm() async throws(GenerationError) { try await model.load() }

    /// Asks, and gives the whole answer.
    /// - Throws: `busy`, `cancelled`, `contextFull`, `templateRefused`, `invalidRequest`, `loadFailed`, `predictionFailed`.
    public func respond(
        to prompt: String, options: GenerationOptions = GenerationOptions()
    ) async throws(GenerationError) -> GenerationStream.Response {
        try await streamResponse(to: prompt, options: options).collect()
    }

    /// Asks, and gives the answer as it comes. The stream fails as `respond` does.
    public func streamResponse(
        to prompt: String, options: GenerationOptions = GenerationOptions()
    ) -> GenerationStream {
        streamResponse(to: [Message(.user, prompt)], options: options)
    }

    /// Asks with messages of any role, such as the results of tools: `Message(.tool, ...)` for each `toolCall` of the
    /// answer, in order.
    public func streamResponse(
        to messages: [Message], options: GenerationOptions = GenerationOptions()
    ) -> GenerationStream {
        state.withLock { state in
            let conversation = state.transcript + messages
            return stream(options, conversation, &state) {
                [self, forgotten = state.forgotten] info throws(GenerationError) in
                try prompt(for: conversation, forgotten: forgotten, options.thinking, info)
            }
        }
    }

    /// Whether the latest answer was stopped, and can go on.
    public var canContinue: Bool { state.withLock { $0.stopped != nil && !$0.isResponding } }

    /// Goes on with an answer that was stopped, from its last token on. The stream gives all of it, with what was said
    /// before; the statistics count that as read. It fails as `respond` does, and with `invalidRequest` when no answer was
    /// stopped.
    public func streamContinuation(options: GenerationOptions = GenerationOptions()) -> GenerationStream {
        state.withLock { state in
            stream(options, state.transcript.dropLast(), &state) {
                [stopped = state.stopped] _ throws(GenerationError) in
                guard let stopped else { throw .invalidRequest("answer: was not stopped; want one that was") }
                return stopped
            }
        }
    }

    private func stream(
        _ options: GenerationOptions, _ conversation: [Message], _ state: inout sending State,
        prompt: @escaping @Sendable (BackendInfo) throws(GenerationError) -> Prompt
    ) -> GenerationStream {
        let stream = model.stream(options, prompt: prompt) { [self] in end(conversation, $0) }
        if let task = stream.task {
            state.task = task
            state.isResponding = true
        }
        return stream
    }

    /// Ends the answer that is being given, and waits until the model is free. What was said until then counts.
    public func stop() async {
        let task = state.withLock { $0.task }
        task?.cancel()
        await task?.value
    }

    private func prompt(
        for messages: [Message], forgotten: Int, _ thinking: GenerationOptions.Thinking, _ info: BackendInfo
    ) throws(GenerationError) -> Prompt {
        var input = ChatTemplate.Input([])
        input.tools = tools
        input.variables = variables + [.init("enable_thinking", .bool(thinking == .on))]
        input.now = ChatTemplate.LocalTime(now(), in: .current)
        let fit = try contextPolicy.fit(messages, forgotten: forgotten, context: info.contextLength) {
            (messages: [Message]) throws(GenerationError) in
            input.messages = messages
            return try template.encode(input)
        }
        return Prompt(
            ids: fit.ids, text: try template.render(input), forgottenMessages: fit.forgotten,
            toolCalls: tools.isEmpty ? .off : .on)
    }

    private func end(_ conversation: [Message], _ answer: (response: GenerationStream.Response, next: Prompt)?) {
        state.withLock { state in
            state.isResponding = false
            guard let (response, next) = answer else { return }
            let wasStopped = response.statistics.stopReason == .cancelled
            // Without a word of an answer it is as if the question had not been asked.
            let calls = response.toolCalls
            let isEmpty = response.content.isEmpty && response.reasoning.isEmpty && calls.isEmpty
            if isEmpty, wasStopped { return }
            state.stopped = wasStopped ? next : nil
            let reasoning = response.reasoning.isEmpty ? nil : response.reasoning
            let members = calls.isEmpty ? [] : [JSONValue.Member("tool_calls", .array(calls.map(\.json)))]
            state.transcript =
                conversation + [Message(.assistant, response.content, reasoning: reasoning, members: members)]
            state.forgotten = response.statistics.forgottenMessages
        }
    }
}
