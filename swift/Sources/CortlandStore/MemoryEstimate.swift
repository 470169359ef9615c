import Foundation

#if os(iOS) || os(visionOS)
    import os
#endif

/// How much memory a model takes, and whether there is so much.
public struct MemoryEstimate: Sendable, Equatable {
    /// How well a model fits.
    public enum Fit: Sendable, Equatable {
        /// With room to spare.
        case fits
        /// Just so: the system may end the app when others want memory.
        case tight
        /// It does not.
        case tooLarge
    }

    /// Weights, which stay in memory while they are in use.
    public var weightBytes: Int64
    /// Keys and values; 0 until the model was loaded once.
    public var cacheBytes: Int64

    /// What the app, its buffers and activations take besides.
    private static let overheadBytes: Int64 = 200 << 20
    /// What is better left free.
    private static let reserveBytes: Int64 = 192 << 20

    /// An estimate.
    public init(weightBytes: Int64, cacheBytes: Int64) {
        self.weightBytes = weightBytes
        self.cacheBytes = cacheBytes
    }

    /// All together.
    public var bytes: Int64 { modelBytes + Self.overheadBytes }

    /// What becomes free when the model is let go.
    public var modelBytes: Int64 { weightBytes + cacheBytes }

    /// Whether it fits into so many bytes.
    public func fit(into available: Int64) -> Fit {
        if bytes > available { return .tooLarge }
        return bytes + Self.reserveBytes > available ? .tight : .fits
    }
}

/// Tells how much memory the app may take.
public protocol MemoryProbe: Sendable {
    /// Bytes that it may take besides those that it has.
    func availableBytes() -> Int64
}

/// The memory of the system.
public struct SystemMemory: MemoryProbe {
    /// The memory.
    public init() {}

    #if os(iOS) || os(visionOS)
        /// What the system lets the app take before it ends it.
        public func availableBytes() -> Int64 { Int64(os_proc_available_memory()) }
    #else
        /// What the machine has.
        public func availableBytes() -> Int64 { Int64(clamping: ProcessInfo.processInfo.physicalMemory) }
    #endif
}
