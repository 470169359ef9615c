import CCortland

/// Ends a text at a stop string, and never gives a part of one.
public final class StopStrings {
    private let handle: OpaquePointer
    private let strings: [String]

    /// The stop string that ended the text.
    public private(set) var match: String?

    /// At most 256 strings, none empty.
    /// - Throws: `invalidRequest`.
    public init(_ strings: [String]) throws(GenerationError) {
        self.strings = strings
        let bytes = strings.flatMap(\.utf8)
        handle = try Boundary.handle { handle, failure in
            bytes.withUnsafeBytes { all in
                var start = 0
                let list = strings.map { string in
                    let size = string.utf8.count
                    defer { start += size }
                    let text = UnsafeRawBufferPointer(rebasing: all[start..<start + size])
                    return cortland_string(bytes: text.assumingMemoryBound(to: CChar.self).baseAddress, size: size)
                }
                return cortland_stop_strings_create(list, list.count, handle, failure)
            }
        }
    }

    deinit { cortland_stop_strings_free(handle) }

    /// Adds a piece of the text, and gives all that may be shown now.
    public func add(_ text: String) throws(GenerationError) -> String {
        var index: Int32 = -1
        defer { if index >= 0 { match = strings[Int(index)] } }
        return try Boundary.text { buffer, capacity, size, failure in
            text.withCString {
                cortland_stop_strings_add(handle, $0.bytes, $0.size, buffer, capacity, size, &index, failure)
            }
        } again: {
            cortland_stop_strings_add(handle, nil, 0, $0, $1, $2, &index, $3)
        }
    }

    /// Ends the text: what was held back; nothing behind a match.
    public func finish() throws(GenerationError) -> String {
        try Boundary.text { cortland_stop_strings_finish(handle, $0, $1, $2, $3) }
    }
}
