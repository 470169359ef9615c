internal import CCortlandInterp
public import Foundation
import Synchronization

/// The buffers that a model changes from prediction to prediction.
public final class MLState: NSObject, @unchecked Sendable {
    /// The compiled model that it belongs to.
    let model: URL
    let handle: OpaquePointer
    private let names: Set<String>
    private let isInUse = Mutex(false)
    private var shownLast: MLMultiArray?

    init(_ compiled: CompiledModel, names: Set<String>) throws {
        model = compiled.url
        self.names = names
        var made: OpaquePointer?
        try Interpreter.check { cortland_interp_states_create(compiled.package.handle, &made, $0) }
        handle = try Interpreter.unwrap(made)
    }

    deinit { cortland_interp_states_free(handle) }

    /// Shows a buffer, at another address than the last time.
    public func withMultiArray<R>(for stateName: String, _ body: (MLMultiArray) throws -> R) rethrows -> R {
        precondition(names.contains(stateName), "MLState: there is no state \(stateName)")
        return try exclusively {
            let buffer = buffer(stateName)
            // What was shown last is kept, so that its memory is not given out again.
            let shown = MLMultiArray(padding: buffer.shapeList, dataType: buffer.dataType, numberStride: 1)
            shownLast = shown
            buffer.copy(to: shown)
            defer { shown.copy(to: buffer) }
            return try body(shown)
        }
    }

    /// All bytes of all buffers the same.
    func fill(_ byte: UInt8) {
        for name in names { buffer(name).fill(byte) }
    }

    private func buffer(_ stateName: String) -> MLMultiArray {
        var view = cortland_array()
        let found = Array(stateName.utf8).withUnsafeBytes {
            let name = $0.assumingMemoryBound(to: CChar.self)
            return cortland_interp_states_array(handle, name.baseAddress, name.count, &view, nil)
        }
        precondition(Int(found) == CORTLAND_OK, "MLState: \(stateName) cannot be looked at")
        return MLMultiArray(viewing: view)
    }

    /// Nobody else may be at the buffers meanwhile.
    func exclusively<R>(_ body: () throws -> R) rethrows -> R {
        let isFree = isInUse.withLock { taken in
            defer { taken = true }
            return !taken
        }
        precondition(isFree, "MLState: is used by two at once")
        defer { isInUse.withLock { $0 = false } }
        return try body()
    }
}
