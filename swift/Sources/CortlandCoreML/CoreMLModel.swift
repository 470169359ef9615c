public import Cortland
public import Foundation

/// A package of `cortland convert`, as Core ML runs it.
///
/// Compile the package once, into a folder that stays where it is: what the system prepares for the Neural Engine
/// belongs to the path, and is made anew, which may take minutes, when the path changes.
public struct CoreMLModel: BackendLoader {
    let contract: Contract
    let parts: [Part]
    private let embedding: Embedding?
    private let profile: String
    private let check: WarmUpCheck?

    /// A compiled package.
    struct Part: Sendable {
        var url: URL
        var functionNames: [String]  // empty when there is just one
        var functions: [String?]  // of the contract; none where no call goes through it
        var states: [String]
    }

    /// Opens a compiled model, `NAME.mlmodelc`. The other parts of its model, and the table of its embedding, lie beside
    /// it. Its weights are not loaded yet. `context`: of a model for several, the smallest with room for so many tokens of
    /// prompt and answer; `nil`: the largest.
    /// - Throws: `fileUnavailable` when Core ML cannot read it, `unsupportedModel` when it has no contract that is
    ///   known or no context with the room, `corruptFile` for a table that is damaged.
    public init(compiledModelAt url: URL, context: Int? = nil) async throws(GenerationError) {
        let found = try await CompiledPackage.describe(url)
        contract = try Self.contract(of: found, url, context)
        profile = try contract.profile
        let functions = try contract.functions
        var parts: [Part] = []
        var metadata = found.metadata
        for part in try contract.parts {
            let place = CompiledPackage.place(of: part, beside: url)
            let description = place == url ? found : try await CompiledPackage.describe(place)
            metadata.merge(description.metadata) { $1 }
            let needed = zip(functions, part.isNeeded).map { $1 ? $0 : nil }
            parts.append(
                Part(
                    url: place, functionNames: description.functionNames, functions: needed, states: part.states))
        }
        self.parts = parts
        check = WarmUpCheck(metadata, vocabularySize: contract.vocabularySize)
        embedding = try contract.embeddingFile.map { file throws(GenerationError) in
            try Embedding(contentsOf: url.deletingLastPathComponent().appending(path: file))
        }
    }

    private static func contract(
        of found: CompiledPackage.Description, _ url: URL, _ context: Int?
    ) throws(GenerationError) -> Contract {
        guard let json = found.metadata[Contract.metadataKey] else {
            throw .unsupportedModel(
                "\(url.lastPathComponent): has no metadata entry \(Contract.metadataKey); "
                    + "want a package that cortland wrote")
        }
        return try Contract(json: json, tokens: context)
    }

    /// Compiles a package, `NAME.mlpackage`, and puts the result into a folder, in place of what lies there; and with it
    /// the other parts of its model, and the table of its embedding, which lie beside it.
    /// - Returns: where it is: `NAME.mlmodelc` in the folder.
    /// - Throws: `fileUnavailable`.
    public static func compile(packageAt package: URL, into folder: URL) async throws(GenerationError) -> URL {
        let compiled = try await CompiledPackage.compile(package, into: folder)
        let found = try await CompiledPackage.describe(compiled)
        guard let json = found.metadata[Contract.metadataKey], let contract = try? Contract(json: json) else {
            return compiled
        }
        let bundle = package.deletingLastPathComponent()
        for part in try contract.parts where !part.package.isEmpty && part.package != package.lastPathComponent {
            _ = try await CompiledPackage.compile(bundle.appending(path: part.package), into: folder)
        }
        if let file = try contract.embeddingFile {
            try CompiledPackage.copy(bundle.appending(path: file), into: folder)
        }
        return compiled
    }

    /// Tokens that prompt and answer have together at most.
    public var contextLength: Int { contract.contextLength }
    /// The contexts that the model was made for, ascending; `contextLength` is one of them.
    public var contextLengths: [Int] { contract.contextLengths }
    /// The number of logits.
    public var vocabularySize: Int { contract.vocabularySize }

    /// The compute units to try, in order: packages of the profile `gpu` are not made for the Neural Engine. The environment
    /// variable `CORTLAND_UNIT` (`ane`, `gpu`, `cpu`) stands before that.
    public var computePolicy: ComputePolicy { policy(in: ProcessInfo.processInfo.environment) }

    package func policy(in environment: [String: String]) -> ComputePolicy {
        if let wanted = ComputePolicy.wanted(by: environment) { return wanted }
        return profile == "gpu" ? .automatic.starting(at: .gpu) : .automatic
    }

    /// Loads all functions on a compute unit, one part after the other. It blocks, at the first time for long.
    public func load(
        on unit: ComputeUnit, progress: (_ loaded: Int, _ total: Int) -> Void
    ) throws -> any InferenceBackend {
        let shapes = profile == "gpu" ? LoadedPart.Shapes.flexible : .fixed
        var loaded: [LoadedPart] = []
        for part in parts {
            try Task.checkCancellation()
            progress(loaded.count, parts.count)
            loaded.append(
                try LoadedPart(
                    part.url, functions: part.functions, of: part.functionNames, states: part.states,
                    shapes, on: unit))
        }
        return try CoreMLBackend(loaded, contract, embedding, check, unit)
    }
}

extension LanguageModel {
    /// A model that Core ML runs. `policy`: what to try, and in which order; `nil`: what suits the package.
    public convenience init(_ model: CoreMLModel, textFile: TextFile, policy: ComputePolicy? = nil) {
        self.init(textFile: textFile, loader: model, policy: policy ?? model.computePolicy)
    }
}
