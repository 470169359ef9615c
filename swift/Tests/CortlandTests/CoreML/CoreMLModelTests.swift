@_spi(StandIn) import CoreMLStandIn
import Cortland
import CortlandCoreML
import Foundation
import Testing

@Suite struct CoreMLModelTests {
    @Test func whatAModelSaysOfItself() async throws {
        let ane = try await CompiledForm.demo(.ane).model()
        #expect(ane.contextLength == 256 && ane.vocabularySize == 2048 && ane.computePolicy == .automatic)
        let gpu = try await CompiledForm.demo(.gpu).model()
        #expect(gpu.computePolicy.ladder == [.gpu, .cpu])
        // [2L, K, S, E] of fp16, and what the host keeps in its place: S less the eight tokens of a call.
        let backend = try ane.load(on: .cpu)
        #expect(backend.info.prefillSize == 64 && backend.info.stepSize == 1)
        let explicit = try await CompiledForm.demo(.iOS17).model().load(on: .cpu)
        #expect(explicit.info.prefillSize == 8 && explicit.info.stepSize == 8)
        #expect(backend.info.cacheBytes > 0)
        #expect(explicit.info.cacheBytes == backend.info.cacheBytes / 256 * 248)
        #expect(try gpu.load(on: .gpu).info.cacheBytes == backend.info.cacheBytes)
    }

    @Test func whatIsNoModel() async throws {
        let form = try await CompiledForm.demo(.ane)
        let uncompiled = await #expect(throws: GenerationError.self) {
            try await CoreMLModel(compiledModelAt: form.package)
        }
        #expect(uncompiled?.kind == "fileUnavailable")
        let nothing = await #expect(throws: GenerationError.self) {
            try await CoreMLModel.compile(packageAt: form.package.appending(path: "x"), into: Fixture.folder)
        }
        #expect(nothing?.localizedDescription.hasPrefix("x: Core ML cannot compile it; ") == true)
    }

    @Test func partsThatAreMissing() async throws {
        let form = try await CompiledForm.demo(.parts)
        let sizes = try await form.model().load(on: .cpu).info
        let whole = try await CompiledForm.demo(.ane).model().load(on: .cpu).info
        #expect(sizes.cacheBytes == whole.cacheBytes && sizes.prefillSize == whole.prefillSize)
        let folder = form.compiled.deletingLastPathComponent()
        for name in ["head.mlmodelc", "embedding.table"] {
            try FileManager.default.removeItem(at: folder.appending(path: name))
            let failure = await #expect(throws: GenerationError.self) { try await form.model() }
            #expect(failure?.kind == "fileUnavailable")
            #expect(failure?.localizedDescription.contains(name) == true, "\(String(describing: failure))")
            _ = try await CoreMLModel.compile(packageAt: form.package, into: folder)
        }
        _ = try await form.model()
    }

    @Test func contractsThatAreNotKnown() async throws {
        for (json, message) in [
            (nil, "has no metadata entry cortland.contract"), ("{}", "version: is missing"),
            (#"{"version": 2}"#, "version: 2 is not known, want 1"),
        ] {
            let form = try await CompiledForm.demo(.ane)
            var behaviour = StandIn.Behaviour()
            behaviour.metadata = { _ in json.map { ["cortland.contract": $0] } ?? [:] }
            StandIn.setBehaviour(of: form.compiled, behaviour)
            let failure = await #expect(throws: GenerationError.self) { try await form.model() }
            #expect(failure?.kind == "unsupportedModel")
            #expect(failure?.localizedDescription.contains(message) == true, "\(String(describing: failure))")
        }
    }

    @Test func aTextFileOfAnotherModel() async throws {
        let form = try await CompiledForm.golden("exaone4-hybrid", [])
        let model = LanguageModel(try await form.model(), textFile: try Fixture.demo())
        let failure = await #expect(throws: GenerationError.self) { try await model.load() }
        #expect(failure?.kind == "invalidRequest")
    }

    @Test func compilingAgainReplaces() async throws {
        let form = try await CompiledForm.demo(.ane)
        let folder = form.compiled.deletingLastPathComponent()
        #expect(try await CoreMLModel.compile(packageAt: form.package, into: folder) == form.compiled)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
    }
}
