import CortlandStore

#if canImport(SwiftUI)
    public import SwiftUI
#else
    public import SwiftUIStandIn
#endif

/// The app: a conversation, and behind a menu everything else.
public struct RootView: View {
    private enum Sheet: String, Identifiable {
        case models, conversations, settings, benchmark, diagnostics

        var id: String { rawValue }
    }

    private let app: AppModel
    @State private var sheet: Sheet?
    @Environment(\.scenePhase) private var scenePhase

    /// Shows an app.
    public init(_ app: AppModel) { self.app = app }

    /// A conversation under a bar.
    public var body: some View {
        NavigationStack {
            ChatView(app: app) { sheet = .models }
                .navigationTitle(app.active.bundle?.name ?? "Cortland")
                .toolbar {
                    ToolbarItem(placement: .primaryAction) { menu }
                }
        }
        .sheet(item: $sheet) { sheet in
            NavigationStack { content(of: sheet) }
        }
        .task {
            for await condition in SystemSignals.conditions() { await app.handle(condition) }
        }
        .onChange(of: scenePhase) { _, phase in
            Task { await phaseChanged(phase) }
        }
        .onChange(of: app.active.state) { _, state in
            if case .ready = state { app.modelBecameReady() }
        }
    }

    private var menu: some View {
        Menu {
            Button("New conversation", systemImage: "square.and.pencil") { app.startConversation() }
                .disabled(app.chat.isResponding)
            Button("Conversations", systemImage: "bubble.left.and.bubble.right") {
                app.refreshConversations()
                sheet = .conversations
            }
            Button("Models", systemImage: "shippingbox") { sheet = .models }
            Button("Settings", systemImage: "slider.horizontal.3") { sheet = .settings }
            Button("Benchmark", systemImage: "gauge.with.needle") { sheet = .benchmark }
            Button("Diagnostics", systemImage: "stethoscope") { sheet = .diagnostics }
        } label: {
            Label("Menu", systemImage: "ellipsis.circle")
        }
    }

    @ViewBuilder private func content(of sheet: Sheet) -> some View {
        switch sheet {
        case .models: ModelListView(app: app)
        case .conversations: ConversationListView(app: app)
        case .settings: SettingsView(model: app.settings)
        case .benchmark: BenchmarkView(model: app.benchmark)
        case .diagnostics: DiagnosticsView(app: app)
        }
    }

    private func phaseChanged(_ phase: ScenePhase) async {
        switch phase {
        case .background: await Suspension.postponed { await app.handle(.background) }
        case .active: await app.handle(.foreground)
        default: break
        }
    }
}
