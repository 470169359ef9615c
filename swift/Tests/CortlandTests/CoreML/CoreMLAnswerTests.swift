@_spi(StandIn) import CoreMLStandIn
import Cortland
import CortlandCoreML
import Testing

/// Packages of the command line, run through `CortlandCoreML` as on a device, but for Core ML itself.
@Suite struct CoreMLAnswerTests {
    /// PyTorch's answers, token for token.
    @Test(arguments: [CompiledForm.Demo.ane, .gpu, .iOS17, .parts])
    func answersAreThoseOfTheCheckpoint(_ form: CompiledForm.Demo) async throws {
        let form = try await CompiledForm.demo(form)
        let model = try await form.languageModel()
        for transcript in try Fixture.transcripts() {
            let session = try ChatSession(model: model)
            let (ids, statistics) = try await session.tokens(
                answering: transcript.question, thinking: transcript.thinking, atMost: 64)
            #expect(ids + [Scripted.endID] == transcript.outputIds)
            #expect(statistics.promptTokens == transcript.promptIds.count)
            #expect(statistics.attempts.isEmpty)
        }
    }

    @Test(arguments: CompiledForm.Demo.allCases)
    func answersAreThoseOfTheCommandLine(_ form: CompiledForm.Demo) async throws {
        let form = try await CompiledForm.demo(form)
        let session = try await form.session()
        let question = "Tell me about a cat and a dog who find a red ball in the garden."
        let (ids, _) = try await session.tokens(answering: question, atMost: 16)
        #expect(ids == (try form.commandLine(question, tokens: 16)))
        #expect(ids.count > 5)
    }

    /// Near the end of the context calls begin earlier and compute some tokens again; at its end the answer ends.
    @Test(arguments: [CompiledForm.Demo.ane, .gpu, .iOS17, .parts, .oldParts])
    func theContextIsUsedToItsEnd(_ form: CompiledForm.Demo) async throws {
        let form = try await CompiledForm.demo(form)
        let session = try ChatSession(model: try await form.languageModel(), contextPolicy: .stop)
        let question = String(repeating: "Once there was a cat. ", count: 34)
        let (ids, statistics) = try await session.tokens(answering: question, atMost: 64)
        #expect(ids == (try form.commandLine(question, tokens: 64)))
        #expect(statistics.promptTokens + ids.count == 257 && statistics.stopReason == .contextFull)
    }

    /// Each turn is that of a fresh model which reads everything.
    @Test(arguments: [CompiledForm.Demo.ane, .gpu, .iOS17, .parts])
    func laterTurnsReadOnlyWhatIsNew(_ form: CompiledForm.Demo) async throws {
        let form = try await CompiledForm.demo(form)
        let session = try await form.session()
        _ = try await session.tokens(answering: "Who are you?", atMost: 12)
        let before = session.transcript
        let second = try await session.tokens(answering: "What is the opposite of big?", atMost: 12)
        let statistics = second.statistics
        #expect(statistics.cachedTokens > 20)
        let fresh = try await CompiledForm.demo(.ane).session(transcript: before)
        let want = try await fresh.tokens(answering: "What is the opposite of big?", atMost: 12)
        #expect(second.ids == want.ids && want.statistics.cachedTokens == 0)

        // An earlier question in other words: back, and on another way.
        try session.replaceTranscript(with: Array(before.prefix(0)))
        let edited = try await session.tokens(answering: "Who is Emma?", atMost: 12)
        let alone = try await CompiledForm.demo(.ane).session().tokens(answering: "Who is Emma?", atMost: 12)
        #expect(edited.ids == alone.ids && edited.statistics.attempts.isEmpty)
        #expect(edited.statistics.cachedTokens > 0)
    }

    @Test func sessionsOfOneModelTakeTurns() async throws {
        let model = try await CompiledForm.demo(.ane).languageModel()
        let (one, other) = (try ChatSession(model: model), try ChatSession(model: model))
        let questions = ["Who are you?", "How do you say apple in Korean?"]
        for (session, question) in [
            (one, questions[0]), (other, questions[1]), (one, questions[1]), (other, questions[0]),
        ] {
            let before = session.transcript
            let answer = try await session.tokens(answering: question, atMost: 6).ids
            let alone = try await CompiledForm.demo(.ane).session(transcript: before)
            #expect(answer == (try await alone.tokens(answering: question, atMost: 6).ids))
        }
    }

    /// Rows are always padded here; numbers may lie apart, too.
    @Test(arguments: [CompiledForm.Demo.ane, .gpu, .iOS17])
    func outputsAreReadByTheirStrides(_ form: CompiledForm.Demo) async throws {
        let form = try await CompiledForm.demo(form)
        var behaviour = StandIn.Behaviour()
        behaviour.numberStride = 3
        StandIn.setBehaviour(of: form.compiled, behaviour)
        let transcript = try Fixture.transcripts()[2]
        let (ids, _) = try await form.session().tokens(answering: transcript.question)
        #expect(ids + [Scripted.endID] == transcript.outputIds)
    }

    /// Windows on some layers, all of the past on others: the text of transformers.
    @Test(arguments: [[], ["--profile", "gpu"], ["--target", "iOS17"]])
    func hybridAttention(_ options: [String]) async throws {
        let form = try await CompiledForm.golden("exaone4-hybrid", options)
        let golden = try GoldenTensors("checkpoints/exaone4-hybrid/expected.safetensors")
        let (prompts, answers) = (try golden.integers("input_ids"), try golden.integers("greedy"))
        let backend = try await form.model().load(on: .cpu)
        for (prompt, answer) in zip(prompts, answers) {
            try backend.rewind(to: 0)
            var position = 0
            var rest = Array(prompt.prefix(8))
            var tokens: [Int32] = []
            let sampler = try Sampler(.greedy, vocabularySize: backend.info.vocabularySize)
            while rest.count > backend.info.stepSize {
                let chunk = Array(rest.prefix(min(backend.info.prefillSize, rest.count - 1)))
                try backend.prefill(chunk, at: position)
                position += chunk.count
                rest.removeFirst(chunk.count)
            }
            while tokens.count < answer.count {
                tokens.append(try backend.step(rest, at: position) { try sampler.sample($0) })
                position += rest.count
                rest = Array(tokens.suffix(1))
            }
            #expect(tokens == answer)
        }
    }
}
