public import Foundation

/// Compiles packages and opens them: Core ML, or a script in tests.
public protocol ModelRuntime: Sendable {
    /// Compiles a package, and what belongs to it, into a folder.
    /// - Returns: the compiled model.
    func compile(packageAt package: URL, into folder: URL) async throws -> URL

    /// Opens a compiled model. Its weights are not loaded yet.
    func open(compiledModelAt url: URL) async throws -> OpenedModel

    /// Where the system means to run the operations of a compiled model that may use a compute unit: empty when it does
    /// not say. May take as long as loading.
    func shares(ofModelAt url: URL, on unit: ComputeUnit) async throws -> [ComputeShare]
}

/// A compiled model that can be loaded.
public struct OpenedModel: Sendable {
    /// Loads it.
    public var loader: any BackendLoader
    /// The units that it is made for.
    public var policy: ComputePolicy
    /// Tokens that prompt and answer have together at most.
    public var contextLength: Int

    /// A model.
    public init(loader: any BackendLoader, policy: ComputePolicy, contextLength: Int) {
        self.loader = loader
        self.policy = policy
        self.contextLength = contextLength
    }
}

/// How many operations of a model a compute unit gets.
public struct ComputeShare: Sendable, Hashable, Codable {
    /// The function of the model.
    public var function: String
    /// Where.
    public var unit: ComputeUnit
    /// How many operations, without constants.
    public var operations: Int
    /// How many of each type.
    public var types: [String: Int]

    /// A share. `types`: of the operations.
    public init(function: String, unit: ComputeUnit, types: [String: Int]) {
        self.function = function
        self.unit = unit
        self.types = types
        operations = types.values.reduce(0, +)
    }
}
