import Foundation
import Testing

@_spi(StandIn) @testable import CoreMLStandIn

/// The stand-in is as strict as Core ML, or stricter: what passes here has to pass there.
@Suite struct StandInTests {
    private static func load(_ form: CompiledForm, _ function: String?) throws -> MLModel {
        let configuration = MLModelConfiguration()
        configuration.functionName = function
        return try MLModel(contentsOf: form.compiled, configuration: configuration)
    }

    private static func inputs(of model: MLModel) throws -> [String: MLMultiArray] {
        try model.modelDescription.inputDescriptionsByName.mapValues { description in
            let constraint = try #require(description.multiArrayConstraint)
            let array = try MLMultiArray(shape: constraint.shape, dataType: constraint.dataType)
            _ = array.withUnsafeMutableBytes { bytes, _ in bytes.initializeMemory(as: UInt8.self, repeating: 0) }
            return array
        }
    }

    private func refused(_ message: String, _ body: () throws -> Void) {
        let failure = #expect(throws: (any Error).self) { try body() }
        let known = failure.map { $0 as NSError }
        #expect(known?.domain == MLModelErrorDomain)
        #expect(known?.localizedDescription.contains(message) == true, "\(String(describing: known))")
    }

    @Test func onlyCompiledModelsLoadAndFunctionsHaveNames() async throws {
        let (many, one) = (try await CompiledForm.demo(.ane), try await CompiledForm.demo(.gpu))
        refused("is no compiled model") {
            _ = try MLModel(contentsOf: many.package, configuration: MLModelConfiguration())
        }
        refused("there is no function nothing") { _ = try Self.load(many, "nothing") }
        refused("functionName property must be nil") { _ = try Self.load(one, "main") }
        #expect(try await MLModelAsset(url: many.compiled).functionNames == ["decode", "prefill"])
        #expect(try await MLModelAsset(url: one.compiled).functionNames.isEmpty)
        #expect(try Self.load(many, nil).modelDescription.outputDescriptionsByName.keys.sorted() == ["logits"])
    }

    /// The synchronous overload: in an asynchronous function it is not the one that is meant.
    private static func predict(
        _ model: MLModel, _ inputs: [String: MLMultiArray], _ state: MLState?,
        _ options: MLPredictionOptions = MLPredictionOptions()
    ) throws -> any MLFeatureProvider {
        let provider = try MLDictionaryFeatureProvider(dictionary: inputs)
        guard let state else { return try model.prediction(from: provider, options: options) }
        return try model.prediction(from: provider, using: state, options: options)
    }

    @Test func inputsMustBeWhatTheModelDeclares() async throws {
        let form = try await CompiledForm.demo(.ane)
        let model = try Self.load(form, "decode")
        let good = try Self.inputs(of: model)
        let state = model.makeState()
        func predict(_ inputs: [String: MLMultiArray]) throws { _ = try Self.predict(model, inputs, state) }
        try predict(good)
        try predict(good.merging(["unknown": try #require(good["mask"])]) { first, _ in first })
        refused("Feature mask is required but not specified.") { try predict(good.filter { $0.key != "mask" }) }
        let single = try MLMultiArray(shape: [1, 1, 1, 256].map { NSNumber(value: $0) }, dataType: .float32)
        refused("Feature mask: got MLMultiArray [1, 1, 1, 256] of float32, want float16") {
            try predict(good.merging(["mask": single]) { $1 })
        }
        let short = try MLMultiArray(shape: [1, 1, 1, 255].map { NSNumber(value: $0) }, dataType: .float16)
        refused("Feature mask: got MLMultiArray [1, 1, 1, 255]") { try predict(good.merging(["mask": short]) { $1 }) }
        refused("a stateful model needs a state") { _ = try Self.predict(model, good, nil) }
        let other = try Self.load(try await CompiledForm.demo(.ane), "decode").makeState()
        refused("the state is that of another model") { _ = try Self.predict(model, good, other) }
    }

    @Test func arraysAreNotCleanAndRowsArePadded() async throws {
        let array = try MLMultiArray(shape: [2, 3].map { NSNumber(value: $0) }, dataType: .float16)
        #expect(array[[1, 2]].floatValue.isNaN)
        array[[1, 2]] = 1.5
        #expect(array[[1, 2]].floatValue == 1.5 && array.strides.map(\.intValue) == [3, 1])

        let form = try await CompiledForm.demo(.ane)
        let model = try Self.load(form, "prefill")
        let state = model.makeState()
        let output = try Self.predict(model, try Self.inputs(of: model), state)
        let hidden = try #require(output.featureValue(for: "hidden")?.multiArrayValue)
        let (shape, strides) = (hidden.shape.map(\.intValue), hidden.strides.map(\.intValue))
        #expect(strides[2] == 1 && strides[1] > shape[2] && strides[1] * 2 % 64 == 0)
        #expect(output.featureNames == ["hidden"])
        state.withMultiArray(for: "kv") { buffer in
            #expect(buffer.strides.map(\.intValue).last == 1)
            buffer[[0, 0, 0, 0]] = 2
        }
        state.withMultiArray(for: "kv") { #expect($0[[0, 0, 0, 0]].floatValue == 2) }
    }

    /// Buffers of a few kilobytes: an allocator gives the memory of such out again at once.
    @Test func aStateIsShownAtAnotherAddressEachTime() async throws {
        let form = try await CompiledForm.golden("qwen2-sliding", ["--context", "32", "--prefill", "4"])
        let state = try Self.load(form, "decode").makeState()
        let addresses = (0..<50).map { _ in
            state.withMultiArray(for: "kv") { $0.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } }
        }
        #expect(zip(addresses, addresses.dropFirst()).allSatisfy { $0 != $1 })
    }

    @Test func arraysOfOnesOwnMemory() throws {
        let returned = Shared<[UInt]>([])
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 16, alignment: 16)
        let address = UInt(bitPattern: memory)
        memory.copyMemory(from: [Int32]([1, 2, -1, 3]), byteCount: 16)
        func numbers(_ list: [Int]) -> [NSNumber] { list.map { NSNumber(value: $0) } }
        do {
            let array = try MLMultiArray(
                dataPointer: memory, shape: numbers([2, 2]), dataType: .int32, strides: numbers([1, 2])
            ) { returned.set(returned.get() + [UInt(bitPattern: $0)]) }
            // By the place among all: row after row, whatever the strides.
            #expect((0..<4).map { array[$0].intValue } == [1, -1, 2, 3])
            array[1] = 7
            #expect(array[[0, 1]] == 7)
            let strides = array.withUnsafeMutableBufferPointer(ofType: Int32.self) { values, strides in
                values[0] = 5
                return strides
            }
            #expect(strides == [1, 2] && array[numbers([0, 0])] == 5 && returned.get().isEmpty)
        }
        #expect(returned.get() == [address] && memory.loadUnaligned(fromByteOffset: 8, as: Int32.self) == 7)
        memory.deallocate()
        #expect(throws: (any Error).self) {
            try MLMultiArray(dataPointer: memory, shape: numbers([2]), dataType: .int32, strides: numbers([1, 1]))
        }
        let small = try MLMultiArray(shape: numbers([3]), dataType: .init(rawValue: 0x20008) ?? .double)
        #expect(small[2] == -1 && small.withUnsafeBytes(\.count) == 3)
        small[2] = 4
        #expect(small.withUnsafeBufferPointer(ofType: Int8.self) { $0[2] } == 4)
        #expect(MLMultiArrayDataType.float == .float32 && MLMultiArrayDataType.float64 == .double)
    }

    /// The numbers of Core ML's headers.
    @Test func namesHaveTheValuesOfCoreML() {
        let codes: [MLModelError.Code] = [
            .generic, .featureType, .io, .customLayer, .customModel, .update, .parameters, .modelDecryptionKeyFetch,
            .modelDecryption, .modelCollection, .predictionCancelled,
        ]
        #expect(codes.map(\.rawValue) == [0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11])
        let types: [MLFeatureType] = [
            .invalid, .int64, .double, .string, .image, .multiArray, .dictionary, .sequence, .state,
        ]
        #expect(types.map(\.rawValue) == Array(0...8))
        let keys: [MLModelMetadataKey] = [.description, .versionString, .author, .license, .creatorDefinedKey]
        let names = ["Description", "VersionString", "Author", "License", "CreatorDefined"]
        #expect(keys.map(\.rawValue) == names.map { "MLModel\($0)Key" })
    }

    @Test func statesAreOfFloat16() throws {
        var feature = InterpretedPackage.Feature(name: "kv", dataType: .float16, shape: [1], lower: [1], upper: [1])
        try InterpretedPackage.checkState(feature)
        feature.dataType = .float32
        refused("State kv: got float32, want float16") { try InterpretedPackage.checkState(feature) }
    }

    @Test func aConfigurationIsCopied() async throws {
        let form = try await CompiledForm.golden("exaone4-hybrid")
        let configuration = MLModelConfiguration()
        configuration.functionName = "prefill"
        configuration.computeUnits = .cpuAndGPU
        let model = try MLModel(contentsOf: form.compiled, configuration: configuration)
        configuration.functionName = "decode"
        configuration.computeUnits = .cpuOnly
        model.configuration.computeUnits = .all
        #expect(model.configuration.functionName == "prefill" && model.configuration.computeUnits == .cpuAndGPU)
        #expect(model.modelDescription.outputDescriptionsByName.keys.sorted() == ["hidden"])
    }

    /// In an asynchronous function it is these that are meant.
    @Test func asynchronousPredictionsCanBeCancelled() async throws {
        let form = try await CompiledForm.golden("exaone4-hybrid", ["--target", "iOS17"])
        let stateful = try await CompiledForm.golden("exaone4-hybrid")
        try await Task { try await Self.predictAndCancel(form, stateful) }.value
    }

    private static func predictAndCancel(_ form: CompiledForm, _ stateful: CompiledForm) async throws {
        let plain = try await MLModel.load(contentsOf: form.compiled)
        let model = try await MLModel.load(contentsOf: stateful.compiled)
        let (inputs, more) = (
            try MLDictionaryFeatureProvider(dictionary: try Self.inputs(of: plain)),
            try MLDictionaryFeatureProvider(dictionary: try Self.inputs(of: model))
        )
        let state = model.makeState()
        #expect(try await plain.prediction(from: inputs).featureNames.contains("logits"))
        #expect(try await model.prediction(from: more, using: state).featureNames == ["logits"])
        let before = (StandIn.calls(of: form.compiled).count, StandIn.calls(of: stateful.compiled).count)
        withUnsafeCurrentTask { $0?.cancel() }
        await #expect(throws: CancellationError.self) { _ = try await plain.prediction(from: inputs) }
        await #expect(throws: CancellationError.self) { _ = try await model.prediction(from: more, using: state) }
        #expect(StandIn.calls(of: form.compiled).count == before.0)
        #expect(StandIn.calls(of: stateful.compiled).count == before.1)
    }

    /// What is undefined in Core ML ends the program here.
    @Test func aStateIsUsedByOneAtATime() async {
        let twice = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let state = try Self.load(try await CompiledForm.demo(.ane), "decode").makeState()
            state.withMultiArray(for: "kv") { _ in state.withMultiArray(for: "kv") { _ in } }
        }
        #expect(Self.said(by: twice).contains("MLState: is used by two at once"))
        let unknown = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let state = try Self.load(try await CompiledForm.demo(.ane), "decode").makeState()
            state.withMultiArray(for: "nothing") { _ in }
        }
        #expect(Self.said(by: unknown).contains("MLState: there is no state nothing"))
    }

    @Test func aStateIsLeftAloneDuringAPrediction() async {
        let overlapping = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try await Self.disturb { model, state in _ = try? Self.predict(model, try Self.inputs(of: model), state) }
        }
        #expect(Self.said(by: overlapping).contains("MLState: is used by two at once"))
        let looking = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try await Self.disturb { _, state in state.withMultiArray(for: "kv") { _ in } }
        }
        #expect(Self.said(by: looking).contains("MLState: is used by two at once"))
        // One prediction after the other is well.
        await #expect(processExitsWith: .success) { try await Self.disturb { _, _ in } }
    }

    /// Makes a prediction, and calls `body` in the course of it.
    private static func disturb(_ body: @escaping @Sendable (MLModel, MLState) -> Void) async throws {
        let form = try await CompiledForm.golden("exaone4-hybrid")
        nonisolated(unsafe) let model = try load(form, "decode")
        let (inputs, state) = (try inputs(of: model), model.makeState())
        _ = try predict(model, inputs, state)
        var behaviour = StandIn.Behaviour()
        behaviour.hook = { _, _ in
            body(model, state)
            return .works
        }
        StandIn.setBehaviour(of: form.compiled, behaviour)
        _ = try predict(model, inputs, state)
    }

    private static func said(by result: ExitTest.Result?) -> String {
        String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    }

    @Test func aBackingIsARequest() async throws {
        let form = try await CompiledForm.demo(.gpu)
        let model = try Self.load(form, nil)
        let state = model.makeState()
        let inputs = try Self.inputs(of: model)
        let options = MLPredictionOptions()
        let first = try Self.predict(model, inputs, state).featureValue(for: "logits")?.multiArrayValue
        let shape = try #require(first?.shape)
        let backing = try MLMultiArray(shape: shape, dataType: .float16)
        options.outputBackings = ["logits": backing]
        let honoured = try (0..<4).map { _ in
            try Self.predict(model, inputs, state, options).featureValue(for: "logits")?.multiArrayValue === backing
        }
        #expect(Set(honoured) == [true, false])
        #expect(!backing[[0, 0, 0]].floatValue.isNaN)
    }
}
