import Cortland
import CortlandStore
import Foundation

#if canImport(SwiftUI)
    import SwiftUI
#else
    import SwiftUIStandIn
#endif

/// What things are called. The words of the keys are English; the app has a catalogue of others.
enum Wording {
    static func name(of unit: ComputeUnit) -> LocalizedStringKey {
        switch unit {
        case .neuralEngine: "Neural Engine"
        case .gpu: "GPU"
        case .cpu: "CPU"
        }
    }

    static func name(of fit: MemoryEstimate.Fit) -> LocalizedStringKey {
        switch fit {
        case .fits: "Fits"
        case .tight: "Tight"
        case .tooLarge: "Too big"
        }
    }

    static func colour(of fit: MemoryEstimate.Fit) -> Color {
        switch fit {
        case .fits: .green
        case .tight: .orange
        case .tooLarge: .red
        }
    }

    static func name(of preset: ChatSettings.Preset) -> LocalizedStringKey {
        switch preset {
        case .model: "As the model advises"
        case .precise: "Precise"
        case .balanced: "Balanced"
        case .creative: "Creative"
        case .custom: "Custom"
        }
    }

    static func name(of interruption: Conversation.Entry.Interruption) -> LocalizedStringKey {
        switch interruption {
        case .stopped: "Stopped"
        case .paused: "Paused. You can ask for the answer again."
        case .failed: "Failed"
        }
    }

    static func name(of failure: Failure.Kind) -> LocalizedStringKey {
        switch failure {
        case .request: "The request was refused."
        case .context: "The conversation is too long."
        case .load: "The model cannot be loaded."
        case .answer: "The model failed while it answered."
        case .unsupported: "This kind of model cannot be used."
        case .memory: "There is too little memory."
        case .disk: "There is too little room on the disk."
        case .transfer: "The model could not be fetched."
        case .damaged: "A file of the model is damaged."
        case .file: "A file cannot be read or written."
        case .missing: "Something is not there any longer."
        case .busy: "The model is in use."
        case .other: "Something went wrong."
        }
    }

    static func number(_ value: Double?) -> String {
        value.map { $0.formatted(.number.precision(.fractionLength(1))) } ?? "-"
    }

    /// Numbers with units that are the same in all languages.
    static func numbers(of measures: Conversation.Entry.Measures) -> String {
        var parts: [String] = []
        if let rate = measures.tokensPerSecond { parts.append(number(rate) + " tok/s") }
        parts.append(measures.generatedTokens.formatted() + " tok")
        if let first = measures.firstTokenSeconds { parts.append(number(first) + " s") }
        return parts.joined(separator: " \u{00B7} ")
    }
}
