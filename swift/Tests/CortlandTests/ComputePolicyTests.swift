import Cortland
import CortlandCoreML
import Foundation
import Testing

@Suite struct ComputePolicyTests {
    private func attempt(_ unit: ComputeUnit, _ stage: LadderAttempt.Stage, numeric: Bool = false) -> LadderAttempt {
        let error: any Error = numeric ? GenerationError.unusableLogits("NaN") : GenerationError.outOfMemory("none")
        return LadderAttempt(unit: unit, stage: stage, error: error, duration: .zero)
    }

    @Test func eachFailureLeadsToTheNextUnit() {
        let policy = ComputePolicy.automatic
        #expect(policy.next(after: []) == .neuralEngine)
        #expect(policy.next(after: [attempt(.neuralEngine, .load)]) == .gpu)
        #expect(policy.next(after: [attempt(.neuralEngine, .warmUp)]) == .gpu)
        #expect(policy.next(after: [attempt(.neuralEngine, .generation)]) == .neuralEngine)
        #expect(policy.next(after: [attempt(.neuralEngine, .generation, numeric: true)]) == .gpu)
        #expect(
            policy.next(after: [attempt(.neuralEngine, .generation), attempt(.neuralEngine, .generation)]) == .gpu)
        #expect(policy.next(after: [attempt(.neuralEngine, .generation), attempt(.neuralEngine, .load)]) == .gpu)
        let all = [attempt(.neuralEngine, .load), attempt(.gpu, .warmUp), attempt(.cpu, .generation)]
        #expect(policy.next(after: all) == .cpu)
        #expect(policy.next(after: all + [attempt(.cpu, .generation)]) == nil)
    }

    @Test func theEnvironmentMayChoose() async throws {
        #expect(ComputePolicy.wanted(by: [:]) == nil && ComputePolicy.wanted(by: ["CORTLAND_UNIT": "npu"]) == nil)
        #expect(ComputePolicy.wanted(by: ["CORTLAND_UNIT": "ane"]) == .only(.neuralEngine))
        let model = try await CoreMLModel(compiledModelAt: try await CompiledForm.demo(.gpu).compiled)
        #expect(model.policy(in: [:]) == .automatic.starting(at: .gpu))
        #expect(model.policy(in: ["CORTLAND_UNIT": "cpu"]) == .only(.cpu))
    }

    @Test func peopleMayChoose() {
        #expect(ComputePolicy.only(.gpu).next(after: [attempt(.gpu, .load)]) == nil)
        #expect(ComputePolicy.automatic.starting(at: .gpu).ladder == [.gpu, .cpu])
        #expect(ComputePolicy(ladder: [.cpu, .gpu], reloads: 0).next(after: [attempt(.cpu, .generation)]) == .gpu)
        #expect(ComputePolicy(ladder: []).next(after: []) == nil)
    }

    @Test func theErrorsBehindAnErrorAreToldToo() {
        func error(_ text: String, cause: NSError? = nil) -> NSError {
            var info: [String: Any] = [NSLocalizedDescriptionKey: text]
            info[NSUnderlyingErrorKey] = cause
            return NSError(domain: "com.apple.CoreML", code: 0, userInfo: info)
        }
        let failure = error("no plan", cause: error("ANECCompile() FAILED", cause: error("out of room")))
        let attempt = LadderAttempt(unit: .neuralEngine, stage: .load, error: failure, duration: .zero)
        #expect(attempt.message == "no plan; cause: ANECCompile() FAILED; cause: out of room")
    }

    @Test func recordsCanBeKept() throws {
        let record = [attempt(.neuralEngine, .load), attempt(.gpu, .generation, numeric: true)]
        let read = try JSONDecoder().decode([LadderAttempt].self, from: JSONEncoder().encode(record))
        #expect(read == record)
    }
}
