public import Cortland
import Foundation
public import Observation

/// How a person wants answers.
public struct ChatSettings: Sendable, Equatable, Codable {
    /// A choice of sampling.
    public enum Preset: String, Sendable, Codable, CaseIterable {
        /// As the makers of the model advise.
        case model
        /// Close to what the model finds likeliest.
        case precise
        /// Between the others.
        case balanced
        /// From all that is not unlikely.
        case creative
        /// By the numbers below.
        case custom
    }

    /// The choice.
    public var preset = Preset.model
    /// 0: always the likeliest token.
    public var temperature = 0.7
    /// The share of the probability that counts.
    public var topP = 0.95
    /// How many of the likeliest tokens count; 0: all.
    public var topK = 0
    /// The least probability, as a share of the largest.
    public var minP = 0.0
    /// Above 1, tokens that stand in the answer become less likely.
    public var repetitionPenalty = 1.0
    /// Taken off for each time that a token stands in the answer.
    public var frequencyPenalty = 0.0
    /// Taken off once a token stands in the answer.
    public var presencePenalty = 0.0
    /// The same seed gives the same answer; `nil`: another one each time. Only `custom` has one.
    public var seed: UInt64?
    /// Tokens of an answer at most; `nil`: as many as the context holds.
    public var maximumTokens: Int?
    /// What holds for every conversation.
    public var systemPrompt = ""
    /// Whether the model reasons first, if it can.
    public var thinks = false
    /// Where to run; `nil`: one unit after the other.
    public var unit: ComputeUnit?

    /// As models are made.
    public init() {}

    /// The numbers of a preset, so that they can be changed from there.
    public mutating func choose(_ preset: Preset) {
        self.preset = preset
        if preset != .custom { seed = nil }
        let mode: GenerationOptions.SamplingMode
        switch preset {
        case .model, .custom: return
        case .precise: mode = .precise
        case .balanced: mode = .balanced
        case .creative: mode = .creative
        }
        temperature = mode.temperature
        topP = mode.topP
        topK = Int(mode.topK)
        minP = mode.minP
        (repetitionPenalty, frequencyPenalty, presencePenalty) = (1, 0, 0)
    }

    /// What requests are made with.
    public var options: GenerationOptions {
        var options = GenerationOptions(maximumResponseTokens: maximumTokens)
        options.thinking = thinks ? .on : .off
        guard preset != .model else { return options }
        var mode = GenerationOptions.SamplingMode()
        mode.temperature = temperature
        mode.topP = topP
        mode.topK = Int64(topK)
        mode.minP = minP
        mode.repetitionPenalty = repetitionPenalty
        mode.frequencyPenalty = frequencyPenalty
        mode.presencePenalty = presencePenalty
        mode.seed = seed
        options.samplingMode = mode
        return options
    }
}

/// The settings, kept in a file.
@MainActor @Observable public final class SettingsModel {
    /// The settings; every change is kept.
    public var settings: ChatSettings {
        didSet { if settings != oldValue { save() } }
    }
    private let file: URL

    /// `file`: where they are kept; what cannot be read is as if it were not there.
    init(file: URL) {
        self.file = file
        let data = try? Data(contentsOf: file)
        settings = data.flatMap { try? JSONDecoder().decode(ChatSettings.self, from: $0) } ?? ChatSettings()
    }

    /// What cannot be written holds until the app ends.
    private func save() {
        try? FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try? JSONEncoder().encode(settings).write(to: file, options: .atomic)
    }
}
