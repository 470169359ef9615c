import CortlandTesting
import Testing

@testable import Cortland

@Suite struct ContextPolicyTests {
    /// A message of so many tokens, as `encode` below counts them.
    private func message(_ role: Message.Role, _ tokens: Int) -> Message {
        Message(role, String(repeating: "x", count: tokens))
    }

    private func fit(
        _ policy: ContextPolicy, _ messages: [Message], forgotten: Int = 0, context: Int
    ) throws -> ContextPolicy.Fit {
        try policy.fit(messages, forgotten: forgotten, context: context) { messages in
            messages.flatMap { [Int32](repeating: 7, count: $0.content.count) }
        }
    }

    @Test func theOldestTurnsGoFirst() throws {
        let conversation = [
            message(.system, 5), message(.user, 10), message(.assistant, 20), message(.user, 3),
            message(.assistant, 4), message(.tool, 2), message(.assistant, 1), message(.user, 6),
        ]
        let policy = ContextPolicy.keepNewestTurns(reserve: 4)
        #expect(try fit(policy, conversation, context: 55).forgotten == 0)
        #expect(try fit(policy, conversation, context: 54).forgotten == 2)
        #expect(try fit(policy, conversation, context: 54).ids.count == 21)
        #expect(try fit(policy, conversation, context: 25).forgotten == 2)
        #expect(try fit(policy, conversation, context: 24).forgotten == 6)
        #expect(try fit(policy, conversation, context: 15).ids.count == 11)
        #expect(throws: GenerationError.contextFull(needed: 11, limit: 10)) {
            try fit(policy, conversation, context: 14)
        }
        // What was forgotten once stays so.
        #expect(try fit(policy, conversation, forgotten: 6, context: 100).ids.count == 11)
    }

    @Test func stoppingForgetsNothing() throws {
        let conversation = [message(.user, 10), message(.assistant, 20), message(.user, 3)]
        #expect(try fit(.stop, conversation, context: 34).ids.count == 33)
        #expect(throws: GenerationError.contextFull(needed: 33, limit: 32)) {
            try fit(.stop, conversation, context: 33)
        }
    }

    @Test func longConversationsGoOn() async throws {
        let model = ScriptedModel(info: Scripted.info(context: 96), script: Scripted.words(6))
        let session = try Scripted.session(model, transcript: [Message(.system, "Be brief.")])
        var forgotten = 0
        for turn in 0..<12 {
            let statistics = try await session.respond(to: "Question \(turn)", options: .greedy).statistics
            #expect(statistics.generatedTokens == 6)
            #expect(statistics.promptTokens <= 96 - 32)
            #expect(statistics.forgottenMessages >= forgotten)
            forgotten = statistics.forgottenMessages
        }
        #expect(forgotten >= 10)
        #expect(session.transcript.count == 25, "what the model forgets people still see")
    }

    @Test func aSessionThatIsToStopSaysWhatIsNeeded() async throws {
        let model = ScriptedModel(info: Scripted.info(context: 40), script: Scripted.words(6))
        let session = try Scripted.session(model, contextPolicy: .stop)
        _ = try await session.respond(to: "Hello", options: .greedy)
        let error = await #expect(throws: GenerationError.self) {
            try await session.respond(to: "And what else is there to be said?", options: .greedy)
        }
        guard case .contextFull(let needed, limit: 39) = error else { return #expect(error == nil, "want contextFull") }
        #expect(needed > 39)
        #expect(session.transcript.count == 2)
    }
}
