import Cortland
import CortlandTesting
import Foundation
import Testing

@Suite struct LadderTests {
    struct Broken: Error, LocalizedError, CustomNSError {
        static var errorDomain: String { "com.example.engine" }
        var errorCode: Int { 8 }
        var errorDescription: String? { "the engine refused" }
    }

    private static let question = "What is the colour of the sky?"

    private func answer(
        _ hook: @escaping ScriptedModel.Hook
    ) async throws -> (GenerationStream.Response, ScriptedModel) {
        let model = ScriptedModel(info: Scripted.info(prefill: 8), hook: hook, script: Scripted.words(6))
        return (try await Scripted.session(model).respond(to: Self.question, options: .greedy), model)
    }

    @Test func theNeuralEngineComesFirst() async throws {
        let (response, model) = try await answer { _, _, _ in .works }
        #expect(model.loads == [.neuralEngine])
        #expect(response.statistics.computeUnit == .neuralEngine)
        #expect(response.statistics.attempts.isEmpty)
    }

    @Test func aUnitThatCannotLoadIsPassedOver() async throws {
        let want = try await answer { _, _, _ in .works }.0.content
        let (response, model) = try await answer { call, _, unit in
            if case .load = call, unit != .cpu { .fails(Broken()) } else { .works }
        }
        #expect(response.content == want)
        #expect(model.loads == [.neuralEngine, .gpu, .cpu])
        #expect(response.statistics.computeUnit == .cpu)
        let first = try #require(response.statistics.attempts.first)
        #expect(response.statistics.attempts.map(\.unit) == [.neuralEngine, .gpu])
        #expect(first.stage == .load && first.domain == "com.example.engine" && first.code == 8)
        #expect(first.message == "the engine refused")
    }

    @Test(arguments: [ScriptedOutcome.fails(Broken()), .givesNoNumbers])
    func aUnitThatFailsAtTheWarmUpIsPassedOver(_ outcome: ScriptedOutcome) async throws {
        let want = try await answer { _, _, _ in .works }.0.content
        let (response, model) = try await answer { call, _, unit in
            if case .step([0], position: 0) = call, unit == .neuralEngine { outcome } else { .works }
        }
        #expect(response.content == want)
        #expect(model.loads == [.neuralEngine, .gpu])
        #expect(response.statistics.attempts.map(\.stage) == [.warmUp])
    }

    /// Each call behind the warm-up fails once: the unit is loaded again, and takes in the conversation from the start.
    @Test func theConversationIsReplayedWhereverACallFails() async throws {
        let (undisturbed, calm) = try await answer { _, _, _ in .works }
        let tokens = calm.taken.flatMap { $0 }
        #expect(calm.calls.count > 8)
        for point in 3..<calm.calls.count {
            let (response, model) = try await answer { _, number, _ in number == point ? .fails(Broken()) : .works }
            #expect(response.content == undisturbed.content, "call \(point)")
            #expect(response.statistics.generatedTokens == undisturbed.statistics.generatedTokens)
            #expect(model.loads == [.neuralEngine, .neuralEngine])
            #expect(response.statistics.attempts.map(\.stage) == [.generation])
            let replayed = model.calls.drop { $0 != .rewind(position: 0) }.dropFirst()
                .drop { $0 != .rewind(position: 0) }.dropFirst()
            let taken = replayed.flatMap { call -> [Int32] in
                switch call {
                case .prefill(let tokens, _), .step(let tokens, _): tokens
                case .load, .rewind: []
                }
            }
            #expect(taken == tokens)
        }
    }

    @Test func aUnitThatFailsTwiceIsLeft() async throws {
        let want = try await answer { _, _, _ in .works }.0.content
        let (response, model) = try await answer { call, _, unit in
            if case .prefill = call, unit == .neuralEngine { .fails(Broken()) } else { .works }
        }
        #expect(response.content == want)
        #expect(model.loads == [.neuralEngine, .neuralEngine, .gpu])
        #expect(response.statistics.attempts.count == 2)
    }

    @Test func aUnitWhoseNumbersAreNoneIsLeftAtOnce() async throws {
        let want = try await answer { _, _, _ in .works }.0.content
        let (response, model) = try await answer { _, number, unit in
            number == 8 && unit == .neuralEngine ? .givesNoNumbers : .works
        }
        #expect(response.content == want)
        #expect(model.loads == [.neuralEngine, .gpu])
        #expect(response.statistics.attempts.map(\.isNumeric) == [true])
    }

    @Test func theStreamTellsOfAFailure() async throws {
        let model = ScriptedModel(
            info: Scripted.info(), hook: { _, number, _ in number == 5 ? .fails(Broken()) : .works },
            script: Scripted.words(6))
        var fallen: [LadderAttempt] = []
        for try await event in try Scripted.session(model).streamResponse(to: Self.question, options: .greedy) {
            if case .fellBack(let attempt) = event { fallen.append(attempt) }
        }
        #expect(fallen.map(\.stage) == [.generation])
    }

    @Test func whenAllFailTheErrorTellsAll() async throws {
        let isBroken = Shared(true)
        let model = ScriptedModel(
            info: Scripted.info(),
            hook: { call, _, _ in if case .load = call, isBroken.get() { .fails(Broken()) } else { .works } },
            script: Scripted.words(3))
        let session = try Scripted.session(model)
        let error = await #expect(throws: GenerationError.self) { try await session.prewarm() }
        guard case .loadFailed(let attempts) = error else { return #expect(error == nil, "want loadFailed") }
        #expect(attempts.map(\.unit) == [.neuralEngine, .gpu, .cpu])
        let sentences = attempts.map { "\($0.unit), load: the engine refused (com.example.engine 8)" }
        #expect(
            error?.localizedDescription == "model: no compute unit could load it; " + sentences.joined(separator: "; "))
        // The next request tries anew.
        isBroken.set(false)
        #expect(try await session.respond(to: "Hello", options: .greedy).statistics.computeUnit == .neuralEngine)
    }

    @Test func whenAllFailInAnAnswerTheQuestionIsTakenBack() async throws {
        let model = ScriptedModel(
            info: Scripted.info(),
            hook: { call, _, _ in
                if case .step(_, let position) = call, position > 20 { .fails(Broken()) } else { .works }
            }, script: Scripted.words(20))
        let session = try Scripted.session(model, policy: ComputePolicy(ladder: [.gpu, .cpu], reloads: 0))
        let error = await #expect(throws: GenerationError.self) {
            try await session.respond(to: "Hi", options: .greedy)
        }
        #expect(error?.kind == "predictionFailed")
        #expect(session.transcript.isEmpty && !session.isResponding)
    }

    @Test func failuresAreLines() async throws {
        let lines = Shared<[String]>([])
        let model = ScriptedModel(
            info: Scripted.info(),
            hook: { call, _, _ in if case .load(.neuralEngine) = call { .fails(Broken()) } else { .works } },
            script: Scripted.words(3))
        try await Log.$observer.withValue({ lines.set(lines.get() + [$0]) }) {
            try await Scripted.session(model).prewarm()
        }
        let failure = "failed: neuralEngine, load: the engine refused (com.example.engine 8)"
        #expect(lines.get() == [failure, "loaded: gpu"])
    }

    @Test func theRecordStaysUntilTheModelIsLoadedAnew() async throws {
        let model = ScriptedModel(
            info: Scripted.info(),
            hook: { call, _, _ in if case .load(.neuralEngine) = call { .fails(Broken()) } else { .works } },
            script: Scripted.words(3))
        let session = try Scripted.session(model)
        try await session.prewarm()
        await session.model.unload()
        try await session.prewarm()
        #expect(model.loads == [.neuralEngine, .gpu, .gpu])
        #expect(await session.model.attempts.map(\.unit) == [.neuralEngine])
    }
}
