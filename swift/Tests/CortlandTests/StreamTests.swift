import Testing

@testable import Cortland

/// Stop strings and reasoning, piece by piece.
@Suite struct StreamTests {
    @Test func textEndsBeforeAStopString() throws {
        let stop = try StopStrings(["END", "\n\n"])
        #expect(try stop.add("one E") == "one ")
        #expect(try stop.add("N two\n") == "EN two")
        #expect(stop.match == nil)
        #expect(try stop.add("\nthree") == "")
        #expect(stop.match == "\n\n")
        #expect(try stop.finish() == "")
    }

    @Test func whatWasHeldBackComesAtTheEnd() throws {
        let stop = try StopStrings(["END"])
        #expect(try stop.add("an EN") == "an ")
        #expect(try stop.finish() == "EN")
        let none = try StopStrings([])
        #expect(try none.add("x") == "x")
        #expect(throws: GenerationError.self) { try StopStrings([""]) }
    }

    @Test func longPiecesAreGivenOnce() throws {
        let long = String(repeating: "긴 글 ", count: 200)
        #expect(try StopStrings(["END"]).add(long) == long)
        let splitter = try ReasoningSplitter(prompt: "<think>\n")
        #expect(try splitter.add(long + "x") == .init(reasoning: long + "x", answer: ""))
        #expect(try splitter.add("</think>\n\n" + long + "y") == .init(reasoning: "", answer: long + "y"))
    }

    @Test func reasoningIsToldFromTheAnswer() throws {
        let closed = try ReasoningSplitter(prompt: "Hello")
        #expect(try closed.add("<thi") == .init(reasoning: "", answer: ""))
        #expect(try closed.add("nk>\nLet") == .init(reasoning: "Let", answer: ""))
        #expect(try closed.add(" me</think>\n\nYes") == .init(reasoning: " me", answer: "Yes"))
        let opened = try ReasoningSplitter(prompt: "Hello<think>\n")
        #expect(try opened.add("why </thi") == .init(reasoning: "why", answer: ""))
        #expect(try opened.finish() == .init(reasoning: " </thi", answer: ""))
    }
}
