import Cortland
import CortlandStore
import CortlandTesting
import Foundation
import Synchronization

/// Bundles and stores of tests.
enum StoreFixture {
    /// A folder of its own.
    static func folder() throws -> URL {
        let folder = Fixture.folder.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    /// A bundle with the text file of the bundled model: files by path, with the manifest.
    static func files(weights: Int = 5000) throws -> [String: Data] {
        try made.withLock { made in
            if let known = made[weights] { return known }
            _ = try Fixture.demo()
            var files = [
                "Tiny.mlpackage/Manifest.json": Data("{}".utf8),
                "Tiny.mlpackage/Data/weight.bin": Data((0..<weights).map { UInt8(truncatingIfNeeded: $0 &* 7) }),
                "Tiny.text": try Data(contentsOf: Fixture.folder.appending(path: "Demo.text")),
            ]
            files[BundleManifest.fileName] = try manifest(of: files)
            made[weights] = files
            return files
        }
    }
    private static let made = Mutex<[Int: [String: Data]]>([:])

    /// `cortland.json`, with digests by a program that is not ours.
    static func manifest(of files: [String: Data]) throws -> Data {
        let folder = try folder()
        try write(files, to: folder)
        let paths = files.keys.sorted()
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        let command = "sha256sum \"$@\" 2>/dev/null || shasum -a 256 \"$@\""  // of coreutils, or of Perl
        process.arguments = ["-c", command, "sh"] + paths.map { folder.appending(path: $0).path }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let lines = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self).split(
            separator: "\n")
        process.waitUntilExit()
        let list = zip(paths, lines).map { path, line in
            #"{"path": "\#(path)", "bytes": \#(files[path]?.count ?? 0), "sha256": "\#(line.prefix(64))"}"#
        }
        return Data(
            (#"{"format": "cortland.bundle", "version": 1, "package": "Tiny.mlpackage", "text": "Tiny.text", "files": ["#
                + list.joined(separator: ", ") + "]}").utf8)
    }

    static func write(_ files: [String: Data], to folder: URL) throws {
        for (path, content) in files {
            let place = folder.appending(path: path)
            try FileManager.default.createDirectory(
                at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
            try content.write(to: place)
        }
    }

    static func bundle() throws -> URL {
        let folder = try folder()
        try write(try files(), to: folder)
        return folder
    }

    static func model(_ hook: @escaping ScriptedModel.Hook = { _, _, _ in .works }) -> ScriptedModel {
        ScriptedModel(info: Scripted.info(), hook: hook, script: Scripted.words(6))
    }

    static func store(
        at root: URL? = nil, _ runtime: any ModelRuntime = ScriptedRuntime(model()), disk: FullDisk = FullDisk(.max),
        system: String = "1.0"
    ) throws -> ModelStore {
        ModelStore(root: try root ?? folder(), runtime: runtime, disk: disk, system: system, clock: ManualClock())
    }
}

/// A disk that has so much room.
struct FullDisk: Disk {
    let bytes: Int64
    init(_ bytes: Int64) { self.bytes = bytes }
    func availableBytes(at url: URL) -> Int64? { bytes }
    func excludeFromBackup(_ url: URL) {}
}

/// A server that has files by path below https://example.com/m, and can be made to fail.
final class ScriptedTransport: Transport {
    enum Behaviour: Sendable {
        case whole
        case ignoresRanges
        case breaksOff(after: Int)
        case answers(Int)
        case sends(Data)
        case hangs
    }

    struct Request: Sendable, Equatable {
        var path: String
        var offset: Int64
    }

    private let files: [String: Data]
    private let behaviour: @Sendable (Request, Int) -> Behaviour
    private let log = Mutex<[Request]>([])

    init(_ files: [String: Data], behaviour: @escaping @Sendable (Request, Int) -> Behaviour = { _, _ in .whole }) {
        self.files = files
        self.behaviour = behaviour
    }

    static let address = URL(string: "https://example.com/m") ?? URL(filePath: "/")

    var requests: [Request] { log.withLock { $0 } }

    func fetch(_ url: URL, from offset: Int64, into sink: any TransportSink) async throws {
        let request = Request(path: String(url.path.dropFirst("/m/".count)), offset: offset)
        let number = log.withLock { log in
            log.append(request)
            return log.count - 1
        }
        guard let content = files[request.path] else { throw TransportFailure.status(404) }
        switch behaviour(request, number) {
        case .whole:
            try sink.begin(at: offset)
            try send(content.dropFirst(Int(offset)), to: sink)
        case .ignoresRanges:
            try sink.begin(at: 0)
            try send(content, to: sink)
        case .breaksOff(let count):
            try sink.begin(at: offset)
            try send(content.dropFirst(Int(offset)).prefix(count), to: sink)
            throw TransportFailure.interrupted("the line is dead")
        case .answers(let code): throw TransportFailure.status(code)
        case .sends(let other):
            try sink.begin(at: 0)
            try send(other, to: sink)
        case .hangs:
            try sink.begin(at: offset)
            try send(content.dropFirst(Int(offset)).prefix(100), to: sink)
            try await Task.sleep(for: .seconds(600))
        }
    }

    private func send(_ data: Data, to sink: any TransportSink) throws {
        var rest = data[...]
        while !rest.isEmpty {
            try sink.receive(Data(rest.prefix(1000)))
            rest = rest.dropFirst(1000)
        }
    }
}
