import CoreMLStandIn
import Foundation
import Testing

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
