import Cortland
import CortlandCoreML
import Foundation
import Testing

@Suite struct LongContextTests {
    /// The tokens that a backend chooses in a conversation that goes on beyond a ring, and goes back a little and far.
    private final class Conversation {
        private let backend: any InferenceBackend
        private var read: [Int32] = []
        private var chosen: [Int32] = []
        /// What had been read each time, and the token behind it.
        private(set) var choices: [(read: [Int32], token: Int32)] = []
        private(set) var wentToStart = false

        init(_ backend: any InferenceBackend) { self.backend = backend }

        /// The token behind what a backend that has read nothing reads at once.
        static func token(behind tokens: [Int32], _ backend: any InferenceBackend) throws -> Int32 {
            let fresh = Conversation(backend)
            try fresh.take(tokens)
            return fresh.choices[0].token
        }

        func run() throws -> [Int32] {
            try say(30)
            try answer(12)
            try goBack(to: read.count - 1)
            try say(2)
            try answer(3)
            try goBack(to: 9)
            try say(20)
            try answer(5)
            return chosen
        }

        private func say(_ count: Int) throws {
            try take((0..<Int32(count)).map { (Int32(read.count) * 7 + $0 * 31) % 300 })
        }

        private func answer(_ count: Int) throws {
            for _ in 0..<count { try take([chosen.last ?? 0]) }
        }

        private func take(_ tokens: [Int32]) throws {
            var rest = tokens[...]
            while rest.count > backend.info.stepSize {
                let chunk = Array(rest.prefix(min(backend.info.prefillSize, rest.count - 1)))
                try backend.prefill(chunk, at: read.count)
                read += chunk
                rest = rest.dropFirst(chunk.count)
            }
            let sampler = try Sampler(.greedy, vocabularySize: backend.info.vocabularySize)
            chosen.append(try backend.step(Array(rest), at: read.count) { try sampler.sample($0) })
            read += rest
            choices.append((read, chosen[chosen.count - 1]))
        }

        private func goBack(to position: Int) throws {
            let start = backend.resumablePosition(for: position)
            wentToStart = wentToStart || start < position
            try backend.rewind(to: start)
            let lost = Array(read[start..<position])
            read.removeLast(read.count - start)
            if !lost.isEmpty { try take(lost) }
            if !lost.isEmpty { chosen.removeLast() }
        }
    }

    @Test(arguments: [
        ["--context", "64", "--prefill", "8"], ["--context", "64", "--prefill", "8", "--target", "iOS17"],
        ["--context", "64", "--prefill", "8", "--parts", "2"], ["--context", "600", "--profile", "gpu"],
    ])
    func aRingSaysWhatAFullCacheSays(_ options: [String]) async throws {
        let model = try await CompiledForm.golden("exaone4-hybrid", options).model()
        let full = try model.load(on: .cpu)
        let ring = try await CompiledForm.golden("exaone4-hybrid", options + ["--sliding-cache", "ring"])
            .model().load(on: .cpu)
        #expect(ring.info.cacheBytes < full.info.cacheBytes)
        let (one, other) = (Conversation(full), Conversation(ring))
        #expect(try one.run() == other.run())
        #expect(!one.wentToStart)
        // Neither keeps anything of what it forgot.
        for choice in one.choices {
            #expect(try Conversation.token(behind: choice.read, try model.load(on: .cpu)) == choice.token)
        }
        #expect(other.wentToStart == (full.info.contextLength == 64))  // the other one has lost nothing yet
    }

    @Test func oneOfSeveralContexts() async throws {
        let form = try await CompiledForm.demo(.contexts)
        let (small, large) = (try await form.model(context: 40), try await form.model())
        #expect(small.contextLength == 64 && large.contextLength == 256)
        #expect(small.contextLengths == [64, 256] && large.contextLengths == [64, 256])
        #expect(try small.load(on: .cpu).info.cacheBytes == large.load(on: .cpu).info.cacheBytes / 4)
        let failure = await #expect(throws: GenerationError.self) { try await form.model(context: 257) }
        #expect(failure?.kind == "unsupportedModel")
        #expect(failure?.localizedDescription.contains("want at most 256") == true)
    }
}
