import Foundation

#if canImport(SwiftUI)
    import SwiftUI
#else
    import SwiftUIStandIn
#endif

/// The field to write in, and the button that sends or stops.
struct ComposerView: View {
    @Bindable var chat: ChatModel

    var body: some View {
        VStack(alignment: .leading, spacing: 4) {
            if let use = chat.contextUse {
                Text("Context: \(use.formatted(.percent.precision(.fractionLength(0))))")
                    .font(.caption)
                    .foregroundStyle(.secondary)
            }
            HStack(alignment: .bottom) {
                TextField("Message", text: $chat.draft, axis: .vertical)
                    .lineLimit(1...6)
                    .textFieldStyle(.roundedBorder)
                    .onSubmit { chat.send() }
                if chat.isResponding {
                    Button(chat.isStopping ? "Stopping" : "Stop", systemImage: "stop.fill") { chat.stop() }
                        .disabled(chat.isStopping)
                } else {
                    Button("Send", systemImage: "arrow.up.circle.fill") { chat.send() }
                        .disabled(!chat.canSend)
                }
            }
            .labelStyle(.iconOnly)
        }
        .padding()
    }
}
