import Cortland
import CortlandStore
import Foundation
import Testing

@Suite(.timeLimit(.minutes(5))) struct DownloadTests {
    private static let weights = "Tiny.mlpackage/Data/weight.bin"

    @Test func aBundleIsFetchedAndChecked() async throws {
        let files = try StoreFixture.files()
        let (transport, store) = (ScriptedTransport(files), try StoreFixture.store())
        let last = Shared(TransferProgress?.none)
        let bundle = try await store.download(from: ScriptedTransport.address, by: transport) { last.set($0) }
        #expect(transport.requests.map(\.path) == [BundleManifest.fileName] + bundle.manifest.files.map(\.path))
        for (path, content) in files { #expect(try Data(contentsOf: bundle.url.appending(path: path)) == content) }
        #expect(last.get()?.done == bundle.manifest.bytes && last.get()?.fraction == 1)
        // What is here is not fetched again.
        let manifest = ScriptedTransport.address.appending(path: BundleManifest.fileName)
        #expect(try await store.download(from: manifest, by: transport) == bundle)
        #expect(transport.requests.count == 5)
    }

    @Test func whatBreaksOffGoesOnWhereItStopped() async throws {
        let transport = ScriptedTransport(try StoreFixture.files()) { request, _ in
            request.path == Self.weights && request.offset < 4000 ? .breaksOff(after: 2000) : .whole
        }
        let bundle = try await StoreFixture.store().download(from: ScriptedTransport.address, by: transport)
        #expect(transport.requests.filter { $0.path == Self.weights }.map(\.offset) == [0, 2000, 4000])
        #expect(bundle.manifest.files.count == 3)
    }

    /// The next start of the app, which asks from where the last one stopped; a server that cannot begin there begins anew.
    @Test(arguments: [true, false]) func aLaterRunGoesOn(_ knowsRanges: Bool) async throws {
        let files = try StoreFixture.files()
        let root = try StoreFixture.folder()
        let broken = ScriptedTransport(files) { request, number in
            request.path != Self.weights ? .whole : request.offset == 0 ? .breaksOff(after: 3000) : .answers(404)
        }
        await #expect(throws: StoreError.transferFailed("\(Self.weights): cannot be fetched; the server answered 404"))
        {
            try await StoreFixture.store(at: root).download(from: ScriptedTransport.address, by: broken)
        }
        let whole = ScriptedTransport(files) { request, _ in
            request.offset > 0 && !knowsRanges ? .ignoresRanges : .whole
        }
        let store = try StoreFixture.store(at: root)
        #expect(store.bundles().isEmpty)
        let bundle = try await store.download(from: ScriptedTransport.address, by: whole)
        #expect(whole.requests.contains(.init(path: Self.weights, offset: 3000)))
        #expect(try Data(contentsOf: bundle.url.appending(path: Self.weights)) == files[Self.weights])
    }

    @Test func otherContentIsNotTaken() async throws {
        let other = Data(repeating: 1, count: 5000)
        let transport = ScriptedTransport(try StoreFixture.files()) { request, _ in
            request.path == Self.weights ? .sends(other) : .whole
        }
        let store = try StoreFixture.store()
        await #expect(
            throws: StoreError.damagedBundle("\(Self.weights): what came is another file than the bundle names")
        ) { try await store.download(from: ScriptedTransport.address, by: transport) }
        #expect(transport.requests.filter { $0.path == Self.weights }.count == 2 && store.bundles().isEmpty)
        let long = ScriptedTransport(try StoreFixture.files()) { request, _ in
            request.path == Self.weights ? .sends(other + other) : .whole
        }
        await #expect(throws: StoreError.damagedBundle("weight.bin: is longer than the bundle says")) {
            try await store.download(from: ScriptedTransport.address, by: long)
        }
    }

    @Test func aServerThatStaysAwayIsGivenUp() async throws {
        let transport = ScriptedTransport(try StoreFixture.files()) { request, _ in
            request.path == Self.weights ? .answers(503) : .whole
        }
        await #expect(throws: StoreError.transferFailed("\(Self.weights): cannot be fetched; the server answered 503"))
        {
            try await StoreFixture.store().download(from: ScriptedTransport.address, by: transport)
        }
        #expect(transport.requests.filter { $0.path == Self.weights }.count == 5)
    }

    @Test func onlySecureAddressesAreAsked() async throws {
        let transport = ScriptedTransport([:])
        let address = try #require(URL(string: "http://example.com/m"))
        await #expect(throws: StoreError.self) {
            try await StoreFixture.store().download(from: address, by: transport)
        }
        #expect(transport.requests.isEmpty)
    }

    @Test func aCancelledDownloadStaysForLater() async throws {
        let transport = ScriptedTransport(try StoreFixture.files()) { request, number in
            request.path == Self.weights && number < 3 ? .hangs : .whole
        }
        let store = try StoreFixture.store()
        let task = Task { try await store.download(from: ScriptedTransport.address, by: transport) }
        while transport.requests.last?.path != Self.weights { try await Task.sleep(for: .milliseconds(1)) }
        await #expect(throws: StoreError.self) {  // one at a time
            try await store.download(from: ScriptedTransport.address, by: transport)
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        _ = try await store.download(from: ScriptedTransport.address, by: transport)
        #expect(transport.requests.contains(.init(path: Self.weights, offset: 100)))
        try store.removeIncomplete()
    }

    /// Python's server, which knows no ranges unless the address asks for them.
    private static let server = """
        import http.server, pathlib, sys, time

        class Handler(http.server.SimpleHTTPRequestHandler):
            def do_GET(self):
                content = pathlib.Path(self.translate_path(self.path))
                if "?" not in self.path:
                    return super().do_GET()
                content = content.read_bytes()
                start = int(self.headers.get("Range", "bytes=0-")[6:-1])
                told = start + 1 if self.path.endswith("?other") else start
                self.send_response(206)
                if not self.path.endswith("?silent"):
                    self.send_header("Content-Range", f"bytes {told}-{len(content) - 1}/{len(content)}")
                self.send_header("Content-Length", str(len(content) - start))
                self.end_headers()
                self.wfile.write(content[start:start + 100] if self.path.endswith("?slow") else content[start:])
                self.wfile.flush()
                while self.path.endswith("?slow"):
                    time.sleep(0.1)

        server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), lambda *given: Handler(*given, directory=sys.argv[1]))
        server.daemon_threads = True
        print(server.server_port, flush=True)
        server.serve_forever()
        """

    @Test(.timeLimit(.minutes(5))) func aServerOfOthers() async throws {
        let files = try StoreFixture.files()
        let folder = try StoreFixture.folder()
        try StoreFixture.write(files, to: folder)
        let server = Process()
        server.executableURL = URL(filePath: "/usr/bin/env")
        server.arguments = ["python3", "-c", Self.server, folder.path]
        let output = Pipe()
        server.standardOutput = output
        server.standardError = FileHandle.nullDevice
        try server.run()
        defer { kill(server.processIdentifier, SIGKILL) }
        let port = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let base = "http://127.0.0.1:\(port.trimmingCharacters(in: .newlines))/"
        let transport = URLSessionTransport()
        func fetch(_ path: String, from offset: Int64, into sink: Sink = Sink()) async throws {
            try await transport.fetch(try #require(URL(string: base + path)), from: offset, into: sink)
        }

        let content = try #require(files[Self.weights])
        let (whole, part) = (Sink(), Sink())
        try await fetch(Self.weights, from: 1000, into: whole)
        #expect(whole.content.get() == content && whole.start.get() == 0)
        try await fetch(Self.weights + "?ranges", from: 1000, into: part)
        #expect(part.content.get() == content.dropFirst(1000) && part.start.get() == 1000)
        for (address, got) in [("?other", "bytes 1001-4999/5000"), ("?silent", "nothing")] {
            let sink = Sink()
            await #expect(
                throws: TransportFailure.interrupted("the server sent another part; got \(got), want from 1000")
            ) { try await fetch(Self.weights + address, from: 1000, into: sink) }
            #expect(sink.start.get() == -1)
        }
        await #expect(throws: TransportFailure.status(404)) { try await fetch("absent", from: 0) }

        let begun = Sink()
        let task = Task { try await fetch(Self.weights + "?slow", from: 0, into: begun) }
        while begun.content.get().isEmpty { try await Task.sleep(for: .milliseconds(1)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(begun.content.get() == content.prefix(100))

        kill(server.processIdentifier, SIGKILL)
        server.waitUntilExit()
        await #expect(throws: TransportFailure.self) { try await fetch(Self.weights, from: 0) }
    }

    private final class Sink: TransportSink {
        let content = Shared(Data())
        let start = Shared(Int64(-1))
        func begin(at offset: Int64) { start.set(offset) }
        func receive(_ data: Data) { content.set(content.get() + data) }
    }
}
