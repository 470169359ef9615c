import Cortland
import Foundation

/// Text files and reference data. The text files are written by programs that the build of the command line makes, in
/// `build/dev` or where the environment variable `CORTLAND_BUILD` says.
enum Fixture {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static let root = (1...4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in
        url.deletingLastPathComponent()
    }
    static let build =
        ProcessInfo.processInfo.environment["CORTLAND_BUILD"].map(URL.init(fileURLWithPath:))
        ?? root.appending(path: "build/dev")
    static let folder = FileManager.default.temporaryDirectory
        .appending(path: "cortland-swift-\(ProcessInfo.processInfo.processIdentifier)")

    /// The golden tokenizer `llama3`, with the template and defaults of tests/capi/fixture.cc.
    static func golden() throws -> TextFile { try goldenFile.get() }
    /// The bundled model, as the command line converts it.
    static func demo() throws -> TextFile { try demoFile.get() }

    private static let goldenFile = Result {
        let path = folder.appending(path: "golden.text")
        try run("tests/write_text_file", [path.path])
        return try TextFile(contentsOf: path)
    }
    private static let demoFile = Result {
        let package = folder.appending(path: "Demo.mlpackage").path
        try run("src/cortland", ["convert", root.appending(path: "models/demo").path, "-o", package, "--overwrite"])
        try FileManager.default.removeItem(atPath: package)
        return try TextFile(contentsOf: folder.appending(path: "Demo.text"))
    }

    /// Runs a program of the build. Gives what it prints.
    @discardableResult
    static func run(_ program: String, _ arguments: [String]) throws -> Data {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = build.appending(path: program)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        do {
            try process.run()
        } catch {
            let hint = "hint: cmake --preset dev && cmake --build --preset dev"
            throw Failure(description: "\(build.path)/\(program): cannot be run; \(hint)")
        }
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        if process.terminationStatus != 0 {
            throw Failure(description: "\(program) \(arguments): failed with \(process.terminationStatus)")
        }
        return data
    }

    /// The lines of a file below tests/golden.
    static func lines<Line: Decodable>(_ path: String, as: Line.Type) throws -> [Line] {
        let text = try String(contentsOf: root.appending(path: "tests/golden/" + path), encoding: .utf8)
        return try text.split(separator: "\n").map { try decoder.decode(Line.self, from: Data($0.utf8)) }
    }

    /// What transformers makes of a conversation with the bundled model: tests/golden/demo/reference.json.
    struct Transcript: Decodable {
        struct Turn: Decodable {
            var role, content: String
        }
        var messages: [Turn]
        var enableThinking: Bool
        var promptIds, outputIds: [Int32]
        var outputText: String

        var question: String { messages[0].content }
        var thinking: GenerationOptions.Thinking { enableThinking ? .on : .off }
    }
    static func transcripts() throws -> [Transcript] {
        struct Reference: Decodable {
            var transcripts: [Transcript]
        }
        let data = try Data(contentsOf: root.appending(path: "tests/golden/demo/reference.json"))
        return try decoder.decode(Reference.self, from: data).transcripts
    }

    static let decoder = {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }()
}

extension GenerationError {
    /// The name of the case.
    var kind: String { String(String(describing: self).prefix { $0 != "(" }) }
    /// What was tried on compute units.
    var attempts: [LadderAttempt] {
        switch self {
        case .loadFailed(let attempts), .predictionFailed(let attempts): attempts
        default: []
        }
    }
}
