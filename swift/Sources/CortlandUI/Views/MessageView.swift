import Cortland
import CortlandStore
import Foundation

#if canImport(SwiftUI)
    import SwiftUI
#else
    import SwiftUIStandIn
#endif

/// A message with what it took, and a menu of what can be done with it.
struct MessageView: View {
    let entry: Conversation.Entry
    let canAnswer: Bool
    let edit: @MainActor () -> Void
    let copy: @MainActor () -> Void
    let regenerate: @MainActor () -> Void

    private var isQuestion: Bool { entry.role == Message.Role.user.rawValue }

    var body: some View {
        VStack(alignment: .leading, spacing: 4) {
            Text(isQuestion ? "You" : "Model")
                .font(.caption)
                .foregroundStyle(.secondary)
            if let reasoning = entry.reasoning { ReasoningView(text: reasoning) }
            Text(verbatim: entry.content)
                .textSelection(.enabled)
            footer
        }
        .frame(maxWidth: .infinity, alignment: .leading)
        .contextMenu {
            Button("Copy", systemImage: "doc.on.doc", action: copy)
            ShareLink(item: entry.content)
            if isQuestion {
                Button("Edit", systemImage: "pencil", action: edit)
                    .disabled(!canAnswer)
            } else {
                Button("Answer again", systemImage: "arrow.clockwise", action: regenerate)
                    .disabled(!canAnswer)
            }
        }
        // What is one element cannot be unfolded.
        .accessibilityElement(children: entry.reasoning == nil ? .combine : .contain)
    }

    @ViewBuilder private var footer: some View {
        if let interruption = entry.interruption {
            Label(Wording.name(of: interruption), systemImage: "exclamationmark.circle")
                .font(.footnote)
                .foregroundStyle(.secondary)
        }
        if let measures = entry.measures {
            Text(verbatim: Wording.numbers(of: measures))
                .font(.footnote)
                .foregroundStyle(.secondary)
        }
    }
}

/// An answer while it grows. Voice control reads it when it is complete.
struct LiveAnswerView: View {
    let answer: LiveAnswer

    var body: some View {
        VStack(alignment: .leading, spacing: 4) {
            if !answer.reasoning.isEmpty { ReasoningView(text: answer.reasoning) }
            if answer.text.isEmpty && answer.reasoning.isEmpty {
                ProgressView(value: Double(answer.prefilled), total: Double(max(answer.promptTokens, 1))) {
                    Text("Reading")
                }
            } else {
                Text(verbatim: answer.text)
            }
        }
        .frame(maxWidth: .infinity, alignment: .leading)
        .accessibilityHidden(true)
    }
}

/// What the model thought, folded up.
private struct ReasoningView: View {
    let text: String

    var body: some View {
        DisclosureGroup("Thinking") {
            Text(verbatim: text)
                .font(.callout)
                .foregroundStyle(.secondary)
                .frame(maxWidth: .infinity, alignment: .leading)
        }
    }
}
