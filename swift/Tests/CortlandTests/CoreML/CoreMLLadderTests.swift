@_spi(StandIn) import CoreMLStandIn
import Cortland
import CortlandCoreML
import Foundation
import Testing

/// What happens when Core ML fails, at each place where it has been seen to fail.
@Suite struct CoreMLLadderTests {
    private static let question = "How do you say apple in Korean?"

    private static func wanted() throws -> [Int32] { try Fixture.transcripts()[2].outputIds }

    private static func refusal(_ call: StandIn.Call) -> StandIn.Outcome {
        .fails(domain: "com.apple.CoreML", code: 0, message: "Failed to build the model execution plan for \(call)")
    }

    /// A session whose model behaves so.
    private static func session(
        _ form: CompiledForm.Demo = .ane, _ hook: @escaping @Sendable (StandIn.Call, Int) -> StandIn.Outcome
    ) async throws -> (session: ChatSession, form: CompiledForm) {
        let form = try await CompiledForm.demo(form)
        var behaviour = StandIn.Behaviour()
        behaviour.hook = hook
        StandIn.setBehaviour(of: form.compiled, behaviour)
        return (try await form.session(), form)
    }

    @Test func aUnitThatDoesNotLoad() async throws {
        let (session, form) = try await Self.session { call, _ in
            if case .load(_, .cpuAndNeuralEngine) = call { Self.refusal(call) } else { .works }
        }
        let (ids, statistics) = try await session.tokens(answering: Self.question)
        #expect(ids + [Scripted.endID] == (try Self.wanted()))
        #expect(statistics.computeUnit == .gpu)
        let attempt = try #require(statistics.attempts.first)
        #expect(attempt.unit == .neuralEngine && attempt.stage == .load && attempt.domain == "com.apple.CoreML")
        #expect(attempt.message.contains("execution plan"))
        let loads = StandIn.calls(of: form.compiled).filter { if case .load = $0 { true } else { false } }
        #expect(
            loads == [
                .load(function: "decode", .cpuAndNeuralEngine), .load(function: "decode", .cpuAndGPU),
                .load(function: "prefill", .cpuAndGPU),
            ])
    }

    @Test(arguments: ["decode", "prefill"])
    func aUnitThatFailsAtItsFirstCall(_ function: String) async throws {
        let (session, _) = try await Self.session { call, _ in
            if call == .predict(function: function, .cpuAndNeuralEngine) { Self.refusal(call) } else { .works }
        }
        let statistics = try await session.tokens(answering: Self.question).statistics
        #expect(statistics.computeUnit == .gpu && statistics.attempts.map(\.stage) == [.warmUp])
    }

    /// The package says what its first call gives; its last part does.
    @Test(arguments: [CompiledForm.Demo.lut4, .oldParts])
    func aUnitThatComputesSomethingElse(_ form: CompiledForm.Demo) async throws {
        let form = try await CompiledForm.demo(form)
        let last = form.source == form.package ? form.compiled : form.part("head")
        var behaviour = StandIn.Behaviour()
        behaviour.hook = { call, _ in
            if case .predict(_, .cpuAndNeuralEngine) = call { .givesZeros } else { .works }
        }
        StandIn.setBehaviour(of: last, behaviour)
        let statistics = try await form.session().tokens(answering: Self.question, atMost: 2).statistics
        let attempt = try #require(statistics.attempts.first)
        #expect(statistics.computeUnit == .gpu && statistics.attempts.count == 1)
        #expect(attempt.stage == .warmUp && attempt.isNumeric)
        #expect(attempt.message.contains("warm-up: computes something else; logit of token "))
    }

    /// What cannot be meant counts for nothing.
    @Test(arguments: [
        (#"{"id": 1, "ids": [0], "logits": [99], "tolerance": 1}"#, 3, "logit of token 0"),
        (#"{"id": 1, "ids": [], "logits": [], "tolerance": 1}"#, 0, ""),
        (#"{"id": 1, "ids": [4096], "logits": [1], "tolerance": 1}"#, 0, ""),
        (#"{"id": 1, "ids": [1], "tolerance": 1}"#, 0, ""),
    ])
    func whatThePackageSaysOfItsFirstCall(_ entry: String, _ failures: Int, _ message: String) async throws {
        let form = try await CompiledForm.demo(.lut4)
        var behaviour = StandIn.Behaviour()
        behaviour.metadata = { $0.merging(["cortland.warm_up": entry]) { $1 } }
        StandIn.setBehaviour(of: form.compiled, behaviour)
        let model = try await form.languageModel()
        do throws(GenerationError) {
            try await model.load()
            #expect(failures == 0)
        } catch {
            #expect(error.kind == "loadFailed" && error.attempts.count == failures)
            #expect(error.attempts.allSatisfy { $0.message.contains(message) })
        }
    }

    /// As systems do that were updated.
    @Test(arguments: [1, 2])
    func aFunctionThatIsRefusedAtFirst(_ times: Int) async throws {
        let (session, _) = try await Self.session { call, number in
            guard case .load("decode"?, .cpuAndNeuralEngine) = call, number < times else { return .works }
            return .fails(
                domain: "com.apple.CoreML", code: 0, message: "functionName property must be nil, but is decode.")
        }
        let statistics = try await session.tokens(answering: Self.question, atMost: 2).statistics
        #expect(statistics.computeUnit == (times == 1 ? .neuralEngine : .gpu))
        #expect(statistics.attempts.count == times - 1)
    }

    @Test func everyUnitFails() async throws {
        let (session, _) = try await Self.session { call, _ in
            if case .load = call { Self.refusal(call) } else { .works }
        }
        let failure = try await #require(throws: GenerationError.self) { try await session.respond(to: Self.question) }
        let attempts = failure.attempts
        #expect(failure.kind == "loadFailed")
        #expect(attempts.map(\.unit) == [.neuralEngine, .gpu, .cpu])
        let sentence = failure.localizedDescription
        #expect(sentence.hasPrefix("model: no compute unit could load it; neuralEngine, load: Failed to build"))
        #expect(session.transcript.isEmpty && !session.isResponding)
    }

    /// The calls before are two loads, two to warm up, and a prefill.
    @Test func everyUnitFailsInTheMiddle() async throws {
        let (session, _) = try await Self.session { call, number in
            if case .predict = call, number > 6 { Self.refusal(call) } else { .works }
        }
        let failure = try await #require(throws: GenerationError.self) { try await session.respond(to: Self.question) }
        let attempts = failure.attempts
        #expect(failure.kind == "predictionFailed")
        #expect(attempts.map(\.unit) == [.neuralEngine, .neuralEngine, .gpu, .cpu])
        #expect(attempts.map(\.stage) == [.generation, .warmUp, .warmUp, .warmUp])
        #expect(attempts.allSatisfy { $0.domain == "com.apple.CoreML" && !$0.isNumeric })
        let sentence = failure.localizedDescription
        let first = "model: failed on every compute unit; neuralEngine, generation: Failed to build the model execution"
        #expect(sentence.hasPrefix(first))
        for attempt in attempts { #expect(sentence.contains(attempt.description)) }
        #expect(session.transcript.isEmpty && !session.isResponding)
    }

    /// The contract speaks of a function, a state or an input that the model does not have.
    @Test(arguments: [
        (#""name": "prefill""#, #""name": "nothing""#, #"has no function nothing; got ["decode", "prefill"]"#, "load"),
        (#""names": ["kv"]"#, #""names": ["nothing"]"#, #"function decode: has no state nothing; got ["kv"]"#, "load"),
        (
            #""name": "mask""#, #""name": "nothing""#,
            "Feature mask is required but not specified.; "
                + "the contract gives nothing float16 [1, 1, 64, 256]; the model takes mask float16 [1, 1, 64, 256]",
            "warmUp"
        ),
        (#""logits": "logits""#, #""logits": "nothing""#, "output nothing: got shape []", "warmUp"),
    ])
    func aContractOfAnotherPackage(_ old: String, _ new: String, _ message: String, _ stage: String) async throws {
        let form = try await CompiledForm.demo(.ane)
        var behaviour = StandIn.Behaviour()
        behaviour.metadata = { metadata in
            metadata.mapValues { $0.replacing(old, with: new).replacing(old.filter { $0 != " " }, with: new) }
        }
        StandIn.setBehaviour(of: form.compiled, behaviour)
        let session = try await form.session()
        let failure = try await #require(throws: GenerationError.self) { try await session.respond(to: Self.question) }
        let attempts = failure.attempts
        #expect(failure.kind == "loadFailed")
        #expect(attempts.map(\.unit) == [.neuralEngine, .gpu, .cpu])
        #expect(attempts.allSatisfy { $0.stage.rawValue == stage && $0.message.contains(message) }, "\(failure)")
        #expect(failure.localizedDescription.contains(message) && session.transcript.isEmpty)
    }
}
