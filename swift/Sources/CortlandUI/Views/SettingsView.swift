import Cortland
import Foundation

#if canImport(SwiftUI)
    import SwiftUI
#else
    import SwiftUIStandIn
#endif

/// How answers are wanted.
struct SettingsView: View {
    @Bindable var model: SettingsModel
    @Environment(\.dismiss) private var dismiss

    var body: some View {
        Form {
            Section("Answers") {
                Picker("Style", selection: preset) {
                    ForEach(ChatSettings.Preset.allCases, id: \.self) { Text(Wording.name(of: $0)).tag($0) }
                }
                Toggle("Think before answering", isOn: $model.settings.thinks)
                OptionalNumberField(title: "Tokens of an answer", number: $model.settings.maximumTokens)
            }
            if model.settings.preset == .custom { sampling }
            Section("System prompt") {
                TextField("What holds for every conversation", text: $model.settings.systemPrompt, axis: .vertical)
            }
            Section("Processor") {
                Picker("Processor", selection: $model.settings.unit) {
                    Text("Automatic").tag(ComputeUnit?.none)
                    ForEach(ComputeUnit.allCases, id: \.self) { unit in
                        Text(Wording.name(of: unit)).tag(ComputeUnit?.some(unit))
                    }
                }
                Text("This takes effect when a model is loaded.")
                    .font(.footnote)
                    .foregroundStyle(.secondary)
            }
        }
        .navigationTitle("Settings")
        .toolbar {
            ToolbarItem(placement: .confirmationAction) {
                Button("Done") { dismiss() }
            }
        }
    }

    private var sampling: some View {
        Section("Sampling") {
            SliderRow(title: "Temperature", value: $model.settings.temperature, range: 0...2)
            SliderRow(title: "Top-p", value: $model.settings.topP, range: 0...1)
            Stepper(value: $model.settings.topK, in: 0...200) {
                LabeledContent("Top-k", value: model.settings.topK.formatted())
            }
            SliderRow(title: "Min-p", value: $model.settings.minP, range: 0...1)
            SliderRow(title: "Repetition penalty", value: $model.settings.repetitionPenalty, range: 0.5...2)
            SliderRow(title: "Frequency penalty", value: $model.settings.frequencyPenalty, range: -2...2)
            SliderRow(title: "Presence penalty", value: $model.settings.presencePenalty, range: -2...2)
            OptionalNumberField(title: "Seed", number: $model.settings.seed)
        }
    }

    private var preset: Binding<ChatSettings.Preset> {
        Binding { @MainActor in
            model.settings.preset
        } set: { @MainActor preset in
            model.settings.choose(preset)
        }
    }
}

/// A number between two others.
private struct SliderRow: View {
    let title: LocalizedStringKey
    @Binding var value: Double
    let range: ClosedRange<Double>

    var body: some View {
        VStack(alignment: .leading) {
            LabeledContent(title, value: value.formatted(.number.precision(.fractionLength(2))))
            Slider(value: $value, in: range, label: { Text(title) })
        }
    }
}

/// A number, or nothing.
private struct OptionalNumberField<Number: BinaryInteger & LosslessStringConvertible & Sendable>: View {
    let title: LocalizedStringKey
    @Binding var number: Number?

    var body: some View {
        LabeledContent(title) {
            TextField("Automatic", text: text)
                .multilineTextAlignment(.trailing)
                .accessibilityLabel(title)
        }
    }

    private var text: Binding<String> {
        Binding { @MainActor in
            number.map { String($0) } ?? ""
        } set: { @MainActor typed in
            number = Number(typed).flatMap { $0 > 0 ? $0 : nil }
        }
    }
}
