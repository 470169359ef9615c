import Foundation

#if canImport(CoreML)
    import CoreML
#else
    import CoreMLStandIn
#endif

/// Every name of swift/core_ml_interface.txt as the package may use it. It is only compiled: here against what stands in
/// for Core ML, and on a Mac against Core ML itself, which says where the two part. tests/swift_package_test.py compares
/// the names.
enum MirroredInterface {
    static func models(_ url: URL, _ input: any MLFeatureProvider) throws {
        let configuration = MLModelConfiguration()
        configuration.computeUnits = [MLComputeUnits.all, .cpuAndGPU, .cpuAndNeuralEngine, .cpuOnly][0]
        configuration.functionName = "decode"
        configuration.modelDisplayName = "model/decode"
        configuration.allowLowPrecisionAccumulationOnGPU = false
        var hints = MLOptimizationHints()
        hints.reshapeFrequency = [MLOptimizationHints.ReshapeFrequency.frequent, .infrequent][0]
        hints.specializationStrategy = [MLOptimizationHints.SpecializationStrategy.default, .fastPrediction][0]
        configuration.optimizationHints = hints
        let model = try MLModel(contentsOf: url, configuration: configuration)
        let _: Any = model.configuration.copy(with: nil)
        let state: MLState = model.makeState()
        let options = MLPredictionOptions()
        options.outputBackings = [:]
        let _: any MLFeatureProvider = try model.prediction(from: input)
        let _: any MLFeatureProvider = try model.prediction(from: input, options: options)
        let _: any MLFeatureProvider = try model.prediction(from: input, using: state)
        let _: any MLFeatureProvider = try model.prediction(from: input, using: state, options: options)
        let _: Int = state.withMultiArray(for: "kv") { $0.count }
        descriptions(model.modelDescription)
    }

    @concurrent static func asynchronously(_ url: URL) async throws {
        let _: URL = try await MLModel.compileModel(at: url)
        let model = try await MLModel.load(contentsOf: url)
        let input = try MLDictionaryFeatureProvider(dictionary: [:])
        let _: any MLFeatureProvider = try await model.prediction(from: input)
        let _: any MLFeatureProvider = try await model.prediction(
            from: input, using: model.makeState(), options: MLPredictionOptions())
        let asset = try MLModelAsset(url: url)
        let _: [String] = try await asset.functionNames
        descriptions(try await asset.modelDescription)
        descriptions(try await asset.modelDescription(of: "decode"))
        let plan = try await MLComputePlan.load(contentsOf: url, configuration: MLModelConfiguration())
        guard case .program(let program) = plan.modelStructure else { return }
        let functions: [String: MLModelStructure.Program.Function] = program.functions
        let blocks: [MLModelStructure.Program.Block] = functions.values.map(\.block)
        for operation: MLModelStructure.Program.Operation in blocks.flatMap(\.operations) {
            let usage: MLComputePlan.DeviceUsage? = plan.deviceUsage(for: operation)
            for device: MLComputeDevice in (usage?.supported ?? []) + [usage?.preferred].compactMap(\.self) {
                switch device {
                case .cpu(let device): let _: MLCPUComputeDevice = device
                case .gpu(let device): let _: MLGPUComputeDevice = device
                case .neuralEngine(let device): let _: MLNeuralEngineComputeDevice = device
                @unknown default: let _: String = operation.operatorName
                }
            }
        }
    }

    static func descriptions(_ description: MLModelDescription) {
        let all: [[String: MLFeatureDescription]] = [
            description.inputDescriptionsByName, description.outputDescriptionsByName,
            description.stateDescriptionsByName,
        ]
        let keys: [MLModelMetadataKey] = [.description, .versionString, .author, .license, .creatorDefinedKey]
        let _: [Any?] = keys.map { description.metadata[MLModelMetadataKey(rawValue: $0.rawValue)] }
        for feature in all.flatMap(\.values) {
            let _: (String, Bool) = (feature.name, feature.isOptional)
            let _: Bool = feature.isAllowedValue(MLFeatureValue(int64: 1))
            switch feature.type {
            case MLFeatureType.invalid, .int64, .double, .string, .image, .dictionary, .sequence: break
            case .multiArray: feature.multiArrayConstraint.map(constraint)
            // Whether sides are Int or NSNumber depends on the SDK.
            case .state: feature.stateConstraint.map { (state: MLStateConstraint) in _ = state.bufferShape.count }
            @unknown default: let _: MLMultiArrayDataType? = feature.stateConstraint?.dataType
            }
        }
    }

    static func constraint(_ constraint: MLMultiArrayConstraint) {
        let _: ([NSNumber], MLMultiArrayDataType) = (constraint.shape, constraint.dataType)
        let shapes: MLMultiArrayShapeConstraint = constraint.shapeConstraint
        let types: [MLMultiArrayShapeConstraintType] = [.unspecified, .enumerated, .range]
        let _: (Bool, [[NSNumber]], [NSValue]) = (
            types.contains(shapes.type), shapes.enumeratedShapes, shapes.sizeRangeForDimension
        )
    }

    static func arrays(_ memory: UnsafeMutableRawPointer) throws {
        let sides = [NSNumber(value: 1)]
        let array = try MLMultiArray(shape: sides, dataType: .float32)
        let _ = MLMultiArray(shape: [1], dataType: .float16, strides: [1])
        let _ = try MLMultiArray(
            dataPointer: memory, shape: sides, dataType: .int32, strides: sides, deallocator: { $0.deallocate() })
        let _: [MLMultiArrayDataType] = [.double, .float, .float64, array.dataType]
        let _: ([NSNumber], [NSNumber], Int, String) = (array.shape, array.strides, array.count, array.description)
        let _: Int = array.withUnsafeBytes { $0.count }
        let _: [Int] = array.withUnsafeMutableBytes { $1 }
        let _: Float = array.withUnsafeBufferPointer(ofType: Float.self) { $0[0] }
        let _: [Int] = array.withUnsafeMutableBufferPointer(ofType: Float.self) { $1 }
        array[0] = array[[0]]
        array[sides] = array[[0] as [Int]]
        let scalars: [any MLShapedArrayScalar.Type] = [Double.self, Float.self, Int32.self]
        let _: [MLMultiArrayDataType] = scalars.map { $0.multiArrayDataType }
        let value = MLFeatureValue(multiArray: array)
        let _: (MLMultiArray?, Int64, MLFeatureType) = (value.multiArrayValue, value.int64Value, value.type)
        let provider = try MLDictionaryFeatureProvider(dictionary: ["x": value])
        let _: [String: MLFeatureValue] = provider.dictionary
        let _: (Set<String>, MLFeatureValue?, MLFeatureValue?) = (
            provider.featureNames, provider.featureValue(for: "x"), provider["x"]
        )
    }

    static func errors(_ error: NSError) -> Bool {
        let codes: [MLModelError.Code] = [
            .generic, .featureType, .io, .customLayer, .customModel, .update, .parameters, .modelDecryptionKeyFetch,
            .modelDecryption, .modelCollection, .predictionCancelled,
        ]
        return error.domain == MLModelErrorDomain && codes.map(\.rawValue).contains(error.code)
    }
}
