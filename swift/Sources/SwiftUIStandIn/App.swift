/// A part of an app that the system shows.
@MainActor @preconcurrency public protocol Scene {
    /// What it consists of.
    associatedtype Body: Scene
    /// What it consists of.
    @SceneBuilder @MainActor @preconcurrency var body: Body { get }
}
extension Never: Scene {}

/// Puts scenes together.
@resultBuilder public enum SceneBuilder {
    /// One scene.
    public static func buildBlock<Content: Scene>(_ content: Content) -> Content { content }
}

/// Windows that are all alike.
public struct WindowGroup<Content: View>: Scene {
    /// With a view.
    public init(@ViewBuilder content: () -> Content) {}
    /// There is none.
    public var body: Never { preconditionFailure("WindowGroup: nothing is drawn here") }
}

/// A program with a user interface.
@MainActor @preconcurrency public protocol App {
    /// What it shows.
    associatedtype Body: Scene
    /// What it shows.
    @SceneBuilder @MainActor @preconcurrency var body: Body { get }
    /// Before it is shown.
    @MainActor @preconcurrency init()
}
extension App {
    /// Makes it, and shows nothing.
    public static func main() { _ = Self().body }
}
