import Foundation

/// What went wrong on a compute unit.
public struct LadderAttempt: Sendable, Hashable, Codable, CustomStringConvertible {
    /// What was being done.
    public enum Stage: String, Sendable, Codable {
        /// The model was being loaded.
        case load
        /// It was tried out with one token.
        case warmUp
        /// It took in a prompt, or gave a token.
        case generation
    }

    /// Where.
    public var unit: ComputeUnit
    /// What was being done.
    public var stage: Stage
    /// The domain of the error.
    public var domain: String
    /// Its code.
    public var code: Int
    /// Its sentence, and those of the errors behind it.
    public var message: String
    /// How long it took to fail.
    public var duration: Duration
    /// Whether the numbers that the model gave were the failure, which another try would not change.
    public var isNumeric: Bool

    /// What an error tells.
    public init(unit: ComputeUnit, stage: Stage, error: any Error, duration: Duration) {
        let known = error as NSError
        self.unit = unit
        self.stage = stage
        domain = known.domain
        code = known.code
        message = Self.sentences(of: error)
        self.duration = duration
        if case GenerationError.unusableLogits = error { isNumeric = true } else { isNumeric = false }
    }

    /// Core ML says what happened, and the errors behind that why.
    private static func sentences(of error: any Error) -> String {
        let known = error as NSError
        let sentence = (error as? any LocalizedError)?.errorDescription ?? known.localizedDescription
        guard let cause = known.userInfo[NSUnderlyingErrorKey] as? any Error else { return sentence }
        return sentence + "; cause: " + sentences(of: cause)
    }

    /// In a few words, for a report.
    public var description: String { "\(unit.rawValue), \(stage.rawValue): \(message) (\(domain) \(code))" }
}

/// Which compute unit comes next when one fails.
public struct ComputePolicy: Sendable, Hashable, Codable {
    /// The units in the order in which they are tried; each once.
    public var ladder: [ComputeUnit]
    /// How often a unit that failed during an answer is loaded again before the next one is tried.
    public var reloads: Int

    /// A ladder of one's own.
    public init(ladder: [ComputeUnit], reloads: Int = 1) {
        self.ladder = ladder
        self.reloads = reloads
    }

    /// The Neural Engine, then the GPU, then the CPU.
    public static let automatic = ComputePolicy(ladder: [.neuralEngine, .gpu, .cpu])

    /// That unit and no other.
    public static func only(_ unit: ComputeUnit) -> ComputePolicy { ComputePolicy(ladder: [unit]) }

    /// As people name them: `ane`, `gpu` or `cpu`, and no other.
    package static func named(_ name: String) -> ComputePolicy? {
        switch name {
        case "ane": .only(.neuralEngine)
        case "gpu": .only(.gpu)
        case "cpu": .only(.cpu)
        default: nil
        }
    }

    /// What the environment variable `CORTLAND_UNIT` wants, for machines on which a unit does not come to an end.
    package static func wanted(by environment: [String: String]) -> ComputePolicy? {
        guard let name = environment["CORTLAND_UNIT"], !name.isEmpty else { return nil }
        let policy = named(name)
        if policy == nil { Log.note("CORTLAND_UNIT: names no unit; got \(name), want ane, gpu or cpu") }
        return policy
    }

    /// The same without the units above `unit`, for one that is known to work where those are not.
    public func starting(at unit: ComputeUnit) -> ComputePolicy {
        ComputePolicy(ladder: Array(ladder.drop { $0 != unit }), reloads: reloads)
    }

    /// The unit to load after these failures; `nil` when none is left.
    public func next(after attempts: [LadderAttempt]) -> ComputeUnit? {
        ladder.first { unit in
            let failures = attempts.filter { $0.unit == unit }
            return failures.count <= reloads && failures.allSatisfy { $0.stage == .generation && !$0.isNumeric }
        }
    }
}
