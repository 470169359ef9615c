import Cortland
import CortlandStore
import Foundation
import Testing

@Suite struct BundleTests {
    @Test func aManifestNamesItsContent() throws {
        let data = try #require(try StoreFixture.files()[BundleManifest.fileName])
        let manifest = try BundleManifest(data)
        #expect(manifest.package == "Tiny.mlpackage" && manifest.text == "Tiny.text" && manifest.files.count == 3)
        #expect(manifest.weightBytes == 5000 && manifest.bytes > 5002)
        #expect(manifest.id.hasPrefix("Tiny-") && manifest.id.count == 17)
        let other = try #require(try StoreFixture.files(weights: 5001)[BundleManifest.fileName])
        #expect(try BundleManifest(other).id != manifest.id)
    }

    /// It may come from anywhere.
    @Test(arguments: [
        ("Tiny.text", "../Tiny.text"), ("Tiny.text", "/Tiny.text"), ("Tiny.text", "a//b"), ("Tiny.text", "a/./b"),
        ("Tiny.text", "cortland.json"), ("Tiny.text", "a\\\\b"), ("Tiny.text", "a:b"), ("Tiny.text", "a\\nb"),
        ("Tiny.mlpackage/Data/weight.bin", "tiny.mlpackage/manifest.json"), ("\"version\": 1", "\"version\": 2"),
        ("cortland.bundle", "other"), ("\"bytes\": 5000", "\"bytes\": -1"),
        ("\"bytes\": 5000", "\"bytes\": 9223372036854775807"),
        ("\"sha256\": \"", "\"sha256\": \"0"), ("\"text\": \"Tiny.text\"", "\"text\": null"),
        ("\"package\": \"Tiny.mlpackage\"", "\"package\": \"Other.mlpackage\""),
        ("\"package\": \"Tiny.mlpackage\"", "\"package\": \"..\""),
    ])
    func nothingLeadsOutOfTheFolder(_ wanted: String, _ got: String) throws {
        let data = try #require(try StoreFixture.files()[BundleManifest.fileName])
        let text = String(decoding: data, as: UTF8.self)
        #expect(text.contains(wanted))
        let changed = text.replacing("\"path\": \"" + wanted + "\"", with: "\"path\": \"" + got + "\"")
        let bad = changed == text ? text.replacing(wanted, with: got) : changed
        #expect(throws: StoreError.self) { try BundleManifest(Data(bad.utf8)) }
    }

    @Test func digestsAreThoseOfOthers() async throws {
        // Sizes around the ends of blocks: the fixture has them hashed by Python, the store checks them.
        for size in [0, 1, 55, 56, 63, 64, 65, 119, 120, 5000] {
            let folder = try StoreFixture.folder()
            try StoreFixture.write(try StoreFixture.files(weights: size), to: folder)
            _ = try await StoreFixture.store().importBundle(at: folder)
        }
    }

    @Test func anImportIsACopyThatWasChecked() async throws {
        let (source, store) = (try StoreFixture.bundle(), try StoreFixture.store())
        let bundle = try await store.importBundle(at: source)
        #expect(store.bundles() == [bundle] && bundle.name == "Tiny")
        #expect(try await store.importBundle(at: source) == bundle)
        try FileManager.default.removeItem(at: source)
        #expect(try Data(contentsOf: bundle.package.appending(path: "Manifest.json")) == Data("{}".utf8))
        #expect(try store.remove(bundle.id) == bundle.manifest.bytes)
        #expect(store.bundles().isEmpty)
        #expect(throws: StoreError.notFound("\(bundle.id): is not in the store")) { try store.remove(bundle.id) }
    }

    @Test func whatIsDamagedStaysOutside() async throws {
        let (source, store) = (try StoreFixture.bundle(), try StoreFixture.store())
        try Data("{ }".utf8).write(to: source.appending(path: "Tiny.mlpackage/Manifest.json"))
        await #expect(
            throws: StoreError.damagedBundle("Tiny.mlpackage/Manifest.json: is not the file that the bundle names")
        ) {
            try await store.importBundle(at: source)
        }
        #expect(store.bundles().isEmpty)
        let empty = try StoreFixture.folder()
        await #expect(throws: StoreError.self) { try await store.importBundle(at: empty) }
    }

    @Test func aFullDiskIsSeenBefore() async throws {
        let source = try StoreFixture.bundle()
        let store = try StoreFixture.store(disk: FullDisk(1000))
        let bytes = try BundleManifest(try Data(contentsOf: source.appending(path: BundleManifest.fileName))).bytes
        await #expect(throws: StoreError.insufficientDisk(needed: bytes + 200 << 20, available: 1000)) {
            try await store.importBundle(at: source)
        }
    }

    @Test func theFitIsByWeightsCacheAndTheRest() {
        let estimate = MemoryEstimate(weightBytes: 1 << 30, cacheBytes: 100 << 20)
        #expect(estimate.bytes == 1 << 30 + 300 << 20)
        #expect(estimate.fit(into: 2 << 30) == .fits)
        #expect(estimate.fit(into: estimate.bytes + 100 << 20) == .tight)
        #expect(estimate.fit(into: estimate.bytes - 1) == .tooLarge)
        #expect(SystemMemory().availableBytes() > 0)
    }

    @Test func conversationsAreKept() throws {
        let store = ConversationStore(folder: try StoreFixture.folder().appending(path: "conversations"))
        #expect(store.all().isEmpty)
        var first = Conversation(modelID: "m", date: Date(timeIntervalSince1970: 10))
        first.entries = [.init(.user, "What is\nthat?"), .init(.assistant, "This.", reasoning: "Hm.")]
        first.entries[1].interruption = .paused
        let second = Conversation(date: Date(timeIntervalSince1970: 20))
        try store.save(first)
        try store.save(second)
        #expect(store.all() == [second, first] && first.title == "What is" && second.title.isEmpty)
        #expect(first.entries[1].message.reasoning == "Hm.")
        try store.remove(second.id)
        try store.remove(second.id)
        #expect(store.all() == [first])
    }
}
