import Cortland
import Foundation

/// Answers prompts, as a stream.
struct Answering {
    private let options: Options
    private let session: ChatSession

    private struct Answer {
        var text: String
        var statistics: GenerationStatistics
    }

    init(_ options: Options) async throws {
        self.options = options
        let transcript = options.system.map { [Message(.system, $0)] } ?? []
        session = try ChatSession(model: try await ModelFiles(options).languageModel(), transcript: transcript)
    }

    /// One prompt; afterwards how it went, for people on standard error.
    func answerOnce() async throws {
        let answer = try await answer(options.prompt ?? "", isShown: !options.isJSON)
        if options.isJSON { try Output.json(Report(answer)) }
    }

    /// A prompt for each line, until there are no more.
    func answerLines() async throws {
        while let line = prompt() {
            guard !line.isEmpty else { continue }
            do {
                _ = try await answer(line, isShown: true)
            } catch GenerationError.contextFull(let needed, let limit) {
                Output.standardError("\(needed) tokens are too many; there is room for \(limit)\n")
            }
        }
    }

    private func prompt() -> String? {
        Output.standardError("> ")
        return readLine()
    }

    private func answer(_ prompt: String, isShown: Bool) async throws -> Answer {
        let stream = session.streamResponse(to: prompt, options: options.generation)
        var last = GenerationStatistics()
        var said = ""
        for try await event in stream {
            switch event {
            case .reasoning(let piece):
                if isShown { Output.standardError(piece) }
            case .text(let piece):
                if isShown { Output.standardOutput(piece) }
                said += piece
            case .fellBack(let attempt): Output.standardError("\(attempt)\n")
            case .finished(let statistics): last = statistics
            case .started, .progress, .token, .toolCall: break
            }
        }
        if isShown { summarize(last) }
        return Answer(text: said, statistics: last)
    }

    private func summarize(_ statistics: GenerationStatistics) {
        let rate = statistics.tokensPerSecond.map { String(format: ", %.1f tokens/s", $0) } ?? ""
        let unit = statistics.computeUnit.map { " on \($0.rawValue)" } ?? ""
        Output.standardOutput("\n")
        Output.standardError("\(statistics.generatedTokens) tokens\(rate)\(unit); ")
        Output.standardError("\(statistics.promptTokens) prompt tokens, \(statistics.cachedTokens) of them cached\n")
    }

    private struct Report: Encodable {
        var text: String
        var promptTokens, cachedTokens, generatedTokens: Int
        var computeUnit: ComputeUnit?
        var attempts: [LadderAttempt]

        init(_ answer: Answer) {
            let statistics = answer.statistics
            text = answer.text
            promptTokens = statistics.promptTokens
            cachedTokens = statistics.cachedTokens
            generatedTokens = statistics.generatedTokens
            computeUnit = statistics.computeUnit
            attempts = statistics.attempts
        }
    }
}
