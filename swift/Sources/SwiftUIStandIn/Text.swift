public import Foundation

/// A key of the catalogue of words. `\(text)` in it is `%@` there.
public struct LocalizedStringKey: Equatable, ExpressibleByStringInterpolation {
    /// Puts keys together. Only text may be put in: what numbers look like depends on the language.
    public struct StringInterpolation: StringInterpolationProtocol {
        /// Of so many characters and pieces.
        public init(literalCapacity: Int, interpolationCount: Int) {}
        /// A piece of the key.
        public mutating func appendLiteral(_ literal: String) {}
        /// What differs.
        public mutating func appendInterpolation(_ text: String) {}
    }

    /// By itself.
    public init(stringLiteral value: String) {}
    /// With pieces that differ.
    public init(stringInterpolation: StringInterpolation) {}
}

/// Words.
public struct Text: Leaf {
    /// By a key.
    public nonisolated init(_ key: LocalizedStringKey) {}
    /// As they are.
    public nonisolated init(verbatim content: String) {}
    /// As they are.
    @_disfavoredOverload public nonisolated init<S: StringProtocol>(_ content: S) {}
}

/// A picture.
public struct Image: Leaf {
    /// One of the system's.
    public nonisolated init(systemName: String) {}
}

/// A picture and words.
public struct Label<Title: View, Icon: View>: Leaf {}
extension Label where Title == Text, Icon == Image {
    /// By a key.
    public init(_ titleKey: LocalizedStringKey, systemImage name: String) {}
    /// As it is.
    @_disfavoredOverload public init<S: StringProtocol>(_ title: S, systemImage name: String) {}
}

/// Words and what belongs to them.
public struct LabeledContent<Label: View, Content: View>: Leaf {}
extension LabeledContent where Label == Text {
    /// A view.
    public init(_ titleKey: LocalizedStringKey, @ViewBuilder content: () -> Content) {}
}
extension LabeledContent where Label == Text, Content == Text {
    /// A value.
    public init<S: StringProtocol>(_ titleKey: LocalizedStringKey, value: S) {}
}

/// What a screen reader says at once.
public enum AccessibilityNotification {
    /// A text.
    public struct Announcement: Sendable {
        /// A text.
        public init(_ announcement: AttributedString) {}
        /// Says it.
        public func post() {}
    }
}
