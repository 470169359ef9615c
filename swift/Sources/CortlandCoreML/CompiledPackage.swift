import Cortland
import Foundation

#if canImport(CoreML)
    import CoreML
#else
    import CoreMLStandIn
#endif

/// Compiling packages, and what compiled ones say of themselves. Each function makes, uses and drops the objects of
/// Core ML, which must not pass from one thread to another.
enum CompiledPackage {
    struct Description: Sendable {
        var functionNames: [String]
        var metadata: [String: String]
    }

    /// Without loading weights.
    @concurrent static func describe(_ url: URL) async throws(GenerationError) -> Description {
        do {
            let asset = try MLModelAsset(url: url)
            let names = try await asset.functionNames
            let metadata = try await asset.modelDescription.metadata[.creatorDefinedKey]
            return Description(functionNames: names, metadata: metadata as? [String: String] ?? [:])
        } catch {
            throw .fileUnavailable("\(url.lastPathComponent): Core ML cannot read it; \(error.localizedDescription)")
        }
    }

    @concurrent static func compile(_ package: URL, into folder: URL) async throws(GenerationError) -> URL {
        do {
            let files = FileManager.default
            let compiled = try await MLModel.compileModel(at: package)
            let place = folder.appending(path: package.deletingPathExtension().lastPathComponent + ".mlmodelc")
            try files.createDirectory(at: folder, withIntermediateDirectories: true)
            if files.fileExists(atPath: place.path) { try files.removeItem(at: place) }
            try files.moveItem(at: compiled, to: place)
            return place
        } catch {
            throw .fileUnavailable(
                "\(package.lastPathComponent): Core ML cannot compile it; \(error.localizedDescription)")
        }
    }

    /// Where a part of a model is, when another one is at `url`; a model in one package is there itself.
    static func place(of part: Contract.Part, beside url: URL) -> URL {
        guard !part.package.isEmpty else { return url }
        let name = URL(filePath: part.package).deletingPathExtension().lastPathComponent + ".mlmodelc"
        return name == url.lastPathComponent ? url : url.deletingLastPathComponent().appending(path: name)
    }

    /// In place of what lies there; not where it is itself.
    static func copy(_ file: URL, into folder: URL) throws(GenerationError) {
        let place = folder.appending(path: file.lastPathComponent)
        guard place.standardizedFileURL != file.standardizedFileURL else { return }
        do {
            let files = FileManager.default
            if files.fileExists(atPath: place.path) { try files.removeItem(at: place) }
            try files.copyItem(at: file, to: place)
        } catch {
            throw .fileUnavailable("\(file.lastPathComponent): cannot be copied; \(error.localizedDescription)")
        }
    }
}
