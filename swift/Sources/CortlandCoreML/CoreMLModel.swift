public import Cortland
public import Foundation

/// A package of `cortland convert`, as Core ML runs it.
///
/// Compile the package once, into a folder that stays where it is: what the system prepares for the Neural Engine
/// belongs to the path, and is made anew, which may take minutes, when the path changes.
public struct CoreMLModel: BackendLoader {
    let contract: Contract
    private let url: URL
    private let functionNames: [String]  // empty when there is just one
    private let functions, states: [String]
    private let profile: String

    /// Opens a compiled model, `NAME.mlmodelc`. Its weights are not loaded yet.
    /// - Throws: `fileUnavailable` when Core ML cannot read it, `unsupportedModel` when it has no contract that is
    ///   known.
    public init(compiledModelAt url: URL) async throws(GenerationError) {
        let found = try await CompiledPackage.describe(url)
        guard let json = found.metadata[Contract.metadataKey] else {
            throw .unsupportedModel(
                "\(url.lastPathComponent): has no metadata entry \(Contract.metadataKey); "
                    + "want a package that cortland wrote")
        }
        self.url = url
        functionNames = found.functionNames
        contract = try Contract(json: json)
        functions = try contract.functions
        states = try contract.states
        profile = try contract.profile
    }

    /// Compiles a package, `NAME.mlpackage`, and puts the result into a folder, in place of what lies there.
    /// - Returns: where it is: `NAME.mlmodelc` in the folder.
    /// - Throws: `fileUnavailable`.
    public static func compile(packageAt package: URL, into folder: URL) async throws(GenerationError) -> URL {
        try await CompiledPackage.compile(package, into: folder)
    }

    /// Tokens that prompt and answer have together at most.
    public var contextLength: Int { contract.contextLength }
    /// The number of logits.
    public var vocabularySize: Int { contract.vocabularySize }

    /// The compute units to try, in order: packages of the profile `gpu` are not made for the Neural Engine.
    public var computePolicy: ComputePolicy {
        profile == "gpu" ? .automatic.starting(at: .gpu) : .automatic
    }

    /// Loads all functions on a compute unit. It blocks, at the first time for long.
    public func load(on unit: ComputeUnit) throws -> any InferenceBackend {
        let shapes = profile == "gpu" ? LoadedPart.Shapes.flexible : .fixed
        let part = try LoadedPart(url, functions: functions, of: functionNames, states: states, shapes, on: unit)
        return try CoreMLBackend(part, contract, unit)
    }
}

extension LanguageModel {
    /// A model that Core ML runs. `policy`: what to try, and in which order; `nil`: what suits the package.
    public convenience init(_ model: CoreMLModel, textFile: TextFile, policy: ComputePolicy? = nil) {
        self.init(textFile: textFile, loader: model, policy: policy ?? model.computePolicy)
    }
}
