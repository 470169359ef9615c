import Dispatch
import Foundation

/// What the system tells about memory and heat. The phases of a scene come from the scene.
enum SystemSignals {
    /// Until the task that listens is cancelled.
    static func conditions() -> AsyncStream<SystemCondition> {
        AsyncStream { continuation in
            #if canImport(Darwin)
                let center = NotificationCenter.default
                // Both are only cancelled from elsewhere, which they allow.
                nonisolated(unsafe) let memory = DispatchSource.makeMemoryPressureSource(
                    eventMask: [.warning, .critical], queue: .global(qos: .utility))
                memory.setEventHandler { continuation.yield(.memoryWarning) }
                nonisolated(unsafe) let heat = center.addObserver(
                    forName: ProcessInfo.thermalStateDidChangeNotification, object: nil, queue: nil
                ) { _ in continuation.yield(.thermal(level)) }
                continuation.onTermination = { _ in
                    memory.cancel()
                    center.removeObserver(heat)
                }
                memory.activate()
                continuation.yield(.thermal(level))
            #else
                continuation.finish()
            #endif
        }
    }

    #if canImport(Darwin)
        private static var level: ThermalLevel {
            switch ProcessInfo.processInfo.thermalState {
            case .nominal: .nominal
            case .fair: .fair
            case .serious: .serious
            case .critical: .critical
            @unknown default: .serious
            }
        }
    #endif
}
