#if os(iOS) || os(visionOS)
    import UIKit
#endif

/// Systems suspend an app soon after it has left the screen, and grant some seconds to one that asks.
package enum Suspension {
    /// Does what has to be done before.
    @MainActor package static func postponed(for body: @MainActor () async -> Void) async {
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
}
