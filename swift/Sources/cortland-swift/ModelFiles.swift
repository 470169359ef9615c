import Cortland
import CortlandCoreML
import Foundation

/// Where the files of a model are.
struct ModelFiles {
    private let options: Options
    private let package: URL  // or compiled, of a bundle the first part
    private let text: URL

    init(_ options: Options) throws {
        self.options = options
        let bundle = try Bundle(at: options.model)
        package = bundle.map { options.model.appending(path: $0.package) } ?? options.model
        let beside = package.deletingPathExtension().appendingPathExtension("text")
        text = options.text ?? bundle?.text.map { options.model.appending(path: $0) } ?? beside
    }

    /// What `cortland.json` says of the folder that it is in.
    private struct Bundle: Decodable {
        var package: String
        var text: String?

        /// `nil` for what is no bundle.
        init?(at url: URL) throws {
            let manifest = url.appending(path: "cortland.json")
            guard FileManager.default.fileExists(atPath: manifest.path) else { return nil }
            self = try JSONDecoder().decode(Bundle.self, from: try Data(contentsOf: manifest))
        }
    }

    /// The model. A package is compiled unless that was done since it was written.
    func model() async throws -> CoreMLModel {
        try await CoreMLModel(compiledModelAt: try await compiled(), context: options.context)
    }

    /// What it is called: the bundle, or the package.
    var name: String { options.model.lastPathComponent }

    func languageModel() async throws -> LanguageModel {
        LanguageModel(try await model(), textFile: try TextFile(contentsOf: text), policy: options.policy)
    }

    /// Where the compiled model is.
    func compiled() async throws -> URL {
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
