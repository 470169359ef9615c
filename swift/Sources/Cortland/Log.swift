#if canImport(Darwin)
    import os
#endif

/// Lines for whoever looks for a problem: in the log of the system on Apple's, nowhere on others. Nothing that was said is in
/// them.
package enum Log {
    /// Gets the lines that come from a task.
    @TaskLocal package static var observer: (@Sendable (String) -> Void)?

    #if canImport(Darwin)
        private static let system = Logger(subsystem: "cortland", category: "engine")
    #endif

    static func note(_ line: String) {
        #if canImport(Darwin)
            system.notice("\(line, privacy: .public)")
        #endif
        observer?(line)
    }
}
