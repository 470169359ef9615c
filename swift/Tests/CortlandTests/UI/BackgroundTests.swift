import Cortland
import CortlandStore
import CortlandTesting
import CortlandUI
import Foundation
import Testing

/// The app leaves the screen, and comes back.
@MainActor @Suite(.timeLimit(.minutes(5))) struct BackgroundTests {
    /// What the system does to an app that is not seen, by hand.
    private struct System {
        /// Whether calls wait.
        let holds = Shared(true)
        /// Whether calls fail.
        let refuses = Shared(false)

        func answer() -> ScriptedOutcome {
            while holds.get() { Thread.sleep(forTimeInterval: 0.001) }
            return refuses.get() ? .fails(LadderTests.Broken()) : .works
        }
    }

    /// An answer that waits for the system from its fifth token or so on, but for the cancellation.
    private func answering(_ system: System) async throws -> AppFixture {
        let fixture = try await AppFixture(words: 60) { call, number, _ in
            if case .step = call, number > 12 { system.answer() } else { .works }
        }.loaded()
        try await fixture.begin("Hello")
        return fixture
    }

    @Test func whatFailsMeanwhileDoesNotCountAgainstTheUnit() async throws {
        let system = System()
        let fixture = try await answering(system)
        let chat = fixture.app.chat
        for _ in 0..<3 {
            let leaving = Task { await fixture.app.handle(.background) }
            try await until { chat.isStopping }
            system.refuses.set(true)
            system.holds.set(false)
            await leaving.value
            #expect(chat.conversation.entries.last?.interruption == .paused && chat.notice == nil)
            #expect(chat.statistics?.attempts == [])
            system.holds.set(true)
            system.refuses.set(false)
            await fixture.app.handle(.foreground)
            #expect(chat.canContinue)
            chat.continueAnswer()
        }
        system.holds.set(false)
        try await until { !chat.isResponding }
        let last = try #require(chat.conversation.entries.last)
        #expect(last.measures?.unit == .neuralEngine && last.interruption == nil)
        let undisturbed = try Scripted.session(fixture.model)
        #expect(try await undisturbed.respond(to: "Hello", options: .greedy).content == last.content)
        #expect(Set(fixture.model.loads) == [.neuralEngine])
    }

    @Test func aQuestionWhoseModelCannotBeLoadedMeanwhileStands() async throws {
        let system = System()
        system.holds.set(false)
        let fixture = try await AppFixture { call, number, _ in
            if case .load = call, number > 0 { system.answer() } else { .works }
        }.loaded()
        await fixture.app.handle(.memoryWarning)
        system.holds.set(true)
        let chat = fixture.app.chat
        chat.draft = "Hello"
        chat.send()
        try await until { fixture.model.loads.count == 2 }
        let leaving = Task { await fixture.app.handle(.background) }
        try await until { chat.isStopping }
        system.refuses.set(true)
        system.holds.set(false)
        await leaving.value
        #expect(fixture.said == ["u:Hello"] && chat.notice == nil && chat.statistics == nil)
        system.refuses.set(false)
        await fixture.app.handle(.foreground)
        chat.regenerate()
        try await until { !chat.isResponding }
        #expect(fixture.said.count == 2 && fixture.model.loads == [.neuralEngine, .neuralEngine, .neuralEngine])
    }

    @Test func loadingThatFailsMeanwhileIsTakenUpAgain() async throws {
        let system = System()
        let fixture = try AppFixture { call, _, _ in if case .load = call { system.answer() } else { .works } }
        try await fixture.load()
        try await until { fixture.model.loads.count == 1 }
        await fixture.app.handle(.background)
        system.refuses.set(true)
        system.holds.set(false)
        try await Task.sleep(for: .milliseconds(20))
        #expect(fixture.app.active.isLoading && fixture.model.loads == [.neuralEngine])
        system.refuses.set(false)
        await fixture.app.handle(.foreground)
        try await until { !fixture.app.active.isLoading }
        guard case .ready(let info) = fixture.app.active.state else { Issue.record("not loaded"); return }
        #expect(info.computeUnit == .neuralEngine && fixture.model.loads == [.neuralEngine, .neuralEngine])
        #expect(fixture.app.diagnostics.record?.attempts == [])
    }

    @Test func compilingThatFailsMeanwhileIsTakenUpAgain() async throws {
        let (holds, compiled) = (Shared(true), Shared(0))
        let fixture = try AppFixture(compileHook: { _ in
            compiled.set(compiled.get() + 1)
            while holds.get() { try await Task.sleep(for: .milliseconds(1)) }
            if compiled.get() == 1 { throw LadderTests.Broken() }
        })
        try await fixture.load()
        try await until { compiled.get() == 1 }
        await fixture.app.handle(.background)
        holds.set(false)
        try await Task.sleep(for: .milliseconds(20))
        #expect(fixture.app.active.state == .compiling)
        await fixture.app.handle(.foreground)
        try await until { !fixture.app.active.isLoading }
        #expect(fixture.app.active.languageModel != nil && compiled.get() == 2)
    }

    /// The system may end the app as soon as this has been handled.
    @Test func thePausedAnswerIsOnDisk() async throws {
        let fixture = try await AppFixture(words: 200, AppFixture.standsStill(Shared(true))).loaded()
        try await fixture.begin("Hello")
        await fixture.app.handle(.background)
        let kept = try #require(try AppFixture(root: fixture.root).app.conversations.first)
        #expect(kept == fixture.app.chat.conversation && !fixture.app.chat.isResponding)
        #expect(kept.entries.last?.interruption == .paused && kept.entries.last?.content.isEmpty == false)
    }

    /// It may also end it while a call of the model does not come back.
    @Test func whatWasSaidIsOnDiskBeforeTheAnswerEnds() async throws {
        let system = System()
        let fixture = try await answering(system)
        let shown = try #require(fixture.app.chat.answer?.text)
        let leaving = Task { await fixture.app.handle(.background) }
        try await until { fixture.app.chat.isStopping }
        let kept = try #require(try AppFixture(root: fixture.root).app.conversations.first)
        try #require(kept.entries.count == 2 && fixture.app.chat.conversation.entries.count == 1)
        #expect(kept.entries[1].interruption == .paused && kept.entries[1].content.hasPrefix(shown))
        system.holds.set(false)
        await leaving.value
        #expect(fixture.app.chat.conversation.entries.count == 2)
    }

    /// Systems end apps that are not seen, whatever they do.
    @Test func loadingLeavesNoMarkerMeanwhile() async throws {
        let system = System()
        let fixture = try AppFixture { call, _, _ in if case .load = call { system.answer() } else { .works } }
        try await fixture.load()
        try await until { fixture.model.loads.count == 1 }
        #expect(try fixture.markers() == ["neuralEngine"])
        await fixture.app.handle(.background)
        #expect(try fixture.markers().isEmpty)
        await fixture.app.handle(.foreground)
        #expect(try fixture.markers() == ["neuralEngine"])
        system.holds.set(false)
        try await until { !fixture.app.active.isLoading }
        #expect(try fixture.markers().isEmpty && fixture.model.loads == [.neuralEngine])
    }

    /// The app leaves before the model is there that is to know it.
    @Test func aModelThatIsOpenedMeanwhileLeavesNoMarker() async throws {
        let (holds, system) = (Shared(true), System())
        let fixture = try AppFixture { call, _, _ in
            if case .load = call { system.answer() } else { .works }
        } compileHook: { _ in
            while holds.get() { try await Task.sleep(for: .milliseconds(1)) }
        }
        try await fixture.load()
        await fixture.app.handle(.background)
        holds.set(false)
        try await until { fixture.model.loads.count == 1 }
        #expect(try fixture.markers().isEmpty)
        await fixture.app.handle(.foreground)
        #expect(try fixture.markers() == ["neuralEngine"])
        system.holds.set(false)
        try await until { !fixture.app.active.isLoading }
    }

    @Test(arguments: [SystemCondition.background, .thermal(.critical)])
    func measuringEnds(_ condition: SystemCondition) async throws {
        let fixture = try await AppFixture(words: 200, AppFixture.standsStill(Shared(true))).loaded()
        let benchmark = fixture.app.benchmark
        benchmark.run()
        try await until { fixture.model.calls.count > 12 }
        await fixture.app.handle(condition)
        #expect(benchmark.state == .idle)
    }
}
