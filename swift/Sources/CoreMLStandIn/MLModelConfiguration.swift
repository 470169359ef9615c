public import Foundation

/// Which processors a model may use.
public enum MLComputeUnits: Int, Sendable {
    /// The CPU alone.
    case cpuOnly = 0
    /// CPU and GPU.
    case cpuAndGPU = 1
    /// All.
    case all = 2
    /// CPU and Neural Engine.
    case cpuAndNeuralEngine = 3
}

/// What a model is specialized for.
public struct MLOptimizationHints: Sendable {
    /// How often the shapes of inputs change.
    public enum ReshapeFrequency: Int, Sendable {
        /// Often.
        case frequent = 0
        /// Seldom or never.
        case infrequent = 1
    }

    /// What specialization aims at.
    public enum SpecializationStrategy: Int, Sendable {
        /// A balance.
        case `default` = 0
        /// Fast predictions, whatever loading takes.
        case fastPrediction = 1
    }

    /// How often the shapes of inputs change.
    public var reshapeFrequency = ReshapeFrequency.frequent
    /// What specialization aims at.
    public var specializationStrategy = SpecializationStrategy.default

    /// The hints that hold unless others are given.
    public init() {}
}

/// How a model is loaded. It is copied then.
public final class MLModelConfiguration: NSObject, NSCopying {
    /// Which processors it may use.
    public var computeUnits = MLComputeUnits.all
    /// The function of a model with several; `nil`: its default function.
    public var functionName: String?
    /// What it is specialized for.
    public var optimizationHints = MLOptimizationHints()
    /// What tools call it.
    public var modelDisplayName: String?
    /// Whether the GPU may add in fp16.
    public var allowLowPrecisionAccumulationOnGPU = false

    /// All processors, the default function.
    public override init() {}

    /// A copy.
    public func copy(with zone: NSZone? = nil) -> Any {
        let copy = MLModelConfiguration()
        copy.computeUnits = computeUnits
        copy.functionName = functionName
        copy.optimizationHints = optimizationHints
        copy.modelDisplayName = modelDisplayName
        copy.allowLowPrecisionAccumulationOnGPU = allowLowPrecisionAccumulationOnGPU
        return copy
    }

    var copied: MLModelConfiguration {
        guard let copied = copy() as? MLModelConfiguration else { preconditionFailure("a copy is of the same class") }
        return copied
    }
}

/// How a prediction is made.
public final class MLPredictionOptions: NSObject {
    /// Where outputs may be written: a request that need not be met. Whether it was is told by the identity of the
    /// result.
    public var outputBackings: [String: Any] = [:]

    /// No backings.
    public override init() {}
}
