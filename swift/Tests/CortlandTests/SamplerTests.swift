import Cortland
import Testing

/// Against the logit processors of transformers.
@Suite struct SamplerTests {
    struct Parameters: Decodable {
        var repetitionPenalty, presencePenalty, frequencyPenalty, temperature, topP, minP: Double
        var noRepeatNgramSize, topK: Int64

        var mode: GenerationOptions.SamplingMode {
            var mode = GenerationOptions.SamplingMode()
            mode.repetitionPenalty = repetitionPenalty
            mode.presencePenalty = presencePenalty
            mode.frequencyPenalty = frequencyPenalty
            mode.temperature = temperature
            mode.topP = topP
            mode.minP = minP
            mode.noRepeatNgram = noRepeatNgramSize
            mode.topK = topK
            return mode
        }
    }
    struct Case: Decodable {
        var name: String
        var params: Parameters
        var prompt, generated: [Int32]
        var logits: [Float]
        var probs: [Double]?
        var kept: Int
        var greedy: Int32
        var tieAtCut: Bool?
    }

    private func sample(_ sampler: Sampler, _ logits: [Float]) throws -> Int32 {
        try logits.withUnsafeBytes {
            try sampler.sample(
                LogitsView(base: #require($0.baseAddress), count: logits.count, scalar: .float32))
        }
    }

    @Test func probabilitiesAreTheReferences() throws {
        let cases = try Fixture.lines("text/sampler.jsonl", as: Case.self)
        #expect(cases.count > 50)
        for line in cases {
            let sampler = try Sampler(line.params.mode, vocabularySize: line.logits.count)
            try sampler.begin(prompt: line.prompt)
            for id in line.generated { try sampler.accept(id) }
            let id = try sample(sampler, line.logits)
            let top = try sampler.top(line.logits.count)
            guard let probabilities = line.probs else {
                #expect(id == line.greedy, "\(line.name)")
                continue
            }
            #expect(top.count == line.kept, "\(line.name)")
            guard line.tieAtCut != true else { continue }
            for token in top {
                #expect(abs(token.probability - probabilities[Int(token.id)]) < 1e-6, "\(line.name)")
            }
            #expect(try sampler.probability(of: id) == top.first { $0.id == id })
        }
    }

    @Test func aSeedRepeatsAnAnswer() throws {
        func draw(_ seed: UInt64?) throws -> [Int32] {
            let sampler = try Sampler(.random(top: 40, seed: seed), vocabularySize: 64)
            try sampler.begin(prompt: [1])
            return try (0..<24).map { _ in try sample(sampler, [Float](repeating: 0, count: 64)) }
        }
        #expect(try draw(7) == draw(7))
        #expect(try draw(7) != draw(8))
        #expect(try draw(nil) != draw(nil))
    }

    @Test func biasesCount() throws {
        var mode = GenerationOptions.SamplingMode.greedy
        mode.logitBias = [3: 5, 0: -.infinity]
        let sampler = try Sampler(mode, vocabularySize: 4)
        try sampler.begin(prompt: [0])
        #expect(try sample(sampler, [9, 1, 2, 0]) == 3)
    }

    @Test func whatIsNoNumberIsRefused() throws {
        let sampler = try Sampler(.greedy, vocabularySize: 2)
        try sampler.begin(prompt: [0])
        for logits in [[1, .nan], [1, .infinity], [1]] as [[Float]] {
            let error = #expect(throws: GenerationError.self) { try sample(sampler, logits) }
            #expect(error?.kind == "unusableLogits")
        }
        var mode = GenerationOptions.SamplingMode()
        mode.topP = 2
        #expect(throws: GenerationError.self) { try Sampler(mode, vocabularySize: 2) }
    }

    @Test func optionsStandBeforeTheDefaultsOfTheModel() throws {
        let file = try Fixture.golden()
        let direct = try GenerationOptions().resolved(for: file)
        #expect(direct.samplingMode.temperature == 0)
        #expect(direct.samplingMode.repetitionPenalty == 1.1)
        #expect(direct.maximumResponseTokens == 256)
        var options = GenerationOptions(temperature: 0.25, maximumResponseTokens: 9)
        options.thinking = .on
        let thinking = try options.resolved(for: file)
        #expect(thinking.samplingMode.temperature == 0.25)
        #expect(thinking.samplingMode.topP == 0.95)
        #expect(thinking.maximumResponseTokens == 9)
        options.samplingMode = .random(top: 3)
        options.temperature = nil
        #expect(try options.resolved(for: file).samplingMode == .random(top: 3))
        options.maximumResponseTokens = 0
        #expect(throws: GenerationError.self) { try options.resolved(for: file) }
    }
}
