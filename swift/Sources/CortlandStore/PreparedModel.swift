public import Cortland
public import Foundation
import Synchronization

/// A model of the store that can be loaded.
public struct PreparedModel: Sendable {
    /// The model, whose loading the store takes down.
    public let languageModel: LanguageModel
    /// Its bundle.
    public let bundle: ModelBundle
    /// What Core ML made of it.
    public let compiledModel: URL
    /// Tokens that prompt and answer have together at most.
    public let contextLength: Int
    /// The units that are tried, in order.
    public let policy: ComputePolicy
    /// Units that are passed over from now on because the app was ended while it loaded the model there.
    public let steppedDown: [ComputeUnit]
    private let journal: LoadJournal

    /// Whether the system is likely to prepare it for a unit first, which takes long.
    public var isFirstLoad: Bool { journal.record.unit == nil }
    /// What is known of loading it.
    public var record: LoadRecord { journal.record }

    /// Passes a unit over the next time: loading there takes too long.
    public func avoid(_ unit: ComputeUnit) { journal.avoid(unit) }

    /// The app is not seen any longer. When the system ends it now while it loads, loading is not to blame; nor is a
    /// compute unit that refuses.
    public func appLeft() {
        languageModel.appLeft()
        journal.appLeft()
    }

    /// The app is seen again.
    public func appReturned() {
        languageModel.appReturned()
        journal.appReturned()
    }

    init(
        _ languageModel: LanguageModel, _ bundle: ModelBundle, _ compiledModel: URL, contextLength: Int,
        _ policy: ComputePolicy, steppedDown: [ComputeUnit], _ journal: LoadJournal
    ) {
        self.languageModel = languageModel
        self.bundle = bundle
        self.compiledModel = compiledModel
        self.contextLength = contextLength
        self.policy = policy
        self.steppedDown = steppedDown
        self.journal = journal
    }
}

extension ModelStore {
    private static let completeName = "compiled.txt"  // the name of the compiled model, written when all is there

    /// Whether a model is compiled.
    public func isCompiled(_ bundle: ModelBundle) -> Bool { compiledModel(of: bundle) != nil }

    /// What is known of loading a model.
    public func record(of bundle: ModelBundle) -> LoadRecord { journal(of: bundle.id).record }

    /// Compiles a model unless that was done before, and opens it.
    /// - Parameters:
    ///   - bundle: the model.
    ///   - unit: the one to run on; `nil`: those that suit it, but for the ones that are known not to do.
    ///   - onLoad: what happens while it is loaded, on the thread that loads it.
    /// - Throws: `insufficientDisk`, `inUse`, `fileSystem`, `GenerationError` and what the runtime throws.
    @concurrent public func prepare(
        _ bundle: ModelBundle, on unit: ComputeUnit? = nil, onLoad: @escaping @Sendable (LoadEvent) -> Void = { _ in }
    ) async throws -> PreparedModel {
        let compiled = try await compile(bundle)
        let opened = try await runtime.open(compiledModelAt: compiled)
        let journal = journal(of: bundle.id)
        let steppedDown = journal.recover()
        if unit != nil { journal.forget() }  // whoever names a unit wants it tried
        journal.startOver()
        let policy = unit.map(ComputePolicy.only) ?? journal.record.policy(from: opened.policy)
        let model = LanguageModel(
            textFile: try TextFile(contentsOf: bundle.textFile), loader: opened.loader, policy: policy, clock: clock
        ) { event in
            journal.note(event)
            onLoad(event)
        }
        return PreparedModel(
            model, bundle, compiled, contextLength: opened.contextLength, policy, steppedDown: steppedDown, journal)
    }

    /// Throws away what was compiled of a model, so that it is compiled anew: the last thing to try when it does not load.
    /// - Throws: `inUse`, `fileSystem`.
    public func discardCompiled(_ bundle: ModelBundle) throws(StoreError) {
        try claim(bundle.id)
        defer { release(bundle.id) }
        let place = compiled(bundle.id)
        guard FileManager.default.fileExists(atPath: place.path) else { return }
        try onDisk(bundle.id) { try FileManager.default.removeItem(at: place) }
        forgetJournal(of: bundle.id)
    }

    /// Has a model compiled anew the next time. What is known of compute units stays known.
    package func distrustCompiled(_ bundle: ModelBundle) throws(StoreError) {
        try claim(bundle.id)
        defer { release(bundle.id) }
        let name = compiled(bundle.id).appending(path: Self.completeName)
        guard FileManager.default.fileExists(atPath: name.path) else { return }
        try onDisk(bundle.id) { try FileManager.default.removeItem(at: name) }
    }

    private func compiledModel(of bundle: ModelBundle) -> URL? {
        let folder = compiled(bundle.id)
        guard let name = try? String(contentsOf: folder.appending(path: Self.completeName), encoding: .utf8),
            name == URL(filePath: name).lastPathComponent
        else { return nil }
        let place = folder.appending(path: name)
        return FileManager.default.fileExists(atPath: place.path) ? place : nil
    }

    /// Whoever asks while a model is being compiled waits for the same compilation. It goes on when they are cancelled: the
    /// system cannot break it off, and the next one who asks has it.
    private func compile(_ bundle: ModelBundle) async throws -> URL {
        if let known = compiledModel(of: bundle) { return known }
        let task = compilations.withLock { running in
            if let known = running[bundle.id] { return known }
            let task = Task { [self] in
                defer { compilations.withLock { $0[bundle.id] = nil } }
                return try await compileAnew(bundle)
            }
            running[bundle.id] = task
            return task
        }
        return try await task.value
    }

    private func compileAnew(_ bundle: ModelBundle) async throws -> URL {
        try claim(bundle.id)
        defer { release(bundle.id) }
        if let known = compiledModel(of: bundle) { return known }  // by the one before
        let folder = compiled(bundle.id)
        try onDisk(bundle.id) {
            if FileManager.default.fileExists(atPath: folder.path) { try FileManager.default.removeItem(at: folder) }
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
        disk.excludeFromBackup(folder)
        try disk.require(bundle.manifest.packageBytes, at: folder)
        let compiled = try await runtime.compile(packageAt: bundle.package, into: folder)
        try onDisk(bundle.id) {
            let name = Data(compiled.lastPathComponent.utf8)
            try name.write(to: folder.appending(path: Self.completeName), options: .atomic)
        }
        return compiled
    }
}
