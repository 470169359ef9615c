extension Engine {
    /// How a prompt is to be answered.
    struct Request: Sendable {
        var file: TextFile
        var options: GenerationOptions
        /// Since the request was made.
        var watch: Stopwatch
    }

    /// An answer while it grows.
    struct Run {
        let sampler: Sampler
        private(set) var tokens: [Int32]  // of the prompt and of the answer
        var statistics = GenerationStatistics()

        private let ends: [Int32]
        private let limit: Int
        private var text: AnswerText
        private let reportsTokens: Bool
        private var isComplete = false

        init(_ prompt: Prompt, _ request: Request, vocabularySize: Int) throws {
            let resolved = try request.options.resolved(for: request.file)
            sampler = try Sampler(resolved.samplingMode, vocabularySize: vocabularySize)
            try sampler.begin(prompt: prompt.ids)
            for id in prompt.answer { try sampler.accept(id) }
            tokens = prompt.tokens
            ends = try request.file.endIDs
            limit = resolved.maximumResponseTokens ?? .max
            text = try AnswerText(request.file, prompt, stopStrings: request.options.stopStrings)
            reportsTokens = request.options.tokenReports == .each
            statistics.promptTokens = tokens.count
            statistics.forgottenMessages = prompt.forgottenMessages
        }

        /// Shows what was said before the answer was stopped.
        mutating func show(_ answer: [Int32], _ emit: Emit) throws {
            for id in answer { show(try text.push(id), emit) }
        }

        /// Whether the answer goes on.
        mutating func accepts(context: Int) -> Bool {
            if !isComplete, tokens.count > context { complete(.contextFull) }
            return !isComplete
        }

        mutating func timeToken(_ duration: Duration, sinceRequest elapsed: Duration) {
            if statistics.timeToFirstToken == nil {
                statistics.timeToFirstToken = elapsed
                statistics.prefillDuration = duration
            } else {
                statistics.stepDurations.append(duration)
            }
        }

        mutating func take(_ id: Int32, _ emit: Emit) throws {
            if ends.contains(id) { return complete(.endToken(id)) }
            tokens.append(id)
            statistics.generatedTokens += 1
            if reportsTokens, let chosen = try sampler.probability(of: id) {
                emit(.token(id: id, logProbability: chosen.logProbability))
            }
            show(try text.push(id), emit)
            if let match = text.match {
                complete(.stopString(match))
            } else if statistics.generatedTokens == limit {
                complete(.maximumTokens)
            }
        }

        mutating func finish(_ emit: Emit) throws { show(try text.finish(), emit) }

        private mutating func complete(_ reason: StopReason) {
            isComplete = true
            statistics.stopReason = reason
        }

        private func show(_ pieces: AnswerText.Pieces, _ emit: Emit) {
            if !pieces.reasoning.isEmpty { emit(.reasoning(pieces.reasoning)) }
            if !pieces.answer.isEmpty { emit(.text(pieces.answer)) }
            for call in pieces.calls { emit(.toolCall(call)) }
        }
    }
}
