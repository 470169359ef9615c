/// From tokens to what a person sees: characters as they become complete, up to a stop string, reasoning told from answer.
struct AnswerText {
    private let detokenizer: Detokenizer
    private let stop: StopStrings
    private let splitter: ReasoningSplitter

    init(_ file: TextFile, prompt: String, stopStrings: [String]) throws(GenerationError) {
        detokenizer = try Detokenizer(file)
        stop = try StopStrings(stopStrings)
        splitter = try ReasoningSplitter(prompt: prompt)
    }

    /// The stop string that ended the text.
    var match: String? { stop.match }

    func push(_ id: Int32) throws(GenerationError) -> ReasoningSplitter.Pieces {
        try splitter.add(stop.add(detokenizer.push(id)))
    }

    /// What was held back.
    func finish() throws(GenerationError) -> ReasoningSplitter.Pieces {
        var pieces = try splitter.add(stop.add(detokenizer.finish()) + stop.finish())
        let last = try splitter.finish()
        pieces.reasoning += last.reasoning
        pieces.answer += last.answer
        return pieces
    }
}
