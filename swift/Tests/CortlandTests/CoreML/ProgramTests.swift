import Foundation
import Testing

/// `cortland-swift`, as it is called from a shell.
@Suite struct ProgramTests {
    private struct Run {
        var output, errors: String
        var code: Int32
    }

    private static func run(_ arguments: [String], input: String = "") throws -> Run {
        let process = Process()
        process.executableURL = try #require(Bundle.main.executableURL).deletingLastPathComponent()
            .appending(path: "cortland-swift")
        process.arguments = arguments
        let (input, output, errors) = (Self.file(input), Pipe(), Pipe())
        process.standardInput = try FileHandle(forReadingFrom: input)
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        let complained = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Run(
            output: String(decoding: said, as: UTF8.self), errors: String(decoding: complained, as: UTF8.self),
            code: process.terminationStatus)
    }

    private static func file(_ text: String) -> URL {
        let url = Fixture.folder.appending(path: UUID().uuidString)
        try? FileManager.default.createDirectory(at: Fixture.folder, withIntermediateDirectories: true)
        try? Data(text.utf8).write(to: url)
        return url
    }

    @Test(arguments: [CompiledForm.Demo.ane, .parts])
    func generate(_ form: CompiledForm.Demo) async throws {
        let form = try await CompiledForm.demo(form)
        let folder = form.compiled.deletingLastPathComponent().path
        let transcript = try Fixture.transcripts()[2]
        let line = ["generate", form.source.path, "-p", transcript.question, "--temp", "0", "--compiled", folder]
        let shown = try Self.run(line)
        #expect(shown.output == transcript.outputText + "\n" && shown.code == 0)
        #expect(shown.errors.contains("tokens/s on neuralEngine; \(transcript.promptIds.count) prompt tokens, 0 of"))
        struct Report: Decodable {
            var text: String
            var generatedTokens: Int
        }
        let json = try Self.run(line + ["--json", "--unit", "cpu", "-n", "2"])
        let report = try JSONDecoder().decode(Report.self, from: Data(json.output.utf8))
        #expect(report.generatedTokens == 2 && transcript.outputText.hasPrefix(report.text))
        #expect(json.output.contains(#""computeUnit":"cpu""#))
    }

    @Test func chat() async throws {
        let form = try await CompiledForm.demo(.gpu)
        let transcripts = try Fixture.transcripts()
        let questions = "\(transcripts[2].question)\n\n\(transcripts[3].question)\n"
        let text = form.textFile.path
        let done = try Self.run(["chat", form.compiled.path, "--text", text, "--temp", "0"], input: questions)
        #expect(done.output.hasPrefix(transcripts[2].outputText + "\n") && done.code == 0)
        #expect(done.output.split(separator: "\n").count == 2)
        #expect(done.errors.contains("on gpu; ") && done.errors.contains("0 of them cached"))
    }

    @Test func benchAndInspect() async throws {
        let form = try await CompiledForm.demo(.iOS17)
        let bench = try Self.run([
            "bench", form.compiled.path, "--text", form.textFile.path, "--prompt-tokens", "20", "--tokens", "5",
        ])
        let (output, number) = (bench.output, #"[0-9.]+"#)
        #expect(
            output.contains(try Regex("prompt    2[0-9] tokens, \(number) tokens/s, first token after \(number) s")))
        #expect(output.contains(try Regex("answer    5 tokens, \(number) tokens/s\\nstep      \(number) ms")))
        let inspect = try Self.run(["inspect", form.compiled.path])
        #expect(
            inspect.output.hasPrefix("context     256 tokens, cache 744 KiB\nvocabulary  2048\nprefill     8 tokens"))
        #expect(inspect.output.contains("loads on    neuralEngine"))
    }

    @Test func whatIsRefused() throws {
        for (arguments, code, message) in [
            (["sing"], 2, "sing: is no command; want one of generate, chat, bench, inspect"),
            (["generate", "X.mlpackage"], 2, "--prompt: got nothing, want TEXT"),
            (["generate", "-p", "x"], 2, "model: got 0, want one NAME.mlpackage, NAME.mlmodelc or bundle"),
            (["bench", "X.mlpackage", "--tokens", "few"], 2, "--tokens: got few, want N"),
            (["inspect", "X.mlpackage", "--temp", "1"], 2, "--temp: is no option of inspect"),
            (["inspect", "X.mlpackage", "--unit", "tpu"], 2, "--unit: got tpu, want auto|ane|gpu|cpu"),
            (["inspect", "X.mlpackage"], 4, "X.mlpackage: Core ML cannot compile it; "),
        ] as [([String], Int32, String)] {
            let run = try Self.run(arguments)
            #expect(run.code == code && run.output.isEmpty)
            #expect(run.errors.hasPrefix("error: " + message), "\(run.errors)")
        }
        #expect(try Self.run(["--help"]).output.contains("--prompt-tokens N"))
    }
}
