import CortlandStore
import Foundation

#if canImport(SwiftUI)
    import SwiftUI
#else
    import SwiftUIStandIn
#endif

/// All conversations, the latest first.
struct ConversationListView: View {
    let app: AppModel
    @Environment(\.dismiss) private var dismiss

    var body: some View {
        List {
            if app.conversations.isEmpty { Text("No conversations yet.") }
            ForEach(app.conversations) { conversation in
                Button {
                    app.open(conversation)
                    dismiss()
                } label: {
                    VStack(alignment: .leading) {
                        if conversation.title.isEmpty {
                            Text("Without a question")
                        } else {
                            Text(verbatim: conversation.title)
                        }
                        Text(verbatim: conversation.date.formatted(date: .abbreviated, time: .shortened))
                            .font(.footnote)
                            .foregroundStyle(.secondary)
                    }
                }
                .swipeActions {
                    Button("Delete", systemImage: "trash", role: .destructive) { app.remove(conversation) }
                }
            }
        }
        .disabled(app.chat.isResponding)
        .navigationTitle("Conversations")
        .toolbar {
            ToolbarItem(placement: .confirmationAction) {
                Button("Done") { dismiss() }
            }
        }
    }
}
