import Cortland
import CortlandStore

#if canImport(SwiftUI)
    import SwiftUI
#else
    import SwiftUIStandIn
#endif

/// What the model is doing, and what a person can do about it.
struct ModelStatusView: View {
    let app: AppModel
    let showModels: @MainActor () -> Void

    var body: some View {
        VStack(alignment: .leading, spacing: 8) {
            if let refusal = app.refusal {
                FailureView(failure: refusal.failure)
                HStack {
                    Button("Use it anyway") { app.useAnyway() }
                        .disabled(app.chat.isResponding)
                    Button("Close", role: .cancel) { app.dismissRefusal() }
                }
            }
            switch app.active.state {
            case .none:
                Button("Choose a model", systemImage: "shippingbox", action: showModels)
            case .compiling:
                ProgressView { Text("Compiling the model. This happens once.") }
                Button("Cancel", role: .cancel) { app.active.cancel() }
            case .loading(let loading):
                LoadingView(active: app.active, loading: loading)
            case .ready(let info):
                Label(Wording.name(of: info.computeUnit), systemImage: "cpu")
                    .font(.caption)
                    .foregroundStyle(.secondary)
            case .failed(let failure):
                FailureView(failure: failure)
                Button("Choose a model", systemImage: "shippingbox", action: showModels)
            }
        }
        .frame(maxWidth: .infinity, alignment: .leading)
        .padding()
    }
}

/// How far loading is; after a while, a way around it.
private struct LoadingView: View {
    let active: ActiveModel
    let loading: ActiveModel.Loading

    var body: some View {
        ProgressView(value: Double(loading.loaded), total: Double(max(loading.total, 1))) {
            Text(Wording.name(of: loading.unit))
        }
        Text(loading.isFirst ? "Optimising for this device. The first time takes minutes." : "Loading the model.")
            .font(.footnote)
            .foregroundStyle(.secondary)
        HStack {
            Button("Cancel", role: .cancel) { active.cancel() }
            if loading.isSlow && active.hasNextUnit {
                Button("This takes long: use another processor") { active.useNextUnit() }
            }
        }
    }
}
