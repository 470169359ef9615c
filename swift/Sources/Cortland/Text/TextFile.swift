import CCortland
public import Foundation

/// An open `NAME.text`: tokenizer, chat template, special tokens and generation defaults of a model. `cortland convert`
/// writes it beside the package. Any number of tasks may use one at once.
public final class TextFile: Sendable {
    // The C API allows any thread, and nothing changes behind the handle.
    nonisolated(unsafe) let handle: OpaquePointer

    /// Maps the file, which must not be changed while it is in use.
    /// - Throws: `fileUnavailable`, `corruptFile`.
    public init(contentsOf url: URL) throws(GenerationError) {
        handle = try Boundary.handle { handle, failure in cortland_text_open_file(url.path, handle, failure) }
    }

    deinit { cortland_text_free(handle) }

    /// The name of the model; may be empty.
    public var name: String {
        get throws(GenerationError) {
            try Boundary.text { cortland_text_name(handle, $0, $1, $2, $3) }
        }
    }

    /// Every token id is below. Models often have more logits than that.
    public var vocabularySize: Int { cortland_text_vocabulary_size(handle) }

    /// Whether the model knows conversations.
    public var hasChatTemplate: Bool { cortland_text_has_template(handle) != 0 }

    /// The string of a token.
    /// - Throws: `notFound` for ids that are not in use.
    public func token(for id: Int32) throws(GenerationError) -> String {
        try Boundary.text { cortland_text_token(handle, id, $0, $1, $2, $3) }
    }

    /// The id of a token, by its string.
    /// - Throws: `notFound`.
    public func id(ofToken token: String) throws(GenerationError) -> Int32 {
        var id: Int32 = 0
        try Boundary.check { failure in
            token.withCString { cortland_text_find_token(handle, $0.bytes, $0.size, &id, failure) }
        }
        return id
    }

    /// Whether the token is a special one, which decoding passes over.
    public func isSpecial(_ id: Int32) -> Bool { cortland_text_is_special(handle, id) != 0 }

    /// The roles that special tokens have.
    public enum Role: String, Sendable, CaseIterable {
        /// Before a text.
        case beginning = "bos"
        /// Behind a text.
        case end = "eos"
        /// Fills what is empty.
        case padding = "pad"
        /// Stands for what the vocabulary lacks.
        case unknown = "unk"
    }

    /// The tokens of a role; often none.
    public func ids(for role: Role) throws(GenerationError) -> [Int32] {
        try Boundary.ids(capacity: 8) { cortland_text_special_ids(handle, role.rawValue, $0, $1, $2, $3) }
    }

    /// Each of these ends an answer.
    public var endIDs: [Int32] {
        get throws(GenerationError) {
            try Boundary.ids(capacity: 8) { cortland_text_end_ids(handle, $0, $1, $2, $3) }
        }
    }
}
