// What the views of CortlandUI use of SwiftUI, with its signatures, so that a compiler on Linux reads them. Nothing is
// drawn. The names and what they mean are Apple's; see its reference.

/// A piece of a user interface.
@MainActor @preconcurrency public protocol View {
    /// What it consists of.
    associatedtype Body: View
    /// What it consists of.
    @ViewBuilder @MainActor @preconcurrency var body: Body { get }
}

/// What has no parts that are views.
public protocol Leaf: View where Body == Never {}
extension Leaf {
    /// There is none.
    public var body: Never { preconditionFailure("\(Self.self): nothing is drawn here") }
}

extension Never: View {
    /// There is none.
    public var body: Never { preconditionFailure("Never: has no value") }
}
extension Optional: View where Wrapped: View {
    /// There is none.
    public var body: Never { preconditionFailure("Optional: nothing is drawn here") }
}

/// Puts views together.
@resultBuilder public enum ViewBuilder {
    /// An expression.
    public static func buildExpression<Content: View>(_ content: Content) -> Content { content }
    /// Of nothing.
    public static func buildBlock() -> EmptyView { EmptyView() }
    /// One view.
    public static func buildBlock<Content: View>(_ content: Content) -> Content { content }
    /// Several views.
    public static func buildBlock<each Content: View>(
        _ content: repeat each Content
    ) -> TupleView<(repeat each Content)> { TupleView() }
    /// `if` without `else`.
    public static func buildIf<Content: View>(_ content: Content?) -> Content? { content }
    /// The first branch.
    public static func buildEither<First: View, Second: View>(first: First) -> ConditionalContent<First, Second> {
        ConditionalContent()
    }
    /// The second branch.
    public static func buildEither<First: View, Second: View>(second: Second) -> ConditionalContent<First, Second> {
        ConditionalContent()
    }
}

/// Nothing.
public struct EmptyView: Leaf {
    /// Nothing.
    public nonisolated init() {}
}
/// Several views.
public struct TupleView<Contents>: Leaf {
    nonisolated init() {}
}
/// One of two.
public struct ConditionalContent<First: View, Second: View>: Leaf {
    nonisolated init() {}
}
