import Cortland
import CortlandTesting
import Foundation
@_spi(StandIn) import FoundationModelsStandIn
import Testing

@testable import CortlandFoundationModels

/// Requests as Apple's sessions make them.
@Suite struct FoundationModelsTests {
    typealias Channel = LanguageModelExecutorGenerationChannel

    private static func text(_ content: String) -> [Transcript.Segment] { [.text(.init(content: content))] }

    private static func request(
        _ entries: [Transcript.Entry], tools: [Transcript.ToolDefinition] = [],
        options: FoundationModelsStandIn.GenerationOptions = .init(samplingMode: .greedy),
        thinking: Cortland.GenerationOptions.Thinking = .off
    ) -> LanguageModelExecutorGenerationRequest {
        LanguageModelExecutorGenerationRequest(
            id: UUID(), transcript: Transcript(entries: entries), enabledTools: tools, generationOptions: options,
            contextOptions: ContextOptions(reasoningLevel: thinking == .on ? .moderate : nil))
    }

    private static func answer(
        _ request: LanguageModelExecutorGenerationRequest, by model: CortlandModel
    ) async throws -> Channel {
        let channel = Channel()
        try await CortlandModel.Executor(configuration: model.executorConfiguration)
            .respond(to: request, model: model, streamingInto: channel)
        return channel
    }

    private static func model(_ script: ScriptedModel) throws -> CortlandModel {
        CortlandModel(Cortland.LanguageModel(textFile: try Fixture.demo(), loader: script))
    }

    @Test(arguments: 0..<5) func answersAreThoseOfTransformers(_ index: Int) async throws {
        let transcript = try Fixture.transcripts()[index]
        let model = try Self.model(ScriptedModel(info: Scripted.info(), script: Scripted.replay(transcript)))
        let request = Self.request(
            [.prompt(.init(segments: Self.text(transcript.question)))], thinking: transcript.thinking)
        let channel = try await Self.answer(request, by: model)
        let (thought, said) = (channel.reasoning.joined(), channel.text.joined())
        #expect((thought.isEmpty ? "" : thought + "\n</think>\n\n") + said == transcript.outputText)
        let usage = try #require(channel.usage)
        #expect(usage.input == .init(totalTokenCount: transcript.promptIds.count, cachedTokenCount: 0))
        #expect(usage.output.totalTokenCount == transcript.outputIds.count - 1)
        #expect((usage.output.reasoningTokenCount > 0) == !thought.isEmpty)
        #expect(channel.tokens <= usage.output.totalTokenCount && channel.tokens > channel.text.count / 2)
    }

    @Test func aSecondTurnReadsOnlyWhatIsNew() async throws {
        let script = ScriptedModel(info: Scripted.info(context: 512), script: Scripted.words(6))
        let model = try Self.model(script)
        var entries: [Transcript.Entry] = [
            .instructions(.init(segments: Self.text("Be brief."))), .prompt(.init(segments: Self.text("One?"))),
        ]
        let first = try await Self.answer(Self.request(entries), by: model)
        entries += [
            .response(.init(segments: Self.text(first.text.joined()))), .prompt(.init(segments: Self.text("Two?"))),
        ]
        let usage = try #require(try await Self.answer(Self.request(entries), by: model).usage)
        let read = try #require(first.usage)
        #expect(usage.input.cachedTokenCount >= read.input.totalTokenCount)
        #expect(script.loads.count == 1)
    }

    @Test func toolsAreCalled() async throws {
        let call = #"<tool_call>{"name": "weather", "arguments": {"city": "Seoul"}}</tool_call>"#
        let ids = try Tokenizer(try Fixture.demo()).encode("Well. " + call)
        let prompts = Shared<[Int32]>([])
        let script = ScriptedModel(info: Scripted.info(context: 512)) { cache in
            guard cache.count > 1 else { return Scripted.endID }
            if prompts.get().isEmpty { prompts.set(cache) }
            let place = cache.count - prompts.get().count
            return place < ids.count ? ids[place] : Scripted.endID
        }
        let tool = Transcript.ToolDefinition(
            name: "weather", description: "Tells it.", parameters: GenerationSchema(types: ["city": "string"]))
        let prompt = Transcript.Entry.prompt(.init(segments: Self.text("Weather?")))
        let channel = try await Self.answer(Self.request([prompt], tools: [tool]), by: try Self.model(script))
        let calls = channel.calls
        #expect(calls.map(\.name) == ["weather"] && calls.map(\.arguments) == [#"{"city":"Seoul"}"#])
        #expect(channel.text.joined() == "Well. ")
        #expect(
            try tool.json().text
                == #"{"type": "function", "function": {"name": "weather", "description": "Tells it.", "#
                + #""parameters": {"properties":{"city":{"type":"string"}},"type":"object"}}}"#)

        // A model that says nothing: a session would take that for a failure.
        let silent = ScriptedModel(info: Scripted.info()) { _ in Scripted.endID }
        let nothing = try await Self.answer(Self.request([prompt]), by: try Self.model(silent))
        #expect(nothing.events.first?.kind == .response(.appendText("", tokenCount: 0)))
    }

    @Test func transcriptsBecomeMessages() throws {
        let transcript = Transcript(entries: [
            .instructions(.init(segments: Self.text("Be brief.") + Self.text("Be kind."))),
            .prompt(.init(segments: Self.text("Weather?"))), .reasoning(.init(segments: Self.text("Hm."))),
            .toolCalls(.init([.init(id: "1", toolName: "weather", arguments: try .init(json: #"{"city":"Seoul"}"#))])),
            .toolOutput(
                .init(id: "1", toolName: "weather", segments: [.structure(.init(content: try .init(json: "21")))])),
            .response(.init(segments: Self.text("It is warm."))),
        ])
        let call: JSONValue = [
            "type": "function", "function": ["name": "weather", "arguments": .encoded(#"{"city":"Seoul"}"#)],
        ]
        #expect(
            try transcript.messages() == [
                Message(.system, "Be brief.\nBe kind."), Message(.user, "Weather?"),
                Message(.assistant, "", reasoning: "Hm.", members: [.init("tool_calls", [call])]),
                Message(.tool, "21", members: [.init("name", "weather")]), Message(.assistant, "It is warm."),
            ])
    }

    @Test func optionsArrive() async throws {
        let model = try Self.model(ScriptedModel(info: Scripted.info(), script: Scripted.words(50)))
        let prompt = Transcript.Entry.prompt(.init(segments: Self.text("One?")))
        for mode: FoundationModelsStandIn.GenerationOptions.SamplingMode? in [
            nil, .greedy, .random(top: 3, seed: 7), .random(probabilityThreshold: 0.5, seed: 7),
        ] {
            let options = FoundationModelsStandIn.GenerationOptions(
                samplingMode: mode, temperature: 0.5, maximumResponseTokens: 4)
            let channel = try await Self.answer(Self.request([prompt], options: options), by: model)
            #expect(channel.usage?.output.totalTokenCount == 4)
        }
        let seeds: [FoundationModelsStandIn.GenerationOptions.SamplingMode] = [
            .random(top: -1), .random(probabilityThreshold: 2),
        ]
        for mode in seeds {  // the sampler has seen them: they make no sense
            await #expect(throws: GenerationError.self) {
                try await Self.answer(Self.request([prompt], options: .init(samplingMode: mode)), by: model)
            }
        }
    }

    @Test func whatGoesWrongIsSaidInTheWordsOfTheFramework() async throws {
        let model = try Self.model(ScriptedModel(info: Scripted.info(context: 32), script: Scripted.words(6)))
        let long = Self.request([.prompt(.init(segments: Self.text(String(repeating: "word ", count: 50))))])
        do {
            _ = try await Self.answer(long, by: model)
            Issue.record("want an error")
        } catch LanguageModelError.contextSizeExceeded(let details) {
            #expect(details.contextSize <= 32 && details.tokenCount > 50)
        }
        let picture = Self.request([.prompt(.init(segments: [.attachment(.init())]))])
        await #expect(throws: GenerationError.invalidRequest("transcript: has an attachment; want text")) {
            try await Self.answer(picture, by: model)
        }
        let stopped = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await Self.answer(Self.request([.prompt(.init(segments: Self.text("One?")))]), by: model)
        }
        await #expect(throws: CancellationError.self) { try await stopped.value }
    }

    @Test func aCancelledRequestLeavesTheModelFree() async throws {
        let asking = Shared<Task<Channel, any Error>?>(nil)
        let point = 4  // a call amid the answer
        let script = ScriptedModel(
            info: Scripted.info(),
            hook: { _, number, _ in
                if number == point {
                    asking.get()?.cancel()
                    waitForCancellation()
                }
                return .works
            }, script: Scripted.words(20))
        let model = try Self.model(script)
        let request = Self.request([.prompt(.init(segments: Self.text("One?")))])
        let (gate, opener) = AsyncStream<Void>.makeStream()
        asking.set(
            Task {
                for await _ in gate {}
                return try await Self.answer(request, by: model)
            })
        opener.finish()
        let stopped = try #require(asking.get())
        await #expect(throws: CancellationError.self) { try await stopped.value }
        #expect(script.calls.count <= point + 3)
        let whole = try await Self.answer(request, by: model)
        #expect(whole.usage?.output.totalTokenCount == 20)
    }

    @Test func sessionsOfOneModelShareItsExecutor() throws {
        let one = Cortland.LanguageModel(
            textFile: try Fixture.demo(), loader: ScriptedModel(info: Scripted.info(), script: Scripted.words(1)))
        let other = try Self.model(ScriptedModel(info: Scripted.info(), script: Scripted.words(1)))
        #expect(CortlandModel(one).executorConfiguration == CortlandModel(one).executorConfiguration)
        #expect(CortlandModel(one).executorConfiguration != other.executorConfiguration)
        #expect(other.capabilities.contains(.reasoning) && !other.capabilities.contains(.guidedGeneration))
    }
}

extension LanguageModelExecutorGenerationChannel {
    private func collect<Value>(_ pick: (Event.Kind) -> Value?) -> [Value] { events.compactMap { pick($0.kind) } }

    fileprivate var text: [String] {
        collect { if case .response(let action) = $0, case .text(let text, _) = action.kind { text } else { nil } }
    }
    fileprivate var reasoning: [String] { collect { if case .reasoning(let action) = $0 { action.text } else { nil } } }
    fileprivate var calls: [ToolCalls.Action] {
        collect { if case .toolCalls(let action) = $0 { action } else { nil } }
    }
    fileprivate var usage: (input: Usage.Input, output: Usage.Output)? {
        collect {
            if case .response(let action) = $0, case .usage(let input, let output) = action.kind {
                (input: input, output: output)
            } else {
                nil
            }
        }.last
    }
    /// Those that came with pieces.
    fileprivate var tokens: Int {
        collect {
            switch $0 {
            case .response(let action): if case .text(_, let count) = action.kind { count } else { nil }
            case .reasoning(let action): action.tokenCount
            case .toolCalls(let action): action.tokenCount
            }
        }.reduce(0, +)
    }
}
