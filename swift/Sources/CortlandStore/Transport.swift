public import Foundation

/// Takes what a transport brings. The calls come one after the other; what they throw ends the transfer.
public protocol TransportSink: AnyObject, Sendable {
    /// Content comes, from this byte of the file on: 0 when the other side does not know how to begin later.
    func begin(at offset: Int64) throws
    /// The next piece.
    func receive(_ data: Data) throws
}

/// Brings files from elsewhere.
public protocol Transport: Sendable {
    /// Brings a file, from a byte on, and gives when all of it was received.
    /// - Throws: `TransportFailure`, `CancellationError` and what the sink throws.
    func fetch(_ url: URL, from offset: Int64, into sink: any TransportSink) async throws
}

/// Why a transfer ended early.
public enum TransportFailure: Error, Sendable, Equatable {
    /// The other side answered so (RFC 9110).
    case status(Int)
    /// The connection could not be made, or broke.
    case interrupted(String)

    /// Whether the same may work a little later.
    var isPassing: Bool {
        switch self {
        case .status(let code): code == 408 || code == 429 || code >= 500
        case .interrupted: true
        }
    }

    var sentence: String {
        switch self {
        case .status(let code): "the server answered \(code)"
        case .interrupted(let message): message
        }
    }
}
