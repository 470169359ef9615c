/// What a button is for.
public struct ButtonRole: Equatable, Sendable {
    private var number: Int
    /// It destroys something.
    public static let destructive = ButtonRole(number: 0)
    /// It gives up.
    public static let cancel = ButtonRole(number: 1)
}

/// Does something.
public struct Button<Label: View>: Leaf {
    /// With any face.
    public init(action: @escaping @MainActor () -> Void, @ViewBuilder label: () -> Label) {}
    /// With any face.
    public init(role: ButtonRole?, action: @escaping @MainActor () -> Void, @ViewBuilder label: () -> Label) {}
}
extension Button where Label == Text {
    /// With words.
    public init(_ titleKey: LocalizedStringKey, action: @escaping @MainActor () -> Void) {}
    /// With words.
    public init(_ titleKey: LocalizedStringKey, role: ButtonRole?, action: @escaping @MainActor () -> Void) {}
}
extension Button where Label == SwiftUIStandIn.Label<Text, Image> {
    /// With words and a picture.
    public init(_ titleKey: LocalizedStringKey, systemImage: String, action: @escaping @MainActor () -> Void) {}
    /// With words and a picture.
    public init(
        _ titleKey: LocalizedStringKey, systemImage: String, role: ButtonRole?, action: @escaping @MainActor () -> Void
    ) {}
}

/// A direction.
public enum Axis: Sendable {
    /// From left to right.
    case horizontal
    /// From top to bottom.
    case vertical
}

/// A field to write in.
public struct TextField<Label: View>: Leaf {}
extension TextField where Label == Text {
    /// On a line.
    public init(_ titleKey: LocalizedStringKey, text: Binding<String>) {}
    /// That grows.
    public init(_ titleKey: LocalizedStringKey, text: Binding<String>, axis: Axis) {}
}

/// On or off.
public struct Toggle<Label: View>: Leaf {}
extension Toggle where Label == Text {
    /// With words.
    public init(_ titleKey: LocalizedStringKey, isOn: Binding<Bool>) {}
}

/// One of several.
public struct Picker<Label: View, SelectionValue: Hashable, Content: View>: Leaf {}
extension Picker where Label == Text {
    /// With words.
    public init(
        _ titleKey: LocalizedStringKey, selection: Binding<SelectionValue>, @ViewBuilder content: () -> Content
    ) {}
}

/// A number between two others.
public struct Slider<Label: View, ValueLabel: View>: Leaf {}
extension Slider where ValueLabel == EmptyView {
    /// With any face.
    public init<V: BinaryFloatingPoint>(
        value: Binding<V>, in bounds: ClosedRange<V> = 0...1, @ViewBuilder label: () -> Label,
        onEditingChanged: @escaping (Bool) -> Void = { _ in }
    ) where V.Stride: BinaryFloatingPoint {}
}

/// A number, step by step.
public struct Stepper<Label: View>: Leaf {
    /// With any face.
    public init<V: Strideable>(
        value: Binding<V>, in bounds: ClosedRange<V>, step: V.Stride = 1, @ViewBuilder label: () -> Label,
        onEditingChanged: @escaping (Bool) -> Void = { _ in }
    ) {}
}

/// How far something is.
public struct ProgressView<Label: View, CurrentValueLabel: View>: Leaf {}
extension ProgressView where CurrentValueLabel == EmptyView {
    /// Nobody knows.
    public init(@ViewBuilder label: () -> Label) {}
    /// So far.
    public init<V: BinaryFloatingPoint>(value: V?, total: V = 1.0, @ViewBuilder label: () -> Label) {}
}

/// What is behind a button.
public struct Menu<Label: View, Content: View>: Leaf {
    /// With any face.
    public init(@ViewBuilder content: () -> Content, @ViewBuilder label: () -> Label) {}
}

/// Hands something to another app.
public struct ShareLink<Label: View>: Leaf {}
extension ShareLink where Label == Text {
    /// A text.
    public init(item: String) {}
    /// A text, with a title.
    public init(_ titleKey: LocalizedStringKey, item: String) {}
}
