import Foundation
import Testing

/// `cortland-swift`, as it is called from a shell.
@Suite struct ProgramTests {
    private struct Run {
        var output, errors: String
        var code: Int32
    }

    private static func program() throws -> URL {
        try #require(Bundle.main.executableURL).deletingLastPathComponent().appending(path: "cortland-swift")
    }

    private static func run(_ arguments: [String], input: String = "") throws -> Run {
        try run(try program(), arguments, input: input)
    }

    private static func run(
        _ program: URL, _ arguments: [String], input: String = "", environment: [String: String] = [:]
    ) throws -> Run {
        let process = Process()
        process.executableURL = program
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
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
        let turns = done.errors.matches(of: #/on gpu; ([0-9]+) prompt tokens, ([0-9]+) of them cached/#)
        let counts = try turns.map { try (#require(Int($0.1)), #require(Int($0.2))) }
        // The second turn reads what is new: the question, and the end of the answer before it.
        let first = transcripts[2].promptIds.count
        #expect(counts.count == 2 && counts[0] == (first, 0))
        #expect(counts[1].1 >= first && counts[1].1 < counts[1].0)
    }

    @Test func optionsOfAnswers() async throws {
        let form = try await CompiledForm.demo(.gpu)
        let transcripts = try Fixture.transcripts()
        func answer(_ transcript: Fixture.Transcript, _ options: [String]) throws -> Run {
            let line = ["generate", form.compiled.path, "--text", form.textFile.path, "-p", transcript.question]
            return try Self.run(line + options)
        }
        // One token at most is the likeliest one, whatever the seed and the temperature; and so is a share of nearly none.
        let (short, thinking) = (transcripts[2], transcripts[4])
        for options in [["--top-k", "1"], ["--top-p", "0.0001"]] {
            let drawn = try answer(short, options + ["--temp", "2", "--seed", "3"])
            #expect(drawn.output == short.outputText + "\n" && drawn.code == 0, "\(options)")
        }
        let wild = ["--temp", "4", "-n", "12", "--seed"]
        let texts = try ["3", "3", "4"].map { try answer(short, wild + [$0]).output }
        #expect(texts[0] == texts[1] && texts[0] != texts[2])
        // Up to the text, which is not said.
        let stopped = try answer(short, ["--temp", "0", "--stop", " in Korean"])
        #expect(stopped.output == "Apple\n")
        // The reasoning is told to people, the answer to all.
        let thought = try answer(thinking, ["--temp", "0", "--think"])
        let parts = thinking.outputText.components(separatedBy: "\n</think>\n\n")
        #expect(parts.count == 2 && thought.output == parts[1] + "\n" && thought.errors.contains(parts[0]))
        let silent = try answer(thinking, ["--temp", "0", "--json"])
        #expect(!silent.errors.contains(parts[0]))
        // The message of the system is read before the question.
        struct Report: Decodable {
            var promptTokens: Int
        }
        let told = try [[], ["--system", "Answer briefly."]].map { options in
            let run = try answer(short, options + ["--temp", "0", "-n", "1", "--json"])
            return try JSONDecoder().decode(Report.self, from: Data(run.output.utf8)).promptTokens
        }
        #expect(told[0] == short.promptIds.count && told[1] > told[0] + 3)
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

    /// What the interpreter computes twice, once in place of Core ML, is the same but for rounding.
    @Test(arguments: [CompiledForm.Demo.gpu, .iOS17, .oldParts])
    func check(_ form: CompiledForm.Demo) async throws {
        let form = try await CompiledForm.demo(form)
        let folder = form.compiled.deletingLastPathComponent()
        let expected = folder.appending(path: "expected.json")
        try Fixture.run("src/cortland", ["expect", form.source.path, "-o", expected.path, "-p", "70", "-g", "3"])
        let line = ["check", form.source.path, "--expected", expected.path, "--compiled", folder.path]
        let shown = try Self.run(line)
        #expect(shown.code == 0, "\(shown.output)\(shown.errors)")
        let lines = shown.output.split(separator: "\n")
        #expect(lines.count == 3)
        for (line, unit) in zip(lines, ["neuralEngine", "gpu", "cpu"]) {
            #expect(line.hasPrefix(unit) && line.contains("  argmax 4/4  load ") && line.hasSuffix("tokens/s  no plan"))
        }

        // One logit that is wrong is seen, and so is a token that is.
        let text = try String(contentsOf: expected, encoding: .utf8)
        let logit = try #require(text.firstMatch(of: #/"logits":\[[^,]*,[^,]*,/#))
        try text.replacingCharacters(in: logit.range, with: #""logits":[15,-15,"#)
            .write(to: expected, atomically: true, encoding: .utf8)
        let failed = try Self.run(line + ["--unit", "gpu", "--json"])
        #expect(failed.code == 1 && failed.output.contains(#""passed":false"#))
        #expect(failed.output.contains(#/"failures":\["PSNR [0-9.]+ dB against fp32 math, want 38.0 dB"/#))
        let token = try #require(text.firstMatch(of: #/"fp32":\{"argmax":[0-9]+,/#))
        try text.replacingCharacters(in: token.range, with: #""fp32":{"argmax":0,"#)
            .replacing(#/"tie":[0-9.]+/#, with: #""tie":-1"#).write(to: expected, atomically: true, encoding: .utf8)
        let parted = try Self.run(line + ["--unit", "cpu"])
        #expect(parted.code == 1 && parted.output.contains("argmax 3/4"))
        #expect(parted.output.contains(", want 0, which is "))
        try "{\"format\": 1}".write(to: expected, atomically: true, encoding: .utf8)
        #expect(try Self.run(line).code == 4)
    }

    /// `scripts/check-on-mac`, all of it but the Mac.
    @Test func checkScript() throws {
        let folder = Fixture.folder.appending(path: "check")
        let script = Fixture.root.appending(path: "scripts/check-on-mac")
        let programs = ["CORTLAND": Fixture.build.appending(path: "src/cortland").path]
        let environment = programs.merging(["CORTLAND_SWIFT": try Self.program().path]) { $1 }
        let done = try Self.run(script, ["--stand-in", "-o", folder.path], environment: environment)
        #expect(done.code == 0, "\(done.output)\(done.errors)")
        #expect(done.output.matches(of: #/Demo-[^ ]+ +(ane|gpu|cpu) +ok\n/#).count == 15)
        #expect(done.output.contains("prove the check, and no device"))
        struct Report: Decodable {
            struct Check: Decodable {
                var passed: Bool?
                var package, computeUnit: String
            }
            var checks: [Check]
        }
        let report = folder.appending(path: "report.json")
        let checks = try JSONDecoder().decode(Report.self, from: Data(contentsOf: report)).checks
        #expect(checks.count == 15 && checks[14].package == "Demo-parts")
        for check in checks {
            let isMadeFor = !check.package.contains("gpu") || check.computeUnit != "neuralEngine"
            #expect(check.passed == (isMadeFor ? true : nil), "\(check)")
        }
        // A process that ends is a failure of its unit, and no more.
        let package = folder.appending(path: "Demo-iOS17.mlpackage").path
        let broken = try Self.run(
            script, ["--stand-in", "-o", folder.path, package],
            environment: programs.merging(["CORTLAND_SWIFT": "/bin/false"]) { $1 })
        #expect(broken.code == 1 && broken.output.contains("cortland-swift ended with 1"), "\(broken.errors)")
        #if !canImport(CoreML)
            let refused = try Self.run(script, [], environment: environment)
            #expect(refused.code == 3 && refused.errors.contains("this is no Mac"))
        #endif
    }

    @Test func whatIsRefused() throws {
        for (arguments, code, message) in [
            (["sing"], 2, "sing: is no command; want one of generate, chat, bench, check, inspect"),
            (["generate", "X.mlpackage"], 2, "--prompt: got nothing, want TEXT"),
            (["generate", "-p", "x"], 2, "model: got 0, want one NAME.mlpackage, NAME.mlmodelc or bundle"),
            (["bench", "X.mlpackage", "--tokens", "few"], 2, "--tokens: got few, want N"),
            (["check", "X.mlpackage"], 2, "--expected: got nothing, want FILE"),
            (["check", "X.mlpackage", "--expected", "/no/file.json"], 4, "file.json: cannot be read"),
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
