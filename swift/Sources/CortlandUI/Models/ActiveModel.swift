public import Cortland
public import CortlandStore
import Foundation
public import Observation

/// The model that conversations are held with: compiled, loaded, watched and let go.
@MainActor @Observable public final class ActiveModel {
    /// A model that is being loaded.
    public struct Loading: Sendable, Equatable {
        /// Where.
        public var unit: ComputeUnit
        /// Pieces that are loaded, of so many.
        public var loaded, total: Int
        /// Whether the system is likely to prepare it for the unit first, which takes long.
        public var isFirst: Bool
        /// Whether it takes longer than it should: it is time to offer the next unit.
        public var isSlow = false
    }

    /// What it is doing.
    public enum State: Sendable, Equatable {
        /// There is none.
        case none
        /// It is being compiled.
        case compiling
        /// It is being loaded.
        case loading(Loading)
        /// It answers.
        case ready(BackendInfo)
        /// It could not be compiled or loaded.
        case failed(Failure)
    }

    /// What it is doing.
    public private(set) var state = State.none
    /// The bundle that was asked for.
    public private(set) var bundle: ModelBundle?
    /// The model, once it is compiled.
    public private(set) var prepared: PreparedModel?

    /// Whether the device is too hot for it to be asked.
    public internal(set) var isTooHot = false

    private let store: ModelStore
    private let patience: Duration
    private let idleLimit: Duration
    private let clock: any Clock<Duration>
    private var task: Task<Void, Never>?
    private var watchdog: Task<Void, Never>?
    private var idleness: Task<Void, Never>?
    private var run = 0  // what earlier ones report no longer counts
    private var unit: ComputeUnit?  // the one that was asked for
    private var isAppSeen = true
    private var wasLeft = false  // while it was being loaded
    private var isInterrupted = false  // it could not be loaded then, and is to be when the app is seen again

    /// `patience`: how long loading on a unit may take before another one is offered. `idleLimit`: how long a model that
    /// nobody asks keeps its memory.
    init(_ store: ModelStore, patience: Duration, idleLimit: Duration, clock: any Clock<Duration>) {
        self.store = store
        self.patience = patience
        self.idleLimit = idleLimit
        self.clock = clock
    }

    /// The model, if it answers.
    public var languageModel: LanguageModel? {
        if case .ready = state { prepared?.languageModel } else { nil }
    }

    /// Whether it is being compiled or loaded.
    public var isLoading: Bool {
        switch state {
        case .compiling, .loading: true
        case .none, .ready, .failed: false
        }
    }

    /// Compiles a model if that was not done, and loads it in place of the one that is there.
    public func load(_ bundle: ModelBundle, on unit: ComputeUnit? = nil) {
        letGo()
        self.bundle = bundle
        self.unit = unit
        state = .compiling
        let run = run
        let (events, event) = AsyncStream.makeStream(of: LoadEvent.self)
        task = Task {
            let show = Task {
                for await event in events { note(event, run) }
            }
            var failure: Failure?
            do {
                try await prepareAndLoad(bundle, on: unit, run) { event.yield($0) }
            } catch {
                failure = Failure(error)
            }
            event.finish()
            await show.value
            guard run == self.run, let failure else { return }
            watchdog?.cancel()
            if !wasLeft {
                state = .failed(failure)
            } else if isAppSeen {
                load(bundle, on: unit)
            } else {
                isInterrupted = true
            }
        }
    }

    /// When no unit loads what was compiled, that may be out of date or damaged: once, it is compiled anew.
    private func prepareAndLoad(
        _ bundle: ModelBundle, on unit: ComputeUnit?, _ run: Int, _ report: @escaping @Sendable (LoadEvent) -> Void
    ) async throws {
        do {
            try await loadOnce(bundle, on: unit, run, report)
        } catch GenerationError.loadFailed(let attempts) {
            let isHere = FileManager.default.fileExists(atPath: bundle.package.path)
            guard run == self.run, isHere, !attempts.isEmpty, attempts.allSatisfy({ $0.stage == .load }) else {
                throw GenerationError.loadFailed(attempts)
            }
            state = .compiling
            try store.distrustCompiled(bundle)
            try await loadOnce(bundle, on: unit, run, report)
        }
    }

    private func loadOnce(
        _ bundle: ModelBundle, on unit: ComputeUnit?, _ run: Int, _ report: @escaping @Sendable (LoadEvent) -> Void
    ) async throws {
        let prepared = try await store.prepare(bundle, on: unit, onLoad: report)
        guard run == self.run else { throw CancellationError() }
        self.prepared = prepared
        tell(prepared)
        try await prepared.languageModel.load()
    }

    /// The app is not seen any longer: the system refuses much to it, which says nothing of the model.
    func appLeft() {
        isAppSeen = false
        wasLeft = wasLeft || isLoading
        if let prepared { tell(prepared) }
    }

    /// The app is seen again.
    func appReturned() {
        isAppSeen = true
        if let prepared { tell(prepared) }
        if isInterrupted, let bundle { load(bundle, on: unit) }
    }

    private func tell(_ prepared: PreparedModel) {
        if isAppSeen { prepared.appReturned() } else { prepared.appLeft() }
    }

    /// Gives up loading. A call of the system that has begun goes on, but nothing comes of it.
    public func cancel() {
        guard isLoading else { return }
        unload()
    }

    /// Gives up the unit on which loading takes long, now and at later starts, and goes on with the next one.
    public func useNextUnit() {
        guard case .loading(let loading) = state, let bundle, let prepared, hasNextUnit else { return }
        prepared.avoid(loading.unit)
        load(bundle)
    }

    /// Whether there is a unit behind the one on which it is being loaded.
    public var hasNextUnit: Bool {
        guard case .loading(let loading) = state else { return false }
        return prepared?.policy.ladder.last.map { $0 != loading.unit } ?? false
    }

    /// Lets the model go.
    public func unload() {
        letGo()
        state = .none
        bundle = nil
    }

    /// Frees the memory of a model that is not answering; it is loaded again when it is asked.
    func freeMemory() async {
        idleness?.cancel()
        await languageModel?.unload()
    }

    /// Someone asked the model, or it was loaded: its memory is freed once it has been left alone for long.
    func wasUsed() {
        idleness?.cancel()
        let run = run
        idleness = Task {
            repeat {
                guard (try? await clock.sleep(for: idleLimit)) != nil, run == self.run else { return }
            } while languageModel?.isResponding ?? false
            await languageModel?.unload()
        }
    }

    /// Waits until loading has ended.
    func settle() async { await task?.value }

    private func letGo() {
        run += 1
        wasLeft = !isAppSeen
        isInterrupted = false
        task?.cancel()
        watchdog?.cancel()
        idleness?.cancel()
        if let model = prepared?.languageModel { Task.detached { await model.unload() } }  // once its calls have ended
        prepared = nil
    }

    private func note(_ event: LoadEvent, _ run: Int) {
        guard run == self.run else { return }
        switch event {
        case .began(let unit, let loaded, let total):
            var loading = Loading(unit: unit, loaded: loaded, total: total, isFirst: prepared?.isFirstLoad ?? true)
            if case .loading(let before) = state, before.unit == unit {
                loading.isSlow = before.isSlow
            } else {
                watch(run)
            }
            state = .loading(loading)
        case .ready(let info):
            watchdog?.cancel()
            state = .ready(info)
            wasUsed()
        case .failed, .cancelled: watchdog?.cancel()
        }
    }

    private func watch(_ run: Int) {
        watchdog?.cancel()
        watchdog = Task {
            guard (try? await clock.sleep(for: patience)) != nil, run == self.run else { return }
            if case .loading(var loading) = state {
                loading.isSlow = true
                state = .loading(loading)
            }
        }
    }
}
