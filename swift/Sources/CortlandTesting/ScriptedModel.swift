public import Cortland
import Synchronization

/// What was asked of a scripted model.
public enum ScriptedCall: Sendable, Hashable {
    /// To be loaded.
    case load(ComputeUnit)
    /// To take tokens in.
    case prefill([Int32], position: Int)
    /// To take tokens in and to give logits.
    case step([Int32], position: Int)
    /// To go back.
    case rewind(position: Int)
}

/// How a scripted model behaves in a call.
public enum ScriptedOutcome: Sendable {
    /// As it should.
    case works
    /// It throws this.
    case fails(any Error)
    /// Its logits are no numbers.
    case givesNoNumbers
}

/// Stands in for a model: its next token is a function of what lies in its cache, so that a cache that is not as it should
/// be gives another answer. It takes down every call, and can be made to fail.
public final class ScriptedModel: BackendLoader {
    /// The token that follows those in the cache.
    public typealias Script = @Sendable (_ cache: [Int32]) -> Int32
    /// Called before each call is carried out, with its number; calls are counted from 0.
    public typealias Hook = @Sendable (_ call: ScriptedCall, _ number: Int, _ unit: ComputeUnit) -> ScriptedOutcome

    let info: BackendInfo
    let scalar: LogitsView.Scalar
    let stride: Int
    private let pieces: Int
    let script: Script
    private let hook: Hook
    private let log = Mutex<[ScriptedCall]>([])

    /// A model.
    /// - Parameters:
    ///   - info: what it says of itself; its compute unit becomes the one that it is loaded on.
    ///   - scalar: the kind of its logits.
    ///   - stride: from one logit to the next; between them lies what is no number.
    ///   - pieces: how many pieces it is loaded in; the call stands for the last one.
    ///   - hook: how it behaves; it always works without one.
    ///   - script: what it says.
    public init(
        info: BackendInfo, scalar: LogitsView.Scalar = .float32, stride: Int = 1, pieces: Int = 1,
        hook: @escaping Hook = { _, _, _ in .works }, script: @escaping Script
    ) {
        self.info = info
        self.scalar = scalar
        self.stride = stride
        self.pieces = pieces
        self.hook = hook
        self.script = script
    }

    /// All that was asked of it.
    public var calls: [ScriptedCall] { log.withLock { $0 } }

    /// An empty cache on a unit.
    public func load(
        on unit: ComputeUnit, progress: (_ loaded: Int, _ total: Int) -> Void
    ) throws -> any InferenceBackend {
        if pieces > 1 { for piece in 0..<pieces { progress(piece, pieces) } }
        try note(.load(unit), unit)
        return ScriptedBackend(self, unit)
    }

    /// Takes a call down. Gives whether logits are to be numbers.
    @discardableResult
    func note(_ call: ScriptedCall, _ unit: ComputeUnit) throws -> Bool {
        let number = log.withLock { log in
            log.append(call)
            return log.count - 1
        }
        switch hook(call, number, unit) {
        case .works: return true
        case .fails(let error): throw error
        case .givesNoNumbers: return false
        }
    }
}
