/// What an answer begins with.
struct Prompt: Sendable {
    var ids: [Int32]
    /// The same as text, which tells whether it has opened the reasoning.
    var text: String
    var forgottenMessages = 0
    var toolCalls = ToolCallReading.off
    /// Tokens of an answer that was stopped, and goes on.
    var answer: [Int32] = []

    /// What the model reads.
    var tokens: [Int32] { ids + answer }
}
