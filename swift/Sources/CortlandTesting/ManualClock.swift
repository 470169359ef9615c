import Synchronization

/// A clock that goes on only when it is told to.
public final class ManualClock: Clock, Sendable {
    /// A moment of the clock.
    public struct Instant: InstantProtocol {
        let offset: Duration

        /// A later moment.
        public func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        /// How long it is to another moment.
        public func duration(to other: Instant) -> Duration { other.offset - offset }
        /// Whether it is the earlier one.
        public static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private let time = Mutex(Duration.zero)

    /// A clock that stands at its beginning.
    public init() {}

    /// What it shows.
    public var now: Instant { Instant(offset: time.withLock { $0 }) }
    /// It has no steps.
    public var minimumResolution: Duration { .zero }
    /// Makes it that much later.
    public func advance(by duration: Duration) { time.withLock { $0 += duration } }
    /// Sets the clock to the deadline.
    public func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        time.withLock { $0 = max($0, deadline.offset) }
    }
}
