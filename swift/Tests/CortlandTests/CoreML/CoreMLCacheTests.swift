@_spi(StandIn) import CoreMLStandIn
import Cortland
import CortlandCoreML
import Testing

/// What calls read in a conversation of several turns.
@Suite struct CoreMLCacheTests {
    /// How a form takes tokens in.
    struct Form: Sendable, CustomTestStringConvertible {
        var options: [String]
        var prefill, step: Int
        var padding: [Int]  // the widths that calls are filled up to; none: they are as wide as what they read

        var testDescription: String { options.joined(separator: " ") }

        static let all = [
            Form(options: ["--prefill", "4"], prefill: 4, step: 1, padding: [1, 4]),
            Form(options: ["--prefill", "4", "--target", "iOS17"], prefill: 4, step: 4, padding: [4]),
            Form(options: ["--prefill", "4", "--parts", "2"], prefill: 4, step: 1, padding: [1, 4]),
            Form(options: ["--profile", "gpu"], prefill: 64, step: 64, padding: []),
        ]

        func compiled() async throws -> CompiledForm {
            try await CompiledForm.golden("exaone4-hybrid", ["--context", "64"] + options)
        }

        /// The pieces in which it reads what the cache lacks of a prompt, and then the answer but for its last token.
        func pieces(_ prompt: [Int32], cached: Int, _ answer: [Int32]) -> [(position: Int, tokens: [Int32])] {
            var pieces: [(Int, [Int32])] = []
            var at = cached
            while prompt.count - at > step {
                // One or two tokens are not worth a call that pads them to four.
                let left = prompt.count - 1 - at
                let end = at + (step == 1 && left < 3 ? 1 : min(prefill, left))
                pieces.append((at, Array(prompt[at..<end])))
                at = end
            }
            pieces.append((at, Array(prompt[at...])))
            for (index, token) in answer.dropLast().enumerated() { pieces.append((prompt.count + index, [token])) }
            return pieces
        }

        /// What the int32 inputs of those calls are to hold, as far as the form has them.
        func integers(
            _ pieces: [(position: Int, tokens: [Int32])], like sample: [String: [Int32]]
        ) -> [[String: [Int32]]] {
            pieces.map { position, tokens in
                let width = padding.first { $0 >= tokens.count } ?? tokens.count
                let ids = tokens + [Int32](repeating: 0, count: width - tokens.count)
                let all = ["position": [Int32(position)], "input_ids": ids, "inputIds": ids]
                return all.filter { sample[$0.key] != nil }
            }
        }
    }

    @Test(arguments: Form.all)
    func laterTurnsReadWhatIsNewAndNothingElse(_ form: Form) async throws {
        let golden = try GoldenAnswer.all("exaone4-hybrid")
        let compiled = try await form.compiled()
        let session = try await compiled.session()
        try await session.prewarm()

        /// Asks, and compares what was read with what had to be.
        func ask(_ question: [Int32], behind before: [Int32], cached: Int) async throws -> [Int32] {
            let known = StandIn.integers(of: compiled.compiled)
            let (ids, statistics) = try await session.tokens(answering: Letters.text(question), atMost: 6)
            let prompt = before + question
            #expect(statistics.promptTokens == prompt.count && statistics.cachedTokens == cached && ids.count == 6)
            let read = StandIn.integers(of: compiled.compiled).dropFirst(known.count)
            let pieces = form.pieces(prompt, cached: cached, ids)
            #expect(Array(read) == form.integers(pieces, like: try #require(read.first)))
            return ids
        }
        let first = try await ask(golden[0].prompt, behind: [], cached: 0)
        #expect(golden[0].answer.starts(with: first))
        let turn = golden[0].prompt + first
        let question = golden[1].prompt + golden[1].answer.prefix(6)
        let second = try await ask(question, behind: turn, cached: turn.count - 1)
        let fresh = try await form.compiled().session(transcript: session.transcript.dropLast(2))
        #expect(second == (try await fresh.tokens(answering: Letters.text(question), atMost: 6).ids))

        // The question in other words: back to where they part, and on another way.
        try session.replaceTranscript(with: [])
        let other = Array(golden[0].prompt.prefix(5) + golden[1].prompt)
        let third = try await ask(other, behind: [], cached: 5)
        let alone = try await form.compiled().session().tokens(answering: Letters.text(other), atMost: 6).ids
        #expect(third == alone && third != first)
    }

    /// An answer that was stopped, and goes on, is PyTorch's and the command line's.
    @Test(arguments: Form.all)
    func aStoppedAnswerGoesOn(_ form: Form) async throws {
        let golden = try GoldenAnswer.all("exaone4-hybrid")[1]
        let compiled = try await form.compiled()
        let session = try await compiled.session()
        try await session.prewarm()
        let (question, position) = (Letters.text(golden.prompt), golden.prompt.count + 4)
        let pieces = form.pieces(golden.prompt, cached: 0, golden.answer)
        let piece = try #require(pieces.firstIndex { $0.position == position })
        // In the first part, behind five tokens of the answer: the call gives the sixth, and is the last.
        let chat = Shared(session)
        let calls = StandIn.calls(of: compiled.compiled).count
        var behaviour = StandIn.Behaviour()
        behaviour.hook = { _, number in
            guard number == calls + piece else { return .works }
            Task { await chat.get().stop() }
            waitForCancellation()
            return .works
        }
        StandIn.setBehaviour(of: compiled.compiled, behaviour)
        let options = GenerationOptions(samplingMode: .greedy, maximumResponseTokens: golden.answer.count)
        let cut = try await session.respond(to: question, options: options)
        #expect(cut.statistics.stopReason == .cancelled && session.canContinue)
        #expect(Letters.ids(cut.content) == Array(golden.answer.prefix(6)))
        var rest = options
        rest.maximumResponseTokens = golden.answer.count - 6
        let whole = try await session.streamContinuation(options: rest).collect()
        #expect(Letters.ids(whole.content) == golden.answer && whole.statistics.cachedTokens == position + 1)
        #expect(golden.answer == (try compiled.commandLine(question, tokens: golden.answer.count)))
    }
}
