public import Observation

/// A value that a view keeps.
@propertyWrapper public struct State<Value> {
    private let value: Value

    /// What it begins with.
    public init(wrappedValue value: Value) { self.value = value }
    /// The value.
    public var wrappedValue: Value {
        get { value }
        nonmutating set { _ = newValue }
    }
    /// The way to it.
    public var projectedValue: Binding<Value> {
        Binding(undrawn: ())
    }
}

/// The way to a value that something else keeps.
@propertyWrapper @dynamicMemberLookup public struct Binding<Value> {
    fileprivate init(undrawn: Void) {}

    /// By two functions.
    @preconcurrency public init(
        get: @escaping @isolated(any) @Sendable () -> Value, set: @escaping @isolated(any) @Sendable (Value) -> Void
    ) {}
    /// The value.
    public var wrappedValue: Value {
        get { preconditionFailure("Binding: nothing is drawn here") }
        nonmutating set { _ = newValue }
    }
    /// Itself.
    public var projectedValue: Binding<Value> { self }
    /// The way to a part of it.
    public subscript<Subject>(dynamicMember path: WritableKeyPath<Value, Subject>) -> Binding<Subject> {
        Binding<Subject>(undrawn: ())
    }
}

/// The ways to the properties of an object.
@propertyWrapper @dynamicMemberLookup public struct Bindable<Value> {
    private let object: Value

    /// Of an object.
    public init(wrappedValue object: Value) where Value: AnyObject & Observable { self.object = object }

    /// The object.
    public var wrappedValue: Value { object }
    /// Itself.
    public var projectedValue: Bindable<Value> { self }
    /// The way to a property.
    public subscript<Subject>(dynamicMember path: ReferenceWritableKeyPath<Value, Subject>) -> Binding<Subject>
    where Value: AnyObject {
        Binding<Subject>(undrawn: ())
    }
}

/// What surrounds a view.
public struct EnvironmentValues {
    /// Whether the scene is seen.
    public var scenePhase: ScenePhase { .active }
    /// Closes what was presented.
    public var dismiss: DismissAction { DismissAction() }
}

/// A value of what surrounds a view.
@propertyWrapper public struct Environment<Value> {
    /// By its path.
    public init(_ path: KeyPath<EnvironmentValues, Value>) { wrappedValue = EnvironmentValues()[keyPath: path] }
    /// The value.
    public let wrappedValue: Value
}

/// Whether a scene is seen.
public enum ScenePhase: Comparable, Sendable {
    /// It is not.
    case background
    /// It is, and gets no events.
    case inactive
    /// It is.
    case active
}

/// Closes what was presented.
@MainActor @preconcurrency public struct DismissAction {
    nonisolated init() {}
    /// Closes it.
    public func callAsFunction() {}
}
