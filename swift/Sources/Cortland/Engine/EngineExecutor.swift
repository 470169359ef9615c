import Dispatch

/// Runs the jobs of an engine one after the other, away from the threads that everything else shares: calls of a backend
/// block for long.
final class EngineExecutor: SerialExecutor {
    private let queue = DispatchQueue(label: "cortland.engine", qos: .userInitiated)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
