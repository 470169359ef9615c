import Cortland
import CortlandCoreML
import Foundation

/// What the program does.
enum Command: String, CaseIterable {
    case generate, chat, bench, check, inspect

    var purpose: String {
        switch self {
        case .generate: "answer one prompt"
        case .chat: "talk with a model, line by line"
        case .bench: "measure how fast it reads and answers"
        case .check: "compare with what the interpreter computes, and ask where operations run"
        case .inspect: "show what a package says of itself, and load it"
        }
    }

    func run(_ options: Options) async throws {
        switch self {
        case .generate: try await Answering(options).answerOnce()
        case .chat: try await Answering(options).answerLines()
        case .bench: try await Measuring(options).run()
        case .check: try await Checking(options).run()
        case .inspect: try await Inspection(options).run()
        }
    }
}

@main
enum Program {
    static func main() async {
        let arguments = CommandLine.arguments.dropFirst()
        guard let name = arguments.first, name != "--help", name != "-h" else {
            print(Options.help)
            exit(arguments.isEmpty ? 2 : 0)
        }
        do {
            guard let command = Command(rawValue: name) else {
                let known = Command.allCases.map(\.rawValue).joined(separator: ", ")
                throw UsageError(message: "\(name): is no command; want one of \(known)")
            }
            try await command.run(try Options(command, Array(arguments.dropFirst())))
        } catch is Checking.Failure {
            exit(1)
        } catch let error as UsageError {
            fail(error.message, 2)
        } catch let error as GenerationError {
            fail(error.localizedDescription, error.exitCode)
        } catch {
            fail(error.localizedDescription, 5)
        }
    }

    private static func fail(_ message: String, _ code: Int32) -> Never {
        Output.standardError("error: \(message)\n")
        exit(code)
    }
}

extension GenerationError {
    /// Those of the command line `cortland`.
    var exitCode: Int32 {
        switch self {
        case .invalidRequest, .contextFull, .templateRefused, .busy: 2
        case .unsupportedModel: 3
        case .corruptFile, .fileUnavailable, .notFound: 4
        case .cancelled, .loadFailed, .predictionFailed, .unusableLogits, .outOfMemory, .internalFailure: 5
        }
    }
}

/// Text that is seen at once.
enum Output {
    static func standardOutput(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
    static func standardError(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        standardOutput(String(decoding: try encoder.encode(value), as: UTF8.self) + "\n")
    }
}
