import Cortland
import CortlandStore
import CortlandTesting
import CortlandUI
import Foundation
import Testing

/// An app whose model is a script.
@MainActor struct AppFixture {
    let app: AppModel
    let model: ScriptedModel
    let root: URL
    /// What was copied.
    let copied = Shared<[String]>([])

    struct Room: MemoryProbe {
        var bytes: Int64
        func availableBytes() -> Int64 { bytes }
    }

    init(
        words: Int = 6, replaying transcript: Fixture.Transcript? = nil, pieces: Int = 1, memory: Int64 = 8 << 30,
        root: URL? = nil,
        transport: any Transport = ScriptedTransport([:]),
        shares: [ComputeShare]? = nil, patience: Duration = .seconds(600), idleLimit: Duration = .seconds(600),
        clock: any Clock<Duration> = ContinuousClock(),
        _ hook: @escaping ScriptedModel.Hook = { _, _, _ in .works },
        compileHook: @escaping @Sendable (URL) async throws -> Void = { _ in }
    ) throws {
        model = ScriptedModel(
            info: Scripted.info(), pieces: pieces, hook: hook,
            script: transcript.map(Scripted.replay) ?? Scripted.words(words))
        self.root = try root ?? StoreFixture.folder()
        app = AppModel(
            root: self.root, runtime: ScriptedRuntime(model, shares: shares, compileHook: compileHook),
            disk: FullDisk(.max), memory: Room(bytes: memory), transport: transport, system: "1.0", patience: patience,
            idleLimit: idleLimit, clock: clock, copy: { [copied] in copied.set(copied.get() + [$0]) })
    }

    /// With a model that is loaded.
    func loaded() async throws -> AppFixture {
        try await load()
        try await until { !app.active.isLoading }
        return self
    }

    /// Begins to load a model.
    func load() async throws {
        app.library.importBundle(at: try StoreFixture.bundle())
        try await until { !app.library.isTransferring }
        app.use(try #require(app.library.entries.first).bundle)
    }

    /// The units on which a next start would think that loading had ended the app.
    func markers() throws -> [String] {
        let id = try #require(app.active.bundle?.id)
        let names = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "compiled/" + id).path)
        return names.filter { $0.hasPrefix("loading.") }.map { String($0.split(separator: ".")[1]) }
    }

    /// The answer comes to a standstill, while `isOn`, until it is cancelled.
    nonisolated static func standsStill(_ isOn: Shared<Bool>) -> ScriptedModel.Hook {
        { call, number, _ in
            if case .step = call, number > 12 {
                while isOn.get(), !Task.isCancelled { Thread.sleep(forTimeInterval: 0.001) }
            }
            return .works
        }
    }

    func ask(_ question: String) async throws {
        app.chat.draft = question
        app.chat.send()
        try await until { !app.chat.isResponding }
    }

    /// Asks, and waits for the first word.
    func begin(_ question: String) async throws {
        app.chat.draft = question
        app.chat.send()
        try await until { !(app.chat.answer?.text.isEmpty ?? true) }
    }

    /// What was said, by whom.
    var said: [String] { app.chat.conversation.entries.map { $0.role.prefix(1) + ":" + $0.content } }
}

/// Waits until something is so.
@MainActor func until(_ condition: @MainActor () -> Bool) async throws {
    for _ in 0..<20_000 where !condition() { try await Task.sleep(for: .milliseconds(1)) }
    try #require(condition())
}
