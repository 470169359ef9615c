/// Where a model runs.
public enum ComputeUnit: String, Sendable, Codable, CaseIterable {
    /// The Neural Engine, with the CPU for what it does not do.
    case neuralEngine
    /// The graphics processor, with the CPU.
    case gpu
    /// The CPU alone.
    case cpu
}

/// What a backend is able to do.
public struct BackendInfo: Sendable, Equatable {
    /// How a backend goes back to an earlier position.
    public enum RewindRule: Sendable {
        /// To any: what lies behind is hidden and written over.
        case anyPosition
        /// To the start only, as with caches that forget or mix positions.
        case startOnly
    }

    /// Tokens that prompt and answer have together at most.
    public var contextLength: Int
    /// The number of logits.
    public var vocabularySize: Int
    /// Tokens that `prefill` takes at most; 1 or more.
    public var prefillSize: Int
    /// Tokens that `step` takes at most; 1 or more.
    public var stepSize: Int
    /// Where it runs.
    public var computeUnit: ComputeUnit
    /// The size of the cache in bytes.
    public var cacheBytes: Int
    /// How it goes back.
    public var rewindRule: RewindRule

    /// What a backend is able to do.
    public init(
        contextLength: Int, vocabularySize: Int, prefillSize: Int, stepSize: Int = 1, computeUnit: ComputeUnit,
        cacheBytes: Int = 0, rewindRule: RewindRule = .anyPosition
    ) {
        self.contextLength = contextLength
        self.vocabularySize = vocabularySize
        self.prefillSize = prefillSize
        self.stepSize = stepSize
        self.computeUnit = computeUnit
        self.cacheBytes = cacheBytes
        self.rewindRule = rewindRule
    }
}

/// A loaded model and its cache. It lives on the thread of the engine, which makes one call at a time: calls block until
/// they are done. A backend that threw is not used again, unless it was the closure of `step` that threw.
public protocol InferenceBackend: AnyObject {
    /// What it is able to do; does not change.
    var info: BackendInfo { get }

    /// Tries out what a first `step` does not: called once, when the cache is empty, and leaves it empty.
    func warmUp() throws

    /// Takes tokens into the cache, at most `info.prefillSize`, of which the first stands at `position`: where the last
    /// call ended, or where it was rewound to.
    func prefill(_ tokens: [Int32], at position: Int) throws

    /// Takes tokens into the cache, at most `info.stepSize`, and calls `body` once with the logits behind the last one.
    /// Gives what `body` gives. Throws before it calls `body`, or what `body` throws.
    func step(_ tokens: [Int32], at position: Int, _ body: (LogitsView) throws -> Int32) throws -> Int32

    /// Where it can go on when it goes back to `position`: there, or earlier.
    func resumablePosition(for position: Int) -> Int

    /// Forgets everything from `position` on, which `resumablePosition` gave.
    func rewind(to position: Int) throws
}

extension InferenceBackend {
    /// Nothing.
    public func warmUp() throws {}

    /// As `info.rewindRule` says.
    public func resumablePosition(for position: Int) -> Int { info.rewindRule == .startOnly ? 0 : position }
}

/// Loads a model on a compute unit. It is called on the thread of the engine, and blocks until the model is loaded.
public protocol BackendLoader: Sendable {
    /// A backend with an empty cache. `progress` is called with how many of how many pieces are loaded; a loader that
    /// has several ends between them, with `CancellationError`, when the task is cancelled.
    func load(on unit: ComputeUnit, progress: (_ loaded: Int, _ total: Int) -> Void) throws -> any InferenceBackend
}

extension BackendLoader {
    /// A backend with an empty cache.
    public func load(on unit: ComputeUnit) throws -> any InferenceBackend { try load(on: unit) { _, _ in } }
}
