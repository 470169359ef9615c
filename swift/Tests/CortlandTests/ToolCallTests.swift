import CortlandTesting
import Foundation
import Testing

@testable import Cortland

@Suite struct ToolCallTests {
    private static let call = #"{"name": "weather", "arguments": {"city": "Seoul", "days": 2}}"#
    private static let weather = ToolCall(name: "weather", arguments: .encoded(#"{"city":"Seoul","days":2}"#))

    private func split(_ text: String, by size: Int) -> ToolCallSplitter.Pieces {
        var splitter = ToolCallSplitter()
        var all = ToolCallSplitter.Pieces()
        var rest = text[...]
        while !rest.isEmpty {
            let pieces = splitter.add(String(rest.prefix(size)))
            all.text += pieces.text
            all.calls += pieces.calls
            rest = rest.dropFirst(size)
        }
        let end = splitter.finish()
        return ToolCallSplitter.Pieces(text: all.text + end.text, calls: all.calls + end.calls)
    }

    /// However the text comes.
    @Test(arguments: [1, 2, 5, 7, 1000]) func callsAreToldFromText(_ size: Int) {
        let two = "Let me look.\n<tool_call>\n\(Self.call)\n</tool_call>\n<tool_call>\(Self.call)</tool_call>"
        #expect(split(two, by: size) == .init(text: "Let me look.\n", calls: [Self.weather, Self.weather]))
        let between = "a <tool_call>\(Self.call)</tool_call>\n b"
        #expect(split(between, by: size) == .init(text: "a b", calls: [Self.weather]))
        #expect(split("<tool_call>" + Self.call, by: size) == .init(calls: [Self.weather]))
        for text in [
            "x < y", "<tool_cal", "<tool_call>no", "<tool_call>{}</tool_call>", "<<tool_call", "", "</tool_call>",
        ] {
            #expect(split(text, by: size) == .init(text: text))
        }
    }

    @Test func argumentsMayBeMissing() {
        #expect(ToolCall(text: #"{"name": "now"}"#)?.arguments == .encoded("{}"))
        #expect(ToolCall(text: #"{"name": "now", "parameters": {"a": []}}"#)?.arguments == .encoded(#"{"a":[]}"#))
        for text in [#"{"name": 1}"#, #"{"name": "a", "arguments": "b"}"#, "[]", "{", #"{"arguments": {}}"#] {
            #expect(ToolCall(text: text) == nil, "\(text)")
        }
    }

    /// A model that says what it is told to: the event, the message that is kept, and the turn behind it.
    @Test func aSessionWithToolsGivesTheCalls() async throws {
        let ids = try Tokenizer(try Fixture.demo()).encode("Well. <tool_call>\(Self.call)</tool_call>")
        let start = Shared(Int?.none)
        let model = ScriptedModel(info: Scripted.info(context: 512)) { cache in
            guard cache.count > 1 else { return Scripted.endID }
            let begin = start.get() ?? cache.count
            start.set(begin)
            let place = cache.count - begin
            return place < ids.count ? ids[place] : Scripted.endID
        }
        let language = LanguageModel(textFile: try Fixture.demo(), loader: model)
        let tool: JSONValue = ["type": "function", "function": ["name": "weather"]]
        let session = try ChatSession(model: language, tools: [tool])
        var events: [GenerationEvent] = []
        for try await event in session.streamResponse(to: "Weather?", options: .greedy) { events.append(event) }
        #expect(events.contains(.toolCall(Self.weather)))
        let last = try #require(session.transcript.last)
        #expect(last.content == "Well. ")
        #expect(last.members == [.init("tool_calls", .array([Self.weather.json]))])
        #expect(
            Self.weather.json.text
                == #"{"type": "function", "function": {"name": "weather", "arguments": {"city":"Seoul","days":2}}}"#)
        let next = try await session.streamResponse(to: "It is sunny.", options: .greedy).collect()
        #expect(next.toolCalls.isEmpty && session.transcript.map(\.role) == [.user, .assistant, .user, .assistant])

        // Without tools it is text like any other.
        start.set(nil)
        let plain = try ChatSession(model: LanguageModel(textFile: try Fixture.demo(), loader: model))
        let answer = try await plain.respond(to: "Weather?", options: .greedy)
        #expect(answer.toolCalls.isEmpty && answer.content.contains("<tool_call>"))
    }
}
