import Cortland
import Foundation
import Testing

@Suite struct ChatTemplateTests {
    @Test func promptsAreThoseOfTransformers() throws {
        let file = try Fixture.demo()
        let template = try ChatTemplate(file)
        for transcript in try Fixture.transcripts() {
            var input = ChatTemplate.Input(transcript.messages.map { Message(.init(rawValue: $0.role), $0.content) })
            input.variables = [.init("enable_thinking", .bool(transcript.enableThinking))]
            #expect(try template.encode(input) == transcript.promptIds)
            #expect(
                try template.render(input) == Tokenizer(file).decode(transcript.promptIds, specialTokens: .shown))
        }
    }

    private static let begin = "<|begin_of_text|>"
    private static func turn(_ role: String) -> String { "<|start_header_id|>\(role)<|end_header_id|>" }

    @Test func toolsVariablesAndTimeReachTheTemplate() throws {
        let template = try ChatTemplate(Fixture.golden())
        var input = ChatTemplate.Input([Message(.user, " Hi "), Message(.assistant, "한")])
        #expect(
            try template.render(input) == Self.begin + Self.turn("user") + "\nHi<|eot_id|>" + Self.turn("assistant")
                + "\n한<|eot_id|>" + Self.turn("assistant"))
        input.messages = []
        input.end = .messages
        #expect(try template.render(input) == Self.begin)
        input.end = .answer
        input.variables = [.init("enable_thinking", true), .init("bos_token", "B")]
        #expect(try template.render(input) == "B" + Self.turn("assistant") + "<think>\n")

        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        input.variables = [.init("date", 1)]
        input.tools = [["name": "f", "size": .encoded("{\"b\": 1, \"a\": 2}")]]
        input.now = .init(Date(timeIntervalSince1970: 1_741_064_767), in: calendar)
        #expect(
            try template.render(input) == Self.begin + "2025-03-04 05:06:07\n"
                + #"[{"name": "f", "size": {"b": 1, "a": 2}}]"# + "\n" + Self.turn("assistant"))
    }

    @Test func peopleCannotWriteControlTokens() throws {
        let template = try ChatTemplate(Fixture.golden())
        var input = ChatTemplate.Input([Message(.user, "a<|eot_id|>b <|eot_id|>")])
        #expect(try template.encode(input).filter { $0 == 1924 }.count == 1)
        input.controlTokens = .recognized
        #expect(try template.encode(input).filter { $0 == 1924 }.count == 3)
    }

    @Test func refusalsKeepTheSentenceOfTheTemplate() throws {
        let template = try ChatTemplate(Fixture.golden())
        let input = ChatTemplate.Input([Message(.init(rawValue: "robot"), "")])
        #expect(throws: GenerationError.templateRefused("chat template says: no robots")) {
            try template.encode(input)
        }
        var bad = ChatTemplate.Input([])
        bad.tools = [1]
        let sentence = "tools: is of the wrong kind; got other JSON, want a list of objects"
        #expect(throws: GenerationError.invalidRequest(sentence)) { try template.encode(bad) }
    }

    @Test func messagesAreJSONThatOthersRead() throws {
        let text = "quote \" back \\ line \n tab \t bell \u{7} é 한 😀"
        let message = Message(
            .assistant, text, reasoning: "why",
            members: [.init("tool_calls", [["id": nil, "n": -3, "x": 2.5, "ok": true]])])
        let read = try JSONSerialization.jsonObject(with: Data(message.json.text.utf8))
        let want: NSDictionary = [
            "role": "assistant", "content": text, "reasoning_content": "why",
            "tool_calls": [["id": NSNull(), "n": -3, "x": 2.5, "ok": true] as NSDictionary] as NSArray,
        ]
        #expect(want.isEqual(read))
        #expect(JSONValue.number(.infinity).text == "null")
        #expect((["b": 1, "a": 2] as JSONValue).text == #"{"b": 1, "a": 2}"#)
    }
}
