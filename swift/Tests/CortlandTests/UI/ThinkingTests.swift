import Cortland
import CortlandStore
import CortlandTesting
import CortlandUI
import Foundation
import Testing

/// Answers with what the model thinks before.
@MainActor @Suite(.timeLimit(.minutes(5))) struct ThinkingTests {
    private static func transcript() throws -> Fixture.Transcript {
        try #require(try Fixture.transcripts().first(where: \.enableThinking))
    }

    /// Reasoning and answer of the reference.
    private static func parts() throws -> [String] {
        try transcript().outputText.components(separatedBy: "\n</think>\n\n")
    }

    @Test func whatTheModelThinksIsKeptBesideTheAnswer() async throws {
        let transcript = try Self.transcript()
        let fixture = try await AppFixture(replaying: transcript).loaded()
        let chat = fixture.app.chat
        try await fixture.ask(transcript.question)
        #expect(chat.conversation.entries[1].reasoning == nil)
        fixture.app.settings.settings.thinks = true
        chat.regenerate()
        try await until { !chat.isResponding }
        let entry = chat.conversation.entries[1]
        #expect(try [entry.reasoning, entry.content] == Self.parts())
        #expect(chat.announcement?.text == entry.content)
        chat.copy(entry.id)
        #expect(fixture.copied.get() == [entry.content])
        let kept = try #require(try AppFixture(root: fixture.root).app.conversations.first)
        #expect(kept.entries[1].reasoning == entry.reasoning && kept.entries[1].message.reasoning == entry.reasoning)
    }

    @Test func whoStopsAThoughtMayGoOnWithIt() async throws {
        let (transcript, isSlow) = (try Self.transcript(), Shared(true))
        let fixture = try await AppFixture(replaying: transcript, AppFixture.standsStill(isSlow)).loaded()
        let chat = fixture.app.chat
        fixture.app.settings.settings.thinks = true
        chat.draft = transcript.question
        chat.send()
        try await until { !(chat.answer?.reasoning.isEmpty ?? true) }
        #expect(chat.answer?.text == "")
        await fixture.app.handle(.background)
        let paused = try #require(chat.conversation.entries.last)
        #expect(paused.content.isEmpty && paused.interruption == .paused && paused.reasoning?.isEmpty == false)
        #expect(try AppFixture(root: fixture.root).app.conversations[0].entries.last == paused)
        await fixture.app.handle(.foreground)
        isSlow.set(false)
        #expect(chat.canContinue)
        chat.continueAnswer()
        try await until { !chat.isResponding }
        let whole = try #require(chat.conversation.entries.last)
        #expect(try [whole.reasoning, whole.content] == Self.parts() && whole.interruption == nil)
    }
}
