import Cortland
import CortlandTesting
import Testing

@Suite struct StatisticsTests {
    @Test func timesAreThoseOfTheClock() async throws {
        let clock = ManualClock()
        let model = ScriptedModel(
            info: Scripted.info(prefill: 8, step: 1),
            hook: { call, number, _ in
                switch call {
                case .load: clock.advance(by: .seconds(3))
                case .prefill: clock.advance(by: .milliseconds(500))
                case .step: clock.advance(by: .milliseconds(number % 2 == 0 ? 200 : 300))
                case .rewind: break
                }
                return .works
            }, script: Scripted.words(4))
        let session = try Scripted.session(model, clock: clock)
        let statistics = try await session.respond(to: "Hello", options: .greedy).statistics
        // Load, warm-up (call 1), two chunks (calls 3 and 4: 8 and the rest), then steps from call 5 on.
        #expect(statistics.promptTokens > 9 && statistics.promptTokens <= 17)
        #expect(statistics.timeToFirstToken == .milliseconds(3000 + 300 + 1000 + 300))
        #expect(statistics.prefillDuration == .milliseconds(1300))
        #expect(statistics.stepDurations == [200, 300, 200, 300].map { .milliseconds($0) })
        #expect(statistics.tokensPerSecond == 4)
        #expect(statistics.promptTokensPerSecond == Double(statistics.promptTokens) / 1.3)
        #expect(statistics.stepDuration(quantile: 0.5) == .milliseconds(200))
        #expect(statistics.stepDuration(quantile: 0.95) == .milliseconds(300))
    }

    @Test func failuresHaveADuration() async throws {
        let clock = ManualClock()
        let model = ScriptedModel(
            info: Scripted.info(),
            hook: { call, _, _ in
                guard case .load(.neuralEngine) = call else { return .works }
                clock.advance(by: .seconds(90))
                return .fails(GenerationError.outOfMemory("none"))
            }, script: Scripted.words(1))
        let session = try Scripted.session(model, clock: clock)
        let statistics = try await session.respond(to: "Hello", options: .greedy).statistics
        #expect(statistics.attempts.map(\.duration) == [.seconds(90)])
    }

    @Test func nothingIsMadeUp() {
        let empty = GenerationStatistics()
        #expect(empty.tokensPerSecond == nil && empty.promptTokensPerSecond == nil)
        #expect(empty.stepDuration(quantile: 0.5) == nil && empty.timeToFirstToken == nil)
    }
}
