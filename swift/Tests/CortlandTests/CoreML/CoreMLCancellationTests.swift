@_spi(StandIn) import CoreMLStandIn
import Cortland
import CortlandCoreML
import Foundation
import Testing

/// Who asks goes away in the course of a call: nothing begins behind it, and the session is as before.
@Suite struct CoreMLCancellationTests {
    private static let checkpoint = "exaone4-hybrid"
    private static let tokens = 5

    private static let context = ["--context", "64"]
    private static let forms = [
        context + ["--prefill", "4"], context + ["--prefill", "4", "--target", "iOS17"],
        context + ["--prefill", "4", "--parts", "2"], context + ["--profile", "gpu"],
    ]

    /// Cancels the task that asks during each call in turn: loads, warm-up, prompt, answer.
    @Test(arguments: forms)
    func sessionsAreAsBeforeWhereverTheyAreCancelled(_ options: [String]) async throws {
        let golden = try GoldenAnswer.all(Self.checkpoint)[0]
        let form = try await CompiledForm.golden(Self.checkpoint, options)
        let (question, want) = (Letters.text(golden.prompt), Array(golden.answer.prefix(Self.tokens)))
        let calm = try form.hook { _, _ in .works }
        #expect(try await form.session().tokens(answering: question, atMost: Self.tokens).ids == want)
        let all = calm()
        // A prediction runs through each part.
        let parts = try form.parts.count
        #expect(all > Self.tokens * parts)

        for point in 0..<all {
            let asking = Shared<Task<[Int32], any Error>?>(nil)
            let made = try form.hook { _, number in
                if number == point {
                    asking.get()?.cancel()
                    waitForCancellation()
                }
                return .works
            }
            let session = try await form.session()
            let result = await Self.ask(session, question, asking).result
            #expect(throws: GenerationError.cancelled, "call \(point)") { try result.get() }
            await session.stop()
            // A package is loaded with all its functions and tried out, a prediction ends with its last part.
            #expect(made() <= point + 1 + 3 * parts && !session.isResponding, "call \(point) of \(all)")
            let said = session.transcript.dropFirst().first?.content ?? ""
            #expect(want.starts(with: Letters.ids(said)), "call \(point)")
            #expect(Letters.ids(said).count < Self.tokens || point >= all - parts, "call \(point): nothing was cut")

            try session.replaceTranscript(with: [])
            let (ids, statistics) = try await session.tokens(answering: question, atMost: Self.tokens)
            #expect(ids == want && statistics.attempts.isEmpty, "call \(point)")
        }
    }

    /// A task that asks, once it is known to those who may cancel it.
    private static func ask(
        _ session: ChatSession, _ question: String, _ asking: Shared<Task<[Int32], any Error>?>
    ) -> Task<[Int32], any Error> {
        let (gate, opener) = AsyncStream<Void>.makeStream()
        let task = Task {
            for await _ in gate {}
            let options = GenerationOptions(samplingMode: .greedy, maximumResponseTokens: tokens)
            return Letters.ids(try await session.respond(to: question, options: options).content)
        }
        asking.set(task)
        opener.finish()
        return task
    }

    @Test func whoWasCancelledBeforeAsksNothing() async throws {
        let golden = try GoldenAnswer.all(Self.checkpoint)[1]
        let form = try await CompiledForm.golden(Self.checkpoint, Self.forms[0])
        let (session, question) = (try await form.session(), Letters.text(golden.prompt))
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await session.respond(to: question, options: .greedy)
        }
        let result = await task.result
        #expect(throws: GenerationError.cancelled) { try result.get() }
        await session.stop()
        #expect(StandIn.calls(of: form.compiled).isEmpty && session.transcript.isEmpty && !session.isResponding)
        let ids = try await session.tokens(answering: question, atMost: Self.tokens).ids
        #expect(golden.answer.starts(with: ids) && ids.count == Self.tokens)
    }

    /// No other part is loaded behind that during which someone cancelled.
    @Test func loadingEndsBetweenTheParts() async throws {
        let form = try await CompiledForm.golden(Self.checkpoint, Self.forms[2])
        let loading = Shared<Task<Void, any Error>?>(nil)
        try form.hook { _, _ in
            loading.get()?.cancel()
            return .works
        }
        let model = try await form.languageModel()
        let (gate, opener) = AsyncStream<Void>.makeStream()
        loading.set(
            Task {
                for await _ in gate {}
                try await model.load()
            })
        opener.finish()
        let result = try await #require(loading.get()).result
        #expect(throws: GenerationError.cancelled) { try result.get() }
        let units = StandIn.calls(of: form.compiled)
        #expect(units == ["decode", "prefill"].map { .load(function: $0, .cpuAndNeuralEngine) })
        #expect(StandIn.calls(of: form.part("body-2")).isEmpty && StandIn.calls(of: form.part("head")).isEmpty)
        // The next one loads them all.
        try form.hook { _, _ in .works }
        #expect(try await model.load().computeUnit == .neuralEngine)
    }
}
