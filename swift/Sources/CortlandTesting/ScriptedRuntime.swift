public import Cortland
public import Foundation
import Synchronization

/// Stands in for Core ML: compiling makes a folder, and every compiled model is the same scripted one.
public final class ScriptedRuntime: ModelRuntime {
    private let model: ScriptedModel
    private let policy: ComputePolicy
    private let shares: [ComputeShare]?
    private let compileHook: @Sendable (URL) async throws -> Void
    private let log = Mutex<[URL]>([])

    /// A runtime.
    /// - Parameters:
    ///   - model: what is loaded.
    ///   - policy: the units that it is made for.
    ///   - shares: where its operations run; `nil`: one, where it is asked for.
    ///   - compileHook: called with the package before it is compiled; may fail, or wait.
    public init(
        _ model: ScriptedModel, policy: ComputePolicy = .automatic, shares: [ComputeShare]? = nil,
        compileHook: @escaping @Sendable (URL) async throws -> Void = { _ in }
    ) {
        self.model = model
        self.policy = policy
        self.shares = shares
        self.compileHook = compileHook
    }

    /// The packages that were compiled.
    public var compiled: [URL] { log.withLock { $0 } }

    /// Makes an empty compiled model.
    public func compile(packageAt package: URL, into folder: URL) async throws -> URL {
        try await compileHook(package)
        log.withLock { $0.append(package) }
        let place = folder.appending(path: package.deletingPathExtension().lastPathComponent + ".mlmodelc")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        return place
    }

    /// The scripted model.
    public func open(compiledModelAt url: URL) async throws -> OpenedModel {
        OpenedModel(loader: model, policy: policy, contextLength: model.info.contextLength)
    }

    /// As scripted.
    public func shares(ofModelAt url: URL, on unit: ComputeUnit) async throws -> [ComputeShare] {
        shares ?? [ComputeShare(function: "main", unit: unit, types: ["conv": 1])]
    }
}
