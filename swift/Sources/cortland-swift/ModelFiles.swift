import Cortland
import CortlandCoreML
import Foundation

/// Where the files of a model are.
struct ModelFiles {
    private let options: Options

    init(_ options: Options) { self.options = options }

    /// The model. A package is compiled unless that was done since it was written.
    func model() async throws -> CoreMLModel {
        try await CoreMLModel(compiledModelAt: try await compiled())
    }

    func languageModel() async throws -> LanguageModel {
        let text = options.text ?? options.model.deletingPathExtension().appendingPathExtension("text")
        return LanguageModel(try await model(), textFile: try TextFile(contentsOf: text), policy: options.policy)
    }

    private func compiled() async throws -> URL {
        let package = options.model
        guard package.pathExtension != "mlmodelc" else { return package }
        let folder = options.compiled ?? package.deletingLastPathComponent()
        let name = package.deletingPathExtension().lastPathComponent + ".mlmodelc"
        let compiled = folder.appending(path: name)
        if let made = Self.date(of: compiled), let written = Self.date(of: package), made >= written { return compiled }
        return try await CoreMLModel.compile(packageAt: package, into: folder)
    }

    private static func date(of url: URL) -> Date? {
        try? FileManager.default.attributesOfItem(atPath: url.path)[.modificationDate] as? Date
    }
}
