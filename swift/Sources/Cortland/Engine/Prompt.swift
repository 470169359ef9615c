/// What an answer begins with.
struct Prompt: Sendable {
    var ids: [Int32]
    /// The same as text, which tells whether it has opened the reasoning.
    var text: String
    var forgottenMessages = 0
}
