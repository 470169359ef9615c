import Cortland
import Foundation
import Synchronization

/// How far a transfer is.
public struct TransferProgress: Sendable, Equatable {
    /// Bytes that are here and right, or not checked yet.
    public var done: Int64
    /// Bytes in all.
    public var total: Int64

    /// So far.
    public init(done: Int64 = 0, total: Int64 = 0) {
        self.done = done
        self.total = total
    }

    /// 0 to 1.
    public var fraction: Double { total > 0 ? Double(done) / Double(total) : 1 }
}

/// Brings one file of a bundle: goes on with what an earlier try left, and gives it up when its digest is wrong.
struct Download {
    let source: URL
    let target: URL
    let file: BundleManifest.File
    let transport: any Transport
    let clock: any Clock<Duration>
    let report: @Sendable (_ done: Int64) -> Void  // bytes of this file

    private static let tries = 5
    private static let wrongContents = 2

    /// - Throws: `transferFailed`, `damagedBundle`, `fileSystem`, `CancellationError`.
    func run() async throws {
        var wrong = 0
        while true {
            if try await bring() { return }
            wrong += 1
            guard wrong < Self.wrongContents else {
                throw StoreError.damagedBundle("\(file.path): what came is another file than the bundle names")
            }
        }
    }

    /// Whether the file is here, with the right content; if not, there is nothing of it.
    private func bring() async throws -> Bool {
        var failures = 0
        while true {
            let sink = try FileSink(target, size: file.bytes, report)
            let before = sink.size
            if before == file.bytes { return try sink.finish(file.sha256) }
            do {
                try await transport.fetch(source, from: before, into: sink)
                guard sink.size == file.bytes else { throw TransportFailure.interrupted("the content is too short") }
                return try sink.finish(file.sha256)
            } catch let failure as TransportFailure {
                sink.close()
                failures = sink.size > before ? 1 : failures + 1
                guard failure.isPassing, failures < Self.tries else {
                    throw StoreError.transferFailed("\(file.path): cannot be fetched; \(failure.sentence)")
                }
                try await clock.sleep(for: .seconds(1 << (failures - 1)))
            } catch {
                sink.close()
                throw error
            }
        }
    }
}

/// Writes what comes behind what is there, and hashes both.
private final class FileSink: TransportSink {
    private struct State {
        var handle: FileHandle
        var hash = ContentHash()
        var size: Int64 = 0
    }

    private let url: URL
    private let limit: Int64
    private let report: @Sendable (Int64) -> Void
    private let state: Mutex<State>

    init(_ url: URL, size limit: Int64, _ report: @escaping @Sendable (Int64) -> Void) throws {
        self.url = url
        self.limit = limit
        self.report = report
        let files = FileManager.default
        let handle = try onDisk(url.lastPathComponent) {
            try files.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            if !files.fileExists(atPath: url.path) { try Data().write(to: url) }
            return try FileHandle(forWritingTo: url)
        }
        state = Mutex(State(handle: handle))
        try state.withLock { state in
            try onDisk(url.lastPathComponent) { state.size = Int64(try state.handle.seekToEnd()) }
            if state.size > limit { try Self.empty(&state) }
            if state.size > 0 { try state.hash.addFile(at: url) }
        }
        report(size)
    }

    var size: Int64 { state.withLock { $0.size } }

    func begin(at offset: Int64) throws {
        try state.withLock { state in
            guard offset != state.size else { return }
            guard offset == 0 else { throw TransportFailure.interrupted("the content begins elsewhere") }
            try Self.empty(&state)
        }
    }

    func receive(_ data: Data) throws {
        let size = try state.withLock { state in
            guard state.size + Int64(data.count) <= limit else {
                throw StoreError.damagedBundle("\(url.lastPathComponent): is longer than the bundle says")
            }
            try onDisk(url.lastPathComponent) { try state.handle.write(contentsOf: data) }
            state.hash.add(data)
            state.size += Int64(data.count)
            return state.size
        }
        report(size)
    }

    func close() { state.withLock { try? $0.handle.close() } }

    /// Whether the digest is right; if not, the file is removed.
    func finish(_ digest: String) throws -> Bool {
        let isRight = try state.withLock { state in
            try onDisk(url.lastPathComponent) {
                try state.handle.synchronize()
                try state.handle.close()
                if state.hash.hexadecimal() == digest { return true }
                try FileManager.default.removeItem(at: url)
                return false
            }
        }
        if !isRight { report(0) }
        return isRight
    }

    private static func empty(_ state: inout State) throws {
        try onDisk("download") { try state.handle.truncate(atOffset: 0) }
        state.hash = ContentHash()
        state.size = 0
    }
}
