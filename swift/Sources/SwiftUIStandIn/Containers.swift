/// How views are put side by side.
public struct HorizontalAlignment: Equatable, Sendable {
    /// Where lines begin.
    public static let leading = HorizontalAlignment()
    /// At the end.
    public static let trailing = HorizontalAlignment()
    /// In the middle.
    public static let center = HorizontalAlignment()
}
/// How views are put on top of each other.
public struct VerticalAlignment: Equatable, Sendable {
    /// At the top.
    public static let top = VerticalAlignment()
    /// In the middle.
    public static let center = VerticalAlignment()
    /// At the bottom.
    public static let bottom = VerticalAlignment()
}
/// Where a view is in its frame.
public struct Alignment: Equatable, Sendable {
    /// Where lines begin.
    public static let leading = Alignment()
    /// In the middle.
    public static let center = Alignment()
}

/// One below the other.
public struct VStack<Content: View>: Leaf {
    /// Of views.
    public init(
        alignment: HorizontalAlignment = .center, spacing: Double? = nil, @ViewBuilder content: () -> Content
    ) {}
}
/// One below the other, made when they are seen.
public struct LazyVStack<Content: View>: Leaf {
    /// Of views.
    public init(
        alignment: HorizontalAlignment = .center, spacing: Double? = nil, @ViewBuilder content: () -> Content
    ) {}
}
/// One beside the other.
public struct HStack<Content: View>: Leaf {
    /// Of views.
    public init(
        alignment: VerticalAlignment = .center, spacing: Double? = nil, @ViewBuilder content: () -> Content
    ) {}
}
/// What takes the room that is left.
public struct Spacer: Leaf {
    /// At least so much.
    public nonisolated init(minLength: Double? = nil) {}
}
/// What can be moved.
public struct ScrollView<Content: View>: Leaf {
    /// Of views.
    public init(@ViewBuilder content: () -> Content) {}
}
/// Rows.
public struct List<SelectionValue: Hashable, Content: View>: Leaf {}
extension List where SelectionValue == Never {
    /// Of views.
    public init(@ViewBuilder content: () -> Content) {}
}
/// Rows of controls.
public struct Form<Content: View>: Leaf {
    /// Of views.
    public init(@ViewBuilder content: () -> Content) {}
}
/// Rows that belong together.
public struct Section<Parent: View, Content: View, Footer: View>: Leaf {}
extension Section where Parent == Text, Footer == EmptyView {
    /// Under words.
    public init(_ titleKey: LocalizedStringKey, @ViewBuilder content: () -> Content) {}
}
extension Section where Parent == EmptyView, Footer == EmptyView {
    /// Under nothing.
    public init(@ViewBuilder content: () -> Content) {}
}
extension Section where Parent == EmptyView {
    /// With something below.
    public init(@ViewBuilder content: () -> Content, @ViewBuilder footer: () -> Footer) {}
}
/// What is folded up.
public struct DisclosureGroup<Label: View, Content: View>: Leaf {}
extension DisclosureGroup where Label == Text {
    /// Under words.
    public init(_ titleKey: LocalizedStringKey, @ViewBuilder content: @escaping () -> Content) {}
}
/// Views that are shown one over the other.
public struct NavigationStack<Root: View>: Leaf {
    /// The first one.
    public init(@ViewBuilder root: () -> Root) {}
}
/// A view for each element.
public struct ForEach<Data: RandomAccessCollection, ID: Hashable, Content: View>: Leaf {
    /// That a path tells apart.
    public init(_ data: Data, id: KeyPath<Data.Element, ID>, @ViewBuilder content: @escaping (Data.Element) -> Content)
    {}
}
extension ForEach where Data.Element: Identifiable, ID == Data.Element.ID {
    /// That tell themselves apart.
    public init(_ data: Data, @ViewBuilder content: @escaping (Data.Element) -> Content) {}
}

/// Where an item of a bar is.
public struct ToolbarItemPlacement: Sendable {
    /// For what is done most.
    public static let primaryAction = ToolbarItemPlacement()
    /// For what accepts.
    public static let confirmationAction = ToolbarItemPlacement()
    /// For what gives up.
    public static let cancellationAction = ToolbarItemPlacement()
}
/// What is in a bar.
@MainActor @preconcurrency public protocol ToolbarContent {}
/// An item of a bar.
public struct ToolbarItem<Content: View>: ToolbarContent {
    /// A view.
    public init(placement: ToolbarItemPlacement, @ViewBuilder content: () -> Content) {}
}
/// Several items.
public struct ToolbarItems<Contents>: ToolbarContent {}
/// Puts items together.
@resultBuilder public enum ToolbarContentBuilder {
    /// One item.
    public static func buildBlock<Content: ToolbarContent>(_ content: Content) -> Content { content }
    /// Several items.
    @MainActor public static func buildBlock<each Content: ToolbarContent>(
        _ content: repeat each Content
    ) -> ToolbarItems<(repeat each Content)> { ToolbarItems() }
}
