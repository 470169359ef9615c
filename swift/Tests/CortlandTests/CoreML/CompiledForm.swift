@_spi(StandIn) import CoreMLStandIn
import Cortland
import CortlandCoreML
import Foundation
import Synchronization

/// A model as the command line converts it and the stand-in compiles it.
struct CompiledForm: Sendable {
    /// The package.
    var package: URL
    /// The same compiled, in a folder of its own.
    var compiled: URL

    /// The forms of the bundled model; each is another way to call a package, or to store its weights.
    enum Demo: String, CaseIterable, Sendable {
        case ane, gpu, iOS17, int4, int4OnEngine, lut4, parts, oldParts, contexts

        var options: [String] {
            switch self {
            case .ane: []
            case .gpu: ["--profile", "gpu"]
            case .iOS17: ["--target", "iOS17"]
            case .int4: ["--precision", "int4"]
            case .int4OnEngine: ["--precision", "int4", "--profile", "ane"]
            case .lut4: ["--precision", "lut4", "--evaluate", "8"]
            case .parts: ["--parts", "2"]
            case .contexts: ["--context", "64,256"]
            case .oldParts: ["--parts", "3", "--precision", "int8", "--target", "iOS17", "--evaluate", "8"]
            }
        }
    }

    private static let made = Mutex<[String: URL]>([:])

    /// A form of the bundled model. Every call compiles it anew, so that tests may make it fail each for itself.
    static func demo(_ form: Demo) async throws -> CompiledForm {
        let package = try convert(Fixture.root.appending(path: "models/demo"), form.rawValue, form.options)
        return try await CompiledForm(package)
    }

    /// A tiny model with random weights, which speaks in `Letters`.
    static func golden(_ name: String, _ options: [String] = []) async throws -> CompiledForm {
        let checkpoint = try Letters.checkpoint(name)
        return try await CompiledForm(try convert(checkpoint, ([name] + options).joined(), options))
    }

    private init(_ package: URL) async throws {
        self.package = package
        let folder = package.deletingLastPathComponent().appending(path: UUID().uuidString)
        compiled = try await CoreMLModel.compile(packageAt: package, into: folder)
    }

    private static func convert(_ checkpoint: URL, _ name: String, _ options: [String]) throws -> URL {
        try made.withLock { made in
            if let known = made[name] { return known }
            let folder = Fixture.folder.appending(path: name)
            let isBundle = options.contains("--parts")
            let output = folder.appending(path: isBundle ? "Model" : "Model.mlpackage")
            let package = isBundle ? output.appending(path: "body-1.mlpackage") : output
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let context = options.contains("--context") ? [] : ["--context", "256"]
            let evaluation = options.contains("--evaluate") ? [] : ["--evaluate", "0"]
            let fixed = ["-o", output.path + (isBundle ? "/" : ""), "--overwrite"] + evaluation + context
            try Fixture.run("src/cortland", ["convert", checkpoint.path] + fixed + options)
            made[name] = package
            return package
        }
    }

    /// Another part of the model, compiled.
    func part(_ name: String) -> URL {
        compiled.deletingLastPathComponent().appending(path: name + ".mlmodelc")
    }

    /// All packages of the model, compiled, in the order of their calls.
    var parts: [URL] {
        get throws {
            let folder = compiled.deletingLastPathComponent()
            return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
                .filter { $0.pathExtension == "mlmodelc" }.sorted { $0.lastPathComponent < $1.lastPathComponent }
        }
    }

    /// Calls a hook before each call of any part, with its number over all parts.
    /// - Returns: how many there were so far.
    @discardableResult
    func hook(
        _ hook: @escaping @Sendable (StandIn.Call, Int) -> StandIn.Outcome
    ) throws -> @Sendable () -> Int {
        let count = Shared(0)
        var behaviour = StandIn.Behaviour()
        behaviour.hook = { call, _ in
            let number = count.get()
            count.set(number + 1)
            return hook(call, number)
        }
        for part in try parts { StandIn.setBehaviour(of: part, behaviour) }
        return { count.get() }
    }

    /// What the command line calls it: the package, or the bundle of its parts.
    var source: URL { package.lastPathComponent == "body-1.mlpackage" ? package.deletingLastPathComponent() : package }

    var textFile: URL {
        source == package
            ? package.deletingPathExtension().appendingPathExtension("text") : source.appending(path: "Model.text")
    }

    func model(context: Int? = nil) async throws -> CoreMLModel {
        try await CoreMLModel(compiledModelAt: compiled, context: context)
    }

    func languageModel(_ policy: ComputePolicy? = nil) async throws -> LanguageModel {
        LanguageModel(try await model(), textFile: try TextFile(contentsOf: textFile), policy: policy)
    }

    func session(_ policy: ComputePolicy? = nil, transcript: [Message] = []) async throws -> ChatSession {
        try ChatSession(model: try await languageModel(policy), transcript: transcript)
    }

    /// What the command line answers.
    func commandLine(_ question: String, tokens: Int) throws -> [Int32] {
        struct Answer: Decodable {
            var ids: [Int32]
        }
        let output = try Fixture.run(
            "src/cortland",
            ["run", source.path, "-p", question, "--temp", "0", "-n", String(tokens), "--json"])
        let last = output.split(separator: UInt8(ascii: "\n")).last ?? Data()
        return try Fixture.decoder.decode(Answer.self, from: last).ids
    }
}

extension ChatSession {
    /// The tokens of an answer, the likeliest ones unless said otherwise, and what it took.
    func tokens(
        answering question: String, thinking: GenerationOptions.Thinking = .off, atMost limit: Int? = nil,
        _ samplingMode: GenerationOptions.SamplingMode = .greedy
    ) async throws -> (ids: [Int32], statistics: GenerationStatistics) {
        var options = GenerationOptions(samplingMode: samplingMode)
        options.tokenReports = .each
        options.thinking = thinking
        options.maximumResponseTokens = limit
        var ids: [Int32] = []
        var statistics = GenerationStatistics()
        for try await event in streamResponse(to: question, options: options) {
            switch event {
            case .token(let id, _): ids.append(id)
            case .finished(let all): statistics = all
            default: break
            }
        }
        return (ids, statistics)
    }
}
