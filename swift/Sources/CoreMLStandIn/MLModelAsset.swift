public import Foundation

/// Describes a compiled model without loading it.
public final class MLModelAsset: NSObject {
    private let compiled: CompiledModel

    /// Of a compiled model.
    public init(url compiledModelURL: URL) throws { compiled = try CompiledModel(at: compiledModelURL) }

    /// The functions that can be asked for; none when there is just one.
    public var functionNames: [String] {
        get async throws { compiled.package.functionNames }
    }

    /// What the default function takes and gives.
    public var modelDescription: MLModelDescription {
        get async throws { compiled.description(of: compiled.package.defaultFunction) }
    }

    /// What a function takes and gives.
    public func modelDescription(of functionName: String) async throws -> MLModelDescription {
        compiled.description(of: try compiled.function(named: functionName))
    }
}
