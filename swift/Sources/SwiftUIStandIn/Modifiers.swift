public import Foundation

extension View {
    /// The title of the bar.
    nonisolated public func navigationTitle(_ titleKey: LocalizedStringKey) -> some View { self }
    /// The title of the bar.
    @_disfavoredOverload nonisolated public func navigationTitle<S: StringProtocol>(_ title: S) -> some View { self }
    /// The bar.
    nonisolated public func toolbar<Content: ToolbarContent>(@ToolbarContentBuilder content: () -> Content) -> some View
    { self }
    /// What is shown over it while there is an item.
    nonisolated public func sheet<Item: Identifiable, Content: View>(
        item: Binding<Item?>, onDismiss: (() -> Void)? = nil, @ViewBuilder content: @escaping (Item) -> Content
    ) -> some View { self }
    /// Lets a person pick files.
    nonisolated public func fileImporter(
        isPresented: Binding<Bool>, allowedContentTypes: [UTType],
        onCompletion: @escaping (_ result: Result<URL, any Error>) -> Void
    ) -> some View { self }
    /// Asks.
    nonisolated public func confirmationDialog<Actions: View, Message: View, Data>(
        _ titleKey: LocalizedStringKey, isPresented: Binding<Bool>, titleVisibility: Visibility = .automatic,
        presenting data: Data?, @ViewBuilder actions: (Data) -> Actions, @ViewBuilder message: (Data) -> Message
    ) -> some View { self }
    /// Done while it is seen.
    nonisolated public func task(
        priority: TaskPriority = .userInitiated, @_inheritActorContext _ action: @escaping @Sendable () async -> Void
    ) -> some View { self }
    /// Done when a value has changed.
    nonisolated public func onChange<Value: Equatable>(
        of value: Value, initial: Bool = false, _ action: @escaping (_ old: Value, _ new: Value) -> Void
    ) -> some View { self }
    /// Done when a field is complete.
    nonisolated public func onSubmit(_ action: @escaping () -> Void) -> some View { self }
    /// Whether it does nothing.
    nonisolated public func disabled(_ disabled: Bool) -> some View { self }
    /// Tells it from others in a picker.
    nonisolated public func tag<Value: Hashable>(_ tag: Value) -> some View { self }
    /// What is behind a long press.
    nonisolated public func contextMenu<Items: View>(@ViewBuilder menuItems: () -> Items) -> some View { self }
    /// What is behind a swipe.
    nonisolated public func swipeActions<Content: View>(@ViewBuilder content: () -> Content) -> some View { self }

    /// Room around it.
    nonisolated public func padding() -> some View { self }
    /// Room around it.
    nonisolated public func padding(_ length: Double) -> some View { self }
    /// How wide it may be.
    nonisolated public func frame(maxWidth: Double? = nil, alignment: Alignment = .center) -> some View { self }
    /// What is behind it.
    nonisolated public func background<S: ShapeStyle>(_ style: S) -> some View { self }
    /// What it is drawn with.
    nonisolated public func foregroundStyle<S: ShapeStyle>(_ style: S) -> some View { self }
    /// Its letters.
    nonisolated public func font(_ font: Font?) -> some View { self }
    /// Letters of one width.
    nonisolated public func monospaced(_ isActive: Bool = true) -> some View { self }
    /// How many lines it has.
    nonisolated public func lineLimit(_ limit: ClosedRange<Int>) -> some View { self }
    /// How lines are set.
    nonisolated public func multilineTextAlignment(_ alignment: TextAlignment) -> some View { self }
    /// Whether its text can be selected.
    nonisolated public func textSelection<S: TextSelectability>(_ selectability: S) -> some View { self }
    /// Where it begins to be shown.
    nonisolated public func defaultScrollAnchor(_ anchor: UnitPoint?) -> some View { self }
    /// What labels show.
    nonisolated public func labelStyle<S: LabelStyle>(_ style: S) -> some View { self }
    /// What fields look like.
    nonisolated public func textFieldStyle<S: TextFieldStyle>(_ style: S) -> some View { self }
    /// Whether words are not corrected.
    nonisolated public func autocorrectionDisabled(_ disable: Bool = true) -> some View { self }

    /// What is read aloud.
    nonisolated public func accessibilityLabel(_ labelKey: LocalizedStringKey) -> some View { self }
    /// Whether nothing is read aloud.
    nonisolated public func accessibilityHidden(_ hidden: Bool) -> some View { self }
    /// Whether its parts are read together.
    nonisolated public func accessibilityElement(children: AccessibilityChildBehavior = .ignore) -> some View { self }
}
