public import Foundation

/// A bundle that is in the store, complete and checked.
public struct ModelBundle: Sendable, Equatable, Identifiable {
    /// What it has.
    public let manifest: BundleManifest
    /// Its folder.
    public let url: URL

    /// Names it, and its content.
    public var id: String { manifest.id }
    /// What people call it.
    public var name: String { String(id.dropLast(13)) }
    /// The package; of a model that is cut into parts the first.
    public var package: URL { url.appending(path: manifest.package) }
    /// The file with tokenizer and chat template.
    public var textFile: URL { url.appending(path: manifest.text) }

    /// A bundle in a folder; its files are not looked at.
    init(at url: URL) throws(StoreError) {
        let place = url.appending(path: BundleManifest.fileName)
        guard let data = try? Data(contentsOf: place) else {
            throw .damagedBundle("\(url.lastPathComponent): has no \(BundleManifest.fileName); want a bundle")
        }
        manifest = try BundleManifest(data)
        self.url = url
    }
}
