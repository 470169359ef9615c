/// What is drawn with.
public protocol ShapeStyle: Sendable {}
/// A colour.
public struct Color: ShapeStyle {
    /// More or less of it.
    public func opacity(_ opacity: Double) -> Color { self }
    /// Green.
    public static let green = Color()
    /// Orange.
    public static let orange = Color()
    /// Red.
    public static let red = Color()
}
extension Color: Leaf {}
extension ShapeStyle where Self == Color {
    /// Yellow.
    public static var yellow: Color { Color() }
}
/// Another one in the order of importance.
public struct HierarchicalShapeStyle: ShapeStyle {}
extension ShapeStyle where Self == HierarchicalShapeStyle {
    /// The second one.
    public static var secondary: HierarchicalShapeStyle { HierarchicalShapeStyle() }
}

/// Letters; these grow with the size that a person wants.
public struct Font: Hashable, Sendable {
    /// Of a heading.
    public static let headline = Font()
    /// Of a remark.
    public static let callout = Font()
    /// Of a note.
    public static let footnote = Font()
    /// Of what is beside.
    public static let caption = Font()
}
/// How lines are set.
public enum TextAlignment: Sendable {
    /// From where they begin.
    case leading
    /// In the middle.
    case center
    /// To where they end.
    case trailing
}
/// A place in a view.
public struct UnitPoint: Hashable, Sendable {
    /// Below.
    public static let bottom = UnitPoint()
}
/// Whether something is seen.
public enum Visibility: Sendable {
    /// As it suits.
    case automatic
    /// It is.
    case visible
    /// It is not.
    case hidden
}
/// How parts are read aloud.
public struct AccessibilityChildBehavior: Sendable {
    /// Not at all.
    public static let ignore = AccessibilityChildBehavior()
    /// One by one.
    public static let contain = AccessibilityChildBehavior()
    /// Together.
    public static let combine = AccessibilityChildBehavior()
}

/// Whether text can be selected.
public protocol TextSelectability {}
/// It can.
public struct EnabledTextSelectability: TextSelectability {}
extension TextSelectability where Self == EnabledTextSelectability {
    /// It can.
    public static var enabled: EnabledTextSelectability { EnabledTextSelectability() }
}
/// What labels show.
@MainActor @preconcurrency public protocol LabelStyle {}
/// Only the picture.
public struct IconOnlyLabelStyle: LabelStyle {}
extension LabelStyle where Self == IconOnlyLabelStyle {
    /// Only the picture.
    public static var iconOnly: IconOnlyLabelStyle { IconOnlyLabelStyle() }
}
/// What fields look like.
public protocol TextFieldStyle {}
/// With a border.
public struct RoundedBorderTextFieldStyle: TextFieldStyle {}
extension TextFieldStyle where Self == RoundedBorderTextFieldStyle {
    /// With a border.
    public static var roundedBorder: RoundedBorderTextFieldStyle { RoundedBorderTextFieldStyle() }
}
/// A kind of file; of UniformTypeIdentifiers.
public struct UTType: Sendable {
    /// A folder.
    public static let folder = UTType()
}
