import Foundation

#if canImport(CryptoKit)
    import CryptoKit
#endif

/// SHA-256 of what comes piece by piece.
struct ContentHash {
    #if canImport(CryptoKit)
        private var digest = SHA256()

        mutating func add(_ data: Data) { digest.update(data: data) }

        /// 64 hexadecimal digits.
        func hexadecimal() -> String { Self.digits(of: digest.finalize()) }
    #else
        private var digest = PortableSHA256()

        mutating func add(_ data: Data) { digest.add(data) }

        /// 64 hexadecimal digits.
        func hexadecimal() -> String { Self.digits(of: digest.finished()) }
    #endif

    private static func digits(of bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    static func of(_ data: Data) -> String {
        var hash = ContentHash()
        hash.add(data)
        return hash.hexadecimal()
    }

    /// Reads a file to its end; stops with an error when the task is cancelled.
    mutating func addFile(at url: URL) throws {
        let file = try FileHandle(forReadingFrom: url)
        defer { try? file.close() }
        while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty {
            try Task.checkCancellation()
            add(piece)
        }
    }
}
