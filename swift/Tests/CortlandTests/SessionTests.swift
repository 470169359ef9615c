import Cortland
import CortlandTesting
import Dispatch
import Testing

@Suite struct SessionTests {
    @Test(arguments: 0..<5) func answersAreThoseOfTransformers(_ index: Int) async throws {
        let transcript = try Fixture.transcripts()[index]
        let model = ScriptedModel(
            info: Scripted.info(prefill: 7), scalar: index % 2 == 0 ? .float16 : .float32, stride: 1 + index,
            script: Scripted.replay(transcript))
        let session = try Scripted.session(model)
        var options = GenerationOptions.greedy
        options.thinking = transcript.thinking
        let response = try await session.respond(to: transcript.question, options: options)
        let whole = response.reasoning.isEmpty ? "" : response.reasoning + "\n</think>\n\n"
        #expect(whole + response.content == transcript.outputText)
        #expect(response.statistics.stopReason == .endToken(Scripted.endID))
        #expect(response.statistics.generatedTokens == transcript.outputIds.count - 1)
        #expect(model.taken.flatMap { $0 } == transcript.promptIds + transcript.outputIds.dropLast())
        #expect(session.transcript.map(\.role) == [.user, .assistant])
        #expect(session.transcript.last?.content == response.content)
    }

    @Test func eventsComeInOrder() async throws {
        let transcript = try Fixture.transcripts()[2]
        let model = ScriptedModel(info: Scripted.info(prefill: 8, step: 1), script: Scripted.replay(transcript))
        let session = try Scripted.session(model)
        var options = GenerationOptions.greedy
        options.tokenReports = .each
        var events: [GenerationEvent] = []
        for try await event in session.streamResponse(to: transcript.question, options: options) {
            events.append(event)
        }
        #expect(
            events.prefix(4) == [
                .started(promptTokens: 20, cachedTokens: 0), .progress(prefilled: 8, total: 20),
                .progress(prefilled: 16, total: 20), .progress(prefilled: 19, total: 20),
            ])
        let ids = events.compactMap { if case .token(let id, _) = $0 { id } else { nil } }
        #expect(ids == transcript.outputIds.dropLast())
        let text = events.compactMap { if case .text(let piece) = $0 { piece } else { nil } }
        #expect(text.count > 3)
        #expect(text.joined() == transcript.outputText)
        guard case .finished = events.last else { return #expect(Bool(false), "want finished at the end") }
    }

    @Test func snapshotsGrow() async throws {
        let transcript = try Fixture.transcripts()[2]
        let session = try Scripted.session(ScriptedModel(info: Scripted.info(), script: Scripted.replay(transcript)))
        var last = ""
        for try await text in session.streamResponse(to: transcript.question, options: .greedy).snapshots {
            #expect(text.hasPrefix(last) && text != last)
            last = text
        }
        #expect(last == transcript.outputText)
    }

    @Test func answersEndAtAStopString() async throws {
        let transcript = try Fixture.transcripts()[0]
        let session = try Scripted.session(ScriptedModel(info: Scripted.info(), script: Scripted.replay(transcript)))
        var options = GenerationOptions.greedy
        options.stopStrings = ["parameters", "demonstration model"]
        let response = try await session.respond(to: transcript.question, options: options)
        #expect(response.content == "I am Cortland Demo, a small ")
        #expect(response.statistics.stopReason == .stopString("demonstration model"))
    }

    @Test func answersEndAtTheMostTokens() async throws {
        let session = try Scripted.session(ScriptedModel(info: Scripted.info(), script: Scripted.words(50)))
        var options = GenerationOptions.greedy
        options.maximumResponseTokens = 3
        let response = try await session.respond(to: "Hello", options: options)
        #expect(response.statistics.stopReason == .maximumTokens)
        #expect(response.statistics.generatedTokens == 3)
    }

    @Test func answersEndWhenTheContextIsFull() async throws {
        let model = ScriptedModel(info: Scripted.info(context: 32), script: Scripted.words(500))
        let session = try Scripted.session(model, contextPolicy: .stop)
        let response = try await session.respond(to: "Hello", options: .greedy)
        #expect(response.statistics.stopReason == .contextFull)
        // The last token needs no place in the cache.
        #expect(response.statistics.promptTokens + response.statistics.generatedTokens == 33)
        #expect(model.taken.flatMap { $0 }.count == 32)
    }

    @Test func aSecondRequestIsRefusedWhileOneIsAnswered() async throws {
        let (entered, goOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let model = ScriptedModel(
            info: Scripted.info(),
            hook: { call, number, _ in
                if number == 5 {
                    entered.signal()
                    _ = goOn.wait(timeout: .now() + 60)
                }
                return .works
            }, script: Scripted.words(6))
        let session = try Scripted.session(model)
        let first = session.streamResponse(to: "Hello", options: .greedy)
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                _ = entered.wait(timeout: .now() + 60)
                continuation.resume()
            }
        }
        #expect(session.isResponding && session.model.isResponding)
        await #expect(throws: GenerationError.busy) { try await session.respond(to: "Again", options: .greedy) }
        let other = try ChatSession(model: session.model, instructions: "Be brief.")
        await #expect(throws: GenerationError.busy) { try await other.respond(to: "Hello", options: .greedy) }
        #expect(throws: GenerationError.busy) { try session.replaceTranscript(with: []) }
        goOn.signal()
        let answer = try await first.collect()
        #expect(answer.statistics.generatedTokens == 6)
        #expect(session.transcript.map(\.content) == ["Hello", answer.content])
        #expect(!session.isResponding && !session.model.isResponding)
        #expect(try await session.respond(to: "Again", options: .greedy).statistics.generatedTokens == 6)
    }

    @Test func requestsThatCannotBeAnsweredChangeNothing() async throws {
        let session = try Scripted.session(ScriptedModel(info: Scripted.info(), script: Scripted.words(2)))
        let robot = session.streamResponse(to: [Message(.init(rawValue: "robot"), "")], options: .greedy)
        let refused = await #expect(throws: GenerationError.self) { try await robot.collect() }
        #expect(refused?.kind == "templateRefused")
        var options = GenerationOptions.greedy
        options.stopStrings = [""]
        let invalid = await #expect(throws: GenerationError.self) {
            try await session.respond(to: "x", options: options)
        }
        #expect(invalid?.kind == "invalidRequest")
        #expect(session.transcript.isEmpty)
        #expect(try await session.respond(to: "Hello", options: .greedy).statistics.generatedTokens == 2)
    }

    @Test func aTextFileOfAnotherModelIsRefused() async throws {
        var info = Scripted.info()
        info.vocabularySize = 2000
        let session = try Scripted.session(ScriptedModel(info: info, script: Scripted.words(2)))
        let size = session.model.textFile.vocabularySize
        let sentence = "text file: belongs to another model; got \(size) ids, want at most 2000"
        await #expect(throws: GenerationError.invalidRequest(sentence)) { try await session.prewarm() }
        await #expect(throws: GenerationError.invalidRequest(sentence)) {
            try await session.respond(to: "Hello", options: .greedy)
        }
    }

    @Test func textsAreContinuedWithoutATemplate() async throws {
        let file = try Fixture.demo()
        let model = ScriptedModel(info: Scripted.info()) { cache in cache.count < 9 ? 41 : Scripted.endID }
        let language = LanguageModel(textFile: file, loader: model)
        let response = try await language.streamContinuation(of: "Apple in", options: .greedy).collect()
        let ids = [Int32](repeating: 41, count: response.statistics.generatedTokens)
        #expect(!ids.isEmpty)
        #expect(try response.content == Tokenizer(file).decode(ids))
        let prompt = try Tokenizer(file).encode("Apple in", affixes: .added)
        #expect(model.taken.flatMap { $0 }.starts(with: prompt))
    }
}
