internal import CCortlandInterp
public import Foundation

/// A function of a compiled model, executed by the interpreter. It is stricter than Core ML: arrays must have the type
/// and the shape that the model declares.
public final class MLModel: NSObject {
    /// What the function takes and gives.
    public let modelDescription: MLModelDescription
    private let settings: MLModelConfiguration
    private let compiled: CompiledModel
    private let interpreter: Interpreter
    private var honoursBacking = false  // every other request is met

    /// Loads a function of a compiled model. It blocks until that is done.
    public init(contentsOf url: URL, configuration: MLModelConfiguration) throws {
        settings = configuration.copied
        compiled = try CompiledModel(at: url)
        let function = try compiled.function(named: settings.functionName)
        try StandIn.note(.load(function: settings.functionName, settings.computeUnits), of: url)
        modelDescription = compiled.description(of: function)
        interpreter = try Interpreter(compiled.package, function)
    }

    /// The same without blocking.
    public class func load(
        contentsOf url: URL, configuration: MLModelConfiguration = MLModelConfiguration()
    ) async throws -> MLModel {
        try MLModel(contentsOf: url, configuration: configuration)
    }

    /// Compiles a package into a temporary folder, from where it has to be moved.
    public class func compileModel(at url: URL) async throws -> URL {
        guard url.pathExtension == "mlpackage" else {
            throw MLModelError.make(.io, "\(url.lastPathComponent): cannot be compiled; want NAME.mlpackage")
        }
        _ = try InterpretedPackage(path: url.path)
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        let name = url.deletingPathExtension().lastPathComponent
        let compiled = folder.appending(path: name).appendingPathExtension("mlmodelc")
        try FileManager.default.createDirectory(at: compiled, withIntermediateDirectories: true)
        try CompiledModel.link(url, to: compiled.appending(path: CompiledModel.content))
        return compiled
    }

    /// What it was loaded with.
    public var configuration: MLModelConfiguration { settings.copied }

    /// Buffers of zeros, for this function and its siblings.
    public func makeState() -> MLState {
        let names = Set(interpreter.function.states.map(\.name))
        guard let state = try? MLState(compiled, names: names) else {
            preconditionFailure("MLModel: no memory for a state")
        }
        return state
    }

    /// A prediction without state.
    public func prediction(from input: any MLFeatureProvider) throws -> any MLFeatureProvider {
        try predict(input, state: nil, MLPredictionOptions())
    }

    /// A prediction without state.
    public func prediction(
        from input: any MLFeatureProvider, options: MLPredictionOptions
    ) throws -> any MLFeatureProvider {
        try predict(input, state: nil, options)
    }

    /// A prediction without state, which can be cancelled.
    public func prediction(
        from input: any MLFeatureProvider, options: MLPredictionOptions = MLPredictionOptions()
    ) async throws -> any MLFeatureProvider {
        try Task.checkCancellation()
        return try predict(input, state: nil, options)
    }

    /// A prediction that changes a state.
    public func prediction(
        from inputFeatures: any MLFeatureProvider, using state: MLState
    ) throws -> any MLFeatureProvider {
        try predict(inputFeatures, state: state, MLPredictionOptions())
    }

    /// A prediction that changes a state.
    public func prediction(
        from inputFeatures: any MLFeatureProvider, using state: MLState, options: MLPredictionOptions
    ) throws -> any MLFeatureProvider {
        try predict(inputFeatures, state: state, options)
    }

    /// A prediction that changes a state, which can be cancelled.
    public func prediction(
        from inputFeatures: any MLFeatureProvider, using state: MLState,
        options: MLPredictionOptions = MLPredictionOptions()
    ) async throws -> any MLFeatureProvider {
        try Task.checkCancellation()
        return try predict(inputFeatures, state: state, options)
    }

    private func predict(
        _ provider: any MLFeatureProvider, state: MLState?, _ options: MLPredictionOptions
    ) throws -> any MLFeatureProvider {
        let function = interpreter.function
        if state == nil, !function.states.isEmpty {
            throw MLModelError.make(.generic, "function \(function.name): a stateful model needs a state")
        }
        if let state, state.model != compiled.url {
            throw MLModelError.make(.generic, "function \(function.name): the state is that of another model")
        }
        let inputs = try function.inputs.map { ($0.name, try array(for: $0, from: provider)) }
        let integers = inputs.filter { $1.dataType == .int32 }.reduce(into: [:]) { $0[$1.0] = $1.1.integers }
        let call = StandIn.Call.predict(function: function.name, settings.computeUnits)
        let run = { [self] in
            let byte = try StandIn.note(call, of: compiled.url, integers)
            let outputs = try interpreter.run(inputs, states: state?.handle) { place($0, $1, options) }
            if let byte { outputs.values.forEach { $0.fill(byte) } }
            if byte == MLMultiArray.noNumber { state?.fill(MLMultiArray.noNumber) }
            return outputs
        }
        return try MLDictionaryFeatureProvider(dictionary: state?.exclusively(run) ?? run())
    }

    private func array(
        for feature: InterpretedPackage.Feature, from provider: any MLFeatureProvider
    ) throws -> MLMultiArray {
        guard let value = provider.featureValue(for: feature.name) else {
            throw MLModelError.make(.featureType, "Feature \(feature.name) is required but not specified.")
        }
        guard let array = value.multiArrayValue, array.dataType == feature.dataType,
            feature.allows(array.shapeList)
        else {
            let got = value.multiArrayValue.map(String.init(describing:)) ?? "no array"
            let want = "\(feature.dataType) \(feature.lower) to \(feature.upper)"
            throw MLModelError.make(.featureType, "Feature \(feature.name): got \(got), want \(want)")
        }
        return array
    }

    /// Where an output goes: into padded rows, or into a backing.
    private func place(
        _ feature: InterpretedPackage.Feature, _ shape: [Int], _ options: MLPredictionOptions
    ) -> MLMultiArray {
        if let backing = options.outputBackings[feature.name] as? MLMultiArray, backing.shapeList == shape,
            backing.dataType == feature.dataType
        {
            honoursBacking.toggle()
            if honoursBacking { return backing }
        }
        let numberStride = StandIn.behaviour(of: compiled.url).numberStride
        return MLMultiArray(padding: shape, dataType: feature.dataType, numberStride: numberStride)
    }
}

extension MLMultiArray {
    /// With a gap behind each row, which reaches to a multiple of 64 bytes, as the Neural Engine leaves it.
    convenience init(padding shape: [Int], dataType: MLMultiArrayDataType, numberStride: Int) {
        let unit = 64 / dataType.width
        var strides = [Int](repeating: numberStride, count: shape.count)
        var extent = ((shape.last ?? 1) * numberStride / unit + 1) * unit
        for side in shape.indices.dropLast().reversed() {
            strides[side] = extent
            extent *= shape[side]
        }
        self.init(shape: shape, dataType: dataType, strides: strides)
    }

    /// The numbers of an array of int32 without gaps.
    var integers: [Int32] {
        withUnsafeBytes { Array($0.bindMemory(to: Int32.self).prefix(count)) }
    }

    /// The byte that makes numbers that are none.
    static let noNumber: UInt8 = 0xFF

    /// All bytes the same.
    func fill(_ byte: UInt8) {
        withUnsafeMutableBytes { bytes, _ in
            for index in bytes.indices { bytes[index] = byte }
        }
    }
}
