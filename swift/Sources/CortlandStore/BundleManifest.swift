public import Foundation

/// `cortland.json` of a bundle, a folder that `cortland convert` wrote:
///
///     {"format": "cortland.bundle", "version": 1, "package": "NAME.mlpackage", "text": "NAME.text",
///      "files": [{"path": "NAME.mlpackage/Manifest.json", "bytes": 617, "sha256": "..."}]}
///
/// It comes from anywhere, so nothing in it is taken for granted: no path leads out of the folder.
public struct BundleManifest: Sendable, Equatable {
    /// A file of the bundle.
    public struct File: Sendable, Equatable, Decodable {
        /// Where it is in the folder, with `/` between names.
        public var path: String
        /// Its size.
        public var bytes: Int64
        /// 64 hexadecimal digits.
        public var sha256: String
    }

    /// The name of the manifest itself.
    public static let fileName = "cortland.json"
    static let mostBytes = 4 << 20

    /// The package; of a model that is cut into parts the first.
    public let package: String
    /// The file with tokenizer and chat template.
    public let text: String
    /// Every file but the manifest.
    public let files: [File]
    /// Names the bundle: the name of its text file, and the beginning of the digest of the manifest, which names the
    /// digest of every file. What has the same name has the same content.
    public let id: String

    /// Reads a manifest.
    /// - Throws: `damagedBundle`.
    public init(_ data: Data) throws(StoreError) {
        struct Content: Decodable {
            var format: String
            var version: Int
            var package: String
            var text: String?
            var files: [File]
        }
        guard data.count <= Self.mostBytes, let content = try? JSONDecoder().decode(Content.self, from: data) else {
            throw Self.damaged("is not what cortland convert writes")
        }
        guard content.format == "cortland.bundle", content.version == 1 else {
            throw Self.damaged("got format \(content.format) \(content.version), want cortland.bundle 1")
        }
        guard let text = content.text else { throw Self.damaged("the bundle has no text file, so it cannot chat") }
        var paths = Set<String>()
        var sum: Int64 = 0
        for file in content.files {
            let (total, overflow) = sum.addingReportingOverflow(file.bytes)
            guard Self.isPlain(file.path), paths.insert(file.path.lowercased()).inserted, file.bytes >= 0, !overflow,
                file.sha256.count == 64, file.sha256.allSatisfy({ "0123456789abcdef".contains($0) })
            else { throw Self.damaged("files: \(file.path.debugDescription) is no file that a bundle may have") }
            sum = total
        }
        guard Self.isPlain(content.package), paths.contains(where: { $0.hasPrefix(content.package.lowercased() + "/") })
        else { throw Self.damaged("package: \(content.package.debugDescription) is not among the files") }
        guard content.files.contains(where: { $0.path == text }) else {
            throw Self.damaged("text: \(text.debugDescription) is not among the files")
        }
        package = content.package
        self.text = text
        files = content.files
        id = Self.name(of: text) + "-" + ContentHash.of(data).prefix(12)
    }

    /// The sizes of all files together.
    public var bytes: Int64 { files.reduce(0) { $0 + $1.bytes } }

    /// The sizes of the weights, which are in memory while the model is in use.
    public var weightBytes: Int64 {
        files.filter { $0.path.hasSuffix(".bin") || $0.path.hasSuffix(".table") }.reduce(0) { $0 + $1.bytes }
    }

    /// What compiling copies: all that lies in a package.
    var packageBytes: Int64 {
        files.filter { $0.path.contains(".mlpackage/") }.reduce(0) { $0 + $1.bytes }
    }

    /// Whether a path is names alone, none of which a file system reads in another way.
    private static func isPlain(_ path: String) -> Bool {
        path.utf8.count <= 512 && path != fileName
            && path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { name in
                !name.isEmpty && name != "." && name != ".." && !name.contains("\\") && !name.contains(":")
                    && name.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
            }
    }

    /// The name of a file without its ending, as the name of a folder that is not hidden.
    private static func name(of text: String) -> String {
        let stem = URL(filePath: text).deletingPathExtension().lastPathComponent
        let kept = stem.unicodeScalars.filter { scalar in
            scalar.isASCII
                && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-_.".contains(Character(scalar)))
        }
        let name = String(String.UnicodeScalarView(kept)).drop { $0 == "." }
        return name.isEmpty ? "model" : String(name.prefix(64))
    }

    private static func damaged(_ what: String) -> StoreError { .damagedBundle("\(fileName): \(what)") }
}
