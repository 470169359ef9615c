import Cortland
import CortlandStore
import Foundation

#if canImport(SwiftUI)
    import Accessibility
    import SwiftUI
#else
    import SwiftUIStandIn
#endif

/// A conversation, what there is to say about it, and the field to write in.
struct ChatView: View {
    let app: AppModel
    let showModels: @MainActor () -> Void
    @State private var edited: Conversation.Entry?

    var body: some View {
        VStack(spacing: 0) {
            ModelStatusView(app: app, showModels: showModels)
            if let notice = app.chat.notice {
                NoticeView(notice: notice) { app.chat.dismissNotice() }
            }
            messages
            ComposerView(chat: app.chat)
        }
        .onChange(of: app.chat.announcement) { _, announcement in
            if let announcement {
                AccessibilityNotification.Announcement(AttributedString(announcement.text)).post()
            }
        }
        .sheet(item: $edited) { entry in
            NavigationStack {
                EditView(text: entry.content) { app.chat.edit(entry.id, as: $0) }
            }
        }
    }

    private var messages: some View {
        ScrollView {
            LazyVStack(alignment: .leading, spacing: 12) {
                ForEach(app.chat.conversation.entries) { entry in
                    MessageView(entry: entry, canAnswer: app.chat.canAnswer) {
                        edited = entry
                    } copy: {
                        app.chat.copy(entry.id)
                    } regenerate: {
                        app.chat.regenerate()
                    }
                }
                if app.chat.canContinue {
                    Button("Continue", systemImage: "play") { app.chat.continueAnswer() }
                }
                if let answer = app.chat.answer {
                    LiveAnswerView(answer: answer)
                }
            }
            .padding()
        }
        .defaultScrollAnchor(.bottom)
    }
}

/// A question in other words.
private struct EditView: View {
    @State var text: String
    let ask: @MainActor (String) -> Void
    @Environment(\.dismiss) private var dismiss

    var body: some View {
        Form {
            TextField("Question", text: $text, axis: .vertical)
        }
        .navigationTitle("Edit question")
        .toolbar {
            ToolbarItem(placement: .cancellationAction) {
                Button("Cancel") { dismiss() }
            }
            ToolbarItem(placement: .confirmationAction) {
                Button("Ask") {
                    dismiss()
                    ask(text)
                }
            }
        }
    }
}
