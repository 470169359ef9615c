import Cortland
import CortlandCoreML
import Foundation
import Testing

/// The example of README.md, line for line (tests/swift_package_test.py).
private func example(package: URL, folder: URL, textFile: URL, _ show: (String) -> Void) async throws {
    func print(_ text: String, terminator: String) { show(text) }
    let compiled = try await CoreMLModel.compile(packageAt: package, into: folder)  // once
    let model = LanguageModel(
        try await CoreMLModel(compiledModelAt: compiled), textFile: try TextFile(contentsOf: textFile))
    let session = try ChatSession(model: model, instructions: "Answer briefly.")
    for try await event in session.streamResponse(to: "Why is the sky blue?") {
        if case .text(let piece) = event { print(piece, terminator: "") }
    }
}

@Test func theExampleOfTheReadmeAnswers() async throws {
    let form = try await CompiledForm.demo(.ane)
    let folder = form.compiled.deletingLastPathComponent()
    var said = ""
    try await example(package: form.package, folder: folder, textFile: form.textFile) { said += $0 }
    // As likely as anything: the defaults of the bundled model draw no other token.
    #expect(said == "Blue.")
}
