import Foundation

#if canImport(SwiftUI)
    import SwiftUI
#else
    import SwiftUIStandIn
#endif

/// What failed: in the language of the person, and below it what exactly.
struct FailureView: View {
    let failure: Failure

    var body: some View {
        VStack(alignment: .leading) {
            Text(Wording.name(of: failure.kind))
            Text(verbatim: failure.detail)
                .font(.footnote)
                .foregroundStyle(.secondary)
                .textSelection(.enabled)
        }
    }
}

/// What a person should know, until it is read.
struct NoticeView: View {
    let notice: Notice
    let dismiss: @MainActor () -> Void

    var body: some View {
        HStack(alignment: .top) {
            message
                .font(.footnote)
                .frame(maxWidth: .infinity, alignment: .leading)
            Button("Close", systemImage: "xmark", action: dismiss)
                .labelStyle(.iconOnly)
        }
        .padding()
        .background(.yellow.opacity(0.2))
        .accessibilityElement(children: .contain)
    }

    @ViewBuilder private var message: some View {
        switch notice {
        case .failure(let failure): FailureView(failure: failure)
        case .fellBack(let unit):
            VStack(alignment: .leading) {
                Text("A processor failed; the answer went on with the next one.")
                Text(Wording.name(of: unit))
            }
        case .steppedDown:
            Text(
                "The app was closed while it loaded the model, so it uses the next processor. You can choose another one in the settings."
            )
        case .forgot(let count): Text("The context is full: \(count.formatted()) old messages are no longer read.")
        case .tooHot: Text("The device is too hot. Wait until it has cooled down.")
        case .lowMemory: Text("Memory ran short, so the answer was paused. You can ask again.")
        }
    }
}
