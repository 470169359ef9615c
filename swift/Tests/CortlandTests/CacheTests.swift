import CortlandTesting
import Testing

@testable import Cortland

@Suite struct CacheTests {
    struct Row: Sendable {
        var cached, prompt: [Int32]
        var rule = BackendInfo.RewindRule.anyPosition
        var kept: Int
        var rewinds: Bool
    }

    @Test(arguments: [
        Row(cached: [], prompt: [1, 2], kept: 0, rewinds: false),
        Row(cached: [1, 2], prompt: [1, 2, 3], kept: 2, rewinds: false),
        Row(cached: [1, 2, 3], prompt: [1, 2, 3], kept: 2, rewinds: true),  // the last one is asked for its logits
        Row(cached: [1, 2, 3, 4], prompt: [1, 2], kept: 1, rewinds: true),
        Row(cached: [1, 2, 3], prompt: [1, 9, 3, 4], kept: 1, rewinds: true),
        Row(cached: [1, 2], prompt: [9, 2, 3], kept: 0, rewinds: true),
        Row(cached: [1], prompt: [1], kept: 0, rewinds: true),
        Row(cached: [1, 2], prompt: [1, 2, 3], rule: .startOnly, kept: 2, rewinds: false),
        Row(cached: [1, 2, 3], prompt: [1, 2, 4], rule: .startOnly, kept: 0, rewinds: true),
    ])
    func whatAPromptBeginsWithStays(_ row: Row) {
        var history = TokenHistory()
        history.append(row.cached)
        let result = history.keepPrefix(of: row.prompt) { row.rule == .startOnly ? 0 : $0 }
        #expect(result.kept == row.kept && result.rewinds == row.rewinds)
        #expect(history.ids == Array(row.prompt.prefix(row.kept)))
    }

    /// Each conversation on a model that has read another one, and on a fresh one.
    @Test(arguments: [BackendInfo.RewindRule.anyPosition, .startOnly])
    func answersDoNotDependOnWhatWasReadBefore(_ rule: BackendInfo.RewindRule) async throws {
        let system = Message(.system, "You are a guide who knows every colour.")
        let conversations: [[Message]] = [
            [], [system], [system, Message(.user, "Sky?"), Message(.assistant, "Blue.")],
            [system, Message(.user, "Sea?"), Message(.assistant, "Green.")],
            [Message(.user, "Sky?"), Message(.assistant, "Blue.")],
        ]
        for before in conversations {
            for conversation in conversations {
                let used = ScriptedModel(info: Scripted.info(rule: rule), script: Scripted.words(5))
                let session = try Scripted.session(used, transcript: before)
                _ = try await session.respond(to: "And the sun?", options: .greedy)
                try session.replaceTranscript(with: conversation)
                let answer = try await session.respond(to: "And the moon?", options: .greedy)

                let fresh = ScriptedModel(info: Scripted.info(rule: rule), script: Scripted.words(5))
                let want = try await Scripted.session(fresh, transcript: conversation)
                    .respond(to: "And the moon?", options: .greedy)
                #expect(answer.content == want.content)
                #expect(answer.statistics.attempts.isEmpty, "the ladder would make good what the cache gets wrong")
                let (read, all) = (answer.statistics.cachedTokens, fresh.taken.flatMap { $0 })
                #expect(used.taken.flatMap { $0 }.suffix(all.count - read) == all.dropFirst(read))
            }
        }
    }

    @Test func aSecondTurnReadsOnlyWhatIsNew() async throws {
        let model = ScriptedModel(info: Scripted.info(), script: Scripted.words(5))
        let session = try Scripted.session(model)
        let first = try await session.respond(to: "Hello", options: .greedy)
        let before = model.taken.flatMap { $0 }.count
        let second = try await session.respond(to: "And again", options: .greedy)
        let statistics = second.statistics
        #expect(statistics.cachedTokens > 0 && first.statistics.cachedTokens == 0)
        #expect(
            model.taken.flatMap { $0 }.count - before
                == statistics.promptTokens - statistics.cachedTokens + statistics.generatedTokens)
    }

    @Test func sessionsShareWhatTheirPromptsBeginWith() async throws {
        let model = ScriptedModel(info: Scripted.info(), script: Scripted.words(5))
        let language = LanguageModel(textFile: try Fixture.demo(), loader: model)
        let guide = "You are a guide who knows every colour of the world."
        let (one, other) = (
            try ChatSession(model: language, instructions: guide), try ChatSession(model: language, instructions: guide)
        )
        _ = try await one.respond(to: "Sky?", options: .greedy)
        let cached = try await other.respond(to: "Grass?", options: .greedy).statistics.cachedTokens
        #expect(cached >= (try Tokenizer(language.textFile).encode(guide).count))
    }

    @Test func nothingIsCachedOnceTheModelIsUnloaded() async throws {
        let model = ScriptedModel(info: Scripted.info(), script: Scripted.words(5))
        let session = try Scripted.session(model)
        _ = try await session.respond(to: "Hello", options: .greedy)
        await session.model.unload()
        #expect(try await session.respond(to: "Again", options: .greedy).statistics.cachedTokens == 0)
        #expect(model.loads.count == 2)
    }
}
