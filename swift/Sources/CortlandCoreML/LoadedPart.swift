import Cortland
import Foundation

#if canImport(CoreML)
    import CoreML
#else
    import CoreMLStandIn
#endif

/// A compiled model that is loaded: its functions, and the state that they share. A model may consist of several. It
/// stays on the thread that made it.
final class LoadedPart {
    private let models: [MLModel?]  // by the place of the function in the contract; none where no call goes through
    private let state: MLState?
    /// The size of the states.
    let stateBytes: Int

    /// Whether the shapes of inputs change from call to call.
    enum Shapes {
        case fixed, flexible
    }

    /// `functions`: those of the contract; `nil` where no call goes through this part. `names`: the functions that the
    /// model says it has; none when there is just one.
    /// - Throws: what Core ML throws, and `unsupportedModel` when the model lacks a function or a state.
    init(
        _ url: URL, functions: [String?], of names: [String], states: [String], _ shapes: Shapes, on unit: ComputeUnit
    ) throws {
        models = try functions.map { function in
            guard let function else { return nil }
            guard names.isEmpty ? functions.count == 1 : names.contains(function) else {
                throw GenerationError.unsupportedModel(
                    "\(url.lastPathComponent): has no function \(function); got \(names)")
            }
            let configuration = MLModelConfiguration()
            configuration.computeUnits = unit.coreML
            configuration.functionName = names.isEmpty ? nil : function
            configuration.modelDisplayName = "\(url.deletingPathExtension().lastPathComponent)/\(function)"
            configuration.optimizationHints.reshapeFrequency = shapes == .fixed ? .infrequent : .frequent
            return try Self.load(url, configuration)
        }
        var bytes = 0
        for case (let model?, let function?) in zip(models, functions) {
            let found = model.modelDescription.stateDescriptionsByName
            if let missing = states.first(where: { found[$0] == nil }) {
                throw GenerationError.unsupportedModel(
                    "\(url.lastPathComponent): function \(function): has no state \(missing); got \(found.keys.sorted())"
                )
            }
            bytes = found.values.compactMap(\.stateConstraint).reduce(0) { $0 + Self.bytes(of: $1) }
        }
        stateBytes = bytes
        state = states.isEmpty ? nil : models.lazy.compactMap { $0 }.first?.makeState()
    }

    /// A cache of the system that is out of date refuses names of functions that are there, and does not the next time.
    private static func load(_ url: URL, _ configuration: MLModelConfiguration) throws -> MLModel {
        do {
            return try MLModel(contentsOf: url, configuration: configuration)
        } catch let error as NSError {
            let refusal = "functionName property must be nil"
            guard configuration.functionName != nil, error.localizedDescription.contains(refusal) else { throw error }
            return try MLModel(contentsOf: url, configuration: configuration)
        }
    }

    /// Runs a function, by its place in the list. `fill` writes an input, by its place in `inputs`.
    func predict(
        function: Int, _ inputs: [HostSession.Feature], _ fill: (Int, StridedNumbers) throws -> Void
    ) throws -> Outputs {
        // New arrays for each call: the system may still read those of the last one.
        var arrays: [String: MLMultiArray] = [:]
        for (index, input) in inputs.enumerated() {
            let shape = input.shape.map { NSNumber(value: $0) }
            let array = try MLMultiArray(shape: shape, dataType: input.number.coreML)
            try array.withUnsafeMutableBytes { bytes, strides in
                guard let base = bytes.baseAddress else { throw GenerationError.outOfMemory("input \(input.name)") }
                try fill(index, StridedNumbers(base: base, number: input.number, shape: input.shape, strides: strides))
            }
            arrays[input.name] = array
        }
        let provider = Inputs(arrays)
        let options = MLPredictionOptions()
        guard let model = models[function] else {
            throw GenerationError.internalFailure("function \(function): not loaded")
        }
        do {
            // In a synchronous function these are the synchronous overloads, which stay on this thread.
            if let state {
                return Outputs(try model.prediction(from: provider, using: state, options: options))
            }
            return Outputs(try model.prediction(from: provider, options: options))
        } catch let error as NSError {
            throw Refusal.explain(error, model, inputs)
        }
    }

    /// What a call gave.
    struct Outputs {
        private let provider: any MLFeatureProvider

        fileprivate init(_ provider: any MLFeatureProvider) { self.provider = provider }

        /// Shows an output where Core ML has it; rows may be padded.
        /// - Throws: `unsupportedModel` when it is not as the contract says.
        func withNumbers<Result>(
            of feature: HostSession.Feature, _ body: (StridedNumbers) throws -> Result
        ) throws -> Result {
            let array = provider.featureValue(for: feature.name)?.multiArrayValue
            let shape = array?.shape.map(\.intValue)
            guard let array, let number = Number(array.dataType), number != .int32, shape == feature.shape else {
                throw GenerationError.unsupportedModel(
                    "output \(feature.name): got shape \(shape ?? []), want \(feature.shape) of float16 or float32")
            }
            return try array.withUnsafeBytes { bytes in
                guard let base = bytes.baseAddress else { throw GenerationError.outOfMemory("output \(feature.name)") }
                return try body(
                    StridedNumbers(
                        base: UnsafeMutableRawPointer(mutating: base), number: number, shape: feature.shape,
                        strides: array.strides.map(\.intValue)))
            }
        }
    }

    /// The arrays of a call, without a dictionary that Core ML would copy.
    private final class Inputs: NSObject, MLFeatureProvider {
        private let arrays: [String: MLMultiArray]

        init(_ arrays: [String: MLMultiArray]) { self.arrays = arrays }

        var featureNames: Set<String> { Set(arrays.keys) }

        func featureValue(for featureName: String) -> MLFeatureValue? {
            arrays[featureName].map { MLFeatureValue(multiArray: $0) }
        }
    }

    private static func bytes(of state: MLStateConstraint) -> Int {
        sides(state.bufferShape).reduce(state.dataType == .float16 ? 2 : 4, *)
    }

    // Core ML declares the shape of a state with NSNumber; whether Swift sees that depends on the SDK.
    private static func sides(_ list: [Int]) -> [Int] { list }
    private static func sides(_ list: [NSNumber]) -> [Int] { list.map(\.intValue) }
}

extension ComputeUnit {
    var coreML: MLComputeUnits {
        switch self {
        case .neuralEngine: .cpuAndNeuralEngine
        case .gpu: .cpuAndGPU
        case .cpu: .cpuOnly
        }
    }
}

extension Number {
    var coreML: MLMultiArrayDataType {
        switch self {
        case .float16: .float16
        case .float32: .float32
        case .int32: .int32
        }
    }

    init?(_ dataType: MLMultiArrayDataType) {
        switch dataType {
        case .float16: self = .float16
        case .float32: self = .float32
        case .int32: self = .int32
        default: return nil
        }
    }
}
