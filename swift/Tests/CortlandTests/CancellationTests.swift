import Cortland
import CortlandTesting
import Testing

@Suite struct CancellationTests {
    private static let questions = ["What is the colour of the sky, and of the sea?", "And at night?"]

    /// What a session answers that was never disturbed, and how many calls its first answer took.
    private static func undisturbed() async throws -> (answers: [String], calls: Int) {
        let model = ScriptedModel(info: Scripted.info(prefill: 8), script: Scripted.words(5))
        let session = try Scripted.session(model)
        let first = try await session.respond(to: questions[0], options: .greedy).content
        let calls = model.calls.count
        return ([first, try await session.respond(to: questions[1], options: .greedy).content], calls)
    }

    /// Cancels the task that asks, in the course of each call of the backend in turn.
    @Test func sessionsAreAsBeforeWhereverTheyAreCancelled() async throws {
        let want = try await Self.undisturbed()
        #expect(want.calls > 10)
        for point in 0..<want.calls {
            let asking = Shared<Task<GenerationStream.Response, any Error>?>(nil)
            let hook = Self.waits(at: point) { asking.get()?.cancel() }
            let model = ScriptedModel(info: Scripted.info(prefill: 8), hook: hook, script: Scripted.words(5))
            let session = try Scripted.session(model)
            let (gate, opener) = AsyncStream<Void>.makeStream()
            asking.set(
                Task {
                    for await _ in gate {}
                    return try await session.respond(to: Self.questions[0], options: .greedy)
                })
            opener.finish()
            let result = try await #require(asking.get()).result
            #expect(throws: GenerationError.cancelled, "call \(point)") { try result.get() }
            #expect(model.calls.count <= point + 3, "call \(point): the warm-up ends, and nothing else begins")
            #expect(!session.isResponding)

            // What was said until then is kept; without it, all is as it would have been.
            let kept = session.transcript.dropFirst().first?.content ?? ""
            #expect(want.answers[0].hasPrefix(kept))
            try session.replaceTranscript(with: [])
            #expect(try await session.respond(to: Self.questions[0], options: .greedy).content == want.answers[0])
            #expect(try await session.respond(to: Self.questions[1], options: .greedy).content == want.answers[1])
        }
    }

    /// A hook that blocks in a call until the answer is cancelled.
    private static func waits(at point: Int, _ meanwhile: @escaping @Sendable () -> Void = {}) -> ScriptedModel.Hook {
        { _, number, _ in
            if number == point {
                meanwhile()
                waitForCancellation()
            }
            return .works
        }
    }

    @Test func stoppingGivesWhatWasSaid() async throws {
        let session = Shared<ChatSession?>(nil)
        let hook = Self.waits(at: 12) { Task { await session.get()?.stop() } }
        let model = ScriptedModel(info: Scripted.info(), hook: hook, script: Scripted.words(200))
        let chat = try Scripted.session(model)
        session.set(chat)
        let response = try await chat.respond(to: "Hello", options: .greedy)
        #expect(response.statistics.stopReason == .cancelled)
        #expect(!response.content.isEmpty)
        #expect(chat.transcript.map(\.content) == ["Hello", response.content])
        #expect(model.calls.count == 13)
        let brief = GenerationOptions(samplingMode: .greedy, maximumResponseTokens: 2)
        #expect(try await chat.respond(to: "Go on", options: brief).statistics.generatedTokens == 2)
    }

    @Test func leavingTheLoopStopsTheAnswer() async throws {
        let model = ScriptedModel(info: Scripted.info(), hook: Self.waits(at: 12), script: Scripted.words(200))
        let session = try Scripted.session(model)
        let stream = session.streamResponse(to: "Hello", options: .greedy)
        for try await event in stream {
            if case .text = event { break }
        }
        await session.stop()
        #expect(!session.isResponding && !session.model.isResponding)
        #expect(model.calls.count == 13)
        #expect(session.transcript.count == 2)
        let brief = GenerationOptions(samplingMode: .greedy, maximumResponseTokens: 1)
        #expect(try await session.respond(to: "x", options: brief).statistics.generatedTokens == 1)
    }

    @Test func lettingGoOfAStreamStopsTheAnswer() async throws {
        let model = ScriptedModel(info: Scripted.info(), hook: Self.waits(at: 3), script: Scripted.words(200))
        let session = try Scripted.session(model)
        _ = session.streamResponse(to: "Hello", options: .greedy)
        while session.isResponding { try await Task.sleep(for: .milliseconds(1)) }
        #expect(model.calls.count <= 4)
        #expect(session.transcript.isEmpty)
    }

    /// As if nothing had happened: the same text, and nothing is read again but the last token.
    @Test func aStoppedAnswerGoesOn() async throws {
        let want = try await Scripted.session(
            ScriptedModel(info: Scripted.info(), script: Scripted.words(40))
        ).respond(to: "Hello", options: .greedy)
        for point in [14, 15, 22, 40] {
            let model = ScriptedModel(info: Scripted.info(), hook: Self.waits(at: point), script: Scripted.words(40))
            let session = try Scripted.session(model)
            #expect(!session.canContinue)
            let task = Task { try await session.respond(to: "Hello", options: .greedy) }
            while model.calls.count <= point { try await Task.sleep(for: .milliseconds(1)) }
            await session.stop()
            _ = try? await task.value
            let before = try #require(session.transcript.last).content
            #expect(session.canContinue && want.content.hasPrefix(before))
            let response = try await session.streamContinuation(options: .greedy).collect()
            #expect(response.content == want.content && session.transcript.last?.content == want.content)
            #expect(session.transcript.count == 2 && !session.canContinue)
            let statistics = response.statistics
            #expect(statistics.cachedTokens >= statistics.promptTokens - 2)
            let read = statistics.promptTokens - want.statistics.promptTokens
            #expect(read > 0 && read + statistics.generatedTokens == want.statistics.generatedTokens)
        }
    }

    @Test func anAnswerThatWasNotStoppedDoesNotGoOn() async throws {
        let session = try Scripted.session(ScriptedModel(info: Scripted.info(), script: Scripted.words(4)))
        _ = try await session.respond(to: "Hello", options: .greedy)
        await #expect(throws: GenerationError.invalidRequest("answer: was not stopped; want one that was")) {
            try await session.streamContinuation().collect()
        }
        #expect(session.transcript.count == 2)
    }
}
