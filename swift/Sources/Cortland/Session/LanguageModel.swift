import Synchronization

/// A model: its text file, and a backend that is loaded when it is needed. It answers one request at a time; sessions may
/// share it, and share what their prompts have in common.
public final class LanguageModel: Sendable {
    /// Tokenizer, chat template and defaults.
    public let textFile: TextFile
    private let engine: Engine
    private let presence = AppPresence()
    private let clock: any Clock<Duration>
    private let isAnswering = Mutex(false)

    /// A model that is not loaded yet.
    /// - Parameters:
    ///   - textFile: tokenizer, chat template and defaults.
    ///   - loader: what loads it.
    ///   - policy: the compute units to try.
    ///   - clock: what statistics are measured by.
    ///   - onLoad: what happens whenever it is loaded, on the thread that loads it.
    public init(
        textFile: TextFile, loader: any BackendLoader, policy: ComputePolicy = .automatic,
        clock: any Clock<Duration> = ContinuousClock(), onLoad: @escaping @Sendable (LoadEvent) -> Void = { _ in }
    ) {
        self.textFile = textFile
        self.clock = clock
        engine = Engine(loader: loader, policy: policy, presence: presence, clock: clock, onLoad: onLoad)
    }

    /// Loads the model if it is not, so that the first answer need not.
    /// - Throws: `loadFailed` with what happened on each compute unit, `invalidRequest` when the text file is that of another
    ///   model, `cancelled` when it failed while the app was not seen.
    @discardableResult
    public func load() async throws(GenerationError) -> BackendInfo {
        let info: BackendInfo
        do { info = try await engine.load() } catch { throw GenerationError(wrapping: error) }
        let (got, most) = (textFile.vocabularySize, info.vocabularySize)
        guard got <= most else {
            throw .invalidRequest("text file: belongs to another model; got \(got) ids, want at most \(most)")
        }
        return info
    }

    /// Frees the model and its cache, once the answer that is being given has ended. The next request loads it again.
    public func unload() async { await engine.unload() }

    /// The app is not seen any longer, so that the system may refuse the Neural Engine and the GPU. A call that fails from
    /// now on ends the request as if it had been cancelled, and does not count against the unit.
    public func appLeft() { presence.leave() }

    /// The app is seen again.
    public func appReturned() { presence.comeBack() }

    /// What failed on the way to the compute unit that is in use.
    public var attempts: [LadderAttempt] { get async { await engine.attempts } }

    /// Whether a request is being answered.
    public var isResponding: Bool { isAnswering.withLock { $0 } }

    /// Continues a text without a chat template.
    /// - Parameters:
    ///   - text: what is continued.
    ///   - affixes: whether the prompt gets what the model wants before a text, such as BOS.
    ///   - options: how it is continued.
    public func streamContinuation(
        of text: String, affixes: Tokenizer.Affixes = .added, options: GenerationOptions = GenerationOptions()
    ) -> GenerationStream {
        stream(options) { [textFile] _ throws(GenerationError) in
            let ids = try Tokenizer(textFile).encode(text, affixes: affixes)
            return Prompt(ids: ids, text: text)
        }
    }

    /// Answers what `prompt` makes for the backend, away from the caller. `onEnd` gets the answer and the prompt that would
    /// go on with it, or nothing when it failed, before the stream ends and the next request is taken; it is not called for a request that is refused.
    func stream(
        _ options: GenerationOptions,
        prompt: @escaping @Sendable (BackendInfo) throws(GenerationError) -> Prompt,
        onEnd: @escaping @Sendable ((response: GenerationStream.Response, next: Prompt)?) -> Void = { _ in }
    ) -> GenerationStream {
        let (events, continuation) = AsyncThrowingStream<GenerationEvent, any Error>.makeStream()
        let isFree = isAnswering.withLock { taken in
            defer { taken = true }
            return !taken
        }
        guard isFree else {
            continuation.finish(throwing: GenerationError.busy)
            return GenerationStream(events, task: nil)
        }
        let request = Engine.Request(file: textFile, options: options, watch: Stopwatch(clock))
        let task = Task.detached { [self] in
            let answer = Mutex(GenerationStream.Response())
            do {
                var made = try prompt(try await load())
                let (statistics, tokens) = try await engine.answer(made, request) { event in
                    answer.withLock { $0.add(event) }
                    continuation.yield(event)
                }
                let response = answer.withLock { answer in
                    answer.statistics = statistics
                    return answer
                }
                made.answer += tokens
                let next = made
                release { onEnd((response, next)) }
                continuation.yield(.finished(statistics))
                continuation.finish()
            } catch {
                release { onEnd(nil) }
                continuation.finish(throwing: GenerationError(wrapping: error))
            }
        }
        continuation.onTermination = { _ in task.cancel() }
        return GenerationStream(events, task: task)
    }

    private func release(_ body: () -> Void) {
        body()
        isAnswering.withLock { $0 = false }
    }
}
