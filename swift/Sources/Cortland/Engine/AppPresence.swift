import Synchronization

/// Whether the app is seen. Systems refuse the Neural Engine and the GPU to one that is not.
final class AppPresence: Sendable {
    private struct State {
        var isSeen = true
        var departures = 0
    }

    private let state = Mutex(State())

    func leave() {
        state.withLock { state in
            state.isSeen = false
            state.departures += 1
        }
    }

    func comeBack() { state.withLock { $0.isSeen = true } }

    /// How often it was left until now.
    var departures: Int { state.withLock(\.departures) }

    /// Whether it was seen all the time since it had been left so often.
    func wasSeen(since departures: Int) -> Bool {
        state.withLock { $0.isSeen && $0.departures == departures }
    }
}
