import CortlandCoreML
import CortlandUI

#if canImport(SwiftUI)
    import SwiftUI
#else
    import SwiftUIStandIn
#endif

/// The app: everything it does is in the package.
@main struct CortlandApp: App {
    private let model = AppModel(root: AppModel.defaultRoot, runtime: CoreMLRuntime())

    var body: some Scene {
        WindowGroup {
            RootView(model)
        }
    }
}
