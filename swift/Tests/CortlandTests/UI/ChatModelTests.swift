import Cortland
import CortlandStore
import CortlandTesting
import CortlandUI
import Foundation
import Synchronization
import Testing

@MainActor @Suite(.timeLimit(.minutes(5))) struct ChatModelTests {
    @Test func aQuestionIsAnswered() async throws {
        let fixture = try AppFixture()
        let chat = fixture.app.chat
        chat.draft = "Hello"
        #expect(!chat.canSend)  // nobody would answer
        chat.send()
        #expect(chat.conversation.entries.isEmpty)
        _ = try await fixture.loaded()
        #expect(chat.canSend)
        chat.send()
        #expect(chat.isResponding && chat.draft.isEmpty && !chat.canSend)
        try await until { !chat.isResponding }
        let entries = chat.conversation.entries
        #expect(entries.map(\.role) == ["user", "assistant"] && entries[0].content == "Hello")
        #expect(entries[1].measures?.generatedTokens == 6 && entries[1].interruption == nil)
        #expect(
            entries[1].content
                == (try await Scripted.session(fixture.model).respond(to: "Hello", options: .greedy).content))
        #expect(chat.notice == nil && (chat.contextUse ?? 0) > 0.05)
        chat.draft = " \n"
        #expect(!chat.canSend)
    }

    @Test func laterTurnsUseTheCacheAndTheSystemPrompt() async throws {
        let fixture = try await AppFixture().loaded()
        fixture.app.settings.settings.systemPrompt = "Be brief."
        try await fixture.ask("One")
        try await fixture.ask("Two")
        let measures = fixture.app.chat.conversation.entries.compactMap(\.measures)
        #expect(measures.count == 2 && measures[0].cachedTokens == 0)
        #expect(measures[1].cachedTokens >= measures[0].promptTokens)
        let session = try Scripted.session(fixture.model, transcript: [Message(.system, "Be brief.")])
        #expect(
            try await session.respond(to: "One", options: .greedy).statistics.promptTokens == measures[0].promptTokens)
    }

    @Test func whatWasSaidBeforeStoppingStays() async throws {
        let isSlow = Shared(true)
        let fixture = try await AppFixture(words: 200, AppFixture.standsStill(isSlow)).loaded()
        let chat = fixture.app.chat
        try await fixture.begin("Hello")
        chat.stop()
        #expect(chat.isStopping && chat.isResponding)
        chat.stop()
        try await until { !chat.isResponding }
        #expect(!chat.isStopping)
        let last = try #require(chat.conversation.entries.last)
        #expect(last.role == "assistant" && last.interruption == .stopped && !last.content.isEmpty)
        #expect((last.measures?.generatedTokens ?? 200) < 200)
        let count = chat.conversation.entries.count
        isSlow.set(false)
        let before = last.content
        #expect(chat.canContinue)
        chat.continueAnswer()
        try await until { !chat.isResponding }
        let whole = try #require(chat.conversation.entries.last)
        #expect(whole.content.hasPrefix(before) && whole.content != before && whole.interruption == nil)
        let undisturbed = try Scripted.session(fixture.model)
        #expect(try await undisturbed.respond(to: "Hello", options: .greedy).content == whole.content)
        #expect(!chat.canContinue && chat.conversation.entries.count == 2)
        fixture.app.settings.settings.maximumTokens = 3
        try await fixture.ask("More")
        #expect(chat.conversation.entries.count == count + 2)
        #expect(chat.conversation.entries.last?.measures?.generatedTokens == 3)
    }

    /// Nothing is asked then, and what was said before stays.
    @Test func stoppingBeforeTheAnswerBeginsLosesNothing() async throws {
        let fixture = try await AppFixture(words: 200, AppFixture.standsStill(Shared(true))).loaded()
        let chat = fixture.app.chat
        chat.draft = "Hello"
        chat.send()
        chat.stop()
        try await until { !chat.isResponding }
        #expect(fixture.said == ["u:Hello"] && chat.notice == nil)
        chat.regenerate()
        try await until { !(chat.answer?.text.isEmpty ?? true) }
        chat.stop()
        try await until { !chat.isResponding }
        let before = chat.conversation
        #expect(before.entries.count == 2 && chat.canContinue)
        chat.continueAnswer()
        chat.stop()
        try await until { !chat.isResponding }
        #expect(chat.conversation.entries == before.entries && chat.canContinue)
    }

    @Test func regeneratingTakesThePlaceOfTheAnswer() async throws {
        let fixture = try await AppFixture().loaded()
        let chat = fixture.app.chat
        chat.regenerate()
        #expect(!chat.isResponding)
        try await fixture.ask("Hello")
        let before = fixture.said
        chat.regenerate()
        try await until { !chat.isResponding }
        #expect(fixture.said == before)
        let measures = try #require(chat.conversation.entries.last?.measures)
        #expect(measures.cachedTokens == measures.promptTokens - 1)
    }

    @Test func editingForgetsWhatCameBehind() async throws {
        let fixture = try await AppFixture().loaded()
        let chat = fixture.app.chat
        try await fixture.ask("One")
        try await fixture.ask("Two")
        let first = try #require(chat.conversation.entries.first)
        chat.edit(first.id, as: "  ")
        chat.edit(UUID(), as: "Three")
        chat.edit(chat.conversation.entries[1].id, as: "Not a question")
        #expect(chat.conversation.entries.count == 4 && !chat.isResponding)
        chat.edit(first.id, as: "Three ")
        try await until { !chat.isResponding }
        #expect(fixture.said.count == 2 && fixture.said[0] == "u:Three" && chat.conversation.entries[0].id == first.id)
        let fresh = try Scripted.session(fixture.model)
        #expect(fixture.said[1] == "a:" + (try await fresh.respond(to: "Three", options: .greedy).content))
    }

    @Test func aFailureIsToldAndTheQuestionStays() async throws {
        let fails = Mutex(false)
        let fixture = try await AppFixture { call, _, _ in
            if case .step = call, fails.withLock({ $0 }) { .fails(LadderTests.Broken()) } else { .works }
        }.loaded()
        fails.withLock { $0 = true }
        try await fixture.ask("Hello")
        guard case .failure(let failure) = fixture.app.chat.notice else { Issue.record("no notice"); return }
        #expect(failure.kind == .answer && failure.detail.contains("the engine refused") && fixture.said == ["u:Hello"])
        fixture.app.chat.dismissNotice()
        #expect(fixture.app.chat.notice == nil)
        fails.withLock { $0 = false }
        fixture.app.chat.regenerate()
        try await until { !fixture.app.chat.isResponding }
        #expect(fixture.said.count == 2 && fixture.app.chat.notice == nil)
    }

    @Test func aUnitThatFailsDuringTheAnswerIsNamed() async throws {
        let failures = Mutex(0)
        let fixture = try await AppFixture { call, _, unit in
            guard case .step(let tokens, _) = call, tokens != [0], unit == .neuralEngine else { return .works }
            return failures.withLock {
                $0 += 1; return $0 <= 2
            } ? .fails(LadderTests.Broken()) : .works
        }.loaded()
        try await fixture.ask("Hello")
        #expect(fixture.app.chat.notice == .fellBack(.neuralEngine))
        #expect(fixture.app.chat.conversation.entries.last?.measures?.unit == .gpu)
    }

    @Test func oldMessagesThatHaveNoRoomAreCounted() async throws {
        let fixture = try await AppFixture().loaded()
        let long = String(repeating: "Once there was a cat. ", count: 14)
        for _ in 0..<3 { try await fixture.ask(long) }
        guard case .forgot(let count) = fixture.app.chat.notice else { Issue.record("no notice"); return }
        #expect(count > 0 && fixture.said.count == 6)
    }

    /// Only calls take time: a quarter of a second each but for those that fill the cache.
    @Test func ratesAreThoseOfTheClock() async throws {
        let clock = StandingClock()
        let fixture = try await AppFixture(clock: clock) { call, _, _ in
            if case .step(let tokens, _) = call, tokens != [0] { clock.time.advance(by: .milliseconds(250)) }
            return .works
        }.loaded()
        #expect(fixture.app.chat.contextUse == nil)
        try await fixture.ask("Hello")
        let measures = try #require(fixture.app.chat.conversation.entries.last?.measures)
        #expect(measures.firstTokenSeconds == 0.25 && measures.tokensPerSecond == 4 && measures.generatedTokens == 6)
        #expect(fixture.app.chat.contextUse == Double(measures.promptTokens + 6) / 256)
    }

    /// Stands but for what calls take; who sleeps by it sleeps on.
    private struct StandingClock: Clock {
        let time = ManualClock()
        var now: ManualClock.Instant { time.now }
        var minimumResolution: Duration { .zero }
        func sleep(until deadline: ManualClock.Instant, tolerance: Duration?) async throws {
            try await Task.sleep(for: .seconds(3600))
        }
    }

    @Test func whatWasSaidCanBeCopied() async throws {
        let fixture = try await AppFixture().loaded()
        try await fixture.ask("Hello")
        let entries = fixture.app.chat.conversation.entries
        fixture.app.chat.copy(entries[1].id)
        fixture.app.chat.copy(UUID())
        fixture.app.chat.copy(entries[0].id)
        #expect(fixture.copied.get() == [entries[1].content, "Hello"])
    }

    @Test func conversationsAreKeptAndFoundAgain() async throws {
        let root = try StoreFixture.folder()
        let fixture = try await AppFixture(root: root).loaded()
        try await fixture.ask("One")
        let first = fixture.app.chat.conversation
        fixture.app.startConversation()
        #expect(fixture.app.chat.conversation.entries.isEmpty && fixture.app.conversations == [first])
        try await fixture.ask("Two")
        fixture.app.open(first)
        #expect(fixture.said == first.entries.map { $0.role.prefix(1) + ":" + $0.content })
        #expect(fixture.app.conversations.map(\.title) == ["Two", "One"])
        let next = try AppFixture(root: root)
        #expect(next.app.conversations.map(\.title) == ["Two", "One"])
        #expect(next.app.conversations[1].modelID == fixture.app.active.bundle?.id)
        next.app.remove(next.app.conversations[0])
        #expect(next.app.conversations == [first])
    }

    /// Numbers of a person's own do not stay behind.
    @Test func asTheModelAdvisesIsThatAlone() throws {
        var settings = ChatSettings()
        settings.preset = .custom
        (settings.temperature, settings.seed) = (2, 7)
        #expect(settings.options.samplingMode?.seed == 7)
        settings.choose(.model)
        #expect(settings.options.samplingMode == nil)
        settings.seed = 7  // as earlier versions kept it
        #expect(settings.options.samplingMode == nil)
        settings.choose(.precise)
        #expect(settings.options.samplingMode == .precise)
    }

    @Test func settingsBecomeOptionsAndAreKept() async throws {
        let root = try StoreFixture.folder()
        let settings = try AppFixture(root: root).app.settings
        #expect(settings.settings.options == GenerationOptions())
        settings.settings.choose(.precise)
        #expect(settings.settings.options.samplingMode == .precise)
        var changed = ChatSettings()
        (changed.preset, changed.temperature, changed.topP, changed.topK, changed.minP) = (.custom, 0.4, 0.8, 50, 0.1)
        (changed.repetitionPenalty, changed.frequencyPenalty, changed.presencePenalty) = (1.1, 0.2, 0.3)
        (changed.seed, changed.maximumTokens, changed.thinks) = (9, 77, true)
        (changed.systemPrompt, changed.unit) = ("Be brief.", .gpu)
        settings.settings = changed
        let kept = try AppFixture(root: root).app.settings.settings
        #expect(kept == changed)
        var mode = GenerationOptions.SamplingMode()
        (mode.temperature, mode.topP, mode.topK, mode.minP) = (0.4, 0.8, 50, 0.1)
        (mode.repetitionPenalty, mode.frequencyPenalty, mode.presencePenalty, mode.seed) = (1.1, 0.2, 0.3, 9)
        var options = GenerationOptions(samplingMode: mode, maximumResponseTokens: 77)
        options.thinking = .on
        #expect(kept.options == options)
        settings.settings.choose(.creative)
        #expect(settings.settings.options.samplingMode == .creative)
        try Data("no".utf8).write(to: root.appending(path: "settings.json"))
        #expect(try AppFixture(root: root).app.settings.settings == ChatSettings())
    }
}
