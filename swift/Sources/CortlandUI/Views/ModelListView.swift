import CortlandStore
import Foundation

#if canImport(SwiftUI)
    import SwiftUI
    import UniformTypeIdentifiers
#else
    import SwiftUIStandIn
#endif

/// The models that are here, and the ways to get more.
struct ModelListView: View {
    let app: AppModel
    @State private var address = ""
    @State private var isImporting = false
    @State private var doomed: ModelBundle?
    @Environment(\.dismiss) private var dismiss

    var body: some View {
        List {
            Section("Models") {
                if app.library.entries.isEmpty { Text("No models yet.") }
                ForEach(app.library.entries) { entry in
                    Button {
                        app.use(entry.bundle)
                        dismiss()
                    } label: {
                        ModelRow(entry: entry, isActive: app.active.bundle?.id == entry.id)
                    }
                    .disabled(app.chat.isResponding)
                    .swipeActions {
                        Button("Delete", systemImage: "trash", role: .destructive) { doomed = entry.bundle }
                    }
                }
            }
            Section("Add a model") {
                Button("Import from Files", systemImage: "folder") { isImporting = true }
                TextField("https://...", text: $address)
                    .autocorrectionDisabled()
                    .accessibilityLabel("Address of a model")
                Button("Download", systemImage: "arrow.down.circle") { app.library.download(from: address) }
                    .disabled(address.isEmpty)
            }
            .disabled(app.library.isTransferring)
            arrival
        }
        .navigationTitle("Models")
        .toolbar {
            ToolbarItem(placement: .confirmationAction) {
                Button("Done") { dismiss() }
            }
        }
        .fileImporter(isPresented: $isImporting, allowedContentTypes: [.folder]) { result in
            if case .success(let folder) = result { app.library.importBundle(at: folder) }
        }
        .confirmationDialog(
            "Delete this model?", isPresented: isDoomed, titleVisibility: .visible, presenting: doomed
        ) { bundle in
            Button("Delete", role: .destructive) { app.remove(bundle) }
        } message: { bundle in
            Text("This frees \(bundle.manifest.bytes.formatted(.byteCount(style: .file))).")
        }
    }

    private var isDoomed: Binding<Bool> {
        Binding { @MainActor in
            doomed != nil
        } set: { @MainActor isShown in
            if !isShown { doomed = nil }
        }
    }

    @ViewBuilder private var arrival: some View {
        switch app.library.arrival {
        case .none: EmptyView()
        case .transferring(let progress):
            Section {
                ProgressView(value: progress.fraction) { Text("Receiving the model") }
                Button("Cancel", role: .cancel) { app.library.cancelArrival() }
            }
        case .failed(let failure):
            Section {
                FailureView(failure: failure)
                Button("Close") { app.library.dismissFailure() }
            }
        }
    }
}

/// A model: its name, its size, and whether it fits.
private struct ModelRow: View {
    let entry: LibraryModel.Entry
    let isActive: Bool

    var body: some View {
        HStack {
            VStack(alignment: .leading) {
                Text(verbatim: entry.bundle.name)
                    .font(.headline)
                Text(verbatim: entry.bundle.manifest.bytes.formatted(.byteCount(style: .file)))
                    .font(.footnote)
                Text(entry.isCompiled ? "Ready" : "Not compiled yet")
                    .font(.footnote)
                    .foregroundStyle(.secondary)
            }
            Spacer()
            Text(Wording.name(of: entry.fit))
                .font(.caption)
                .padding(4)
                .background(Wording.colour(of: entry.fit).opacity(0.2))
            if isActive {
                Image(systemName: "checkmark")
                    .accessibilityLabel("In use")
            }
        }
        .accessibilityElement(children: .combine)
    }
}
