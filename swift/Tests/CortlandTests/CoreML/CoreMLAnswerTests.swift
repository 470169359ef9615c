@_spi(StandIn) import CoreMLStandIn
import Cortland
import CortlandCoreML
import Testing

/// Packages of the command line, run through `CortlandCoreML` as on a device, but for Core ML itself.
@Suite struct CoreMLAnswerTests {
    /// PyTorch's answers, token for token; 4 bits change none of these.
    @Test(arguments: CompiledForm.Demo.allCases)
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
        let model = try await CompiledForm.demo(form)
        let question = "Tell me about a cat and a dog who find a red ball in the garden."
        let (ids, _) = try await model.session().tokens(answering: question, atMost: 16)
        #expect(ids == (try model.commandLine(question, tokens: 16)))
        #expect(ids.count > 4)
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

    /// Of one architecture after the other the text of transformers: windows on some layers or all, ALiBi, caps, biases.
    @Test(arguments: [
        "exaone4-hybrid", "gemma3-text", "gemma2", "cohere2", "olmo3", "mpt", "qwen2-sliding", "falcon-7b", "smollm3",
    ])
    func answersOfTinyModels(_ name: String) async throws {
        let goldens = try GoldenAnswer.all(name)
        for options in name == "exaone4-hybrid" ? [[], ["--profile", "gpu"], ["--target", "iOS17"]] : [[]] {
            let session = try await CompiledForm.golden(name, options).session()
            for golden in goldens {
                try session.replaceTranscript(with: [])
                let question = Letters.text(golden.prompt)
                let (ids, statistics) = try await session.tokens(answering: question, atMost: 24)
                #expect(ids == golden.answer && statistics.attempts.isEmpty, "\(name) \(options)")
            }
        }
    }
}
