import Cortland
import CortlandStore
import CortlandTesting
import CortlandUI
import Foundation
import Testing

/// Choosing a model, giving it up, and what stands against it.
@MainActor @Suite(.timeLimit(.minutes(5))) struct ModelUseTests {
    @Test func aModelThatIsTooLargeIsRefusedUntilSomeoneInsists() async throws {
        let fixture = try AppFixture(memory: 1 << 20)
        let app = fixture.app
        try await fixture.load()
        #expect(app.library.entries[0].fit == .tooLarge && app.active.state == .none && fixture.model.calls.isEmpty)
        let refusal = try #require(app.refusal)
        let needed = 5000 + 200 << 20
        #expect(refusal.bundle == app.library.entries[0].bundle && refusal.failure.kind == .memory)
        #expect(
            refusal.failure == Failure(StoreError.insufficientMemory(needed: Int64(needed), available: 1 << 20)))
        #expect(refusal.failure.detail.contains("got \(1 << 20) bytes, want \(needed);"))
        app.dismissRefusal()
        #expect(app.refusal == nil)
        app.useAnyway()
        #expect(app.active.state == .none)
        app.use(refusal.bundle)
        app.useAnyway()
        try await until { !app.active.isLoading }
        #expect(app.active.languageModel != nil && app.refusal == nil)
        app.use(refusal.bundle)
        app.remove(refusal.bundle)
        #expect(app.refusal == nil && app.library.entries.isEmpty)
    }

    /// The memory of the one that is loaded becomes free.
    @Test func aModelMayTakeThePlaceOfAnother() async throws {
        let (weights, others) = (5000, 6000)
        let fixture = try await AppFixture(memory: Int64(weights + 200 << 20)).loaded()
        let folder = try StoreFixture.folder()
        try StoreFixture.write(try StoreFixture.files(weights: others), to: folder)
        fixture.app.library.importBundle(at: folder)
        try await until { !fixture.app.library.isTransferring }
        let other = try #require(fixture.app.library.entries.first { $0.id != fixture.app.active.bundle?.id })
        #expect(other.fit == .tooLarge)
        fixture.app.use(other.bundle)
        #expect(fixture.app.refusal == nil && fixture.app.active.bundle == other.bundle)
        try await until { !fixture.app.active.isLoading }
        fixture.app.active.unload()
        fixture.app.use(other.bundle)
        #expect(fixture.app.refusal != nil && fixture.app.active.state == .none)
    }

    @Test func aModelThatAnswersStays() async throws {
        let fixture = try await AppFixture(words: 200, AppFixture.standsStill(Shared(true))).loaded()
        let (app, bundle) = (fixture.app, try #require(fixture.app.active.bundle))
        try await fixture.begin("Hello")
        let model = try #require(app.active.languageModel)
        app.use(bundle)
        app.remove(bundle)
        #expect(app.active.languageModel === model && app.library.entries.count == 1 && app.chat.isResponding)
        app.chat.stop()
        try await until { !app.chat.isResponding }
        app.remove(bundle)
        #expect(app.active.state == .none && app.library.entries.isEmpty)
    }

    /// The call of the system goes on, and nothing comes of it.
    @Test func loadingThatBlocksCanBeCancelled() async throws {
        let (holds, hasEnded) = (Shared(true), Shared(false))
        let fixture = try AppFixture(pieces: 3) { call, _, _ in
            guard case .load = call else { return .works }
            while holds.get() { Thread.sleep(forTimeInterval: 0.001) }
            hasEnded.set(true)
            return .works
        }
        let active = fixture.app.active
        try await fixture.load()
        try await until { if case .loading(let loading) = active.state { loading.loaded == 2 } else { false } }
        guard case .loading(let loading) = active.state else { Issue.record("not loading"); return }
        #expect(loading.unit == .neuralEngine && loading.total == 3 && loading.isFirst && !loading.isSlow)
        active.cancel()
        #expect(active.state == .none && active.bundle == nil)
        holds.set(false)
        try await until { hasEnded.get() }
        try await Task.sleep(for: .milliseconds(20))
        #expect(active.state == .none && active.languageModel == nil)
        // It was loaded nevertheless, so that the system has what it prepared.
        fixture.app.use(fixture.app.library.entries[0].bundle)
        try await until { !active.isLoading }
        #expect(active.languageModel != nil)
    }

    @Test func failuresHaveKinds() {
        let attempts: [LadderAttempt] = []
        let errors: [(any Error, Failure.Kind)] = [
            (GenerationError.contextFull(needed: 5, limit: 4), .context), (GenerationError.busy, .busy),
            (GenerationError.loadFailed(attempts), .load), (GenerationError.predictionFailed(attempts), .answer),
            (GenerationError.templateRefused("no"), .request), (GenerationError.unsupportedModel("no"), .unsupported),
            (GenerationError.outOfMemory("no"), .memory), (StoreError.transferFailed("no"), .transfer),
            (StoreError.insufficientDisk(needed: 2, available: 1), .disk), (StoreError.damagedBundle("no"), .damaged),
            (StoreError.fileSystem("no"), .file), (StoreError.notFound("no"), .missing),
            (LadderTests.Broken(), .other),
        ]
        for (error, kind) in errors { #expect(Failure(error).kind == kind, "\(error)") }
        #expect(Set(errors.map(\.1)) == Set(Failure.Kind.allCases))
        #expect(Failure(LadderTests.Broken()).detail == "the engine refused")
    }
}
