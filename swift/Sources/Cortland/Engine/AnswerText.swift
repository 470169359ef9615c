/// From tokens to what a person sees: characters as they become complete, up to a stop string, reasoning told from answer, and
/// both from calls of tools.
struct AnswerText {
    private let detokenizer: Detokenizer
    private let stop: StopStrings
    private let splitter: ReasoningSplitter
    private var toolCalls: ToolCallSplitter?

    /// What has become certain.
    struct Pieces {
        var reasoning: String
        var answer: String
        var calls: [ToolCall] = []
    }

    init(_ file: TextFile, _ prompt: Prompt, stopStrings: [String]) throws(GenerationError) {
        detokenizer = try Detokenizer(file)
        stop = try StopStrings(stopStrings)
        splitter = try ReasoningSplitter(prompt: prompt.text)
        toolCalls = prompt.toolCalls == .on ? ToolCallSplitter() : nil
    }

    /// The stop string that ended the text.
    var match: String? { stop.match }

    mutating func push(_ id: Int32) throws(GenerationError) -> Pieces {
        let split = try splitter.add(stop.add(detokenizer.push(id)))
        guard let found = toolCalls?.add(split.answer) else {
            return Pieces(reasoning: split.reasoning, answer: split.answer)
        }
        return Pieces(reasoning: split.reasoning, answer: found.text, calls: found.calls)
    }

    /// What was held back.
    mutating func finish() throws(GenerationError) -> Pieces {
        let rest = try splitter.add(stop.add(detokenizer.finish()) + stop.finish())
        let last = try splitter.finish()
        var pieces = Pieces(reasoning: rest.reasoning + last.reasoning, answer: rest.answer + last.answer)
        guard let found = toolCalls?.add(pieces.answer), let end = toolCalls?.finish() else { return pieces }
        pieces.answer = found.text + end.text
        pieces.calls = found.calls + end.calls
        return pieces
    }
}
