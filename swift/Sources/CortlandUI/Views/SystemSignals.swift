import Dispatch
import Foundation

#if os(iOS) || os(visionOS)
    import UIKit
#endif

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

    /// Does what has to be done before the system suspends an app that has left the screen: it grants some seconds.
    @MainActor static func beforeSuspension(_ body: @MainActor () async -> Void) async {
        #if os(iOS) || os(visionOS)
            let grant = Grant()
            await body()
            grant.giveBack()
        #else
            await body()
        #endif
    }

    #if os(iOS) || os(visionOS)
        /// Time of the system. Whoever does not give it back before it is over is ended.
        @MainActor private final class Grant {
            private var task = UIBackgroundTaskIdentifier.invalid

            init() {
                task = UIApplication.shared.beginBackgroundTask { [weak self] in
                    MainActor.assumeIsolated { self?.giveBack() }  // where UIKit calls it
                }
            }

            func giveBack() {
                guard task != .invalid else { return }
                UIApplication.shared.endBackgroundTask(task)
                task = .invalid
            }
        }
    #endif

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
