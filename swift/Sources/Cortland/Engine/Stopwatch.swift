/// How long ago something began, by a clock that may be one for tests.
package struct Stopwatch: Sendable {
    private let read: @Sendable () -> Duration

    /// Begins now.
    package init(_ clock: any Clock<Duration>) { read = Self.reader(of: clock) }

    private static func reader(of clock: some Clock<Duration>) -> @Sendable () -> Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }

    /// Since then.
    package var elapsed: Duration { read() }
}
