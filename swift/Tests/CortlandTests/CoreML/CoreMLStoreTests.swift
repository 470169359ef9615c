@_spi(StandIn) import CoreMLStandIn
import Cortland
import CortlandCoreML
import CortlandStore
import Foundation
import Testing

/// A bundle of the command line, from the store to its answer.
@Suite struct CoreMLStoreTests {
    @Test func aBundleAnswersFromTheStore() async throws {
        let form = try await CompiledForm.demo(.parts)
        let store = try StoreFixture.store(CoreMLRuntime())
        let bundle = try await store.importBundle(at: form.source)
        #expect(bundle.name == "Model" && bundle.manifest.weightBytes > 1 << 20)
        let events = Shared<[LoadEvent]>([])
        let prepared = try await store.prepare(bundle) { events.set(events.get() + [$0]) }
        #expect(prepared.contextLength == 256)
        let transcript = try Fixture.transcripts()[0]
        let (ids, _) = try await ChatSession(model: prepared.languageModel).tokens(answering: transcript.question)
        #expect(ids + [Scripted.endID] == transcript.outputIds)
        // One event for each part before it is loaded.
        let parts = events.get().compactMap {
            if case .began(_, let loaded, let total) = $0, total > 1 { [loaded, total] } else { nil }
        }
        #expect(parts.count > 1 && parts.first == [0, parts.count] && parts.last == [parts.count - 1, parts.count])
        #expect(store.memoryEstimate(for: bundle).cacheBytes > 0)
    }

    @Test func whatTheStoreLearnsOfAModel() async throws {
        let form = try await CompiledForm.demo(.parts)
        let opened = try await CoreMLRuntime().open(compiledModelAt: form.compiled)
        #expect(opened.contextLength == 256 && opened.policy == .automatic)
    }

    @Test func sharesAreCountedOverParts() async throws {
        let form = try await CompiledForm.demo(.parts)
        let cpu = MLComputeDevice.cpu(MLCPUComputeDevice()),
            engine = MLComputeDevice.neuralEngine(MLNeuralEngineComputeDevice())
        for part in [form.compiled, form.part("head")] {
            var behaviour = StandIn.Behaviour()
            behaviour.plan["decode"] = [
                ("const", nil), ("ios18.gather", cpu), ("ios18.conv", engine), ("softmax", engine),
            ]
            StandIn.setBehaviour(of: part, behaviour)
        }
        let shares = try await CoreMLRuntime().shares(ofModelAt: form.compiled, on: .neuralEngine)
        #expect(
            shares == [
                ComputeShare(function: "decode", unit: .cpu, types: ["gather": 2]),
                ComputeShare(function: "decode", unit: .neuralEngine, types: ["conv": 2, "softmax": 2]),
            ])
    }
}
