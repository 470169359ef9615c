import CCortland

/// What every call of the C API does with its failures and its results.
enum Boundary {
    typealias Failure = UnsafeMutablePointer<cortland_error>
    typealias TextCall = (UnsafeMutablePointer<CChar>?, Int, UnsafeMutablePointer<Int>, Failure) -> cortland_status
    typealias ListCall = (UnsafeMutablePointer<Int32>?, Int, UnsafeMutablePointer<Int>, Failure) -> cortland_status

    /// Runs a call that gives nothing but its status.
    static func check(_ call: (Failure) -> cortland_status) throws(GenerationError) {
        var failure = cortland_error()
        let status = call(&failure)
        if Int(status) != CORTLAND_OK { throw GenerationError(status: status, message: text(of: failure)) }
    }

    /// The text that a call writes.
    static func text(_ call: TextCall) throws(GenerationError) -> String { try text(call, again: call) }

    /// The text that a call of a stream writes. Where the first buffer is too small, `again` is called with one that fits:
    /// the stream has taken its input by then, and must not be given it twice.
    static func text(_ call: TextCall, again: TextCall) throws(GenerationError) -> String {
        let bytes = try list(of: CChar.self, capacity: 256, call, again: again)
        return String(decoding: bytes.lazy.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The token ids that a call writes.
    static func ids(capacity: Int, _ call: ListCall) throws(GenerationError) -> [Int32] {
        try list(of: Int32.self, capacity: capacity, call, again: call)
    }

    /// Makes a handle.
    static func handle(
        _ create: (UnsafeMutablePointer<OpaquePointer?>, Failure) -> cortland_status
    ) throws(GenerationError) -> OpaquePointer {
        var handle: OpaquePointer?
        try check { failure in create(&handle, failure) }
        guard let handle else { throw .internalFailure("handle: was not made; got NULL, want an address") }
        return handle
    }

    private static func list<Element: BinaryInteger>(
        of: Element.Type,
        capacity: Int,
        _ call: (UnsafeMutablePointer<Element>?, Int, UnsafeMutablePointer<Int>, Failure) -> cortland_status,
        again: (UnsafeMutablePointer<Element>?, Int, UnsafeMutablePointer<Int>, Failure) -> cortland_status
    ) throws(GenerationError) -> [Element] {
        var buffer = [Element](repeating: 0, count: capacity)
        var count = 0
        var failure = cortland_error()
        var status = buffer.withUnsafeMutableBufferPointer { call($0.baseAddress, $0.count, &count, &failure) }
        if Int(status) == CORTLAND_BUFFER_TOO_SMALL {
            buffer = [Element](repeating: 0, count: count)
            status = buffer.withUnsafeMutableBufferPointer { again($0.baseAddress, $0.count, &count, &failure) }
        }
        guard Int(status) == CORTLAND_OK else { throw GenerationError(status: status, message: text(of: failure)) }
        buffer.removeLast(buffer.count - count)
        return buffer
    }

    private static func text(of failure: cortland_error) -> String {
        withUnsafeBytes(of: failure.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

extension String {
    /// A text of the C API.
    init(_ text: cortland_string) {
        self.init(decoding: UnsafeRawBufferPointer(start: text.bytes, count: text.size), as: UTF8.self)
    }

    /// The text as the C API takes it; the address is good during `body` only.
    func withCString<Result>(_ body: (cortland_string) -> Result) -> Result {
        var text = self
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                body(cortland_string(bytes: $0.baseAddress, size: $0.count))
            }
        }
    }
}

extension GenerationError {
    init(status: cortland_status, message: String) {
        switch Int(status) {
        case CORTLAND_INVALID: self = .invalidRequest(message)
        case CORTLAND_CORRUPT: self = .corruptFile(message)
        case CORTLAND_IO: self = .fileUnavailable(message)
        case CORTLAND_NOT_FOUND: self = .notFound(message)
        case CORTLAND_REFUSED: self = .templateRefused(message)
        case CORTLAND_OUT_OF_MEMORY: self = .outOfMemory(message)
        case CORTLAND_UNSUPPORTED: self = .unsupportedModel(message)
        default: self = .internalFailure(message)
        }
    }
}
