public import Cortland
public import Foundation
import Synchronization

/// Models on disk. Below its root:
///
///     models/ID/         a bundle, complete and checked; ID names its content
///     arriving/ID/       a bundle that is being fetched or copied
///     compiled/ID/       what Core ML made of it: stays at this path, which the system's own cache depends on
///     compiled/ID/record.json, loading.UNIT.PROCESS    what is known of loading it
///
/// Nothing that is kept there has the path of the root in it, which changes when an app is installed anew.
public final class ModelStore: Sendable {
    /// Its folder.
    public let root: URL
    let runtime: any ModelRuntime
    let disk: any Disk
    /// Names system and device.
    public let system: String
    let clock: any Clock<Duration>
    private let busy = Mutex<Set<String>>([])
    let compilations = Mutex<[String: Task<URL, any Error>]>([:])
    private let journals = Mutex<[String: LoadJournal]>([:])

    /// A store.
    /// - Parameters:
    ///   - root: its folder, which is made when it is needed.
    ///   - runtime: compiles and opens models.
    ///   - disk: has the room for them.
    ///   - system: names system and device: what was learnt about loading does not hold for another one.
    ///   - clock: waits between tries of a transfer, and measures loading.
    public init(
        root: URL, runtime: any ModelRuntime, disk: any Disk = SystemDisk(), system: String = ModelStore.thisSystem,
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.root = root
        self.runtime = runtime
        self.disk = disk
        self.system = system
        self.clock = clock
    }

    /// The version of the system.
    public static var thisSystem: String { ProcessInfo.processInfo.operatingSystemVersionString }

    var models: URL { root.appending(path: "models") }
    var arriving: URL { root.appending(path: "arriving") }
    func compiled(_ id: String) -> URL { root.appending(path: "compiled").appending(path: id) }

    /// The models that are here, by name. What is no bundle is passed over.
    public func bundles() -> [ModelBundle] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: models.path)) ?? []
        return names.sorted().compactMap { name in
            let bundle = try? ModelBundle(at: models.appending(path: name))
            return bundle?.id == name ? bundle : nil
        }
    }

    /// Copies a bundle into the store, and checks every file.
    /// - Throws: `damagedBundle`, `insufficientDisk`, `inUse`, `fileSystem`, `CancellationError`.
    @concurrent public func importBundle(
        at folder: URL, progress: @escaping @Sendable (TransferProgress) -> Void = { _ in }
    ) async throws -> ModelBundle {
        let source = try ModelBundle(at: folder)
        return try await arrive(source.manifest, try manifestData(source)) { staged in
            var done: Int64 = 0
            for file in source.manifest.files {
                try Task.checkCancellation()
                let (from, to) = (folder.appending(path: file.path), staged.appending(path: file.path))
                try onDisk(file.path) {
                    let files = FileManager.default
                    try files.createDirectory(at: to.deletingLastPathComponent(), withIntermediateDirectories: true)
                    if files.fileExists(atPath: to.path) { try files.removeItem(at: to) }
                    try files.copyItem(at: from, to: to)
                }
                var hash = ContentHash()
                try hash.addFile(at: to)
                guard hash.hexadecimal() == file.sha256 else {
                    throw StoreError.damagedBundle("\(file.path): is not the file that the bundle names")
                }
                done += file.bytes
                progress(TransferProgress(done: done, total: source.manifest.bytes))
            }
        }
    }

    /// Fetches a bundle, and checks every file. What an earlier try left is not fetched again.
    /// - Parameters:
    ///   - source: the folder of the bundle on a server, or its `cortland.json`; by https.
    ///   - transport: brings the files.
    ///   - progress: how far it is.
    /// - Throws: `transferFailed`, `damagedBundle`, `insufficientDisk`, `inUse`, `fileSystem`, `CancellationError`.
    @concurrent public func download(
        from source: URL, by transport: any Transport = URLSessionTransport(),
        progress: @escaping @Sendable (TransferProgress) -> Void = { _ in }
    ) async throws -> ModelBundle {
        guard source.scheme == "https" else {
            throw StoreError.transferFailed("\(source.absoluteString): is no address of a bundle; want https://...")
        }
        let isManifest = source.lastPathComponent == BundleManifest.fileName
        let folder = isManifest ? source.deletingLastPathComponent() : source
        let sink = MemorySink(limit: BundleManifest.mostBytes)
        do {
            try await transport.fetch(folder.appending(path: BundleManifest.fileName), from: 0, into: sink)
        } catch let failure as TransportFailure {
            throw StoreError.transferFailed("\(BundleManifest.fileName): cannot be fetched; \(failure.sentence)")
        }
        let manifest = try BundleManifest(sink.data)
        return try await arrive(manifest, sink.data) { [clock] staged in
            var before: Int64 = 0
            for file in manifest.files {
                let start = before
                let download = Download(
                    source: folder.appending(path: file.path), target: staged.appending(path: file.path), file: file,
                    transport: transport, clock: clock
                ) { progress(TransferProgress(done: start + $0, total: manifest.bytes)) }
                try await download.run()
                before += file.bytes
            }
        }
    }

    /// Removes a model, and what was compiled of it.
    /// - Returns: the bytes that this makes free, about.
    /// - Throws: `notFound`, `inUse`, `fileSystem`.
    @discardableResult
    public func remove(_ id: String) throws(StoreError) -> Int64 {
        let place = models.appending(path: id)
        guard let bundle = try? ModelBundle(at: place), bundle.id == id else {
            throw .notFound("\(id): is not in the store")
        }
        try claim(id)
        defer { release(id) }
        let compiled = compiled(id)
        let hasCompiled = FileManager.default.fileExists(atPath: compiled.path)
        try onDisk(id) {
            if hasCompiled { try FileManager.default.removeItem(at: compiled) }
            try FileManager.default.removeItem(at: place)
        }
        forgetJournal(of: id)
        return bundle.manifest.bytes + (hasCompiled ? bundle.manifest.packageBytes : 0)
    }

    /// Forgets transfers that were not completed.
    public func removeIncomplete() throws(StoreError) {
        guard FileManager.default.fileExists(atPath: arriving.path), busy.withLock(\.isEmpty) else { return }
        try onDisk("arriving") { try FileManager.default.removeItem(at: arriving) }
    }

    /// How much memory a model takes.
    public func memoryEstimate(for bundle: ModelBundle) -> MemoryEstimate {
        MemoryEstimate(
            weightBytes: bundle.manifest.weightBytes, cacheBytes: Int64(journal(of: bundle.id).record.cacheBytes))
    }

    /// One for each model: a load that was given up may still report to it.
    func journal(of id: String) -> LoadJournal {
        journals.withLock { journals in
            if let known = journals[id] { return known }
            let journal = LoadJournal(in: compiled(id), system: system, clock: clock)
            journals[id] = journal
            return journal
        }
    }

    /// What was compiled is no more.
    func forgetJournal(of id: String) { journals.withLock { $0[id] = nil } }

    /// One at a time for each model.
    func claim(_ id: String) throws(StoreError) {
        guard busy.withLock({ $0.insert(id).inserted }) else { throw .inUse("\(id): is being worked on already") }
    }

    func release(_ id: String) { _ = busy.withLock { $0.remove(id) } }

    private func manifestData(_ bundle: ModelBundle) throws -> Data {
        try onDisk(bundle.id) { try Data(contentsOf: bundle.url.appending(path: BundleManifest.fileName)) }
    }

    /// Has a bundle filled in a folder of its own, and moves it to its place.
    private func arrive(
        _ manifest: BundleManifest, _ data: Data, _ fill: (URL) async throws -> Void
    ) async throws -> ModelBundle {
        let (place, staged) = (models.appending(path: manifest.id), arriving.appending(path: manifest.id))
        try claim(manifest.id)
        defer { release(manifest.id) }
        if let known = try? ModelBundle(at: place), known.manifest == manifest { return known }
        try onDisk(manifest.id) {
            try FileManager.default.createDirectory(at: staged, withIntermediateDirectories: true)
            try FileManager.default.createDirectory(at: models, withIntermediateDirectories: true)
        }
        disk.excludeFromBackup(models)
        disk.excludeFromBackup(arriving)
        try disk.require(manifest.bytes - Self.bytes(in: staged, of: manifest), at: staged)
        try await fill(staged)
        try onDisk(manifest.id) {
            try data.write(to: staged.appending(path: BundleManifest.fileName))
            if FileManager.default.fileExists(atPath: place.path) { try FileManager.default.removeItem(at: place) }
            try FileManager.default.moveItem(at: staged, to: place)
        }
        return try ModelBundle(at: place)
    }

    /// What is there of the files of a bundle.
    private static func bytes(in folder: URL, of manifest: BundleManifest) -> Int64 {
        manifest.files.reduce(0) { sum, file in
            let attributes = try? FileManager.default.attributesOfItem(atPath: folder.appending(path: file.path).path)
            return sum + min((attributes?[.size] as? NSNumber)?.int64Value ?? 0, file.bytes)
        }
    }
}

/// Keeps a small file.
private final class MemorySink: TransportSink {
    private let limit: Int
    private let content = Mutex(Data())

    init(limit: Int) { self.limit = limit }

    var data: Data { content.withLock { $0 } }

    func begin(at offset: Int64) { content.withLock { $0 = Data() } }

    func receive(_ data: Data) throws {
        try content.withLock { content in
            guard content.count + data.count <= limit else {
                throw StoreError.damagedBundle("\(BundleManifest.fileName): got more than \(limit) bytes")
            }
            content += data
        }
    }
}
