@_spi(StandIn) import CoreMLStandIn
import Cortland
import CortlandCoreML
import Testing

/// Each call in turn fails, or gives what is no number, in every form: the answer is PyTorch's all the same.
@Suite struct CoreMLReplayTests {
    private static let forms: [CoreMLCacheTests.Form] = CoreMLCacheTests.Form.all
    private static let tokens = 4

    private static func refusal(_ call: StandIn.Call) -> StandIn.Outcome {
        .fails(domain: "com.apple.CoreML", code: 0, message: "ANEProgramProcessRequestDirect() Failed at \(call)")
    }

    private static func isPrediction(_ call: StandIn.Call) -> Bool { if case .predict = call { true } else { false } }

    private static func unit(of call: StandIn.Call) -> MLComputeUnits {
        switch call {
        case .load(_, let unit), .predict(_, let unit): unit
        }
    }

    /// A form, a question with PyTorch's answer, and the calls that it takes when nothing fails.
    private struct Case: Sendable {
        var form: CompiledForm
        var question: String
        var answer: [Int32]
        var calls: [StandIn.Call]
        var warmUp: Int  // the number of the first call behind the warm-up
        var ladder: [ComputeUnit]

        init(_ form: CoreMLCacheTests.Form) async throws {
            let golden = try GoldenAnswer.all("exaone4-hybrid")[0]
            let compiled = try await form.compiled()
            self.form = compiled
            question = Letters.text(golden.prompt)
            answer = Array(golden.answer.prefix(tokens))
            ladder = try await compiled.model().computePolicy.ladder
            let made = Shared<[StandIn.Call]>([])
            try compiled.hook { call, _ in
                made.set(made.get() + [call])
                return .works
            }
            let session = try await compiled.session()
            try await session.prewarm()
            warmUp = made.get().count
            let (ids, statistics) = try await session.tokens(answering: question, atMost: tokens)
            #expect(ids == answer && statistics.attempts.isEmpty && statistics.computeUnit == ladder[0])
            calls = made.get()
            #expect(warmUp >= 2 && calls.count >= warmUp + tokens)
        }

        func answer(
            _ samplingMode: GenerationOptions.SamplingMode = .greedy,
            _ hook: @escaping @Sendable (StandIn.Call, Int) -> StandIn.Outcome
        ) async throws -> (ids: [Int32], statistics: GenerationStatistics, session: ChatSession) {
            try form.hook(hook)
            let session = try await form.session()
            let (ids, statistics) = try await session.tokens(answering: question, atMost: tokens, samplingMode)
            return (ids, statistics, session)
        }
    }

    /// Once, with tokens drawn by chance and a seed, and for good.
    @Test(arguments: forms)
    func theConversationIsReplayedWhereverACallFails(_ form: CoreMLCacheTests.Form) async throws {
        let test = try await Case(form)
        let chance = GenerationOptions.SamplingMode.random(top: 40, seed: 7)
        let drawn = try await test.answer(chance) { _, _ in .works }.ids
        #expect(drawn != test.answer)
        let first = Self.unit(of: test.calls[0])
        for point in test.calls.indices {
            let stage: LadderAttempt.Stage =
                !Self.isPrediction(test.calls[point]) ? .load : point < test.warmUp ? .warmUp : .generation
            let once = try await test.answer(chance) { call, number in
                number == point ? Self.refusal(call) : .works
            }
            #expect(once.ids == drawn, "call \(point)")
            #expect(once.statistics.attempts.map(\.stage) == [stage], "call \(point)")
            #expect(once.statistics.computeUnit == test.ladder[stage == .generation ? 0 : 1], "call \(point)")

            guard stage == .generation else { continue }
            let forGood = try await test.answer { call, number in
                number >= point && Self.unit(of: call) == first ? Self.refusal(call) : .works
            }
            #expect(forGood.ids == test.answer, "call \(point)")
            #expect(forGood.statistics.attempts.map(\.stage) == [.generation, .load], "call \(point)")
            #expect(forGood.statistics.attempts.allSatisfy { $0.unit == test.ladder[0] }, "call \(point)")
            #expect(forGood.statistics.computeUnit == test.ladder[1], "call \(point)")
            // And the conversation goes on.
            let next = try await forGood.session.tokens(answering: test.question, atMost: 1).statistics
            #expect(next.cachedTokens > test.answer.count && next.attempts.count == 2, "call \(point)")
        }
    }

    /// No token is made of them, and no cache with them is used again.
    @Test(arguments: forms)
    func numbersThatAreNone(_ form: CoreMLCacheTests.Form) async throws {
        let test = try await Case(form)
        for point in test.calls.indices where Self.isPrediction(test.calls[point]) {
            let got = try await test.answer { _, number in number == point ? .givesNoNumbers : .works }
            #expect(got.ids == test.answer, "call \(point)")
            let attempts = got.statistics.attempts
            #expect(attempts.map(\.isNumeric) == [true] && attempts[0].unit == test.ladder[0], "call \(point)")
            #expect(attempts.map(\.stage) == [point < test.warmUp ? .warmUp : .generation], "call \(point)")
            #expect(got.statistics.computeUnit == test.ladder[1], "call \(point)")
        }
    }

    @Test(arguments: forms)
    func noUnitGivesNumbers(_ form: CoreMLCacheTests.Form) async throws {
        let test = try await Case(form)
        for (begin, stages) in [
            (0, [LadderAttempt.Stage](repeating: .warmUp, count: test.ladder.count)),
            (test.warmUp, [.generation] + [LadderAttempt.Stage](repeating: .warmUp, count: test.ladder.count - 1)),
        ] {
            try test.form.hook { call, number in
                number >= begin && Self.isPrediction(call) ? .givesNoNumbers : .works
            }
            let session = try await test.form.session()
            let failure = try await #require(throws: GenerationError.self) {
                try await session.respond(to: test.question, options: .greedy)
            }
            #expect(failure.kind == (begin == 0 ? "loadFailed" : "predictionFailed"))
            #expect(failure.attempts.map(\.unit) == test.ladder && failure.attempts.map(\.stage) == stages)
            #expect(failure.attempts.allSatisfy { $0.isNumeric })
        }
    }
}
