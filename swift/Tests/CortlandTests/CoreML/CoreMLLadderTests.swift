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
            guard case .loadFailed(let attempts) = error else { Issue.record("\(error)"); return }
            #expect(attempts.count == failures && attempts.allSatisfy { $0.message.contains(message) })
        }
    }

    /// In a part other than the first, for good: the call before is that of the warm-up.
    @Test func aPartThatFails() async throws {
        let form = try await CompiledForm.demo(.parts)
        var behaviour = StandIn.Behaviour()
        behaviour.hook = { call, number in
            guard case .predict(_, .cpuAndNeuralEngine) = call, number > 5 else { return .works }
            return Self.refusal(call)
        }
        StandIn.setBehaviour(of: form.part("head"), behaviour)
        let (ids, statistics) = try await form.session().tokens(answering: Self.question)
        #expect(ids + [Scripted.endID] == (try Self.wanted()))
        #expect(statistics.computeUnit == .gpu)
        #expect(statistics.attempts.map(\.stage) == [.generation, .warmUp])
    }

    /// In the middle of an answer, once or for good: the calls before are two loads and two to warm up, the first is a
    /// prefill.
    @Test(arguments: [4, 6, 9])
    func aCallThatFails(_ failing: Int) async throws {
        for lasts in [false, true] {
            let (session, _) = try await Self.session { call, number in
                guard case .predict(_, .cpuAndNeuralEngine) = call else { return .works }
                return number == failing || lasts && number > failing ? Self.refusal(call) : .works
            }
            let (ids, statistics) = try await session.tokens(answering: Self.question)
            #expect(ids + [Scripted.endID] == (try Self.wanted()))
            #expect(statistics.computeUnit == (lasts ? .gpu : .neuralEngine))
            #expect(statistics.attempts.map(\.stage) == (lasts ? [.generation, .warmUp] : [.generation]))
            // And the conversation goes on.
            #expect(try await session.tokens(answering: "Thank you.", atMost: 4).statistics.cachedTokens > 0)
        }
    }

    @Test(arguments: [CompiledForm.Demo.ane, .gpu, .iOS17])
    func numbersThatAreNone(_ form: CompiledForm.Demo) async throws {
        let (session, _) = try await Self.session(form) { call, number in
            if case .predict(_, .cpuOnly) = call { .works } else { number < 6 ? .works : .givesNoNumbers }
        }
        let statistics = try await session.tokens(answering: Self.question).statistics
        #expect(statistics.computeUnit == .cpu)
        #expect(statistics.attempts.allSatisfy { $0.isNumeric } && !statistics.attempts.isEmpty)
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
        guard case .loadFailed(let attempts) = failure else {
            Issue.record("\(failure)")
            return
        }
        #expect(attempts.map(\.unit) == [.neuralEngine, .gpu, .cpu])
        let sentence = failure.localizedDescription
        #expect(sentence.hasPrefix("model: no compute unit could load it; neuralEngine, load: Failed to build"))
        #expect(session.transcript.isEmpty && !session.isResponding)
    }

    @Test func everyUnitFailsInTheMiddle() async throws {
        let (session, _) = try await Self.session { call, number in
            if case .predict = call, number > 6 { Self.refusal(call) } else { .works }
        }
        let failure = try await #require(throws: GenerationError.self) { try await session.respond(to: Self.question) }
        #expect(failure.kind == "predictionFailed")
    }

    /// The contract speaks of a function, a state or an input that the model does not have.
    @Test(arguments: [
        (#""name": "prefill""#, #""name": "nothing""#, #"has no function nothing; got ["decode", "prefill"]"#),
        (#""names": ["kv"]"#, #""names": ["nothing"]"#, #"function decode: has no state nothing; got ["kv"]"#),
        (#""name": "mask""#, #""name": "nothing""#, "Feature mask is required but not specified."),
        (#""logits": "logits""#, #""logits": "nothing""#, "output nothing: got shape []"),
    ])
    func aContractOfAnotherPackage(_ old: String, _ new: String, _ message: String) async throws {
        let form = try await CompiledForm.demo(.ane)
        var behaviour = StandIn.Behaviour()
        behaviour.metadata = { metadata in
            metadata.mapValues { $0.replacing(old, with: new).replacing(old.filter { $0 != " " }, with: new) }
        }
        StandIn.setBehaviour(of: form.compiled, behaviour)
        let session = try await form.session()
        let failure = try await #require(throws: GenerationError.self) { try await session.respond(to: Self.question) }
        #expect(failure.kind == "loadFailed" && failure.localizedDescription.contains(message), "\(failure)")
    }
}
