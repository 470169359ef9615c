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
        private(set) var wentToStart = false

        init(_ backend: any InferenceBackend) { self.backend = backend }

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
            chosen.append(try backend.step(Array(rest), at: read.count) { Self.likeliest($0) })
            read += rest
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

        private static func likeliest(_ logits: LogitsView) -> Int32 {
            var best = (id: 0, value: -Float.infinity)
            for id in 0..<logits.count {
                let value: Float
                switch logits.scalar {
                case .float32:
                    value = logits.base.loadUnaligned(fromByteOffset: id * logits.stride * 4, as: Float.self)
                case .float16:
                    let bits = logits.base.loadUnaligned(fromByteOffset: id * logits.stride * 2, as: UInt16.self)
                    value = half(bits)
                }
                if value > best.value { best = (id, value) }
            }
            return Int32(best.id)
        }

        /// Not all platforms have Float16.
        private static func half(_ bits: UInt16) -> Float {
            let exponent = Int(bits >> 10 & 0x1f)
            let fraction = Float(bits & 0x3ff) / 1024
            let magnitude =
                exponent == 0
                ? Float(sign: .plus, exponent: -14, significand: fraction)
                : Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction)
            return bits >> 15 == 0 ? magnitude : -magnitude
        }
    }

    @Test(arguments: [
        ["--context", "64", "--prefill", "8"], ["--context", "64", "--prefill", "8", "--target", "iOS17"],
        ["--context", "64", "--prefill", "8", "--parts", "2"], ["--context", "600", "--profile", "gpu"],
    ])
    func aRingSaysWhatAFullCacheSays(_ options: [String]) async throws {
        let full = try await CompiledForm.golden("exaone4-hybrid", options).model().load(on: .cpu)
        let ring = try await CompiledForm.golden("exaone4-hybrid", options + ["--sliding-cache", "ring"])
            .model().load(on: .cpu)
        #expect(ring.info.cacheBytes < full.info.cacheBytes)
        let (one, other) = (Conversation(full), Conversation(ring))
        #expect(try one.run() == other.run())
        #expect(!one.wentToStart)
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
