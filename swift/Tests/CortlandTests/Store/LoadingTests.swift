import Cortland
import CortlandStore
import CortlandTesting
import Foundation
import Testing

/// Compiling and loading models of a store.
@Suite struct LoadingTests {
    @Test func aModelIsCompiledOnce() async throws {
        let runtime = ScriptedRuntime(StoreFixture.model())
        let root = try StoreFixture.folder()
        let store = try StoreFixture.store(at: root, runtime)
        let bundle = try await store.importBundle(at: try StoreFixture.bundle())
        #expect(!store.isCompiled(bundle))
        let first = try await store.prepare(bundle)
        #expect(store.isCompiled(bundle) && first.isFirstLoad && first.policy == .automatic)
        #expect(first.contextLength == 256 && runtime.compiled == [bundle.package])
        let second = try await StoreFixture.store(at: root, runtime).prepare(bundle)
        #expect(second.compiledModel == first.compiledModel && runtime.compiled.count == 1)
        let answer = try await ChatSession(model: second.languageModel).respond(to: "Hello", options: .greedy)
        #expect(answer.statistics.generatedTokens == 6)
        try store.discardCompiled(bundle)
        #expect(!store.isCompiled(bundle))
        _ = try await store.prepare(bundle)
        #expect(runtime.compiled.count == 2)
        #expect(try store.remove(bundle.id) > bundle.manifest.bytes)
    }

    /// Systems give an app another folder when it is installed anew.
    @Test func aStoreMayMove() async throws {
        let runtime = ScriptedRuntime(StoreFixture.model())
        let root = try StoreFixture.folder()
        let store = try StoreFixture.store(at: root, runtime)
        let bundle = try await store.importBundle(at: try StoreFixture.bundle())
        let first = try await store.prepare(bundle)
        first.avoid(.neuralEngine)
        try await first.languageModel.load()
        let place = try StoreFixture.folder().appending(path: "elsewhere")
        try FileManager.default.moveItem(at: root, to: place)
        let moved = try StoreFixture.store(at: place, runtime)
        let found = try #require(moved.bundles().first)
        #expect(found.id == bundle.id && moved.isCompiled(found) && moved.record(of: found) == first.record)
        let second = try await moved.prepare(found)
        #expect(second.policy.ladder == [.gpu, .cpu] && runtime.compiled.count == 1)
        #expect(second.compiledModel.path.hasPrefix(place.path))
        let answer = try await ChatSession(model: second.languageModel).respond(to: "Hello", options: .greedy)
        #expect(answer.statistics.generatedTokens == 6)
    }

    @Test func whoAsksTogetherGetsTheSameCompilation() async throws {
        let (hasBegun, release) = (Shared(false), Shared(false))
        let runtime = ScriptedRuntime(StoreFixture.model()) { _ in
            hasBegun.set(true)
            while !release.get() { try await Task.sleep(for: .milliseconds(1)) }
        }
        let store = try StoreFixture.store(runtime)
        let bundle = try await store.importBundle(at: try StoreFixture.bundle())
        let first = Task { try await store.prepare(bundle).compiledModel }
        let second = Task { try await store.prepare(bundle).compiledModel }
        first.cancel()
        while !hasBegun.get() { try await Task.sleep(for: .milliseconds(1)) }
        #expect(throws: StoreError.inUse("\(bundle.id): is being worked on already")) { try store.remove(bundle.id) }
        release.set(true)
        #expect(try await second.value == (try await store.prepare(bundle).compiledModel))
        #expect(runtime.compiled.count == 1)
    }

    /// A compilation that was broken off leaves nothing that looks like a model.
    @Test func aBrokenCompilationIsDoneAnew() async throws {
        let fails = Shared(true)
        let runtime = ScriptedRuntime(StoreFixture.model()) { _ in if fails.get() { throw CancellationError() } }
        let store = try StoreFixture.store(runtime)
        let bundle = try await store.importBundle(at: try StoreFixture.bundle())
        await #expect(throws: CancellationError.self) { try await store.prepare(bundle) }
        #expect(!store.isCompiled(bundle))
        fails.set(false)
        _ = try await store.prepare(bundle)
        #expect(store.isCompiled(bundle))
        let small = try StoreFixture.store(at: try StoreFixture.folder(), disk: FullDisk(300 << 20))
        let other = try await small.importBundle(at: try StoreFixture.bundle())
        let full = try StoreFixture.store(at: small.root, disk: FullDisk(1))
        await #expect(throws: StoreError.self) { try await full.prepare(other) }
    }

    @Test func loadingIsTakenDown() async throws {
        let model = StoreFixture.model { call, _, unit in
            call == .load(.neuralEngine) ? .fails(LadderTests.Broken()) : .works
        }
        let store = try StoreFixture.store(ScriptedRuntime(model))
        let bundle = try await store.importBundle(at: try StoreFixture.bundle())
        let events = Shared<[LoadEvent]>([])
        let prepared = try await store.prepare(bundle) { events.set(events.get() + [$0]) }
        let info = try await prepared.languageModel.load()
        let attempt = try #require(prepared.record.attempts.first)
        #expect(
            events.get() == [
                .began(.neuralEngine, loaded: 0, total: 1), .failed(attempt), .began(.gpu, loaded: 0, total: 1),
                .ready(info),
            ])
        #expect(prepared.record.unit == .gpu && attempt.unit == .neuralEngine && !prepared.isFirstLoad)
        #expect(store.record(of: bundle) == prepared.record)
        #expect(try Self.markers(store, bundle).isEmpty)
        // A unit that refuses is tried again at the next start.
        #expect(try await store.prepare(bundle).policy == .automatic)
    }

    /// What a process leaves that is ended while it loads: the marker.
    @Test func aCrashWhileLoadingStepsDown() async throws {
        let marked = Shared<[String]>([])
        let store = Shared<ModelStore?>(nil)
        let model = StoreFixture.model { call, _, _ in
            if case .load = call, let store = store.get() {
                marked.set((try? Self.markers(store, store.bundles()[0])) ?? [])
            }
            return .works
        }
        let made = try StoreFixture.store(ScriptedRuntime(model))
        store.set(made)
        let bundle = try await made.importBundle(at: try StoreFixture.bundle())
        let prepared = try await made.prepare(bundle)
        try await prepared.languageModel.load()
        let marker = try #require(marked.get().first)
        #expect(marker.hasPrefix("loading.neuralEngine.") && marked.get().count == 1)
        #expect(try Self.markers(made, bundle).isEmpty)

        // The same marker, of a process that is no more.
        try Self.leave("loading.neuralEngine.another", made, bundle)
        let next = try await made.prepare(bundle)
        #expect(next.steppedDown == [.neuralEngine] && next.policy.ladder == [.gpu, .cpu])
        #expect(try Self.markers(made, bundle).isEmpty)
        #expect(try await made.prepare(bundle).policy.ladder == [.gpu, .cpu])
        try Self.leave("loading.gpu.another", made, bundle)
        try Self.leave("loading.cpu.another", made, bundle)
        #expect(try await made.prepare(bundle).policy.ladder == [.cpu])  // something has to be tried

        // Another system, or a person who insists, tries again.
        let updated = try StoreFixture.store(at: made.root, ScriptedRuntime(model), system: "2.0")
        #expect(try await updated.prepare(bundle).policy == .automatic)
        #expect(try await made.prepare(bundle, on: .neuralEngine).policy == .only(.neuralEngine))
        #expect(try await made.prepare(bundle).policy == .automatic)
    }

    /// Systems end apps that are not seen, whatever they do.
    @Test func thereIsNoMarkerWhileTheAppIsNotSeen() async throws {
        let (hasBegun, release) = (Shared(false), Shared(false))
        let model = StoreFixture.model { call, _, _ in
            guard case .load = call else { return .works }
            hasBegun.set(true)
            while !release.get() { Thread.sleep(forTimeInterval: 0.001) }
            return .works
        }
        let store = try StoreFixture.store(ScriptedRuntime(model))
        let bundle = try await store.importBundle(at: try StoreFixture.bundle())
        let prepared = try await store.prepare(bundle)
        let task = Task { try await prepared.languageModel.load() }
        while !hasBegun.get() { try await Task.sleep(for: .milliseconds(1)) }
        #expect(try Self.markers(store, bundle).count == 1)
        prepared.appLeft()
        #expect(try Self.markers(store, bundle).isEmpty)
        prepared.appReturned()
        #expect(try Self.markers(store, bundle).count == 1)
        release.set(true)
        _ = try await task.value
        #expect(try Self.markers(store, bundle).isEmpty)
        prepared.appReturned()
        #expect(try Self.markers(store, bundle).isEmpty)
    }

    @Test func aUnitThatSomeoneGaveUpIsAvoided() async throws {
        let store = try StoreFixture.store()
        let bundle = try await store.importBundle(at: try StoreFixture.bundle())
        try await store.prepare(bundle).avoid(.neuralEngine)
        #expect(try await store.prepare(bundle).policy.ladder == [.gpu, .cpu])
        let info = try await store.prepare(bundle).languageModel.load()
        #expect(
            store.memoryEstimate(for: bundle) == MemoryEstimate(weightBytes: 5000, cacheBytes: Int64(info.cacheBytes)))
    }

    @Test func aCancelledLoadLeavesNoMarker() async throws {
        let model = StoreFixture.model { call, _, _ in
            if case .load = call { .fails(CancellationError()) } else { .works }
        }
        let store = try StoreFixture.store(ScriptedRuntime(model))
        let bundle = try await store.importBundle(at: try StoreFixture.bundle())
        let prepared = try await store.prepare(bundle)
        await #expect(throws: GenerationError.cancelled) { try await prepared.languageModel.load() }
        #expect(try Self.markers(store, bundle).isEmpty && prepared.record.attempts.isEmpty)
    }

    private static func folder(_ store: ModelStore, _ bundle: ModelBundle) -> URL {
        store.root.appending(path: "compiled/" + bundle.id)
    }

    private static func markers(_ store: ModelStore, _ bundle: ModelBundle) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder(store, bundle).path).filter {
            $0.hasPrefix("loading.")
        }
    }

    private static func leave(_ marker: String, _ store: ModelStore, _ bundle: ModelBundle) throws {
        try Data().write(to: folder(store, bundle).appending(path: marker))
    }
}
