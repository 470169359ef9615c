import Cortland
import Foundation

/// A command line that makes no sense.
struct UsageError: Error, Equatable {
    var message: String
}

/// What a command was asked.
struct Options {
    var model = URL(fileURLWithPath: "")
    var text: URL?
    var compiled: URL?
    var policy: ComputePolicy?
    var expected: URL?
    var context: Int?
    var prompt: String?
    var system: String?
    var isJSON = false
    var promptTokens = 128
    var tokens = 64
    var generation = GenerationOptions()
    private var sampling = GenerationOptions.SamplingMode()
    private var hasSampling = false

    /// An option: its name, what stands behind it, what it is for, the commands that have it, and what it does.
    private struct Row: Sendable {
        var name: String
        var value: String?
        var help: String
        var commands: Set<Command>
        var set: @Sendable (inout Options, String) throws -> Void
    }

    private static let answering: Set<Command> = [.generate, .chat]
    private static let rows: [Row] = [
        Row(name: "--prompt", value: "TEXT", help: "what to answer", commands: [.generate]) { $0.prompt = $1 },
        Row(name: "--system", value: "TEXT", help: "a system message before it", commands: answering) {
            $0.system = $1
        },
        Row(name: "--max-tokens", value: "N", help: "tokens of an answer at most", commands: answering) {
            $0.generation.maximumResponseTokens = try number($1)
        },
        Row(name: "--temp", value: "X", help: "0: always the likeliest token", commands: answering) {
            $0.generation.temperature = try number($1)
        },
        Row(name: "--top-k", value: "N", help: "only the likeliest N tokens", commands: answering) {
            $0.sampling.topK = try number($1)
            $0.hasSampling = true
        },
        Row(name: "--top-p", value: "X", help: "only the likeliest that make up this much", commands: answering) {
            $0.sampling.topP = try number($1)
            $0.hasSampling = true
        },
        Row(name: "--seed", value: "N", help: "the same seed gives the same text", commands: answering) {
            $0.sampling.seed = try number($1)
            $0.hasSampling = true
        },
        Row(name: "--stop", value: "TEXT", help: "end the answer before it; may be repeated", commands: answering) {
            $0.generation.stopStrings.append($1)
        },
        Row(name: "--think", value: nil, help: "let the model reason first", commands: answering) { options, _ in
            options.generation.thinking = .on
        },
        Row(name: "--prompt-tokens", value: "N", help: "tokens to read; default: 128", commands: [.bench]) {
            $0.promptTokens = try number($1)
        },
        Row(name: "--tokens", value: "N", help: "tokens to give; default: 64", commands: [.bench]) {
            $0.tokens = try number($1)
        },
        Row(
            name: "--expected", value: "FILE", help: "what cortland expect wrote for this package", commands: [.check]
        ) { $0.expected = URL(fileURLWithPath: $1) },
        Row(
            name: "--unit", value: "auto|ane|gpu|cpu", help: "where it runs; default: auto, one after the other",
            commands: Set(Command.allCases)
        ) { $0.policy = try policy($1) },
        Row(
            name: "--context", value: "N", help: "the smallest of several with so much room; default: the largest",
            commands: Set(Command.allCases).subtracting([.check])
        ) { $0.context = try number($1) },
        Row(
            name: "--text", value: "FILE", help: "the text file; default: NAME.text beside the package",
            commands: [.generate, .chat, .bench]
        ) { $0.text = URL(fileURLWithPath: $1) },
        Row(
            name: "--compiled", value: "FOLDER", help: "where NAME.mlmodelc is kept; default: beside the package",
            commands: Set(Command.allCases)
        ) { $0.compiled = URL(fileURLWithPath: $1) },
        Row(name: "--json", value: nil, help: "print JSON", commands: [.generate, .bench, .check, .inspect]) {
            options, _ in
            options.isJSON = true
        },
    ]

    init(_ command: Command, _ arguments: [String]) throws {
        var rest = arguments[...]
        var models: [String] = []
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("-") else {
                models.append(argument)
                continue
            }
            let name = argument == "-p" ? "--prompt" : argument == "-n" ? "--max-tokens" : argument
            guard let row = Self.rows.first(where: { $0.name == name && $0.commands.contains(command) }) else {
                throw UsageError(
                    message: "\(argument): is no option of \(command.rawValue); hint: cortland-swift --help")
            }
            guard let wanted = row.value else {
                try row.set(&self, "")
                continue
            }
            guard let value = rest.popFirst() else {
                throw UsageError(message: "\(argument): got nothing, want \(wanted)")
            }
            do { try row.set(&self, value) } catch is UsageError {
                throw UsageError(message: "\(argument): got \(value), want \(wanted)")
            }
        }
        guard models.count == 1 else {
            throw UsageError(message: "model: got \(models.count), want one NAME.mlpackage, NAME.mlmodelc or bundle")
        }
        model = URL(fileURLWithPath: models[0])
        if command == .generate, prompt?.isEmpty != false {
            throw UsageError(message: "--prompt: got nothing, want TEXT")
        }
        if command == .check, expected == nil {
            throw UsageError(message: "--expected: got nothing, want FILE; hint: cortland expect MODEL -o FILE")
        }
        if hasSampling { generation.samplingMode = sampling }
    }

    /// All commands with their options.
    static var help: String {
        Command.allCases.map { command in
            let options = rows.filter { $0.commands.contains(command) }.map { row in
                let name = [row.name, row.value].compactMap(\.self).joined(separator: " ")
                return "  " + name.padding(toLength: max(26, name.count + 2), withPad: " ", startingAt: 0) + row.help
            }
            return "cortland-swift \(command.rawValue) MODEL [OPTIONS]   \(command.purpose)\n"
                + options.joined(separator: "\n")
        }.joined(separator: "\n\n")
    }

    private static func number<Value: LosslessStringConvertible>(_ text: String) throws -> Value {
        guard let value = Value(text) else { throw UsageError(message: "") }
        return value
    }

    private static func policy(_ text: String) throws -> ComputePolicy? {
        if text == "auto" { return nil }
        guard let policy = ComputePolicy.named(text) else { throw UsageError(message: "") }
        return policy
    }
}
