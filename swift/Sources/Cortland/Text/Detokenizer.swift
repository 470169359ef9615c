import CCortland

/// Decodes ids one by one; a character comes with the id that completes it.
public final class Detokenizer {
    private let handle: OpaquePointer

    /// Begins a text.
    public init(_ file: TextFile, specialTokens: SpecialTokens = .skipped) throws(GenerationError) {
        handle = try Boundary.handle { cortland_detokenizer_create(file.handle, specialTokens.code, $0, $1) }
    }

    deinit { cortland_detokenizer_free(handle) }

    /// The text that the id adds, often none.
    /// - Throws: `invalidRequest` behind `finish()`.
    public func push(_ id: Int32) throws(GenerationError) -> String {
        try Boundary.text {
            cortland_detokenizer_push(handle, id, $0, $1, $2, $3)
        } again: {
            cortland_detokenizer_push(handle, CORTLAND_NO_TOKEN, $0, $1, $2, $3)
        }
    }

    /// Ends the text: what was held back.
    public func finish() throws(GenerationError) -> String {
        try Boundary.text { cortland_detokenizer_finish(handle, $0, $1, $2, $3) }
    }
}
