/// Owns the loaded model and its cache, on a thread of its own: nothing else calls a backend. It loads the model when it is
/// needed, and where a compute unit fails it loads it on the next one and takes the conversation in again.
actor Engine {
    typealias Emit = @Sendable (GenerationEvent) -> Void

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let executor = EngineExecutor()
    private let loader: any BackendLoader
    private let policy: ComputePolicy
    private let presence: AppPresence
    private let clock: any Clock<Duration>
    private let onLoad: @Sendable (LoadEvent) -> Void

    private var backend: (any InferenceBackend)?
    private var history = TokenHistory()
    private var needsRewind = false  // the backend does not know yet that the history has become shorter
    /// What failed since the model was loaded for the first time, or since nothing was left to try.
    private(set) var attempts: [LadderAttempt] = []

    init(
        loader: any BackendLoader, policy: ComputePolicy, presence: AppPresence, clock: any Clock<Duration>,
        onLoad: @escaping @Sendable (LoadEvent) -> Void
    ) {
        self.loader = loader
        self.policy = policy
        self.presence = presence
        self.clock = clock
        self.onLoad = onLoad
    }

    /// Loads the model if it is not.
    func load() throws -> BackendInfo { try loaded().info }

    /// Frees the model and its cache.
    func unload() {
        backend = nil
        history.clear()
        needsRewind = false
    }

    /// Answers a prompt. Cancelling the task ends the answer before the next call of the backend.
    /// - Throws: `predictionFailed` and `loadFailed` when the ladder ends, and `invalidRequest`.
    /// - Returns: what it took, and the tokens that it gave.
    func answer(
        _ prompt: Prompt, _ request: Request, emit: Emit
    ) throws -> (statistics: GenerationStatistics, tokens: [Int32]) {
        let context = try loaded().info.contextLength
        let read = prompt.tokens
        guard !read.isEmpty else { throw GenerationError.invalidRequest("prompt: is empty; want a token") }
        guard read.count < context else { throw GenerationError.contextFull(needed: read.count, limit: context - 1) }
        var run = try Run(prompt, request, vocabularySize: loaded().info.vocabularySize)
        reuseCache(for: read, &run.statistics)
        emit(.started(promptTokens: read.count, cachedTokens: run.statistics.cachedTokens))
        try run.show(prompt.answer, emit)
        do {
            while run.accepts(context: context) {
                let step = Stopwatch(clock)
                let id = try next(behind: run.tokens, run.sampler, emit)
                run.timeToken(step.elapsed, sinceRequest: request.watch.elapsed)
                try run.take(id, emit)
            }
        } catch is CancellationError {
            run.statistics.stopReason = .cancelled
        }
        try run.finish(emit)
        run.statistics.computeUnit = backend?.info.computeUnit
        run.statistics.attempts = attempts
        return (run.statistics, Array(run.tokens[read.count...]))
    }

    private func reuseCache(for prompt: [Int32], _ statistics: inout GenerationStatistics) {
        guard let backend else { return }
        let (kept, rewinds) = history.keepPrefix(of: prompt, resume: backend.resumablePosition)
        needsRewind = needsRewind || rewinds
        statistics.cachedTokens = kept
    }

    /// The token that follows, from the first compute unit that gives one.
    private func next(behind tokens: [Int32], _ sampler: Sampler, _ emit: Emit) throws -> Int32 {
        while true {
            let backend = try loaded()
            let watch = Stopwatch(clock)
            let departures = presence.departures
            do {
                return try advance(backend, over: tokens, sampler, emit)
            } catch let error as CancellationError {
                throw error
            } catch {
                let unit = backend.info.computeUnit
                let attempt = LadderAttempt(unit: unit, stage: .generation, error: error, duration: watch.elapsed)
                unload()
                guard presence.wasSeen(since: departures) else { throw CancellationError() }
                record(attempt)
                emit(.fellBack(attempt))
            }
        }
    }

    /// Takes in what the cache does not hold yet, and chooses a token. What was taken in before a failure stays known.
    private func advance(
        _ backend: any InferenceBackend, over tokens: [Int32], _ sampler: Sampler, _ emit: Emit
    ) throws -> Int32 {
        let info = backend.info
        try Task.checkCancellation()
        if needsRewind {
            try backend.rewind(to: history.count)
            needsRewind = false
        }
        while tokens.count - history.count > info.stepSize {
            try Task.checkCancellation()
            let chunk = Array(tokens[history.count..<min(history.count + info.prefillSize, tokens.count - 1)])
            try backend.prefill(chunk, at: history.count)
            history.append(chunk)
            emit(.progress(prefilled: history.count, total: tokens.count))
        }
        try Task.checkCancellation()
        let rest = Array(tokens[history.count...])
        let id = try backend.step(rest, at: history.count) { try sampler.sample($0) }
        history.append(rest)
        return id
    }

    private func loaded() throws -> any InferenceBackend {
        if let backend { return backend }
        while let unit = policy.next(after: attempts) {
            try Task.checkCancellation()
            let watch = Stopwatch(clock)
            let departures = presence.departures
            var stage = LadderAttempt.Stage.load
            onLoad(.began(unit, loaded: 0, total: 1))
            do {
                let fresh = try loader.load(on: unit) { onLoad(.began(unit, loaded: $0, total: $1)) }
                stage = .warmUp
                try warmUp(fresh)
                backend = fresh
                Log.note("loaded: \(unit.rawValue)")
                onLoad(.ready(fresh.info))
                return fresh
            } catch let error as CancellationError {
                onLoad(.cancelled(unit))
                throw error
            } catch {
                guard presence.wasSeen(since: departures) else {
                    onLoad(.cancelled(unit))
                    throw CancellationError()
                }
                let attempt = LadderAttempt(unit: unit, stage: stage, error: error, duration: watch.elapsed)
                record(attempt)
                onLoad(.failed(attempt))
            }
        }
        let failures = attempts
        attempts = []
        let answered = failures.contains { $0.stage == .generation }
        throw answered ? GenerationError.predictionFailed(failures) : GenerationError.loadFailed(failures)
    }

    private func record(_ attempt: LadderAttempt) {
        attempts.append(attempt)
        Log.note("failed: \(attempt)")
    }

    /// Loading proves little: units have failed at the first call, or gave numbers that are none.
    private func warmUp(_ backend: any InferenceBackend) throws {
        let sampler = try Sampler(.greedy, vocabularySize: backend.info.vocabularySize)
        try backend.warmUp()
        _ = try backend.step([0], at: 0) { try sampler.sample($0) }
        try backend.rewind(to: 0)
    }
}
