import Cortland
import CortlandStore
import CortlandTesting
import CortlandUI
import Foundation
import Synchronization
import Testing

/// Models that come, load, fail and go; and what the system asks for.
@MainActor @Suite(.timeLimit(.minutes(5))) struct AppModelTests {
    @Test func modelsAreListedWithTheirFit() async throws {
        let fixture = try await AppFixture().loaded()
        let entry = try #require(fixture.app.library.entries.first)
        #expect(entry.bundle.name == "Tiny" && entry.fit == .fits && fixture.app.refusal == nil)
        fixture.app.modelBecameReady()
        #expect(fixture.app.library.entries[0].isCompiled)
    }

    @Test func aDownloadShowsHowFarItIs() async throws {
        let transport = ScriptedTransport(try StoreFixture.files())
        let library = try AppFixture(transport: transport).app.library
        library.download(from: "no address")
        guard case .failed = library.arrival else { Issue.record("took no address"); return }
        library.dismissFailure()
        library.download(from: " https://example.com/m ")
        #expect(library.isTransferring)
        try await until { !library.isTransferring }
        #expect(library.arrival == .none && library.entries.count == 1)
        library.download(from: "https://example.com/other")
        try await until { !library.isTransferring }
        guard case .failed(let failure) = library.arrival else { Issue.record("found it"); return }
        #expect(failure.kind == .transfer && failure.detail.contains("404"))
    }

    @Test func aDownloadCanBeCancelled() async throws {
        let transport = ScriptedTransport(try StoreFixture.files()) { request, _ in
            request.path.hasSuffix("weight.bin") ? .hangs : .whole
        }
        let library = try AppFixture(transport: transport).app.library
        library.download(from: "https://example.com/m")
        try await until { transport.requests.count == 2 }
        library.cancelArrival()
        try await until { !library.isTransferring }
        #expect(library.arrival == .none && library.entries.isEmpty)
    }

    @Test func whatIsNoBundleIsRefused() async throws {
        let library = try AppFixture().app.library
        library.importBundle(at: try StoreFixture.folder())
        try await until { !library.isTransferring }
        guard case .failed(let failure) = library.arrival else { Issue.record("took it"); return }
        #expect(failure.detail.contains("cortland.json"))
    }

    @Test func aModelThatCannotBeLoadedSaysWhy() async throws {
        let fixture = try await AppFixture { call, _, _ in
            if case .load = call { .fails(LadderTests.Broken()) } else { .works }
        }.loaded()
        guard case .failed(let failure) = fixture.app.active.state else { Issue.record("loaded"); return }
        #expect(
            failure.kind == .load && failure.detail.contains("the engine refused")
                && fixture.app.active.languageModel == nil)
        #expect(!fixture.app.chat.canAnswer && Set(fixture.model.loads) == [.neuralEngine, .gpu, .cpu])
        let report = fixture.app.diagnostics.report(nil)
        #expect(report.contains("failed: neuralEngine, load: the engine refused") && report.contains("system: 1.0"))
    }

    /// The copy that Core ML made may be the reason.
    @Test func whatNoUnitLoadsIsCompiledAnewOnce() async throws {
        let compiled = Shared(0)
        let fixture = try await AppFixture { call, _, _ in
            if case .load = call, compiled.get() < 2 { .fails(LadderTests.Broken()) } else { .works }
        } compileHook: { _ in
            compiled.set(compiled.get() + 1)
        }.loaded()
        #expect(fixture.app.active.languageModel != nil && compiled.get() == 2)
        #expect(fixture.model.loads == [.neuralEngine, .gpu, .cpu, .neuralEngine])
        #expect(fixture.app.diagnostics.record?.unit == .neuralEngine)
    }

    /// What ended the app is not tried again because the others fail.
    @Test func whatIsAvoidedStaysAvoidedThen() async throws {
        let (root, isBroken) = (try StoreFixture.folder(), Shared(false))
        let hook: ScriptedModel.Hook = { call, _, _ in
            if case .load = call, isBroken.get() { .fails(LadderTests.Broken()) } else { .works }
        }
        let first = try await AppFixture(root: root, hook).loaded()
        let id = try #require(first.app.active.bundle?.id)
        try Data().write(to: root.appending(path: "compiled/\(id)/loading.neuralEngine.another"))
        isBroken.set(true)
        let next = try AppFixture(root: root, hook)
        next.app.use(next.app.library.entries[0].bundle)
        try await until { !next.app.active.isLoading }
        #expect(next.model.loads == [.gpu, .cpu, .gpu, .cpu])
    }

    /// The warm-up is no matter of the copy.
    @Test func whatLoadsAndFailsIsNotCompiledAnew() async throws {
        let compiled = Shared(0)
        let fixture = try await AppFixture { call, _, unit in
            switch call {
            case .load where unit != .cpu: .fails(LadderTests.Broken())
            case .step: .fails(LadderTests.Broken())
            default: .works
            }
        } compileHook: { _ in
            compiled.set(compiled.get() + 1)
        }.loaded()
        guard case .failed = fixture.app.active.state else { Issue.record("loaded"); return }
        #expect(compiled.get() == 1 && fixture.model.loads == [.neuralEngine, .gpu, .cpu])
    }

    @Test func aModelThatCannotBeCompiledSaysWhy() async throws {
        let fixture = try await AppFixture(compileHook: { _ in
            throw StoreError.insufficientDisk(needed: 5, available: 1)
        })
        .loaded()
        guard case .failed(let failure) = fixture.app.active.state else { Issue.record("loaded"); return }
        #expect(failure.kind == .disk && failure.detail.contains("too little room"))
    }

    @Test func anotherModelTakesThePlaceOfTheFirst() async throws {
        let fixture = try await AppFixture().loaded()
        try await fixture.ask("Hello")
        let first = try #require(fixture.app.active.languageModel)
        let other = try StoreFixture.folder()
        try StoreFixture.write(try StoreFixture.files(weights: 70), to: other)
        fixture.app.library.importBundle(at: other)
        try await until { !fixture.app.library.isTransferring }
        let bundles = fixture.app.library.entries.map(\.bundle)
        #expect(bundles.count == 2)
        let second = try #require(bundles.first { $0.id != fixture.app.active.bundle?.id })
        fixture.app.use(second)
        #expect(fixture.app.active.languageModel == nil)
        try await until { !fixture.app.active.isLoading }
        #expect(fixture.app.active.languageModel !== first && fixture.app.active.bundle == second)
        try await fixture.ask("Again")
        #expect(fixture.said.count == 4 && fixture.app.chat.conversation.modelID == second.id)
        fixture.app.remove(second)
        #expect(fixture.app.active.state == .none && fixture.app.library.entries.count == 1)
    }

    @Test func theChosenUnitIsUsed() async throws {
        let fixture = try AppFixture()
        fixture.app.settings.settings.unit = .cpu
        _ = try await fixture.loaded()
        #expect(fixture.model.loads == [.cpu])
    }

    @Test func loadingCanBeCancelled() async throws {
        let release = Mutex(false)
        let fixture = try AppFixture(compileHook: { _ in
            while !release.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
        })
        fixture.app.library.importBundle(at: try StoreFixture.bundle())
        try await until { !fixture.app.library.isTransferring }
        let bundle = fixture.app.library.entries[0].bundle
        fixture.app.use(bundle)
        #expect(fixture.app.active.state == .compiling)
        fixture.app.active.cancel()
        #expect(fixture.app.active.state == .none && !fixture.app.active.isLoading)
        release.withLock { $0 = true }
        try await Task.sleep(for: .milliseconds(20))
        #expect(fixture.app.active.state == .none && fixture.model.loads.isEmpty)
    }

    /// A compiler that does not come to an end: after a while the next unit is offered, now and at the next start.
    @Test func aUnitThatTakesTooLongCanBeGivenUp() async throws {
        let hangs = Mutex(true)
        let fixture = try AppFixture(patience: .zero, clock: ManualClock()) { call, _, _ in
            while call == .load(.neuralEngine), hangs.withLock({ $0 }) { Thread.sleep(forTimeInterval: 0.001) }
            return .works
        }
        defer { hangs.withLock { $0 = false } }
        let active = fixture.app.active
        fixture.app.library.importBundle(at: try StoreFixture.bundle())
        try await until { !fixture.app.library.isTransferring }
        fixture.app.use(fixture.app.library.entries[0].bundle)
        try await until { if case .loading(let loading) = active.state { loading.isSlow } else { false } }
        #expect(active.hasNextUnit)
        active.useNextUnit()
        try await until { !active.isLoading }
        guard case .ready(let info) = active.state else { Issue.record("not loaded"); return }
        #expect(info.computeUnit == .gpu && fixture.app.diagnostics.record?.avoided == [.neuralEngine])
        hangs.withLock { $0 = false }
        try await fixture.ask("Hello")
        #expect(fixture.said.count == 2 && fixture.app.chat.conversation.entries[1].measures?.unit == .gpu)
    }

    @Test func aStartThatEndedBadlyIsTold() async throws {
        let root = try StoreFixture.folder()
        let first = try await AppFixture(root: root).loaded()
        let id = try #require(first.app.active.bundle?.id)
        try Data().write(to: root.appending(path: "compiled/\(id)/loading.neuralEngine.another"))
        let next = try AppFixture(root: root)
        next.app.use(next.app.library.entries[0].bundle)
        try await until { !next.app.active.isLoading }
        next.app.modelBecameReady()
        #expect(next.app.chat.notice == .steppedDown([.neuralEngine]) && next.model.loads == [.gpu])
    }

    /// Nobody asks it for a while: its memory is free until someone does. An answer that takes longer is not cut off.
    @Test func aModelThatIsLeftAloneFreesItsMemory() async throws {
        let fixture = try await AppFixture(idleLimit: .milliseconds(1)).loaded()
        #expect(fixture.model.loads == [.neuralEngine])
        for _ in 0..<50 where fixture.model.loads.count == 1 {
            try await Task.sleep(for: .milliseconds(200))
            try await fixture.ask("Hello")
        }
        #expect(fixture.model.loads.count > 1 && Set(fixture.model.loads) == [.neuralEngine])
        #expect(fixture.said[1].hasPrefix("a:"))
        guard case .ready = fixture.app.active.state else { Issue.record("not ready"); return }
    }

    @Test func theEndOfAnAnswerIsAnnounced() async throws {
        let fixture = try await AppFixture().loaded()
        #expect(fixture.app.chat.announcement == nil)
        try await fixture.ask("Hello")
        let first = try #require(fixture.app.chat.announcement)
        #expect("a:" + first.text == fixture.said[1])
        fixture.app.chat.regenerate()
        try await until { !fixture.app.chat.isResponding }
        #expect(fixture.app.chat.announcement != first && fixture.app.chat.announcement?.text == first.text)
    }

    @Test(arguments: [SystemCondition.background, .memoryWarning, .thermal(.critical)])
    func theSystemInterruptsAnAnswer(_ condition: SystemCondition) async throws {
        let fixture = try await AppFixture(words: 200, AppFixture.standsStill(Shared(true))).loaded()
        let chat = fixture.app.chat
        try await fixture.begin("Hello")
        await fixture.app.handle(condition)
        try await until { !chat.isResponding }
        #expect(chat.conversation.entries.last?.interruption == .paused)
        await fixture.app.handle(.foreground)
        switch condition {
        case .memoryWarning: #expect(chat.notice == .lowMemory && chat.canAnswer)
        case .thermal:
            #expect(chat.notice == .tooHot && !chat.canAnswer)
            await fixture.app.handle(.thermal(.fair))
            #expect(chat.notice == nil && chat.canAnswer && fixture.app.thermalLevel == .fair)
        default: #expect(chat.notice == nil && chat.canAnswer)
        }
    }

    /// Whatever is done about the notice.
    @Test func aHotDeviceDoesNotAnswer() async throws {
        let fixture = try await AppFixture().loaded()
        let (app, chat) = (fixture.app, fixture.app.chat)
        try await fixture.ask("Hello")
        await app.handle(.thermal(.critical))
        #expect(chat.notice == .tooHot && !chat.canAnswer && !app.benchmark.canRun)
        chat.dismissNotice()
        #expect(chat.notice == nil && !chat.canAnswer)
        app.open(chat.conversation)
        app.startConversation()
        app.modelBecameReady()
        chat.draft = "Again"
        chat.send()
        app.benchmark.run()
        #expect(!chat.canSend && !chat.isResponding && app.benchmark.state == .idle)
        await app.handle(.thermal(.fair))
        #expect(chat.canSend && app.benchmark.canRun)
    }

    @Test func aModelThatWasInterruptedGivesItsMemoryBack() async throws {
        let isSlow = Shared(true)
        let fixture = try await AppFixture(words: 200, AppFixture.standsStill(isSlow)).loaded()
        let chat = fixture.app.chat
        try await fixture.begin("Hello")
        await fixture.app.handle(.memoryWarning)
        #expect(!chat.isResponding && chat.notice == .lowMemory)
        isSlow.set(false)
        #expect(chat.canContinue)
        chat.continueAnswer()
        try await until { !chat.isResponding }
        #expect(fixture.model.loads == [.neuralEngine, .neuralEngine])
        #expect(chat.conversation.entries.last?.measures?.cachedTokens == 0)
    }

    @Test func anIdleModelGivesItsMemoryBack() async throws {
        let fixture = try await AppFixture().loaded()
        try await fixture.ask("One")
        await fixture.app.handle(.memoryWarning)
        #expect(fixture.model.loads.count == 1)
        try await fixture.ask("Two")
        #expect(fixture.model.loads.count == 2 && fixture.said.count == 4)
        #expect(fixture.app.chat.conversation.entries[3].measures?.cachedTokens == 0)
    }

    @Test func aHotDeviceGivesShortAnswers() async throws {
        let fixture = try await AppFixture(words: 240).loaded()
        await fixture.app.handle(.thermal(.serious))
        try await fixture.ask("Hello")
        #expect(fixture.app.chat.conversation.entries[1].measures?.generatedTokens == 128)
        #expect(fixture.app.chat.notice == nil && fixture.app.thermalLevel == .serious)
        fixture.app.settings.settings.maximumTokens = 5
        try await fixture.ask("Hello")
        #expect(fixture.app.chat.conversation.entries[3].measures?.generatedTokens == 5)
    }

    @Test func sharesAreOfEachFunction() async throws {
        let fixture = try await AppFixture(shares: [
            ComputeShare(function: "decode", unit: .cpu, types: ["gather": 1]),
            ComputeShare(function: "decode", unit: .neuralEngine, types: ["conv": 2, "add": 1]),
            ComputeShare(function: "prefill", unit: .neuralEngine, types: ["conv": 5]),
        ]).loaded()
        let diagnostics = fixture.app.diagnostics
        #expect(diagnostics.rows.isEmpty)
        diagnostics.askForShares()
        try await until { !diagnostics.isAsking }
        #expect(diagnostics.rows.map(\.function) == ["decode", "decode", "prefill"])
        #expect(diagnostics.rows.map(\.unit) == [.cpu, .neuralEngine, .neuralEngine])
        #expect(
            diagnostics.rows.map(\.operations) == [1, 3, 5] && diagnostics.rows.map(\.fraction) == [0.25, 0.75, 1])
        #expect(diagnostics.report(nil).contains("decode: 3 operations on neuralEngine, 75.0 %"))
    }

    @Test func theModelIsMeasuredAndExplained() async throws {
        let fixture = try await AppFixture().loaded()
        let benchmark = fixture.app.benchmark
        benchmark.benchmark.promptTokens = 20
        benchmark.benchmark.tokens = 10
        #expect(benchmark.canRun)
        benchmark.run()
        #expect(benchmark.state == .running && !benchmark.canRun)
        try await until { benchmark.state != .running }
        guard case .done(let report) = benchmark.state else { Issue.record("failed"); return }
        #expect(report.generatedTokens == 10 && report.promptTokens >= 20 && report.computeUnit == .neuralEngine)
        fixture.app.diagnostics.askForShares()
        try await until { !fixture.app.diagnostics.isAsking }
        try await fixture.ask("Hello")
        let text = fixture.app.diagnostics.report(fixture.app.chat.statistics)
        #expect(
            text.contains("main: 1 operations on neuralEngine, 100.0 %") && text.contains("6 given")
                && !text.contains("Hello"))
        let json = try #require(fixture.app.diagnostics.export(fixture.app.chat.statistics, benchmark.report))
        let place = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).json")
        try Data(json.utf8).write(to: place)
        let shown = String(decoding: try Fixture.run("src/cortland", ["report", place.path]), as: UTF8.self)
        #expect(shown.contains("measured") && shown.contains("main: 100.0 % of the operations"), "\(shown)")
        fixture.app.diagnostics.discardCompiled()
        #expect(fixture.app.active.state == .none && fixture.app.diagnostics.export(nil, nil) == nil)
        fixture.app.library.refresh()
        #expect(!fixture.app.library.entries[0].isCompiled)
    }
}
