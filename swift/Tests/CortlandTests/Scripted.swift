import Cortland
import CortlandTesting
import Foundation
import Synchronization

/// Scripted models that speak the vocabulary of the bundled model.
enum Scripted {
    static let endID: Int32 = 6  // [|endofturn|]
    private static let assistantID: Int32 = 4  // [|assistant|]

    static func info(
        context: Int = 256, prefill: Int = 16, step: Int = 3, rule: BackendInfo.RewindRule = .anyPosition
    ) -> BackendInfo {
        BackendInfo(
            contextLength: context, vocabularySize: 2048, prefillSize: prefill, stepSize: step, computeUnit: .cpu,
            rewindRule: rule)
    }

    /// Says so many tokens and ends; which ones depends on every token before.
    static func words(_ count: Int) -> ScriptedModel.Script {
        { cache in
            let start = cache.lastIndex(of: assistantID) ?? 0
            // "[|assistant|]\n<think>\n\n</think>\n\n" are eight tokens.
            if cache.count - start >= 8 + count { return endID }
            return word(behind: cache)
        }
    }

    /// Says what the model says for which the transcript was written.
    static func replay(_ transcript: Fixture.Transcript) -> ScriptedModel.Script {
        { cache in
            guard cache.starts(with: transcript.promptIds) else { return endID }
            return transcript.outputIds[cache.count - transcript.promptIds.count]
        }
    }

    /// A token of letters, by all that stands before it.
    private static func word(behind cache: [Int32]) -> Int32 {
        let sum = cache.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32(bitPattern: $1)) &* 16_777_619 }
        return Int32(400 + (sum >> 8) % 1000)
    }

    /// A session with a model of its own.
    static func session(
        _ model: ScriptedModel, transcript: [Message] = [], contextPolicy: ContextPolicy = .keepNewestTurns(),
        policy: ComputePolicy = .automatic, clock: any Clock<Duration> = ContinuousClock()
    ) throws -> ChatSession {
        let model = LanguageModel(textFile: try Fixture.demo(), loader: model, policy: policy, clock: clock)
        return try ChatSession(model: model, transcript: transcript, contextPolicy: contextPolicy)
    }
}

extension GenerationOptions {
    static let greedy = GenerationOptions(samplingMode: .greedy)
}

extension ScriptedModel {
    /// The calls without loading, warming up and going back, as the tokens that they took in.
    var taken: [[Int32]] {
        calls.compactMap {
            switch $0 {
            case .prefill(let tokens, _): tokens
            case .step([0], position: 0): nil
            case .step(let tokens, _): tokens
            case .load, .rewind: nil
            }
        }
    }

    /// How often it was loaded, and where.
    var loads: [ComputeUnit] {
        calls.compactMap { if case .load(let unit) = $0 { unit } else { nil } }
    }
}

/// For hooks: their call lasts until its answer is cancelled, so that nothing depends on who is faster.
func waitForCancellation() {
    while !Task.isCancelled { Thread.sleep(forTimeInterval: 0.001) }
}

/// A value that hooks and tests share.
final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>
    init(_ value: Value) { self.value = Mutex(value) }
    func get() -> Value { value.withLock { $0 } }
    func set(_ new: Value) { value.withLock { $0 = new } }
}
