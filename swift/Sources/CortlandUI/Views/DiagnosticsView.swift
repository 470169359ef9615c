import Cortland
import CortlandStore
import Foundation

#if canImport(SwiftUI)
    import SwiftUI
#else
    import SwiftUIStandIn
#endif

/// What happened, for those who want to help.
struct DiagnosticsView: View {
    let app: AppModel
    @Environment(\.dismiss) private var dismiss

    private var model: DiagnosticsModel { app.diagnostics }

    var body: some View {
        Form {
            Section("Report") {
                Text(verbatim: model.report(app.chat.statistics))
                    .font(.footnote)
                    .monospaced()
                    .textSelection(.enabled)
                ShareLink(item: model.report(app.chat.statistics))
                if let json = model.export(app.chat.statistics, app.benchmark.report) {
                    ShareLink("As JSON", item: json)
                }
            }
            Section("Where operations run") {
                ForEach(model.rows, id: \.self) { row in
                    LabeledContent(Wording.name(of: row.unit)) {
                        VStack(alignment: .trailing) {
                            Text(verbatim: row.function)
                            Text(verbatim: row.fraction.formatted(.percent.precision(.fractionLength(1))))
                        }
                    }
                }
                if model.isAsking {
                    ProgressView { Text("Asking the system") }
                } else {
                    Button("Ask the system", systemImage: "cpu") { model.askForShares() }
                        .disabled(app.active.prepared == nil)
                }
                if let failure = model.failure { FailureView(failure: failure) }
            }
            Section {
                Button("Compile again", systemImage: "hammer", role: .destructive) { model.discardCompiled() }
                    .disabled(app.active.bundle == nil || app.chat.isResponding)
            } footer: {
                Text("Removes what was compiled of this model. It is compiled again when you choose it.")
            }
        }
        .navigationTitle("Diagnostics")
        .toolbar {
            ToolbarItem(placement: .confirmationAction) {
                Button("Done") { dismiss() }
            }
        }
    }
}
