public import Foundation
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Brings files by HTTP while the app runs; what was broken off is asked for from where it ended (RFC 9110, section 14).
public struct URLSessionTransport: Transport {
    /// Whether a phone plan may pay for it.
    public enum Network: Sendable {
        /// Any.
        case any
        /// None that is metered, as far as the system knows.
        case unmetered
    }

    private let network: Network

    /// A transport.
    public init(_ network: Network = .any) { self.network = network }

    /// Brings a file. The task may be cancelled at any time.
    public func fetch(_ url: URL, from offset: Int64, into sink: any TransportSink) async throws {
        var request = URLRequest(url: url)
        request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")  // ranges count bytes of the file
        if offset > 0 { request.setValue("bytes=\(offset)-", forHTTPHeaderField: "Range") }
        let configuration = URLSessionConfiguration.ephemeral
        #if canImport(Darwin)
            configuration.allowsExpensiveNetworkAccess = network == .any
        #endif
        let receiver = Receiver(sink, asked: offset)
        let session = URLSession(configuration: configuration, delegate: receiver, delegateQueue: nil)
        let task = session.dataTask(with: request)
        defer { session.finishTasksAndInvalidate() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                receiver.begin(continuation)
                task.resume()
            }
        } onCancel: {
            task.cancel()
        }
    }
}

/// Hands on what a session gets, on the queue of the session: what comes waits until the sink has taken what came.
private final class Receiver: NSObject, URLSessionDataDelegate {
    private let sink: any TransportSink
    private let asked: Int64
    private let continuation = Mutex<CheckedContinuation<Void, any Error>?>(nil)

    init(_ sink: any TransportSink, asked: Int64) {
        self.sink = sink
        self.asked = asked
    }

    func begin(_ continuation: CheckedContinuation<Void, any Error>) {
        self.continuation.withLock { $0 = continuation }
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        do {
            let answer = response as? HTTPURLResponse
            let code = answer?.statusCode ?? 0
            guard code == 200 || code == 206 else { throw TransportFailure.status(code) }
            if code == 206 {
                // "bytes 1000-4999/5000"
                let range = answer?.value(forHTTPHeaderField: "Content-Range") ?? "nothing"
                guard range.hasPrefix("bytes \(asked)-") else {
                    throw TransportFailure.interrupted("the server sent another part; got \(range), want from \(asked)")
                }
            }
            try sink.begin(at: code == 206 ? asked : 0)
            completionHandler(.allow)
        } catch {
            end(with: error)
            completionHandler(.cancel)
        }
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        guard continuation.withLock({ $0 != nil }) else { return }
        do {
            try sink.receive(data)
        } catch {
            end(with: error)
            dataTask.cancel()
        }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        switch error {
        case let error as URLError where error.code == .cancelled: end(with: CancellationError())
        case let error?: end(with: TransportFailure.interrupted(error.localizedDescription))
        case nil: end(with: nil)
        }
    }

    /// The first end counts: systems differ in what follows a cancellation.
    private func end(with error: (any Error)?) {
        let waiting = continuation.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }
        if let error { waiting?.resume(throwing: error) } else { waiting?.resume() }
    }
}
