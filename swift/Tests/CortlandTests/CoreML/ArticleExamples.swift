import Cortland
import CortlandCoreML
import CortlandStore
import Foundation
import Testing

// The examples of the articles in Cortland.docc, line for line (tests/swift_package_test.py).

private func adding(root: URL, folder: URL, _ show: @escaping @Sendable (String) -> Void) async throws -> LanguageModel
{
    let store = ModelStore(root: root, runtime: CoreMLRuntime())
    let bundle = try await store.importBundle(at: folder) { progress in
        show("\(progress.done) of \(progress.total) bytes")
    }
    let prepared = try await store.prepare(bundle)
    let model = prepared.languageModel
    try await fitting(store, bundle)
    try await refused(store, bundle, model, show)
    return model
}

private func fitting(_ store: ModelStore, _ bundle: ModelBundle) async throws {
    let estimate = store.memoryEstimate(for: bundle)
    let fit = estimate.fit(into: SystemMemory().availableBytes())
    #expect(fit == .fits)
}

private func compiling(package: URL, folder: URL, textFile: URL) async throws -> LanguageModel {
    let compiled = try await CoreMLModel.compile(packageAt: package, into: folder)
    let model = LanguageModel(
        try await CoreMLModel(compiledModelAt: compiled), textFile: try TextFile(contentsOf: textFile))
    return model
}

private func chatting(_ model: LanguageModel, _ show: (String) -> Void) async throws {
    let session = try ChatSession(model: model, instructions: "Answer briefly.")
    var options = GenerationOptions(samplingMode: .precise, maximumResponseTokens: 32)
    options.thinking = .off
    for try await event in session.streamResponse(to: "Who are you?", options: options) {
        switch event {
        case .text(let piece): show(piece)
        case .progress(let prefilled, let total): show("read \(prefilled) of \(total) tokens")
        case .finished(let statistics): show("ended by \(statistics.stopReason)")
        default: break
        }
    }
    if session.canContinue {
        let whole = try await session.streamContinuation(options: options).collect().content
        show(whole)
    }
    try session.replaceTranscript(with: session.transcript.dropLast(2))
    let answer = try await session.respond(to: "What are you?", options: options)
    func run(_ name: String, _ arguments: String) -> String { name + arguments }
    for call in answer.toolCalls {
        let result = run(call.name, call.arguments.text)
        let next = session.streamResponse(to: [Message(.tool, result)])
        show(try await next.collect().content)
    }
    #expect(!answer.content.isEmpty && session.transcript.count == 3)
}

private func measuring(_ model: LanguageModel, _ session: ChatSession, _ show: (String) -> Void) async throws {
    let statistics = try await session.respond(to: "Who are you?").statistics
    let slow = statistics.stepDuration(quantile: 0.95)  // shows when the device throttles
    #expect(slow != nil)
    var benchmark = Benchmark()
    benchmark.promptTokens = 64
    benchmark.tokens = 16
    let report = try await benchmark.run(model)
    show("\(report.tokensPerSecond ?? 0) tokens each second on \(report.computeUnit?.rawValue ?? "nothing")")
    #expect(report.generatedTokens == 16)
}

private func refused(
    _ store: ModelStore, _ bundle: ModelBundle, _ model: LanguageModel, _ show: @escaping @Sendable (String) -> Void
) async throws {
    do {
        try await model.load()
    } catch .loadFailed(let attempts) {
        for attempt in attempts { show(attempt.description) }
    }
    let prepared = try await store.prepare(bundle) { event in
        if case .began(let unit, let loaded, let total) = event { show("\(unit): \(loaded) of \(total)") }
    }
    if !prepared.steppedDown.isEmpty { show("now on \(prepared.policy.ladder)") }
    for share in try await CoreMLRuntime().shares(ofModelAt: prepared.compiledModel, on: .neuralEngine) {
        show("\(share.function): \(share.operations) operations on \(share.unit)")
    }
}

@Test func theExamplesOfTheArticlesWork() async throws {
    let form = try await CompiledForm.demo(.parts)
    let said = Shared("")
    let show: @Sendable (String) -> Void = { said.set(said.get() + $0 + "\n") }
    let model = try await adding(root: try StoreFixture.folder(), folder: form.source, show)
    try await chatting(model, show)
    try await measuring(model, try ChatSession(model: model), show)
    for words in ["ended by", "bytes", "tokens each second"] { #expect(said.get().contains(words)) }
    let ane = try await CompiledForm.demo(.ane)
    let alone = try await compiling(
        package: ane.package, folder: try StoreFixture.folder(), textFile: ane.textFile)
    #expect(try await alone.load().contextLength == 256)
}
