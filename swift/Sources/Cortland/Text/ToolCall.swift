import Foundation

/// A call of a tool that the model asks for.
public struct ToolCall: Sendable, Hashable {
    /// The name of the tool.
    public var name: String
    /// What it is called with: an object.
    public var arguments: JSONValue

    /// A call.
    public init(name: String, arguments: JSONValue) {
        self.name = name
        self.arguments = arguments
    }

    /// As chat templates get it, among the `tool_calls` of a message.
    public var json: JSONValue {
        ["type": "function", "function": ["name": .string(name), "arguments": arguments]]
    }

    /// Reads `{"name": "f", "arguments": {...}}`; some models write `parameters`. `nil` for anything else.
    init?(text: some StringProtocol) {
        guard let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any],
            let name = object["name"] as? String,
            let arguments = (object["arguments"] ?? object["parameters"] ?? [String: Any]()) as? [String: Any],
            let data = try? JSONSerialization.data(
                withJSONObject: arguments, options: [.sortedKeys, .withoutEscapingSlashes])
        else { return nil }
        self.init(name: name, arguments: .encoded(String(decoding: data, as: UTF8.self)))
    }
}

/// Whether calls of tools are looked for in an answer.
enum ToolCallReading: Sendable {
    /// The session has no tools: all is text.
    case off
    /// It has some.
    case on
}

/// Tells calls of tools from the text around them: `<tool_call>`, an object, `</tool_call>`, as many model families write
/// them (Hermes, Qwen, EXAONE 4). What looks like a call and is none stays text.
struct ToolCallSplitter {
    /// What has become certain, in order: text, then calls.
    struct Pieces: Equatable {
        var text = ""
        var calls: [ToolCall] = []
    }

    private static let opening = "<tool_call>", closing = "</tool_call>"

    private var held = ""
    private var isInside = false
    private var isBehindCall = false  // white space there is no text

    mutating func add(_ piece: String) -> Pieces {
        var pieces = Pieces()
        held += piece
        while let range = held.range(of: isInside ? Self.closing : Self.opening) {
            let before = held[..<range.lowerBound]
            if !isInside {
                pieces.text += visible(before)
            } else if let call = ToolCall(text: before) {
                pieces.calls.append(call)
                isBehindCall = true
            } else {
                pieces.text += Self.opening + before + Self.closing
            }
            held = String(held[range.upperBound...])
            isInside.toggle()
        }
        guard !isInside else { return pieces }
        let certain = held.dropLast(Self.lengthOfBeginning(at: held))
        pieces.text += visible(certain)
        held = String(held[certain.endIndex...])
        return pieces
    }

    /// Ends the text: what was held back. Models often end behind the object.
    mutating func finish() -> Pieces {
        defer { held = "" }
        guard isInside else { return Pieces(text: String(visible(held[...]))) }
        if let call = ToolCall(text: held) { return Pieces(calls: [call]) }
        return Pieces(text: Self.opening + held)
    }

    private mutating func visible(_ text: Substring) -> Substring {
        guard isBehindCall else { return text }
        let rest = text.drop(while: \.isWhitespace)
        if !rest.isEmpty { isBehindCall = false }
        return rest
    }

    /// Of the longest end of a text with which a call may begin, in characters.
    private static func lengthOfBeginning(at text: String) -> Int {
        (1..<opening.count).reversed().first { text.hasSuffix(opening.prefix($0)) } ?? 0
    }
}
