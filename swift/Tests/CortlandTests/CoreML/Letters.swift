import Foundation

/// The text of tiny models: a letter for each token, and a conversation is the letters of its messages. So a test gives
/// them the very tokens that transformers was given.
enum Letters {
    private static let first: UInt32 = 0x4E00

    /// The letters of tokens.
    static func text(_ ids: some Sequence<Int32>) -> String {
        String(String.UnicodeScalarView(ids.compactMap { Unicode.Scalar(first + UInt32(bitPattern: $0)) }))
    }

    /// The tokens of letters.
    static func ids(_ text: String) -> [Int32] { text.unicodeScalars.map { Int32(bitPattern: $0.value - first) } }

    /// A golden checkpoint, to which a tokenizer and a template were added.
    static func checkpoint(_ name: String) throws -> URL {
        let golden = Fixture.root.appending(path: "tests/golden/checkpoints/" + name)
        let files = FileManager.default
        let folder = Fixture.folder.appending(path: "\(name)-\(UUID().uuidString)")
        try files.createDirectory(at: folder, withIntermediateDirectories: true)
        for file in try files.contentsOfDirectory(at: golden, includingPropertiesForKeys: nil) {
            try files.createSymbolicLink(
                at: folder.appending(path: file.lastPathComponent), withDestinationURL: file)
        }
        struct Config: Decodable {
            var vocabSize: Int32
        }
        let config = try Data(contentsOf: golden.appending(path: "config.json"))
        let ids = 0..<(try Fixture.decoder.decode(Config.self, from: config).vocabSize)
        let vocabulary = Dictionary(uniqueKeysWithValues: ids.map { (text([$0]), Int($0)) })
        let model: [String: Any] = ["type": "BPE", "vocab": vocabulary, "merges": [String]()]
        try write(["version": "1.0", "decoder": ["type": "Fuse"], "model": model], folder, "tokenizer.json")
        let template = "{% for message in messages %}{{ message.content }}{% endfor %}"
        try write(["chat_template": template], folder, "tokenizer_config.json")
        return folder
    }

    private static func write(_ value: [String: Any], _ folder: URL, _ name: String) throws {
        try JSONSerialization.data(withJSONObject: value).write(to: folder.appending(path: name))
    }
}

/// What transformers makes of a tiny checkpoint: tests/golden/checkpoints/NAME.
struct GoldenAnswer {
    var prompt, answer: [Int32]

    /// transformers was told to go on behind the token that ends an answer.
    static func all(_ name: String) throws -> [GoldenAnswer] {
        struct Config: Decodable {
            var eosTokenId: Int32
        }
        let folder = "checkpoints/\(name)/"
        let tensors = try GoldenTensors(folder + "expected.safetensors")
        let config = try Data(contentsOf: Fixture.root.appending(path: "tests/golden/\(folder)config.json"))
        let end = try Fixture.decoder.decode(Config.self, from: config).eosTokenId
        return zip(try tensors.integers("input_ids"), try tensors.integers("greedy")).map { ids, greedy in
            GoldenAnswer(prompt: Array(ids.prefix(8)), answer: Array(greedy.prefix { $0 != end }))
        }
    }
}
