import CCortland

/// Tells the reasoning of a model from its answer, as with `<think>` and `</think>`.
public final class ReasoningSplitter {
    /// What a piece of text consists of: first reasoning, then answer.
    public struct Pieces: Sendable, Equatable {
        /// What the model thinks.
        public var reasoning: String
        /// What it says.
        public var answer: String
    }

    private let handle: OpaquePointer

    /// Begins an answer to a prompt, which may have opened the reasoning already.
    public init(prompt: String) throws(GenerationError) {
        let start = prompt.withCString { cortland_reasoning_start_of($0.bytes, $0.size, nil) }
        handle = try Boundary.handle { cortland_reasoning_create(nil, nil, start, $0, $1) }
    }

    deinit { cortland_reasoning_free(handle) }

    /// Adds a piece of the text, and gives what has become certain.
    public func add(_ text: String) throws(GenerationError) -> Pieces {
        try split { buffer, capacity, size, reasoning, failure in
            text.withCString {
                cortland_reasoning_add(handle, $0.bytes, $0.size, buffer, capacity, size, reasoning, failure)
            }
        } again: {
            cortland_reasoning_add(handle, nil, 0, $0, $1, $2, $3, $4)
        }
    }

    /// Ends the text: what was held back.
    public func finish() throws(GenerationError) -> Pieces {
        try split(end, again: end)
    }

    private func end(
        _ buffer: UnsafeMutablePointer<CChar>?, _ capacity: Int, _ size: UnsafeMutablePointer<Int>,
        _ reasoning: UnsafeMutablePointer<Int>, _ failure: Boundary.Failure
    ) -> cortland_status {
        cortland_reasoning_finish(handle, buffer, capacity, size, reasoning, failure)
    }

    private typealias Call = (
        UnsafeMutablePointer<CChar>?, Int, UnsafeMutablePointer<Int>, UnsafeMutablePointer<Int>, Boundary.Failure
    ) -> cortland_status

    private func split(_ call: Call, again: Call) throws(GenerationError) -> Pieces {
        var size = 0
        let text = try Boundary.text {
            call($0, $1, $2, &size, $3)
        } again: {
            again($0, $1, $2, &size, $3)
        }
        // The C API cuts between characters.
        let bytes = text.utf8
        return Pieces(
            reasoning: String(decoding: bytes.prefix(size), as: UTF8.self),
            answer: String(decoding: bytes.dropFirst(size), as: UTF8.self))
    }
}
