import CCortland

/// What a text that spells a special token becomes.
public enum ControlTokens: Sendable {
    /// Text like any: for what people write.
    case plain
    /// That token: for text as trustworthy as the program.
    case recognized

    var code: cortland_control_tokens {
        switch self {
        case .plain: cortland_control_tokens(CORTLAND_CONTROL_TOKENS_PLAIN)
        case .recognized: cortland_control_tokens(CORTLAND_CONTROL_TOKENS_RECOGNIZED)
        }
    }
}

/// Whether decoding shows special tokens.
public enum SpecialTokens: Sendable {
    /// Decoding passes over them.
    case skipped
    /// Decoding writes their strings.
    case shown

    var code: cortland_special_tokens {
        switch self {
        case .skipped: cortland_special_tokens(CORTLAND_SPECIAL_TOKENS_SKIPPED)
        case .shown: cortland_special_tokens(CORTLAND_SPECIAL_TOKENS_SHOWN)
        }
    }
}

/// From text to token ids and back.
public struct Tokenizer: Sendable {
    /// Whether encoding adds what the model wants before and behind a text, such as BOS. Chat templates do it themselves.
    public enum Affixes: Sendable {
        /// Adds nothing.
        case none
        /// Adds what the model wants.
        case added
    }

    private let file: TextFile

    /// The tokenizer of a text file.
    public init(_ file: TextFile) { self.file = file }

    /// The ids of a text.
    /// - Throws: `invalidRequest` for a text with a character for which the model has nothing.
    public func encode(
        _ text: String, controlTokens: ControlTokens = .plain, affixes: Affixes = .none
    ) throws(GenerationError) -> [Int32] {
        let affixes = cortland_affixes(affixes == .added ? CORTLAND_AFFIXES_ADDED : CORTLAND_AFFIXES_NONE)
        return try Boundary.ids(capacity: text.utf8.count / 2 + 8) { buffer, capacity, count, failure in
            text.withCString {
                cortland_text_encode(
                    file.handle, $0.bytes, $0.size, controlTokens.code, affixes, buffer, capacity, count, failure)
            }
        }
    }

    /// The text of ids; ids without a token are passed over.
    public func decode(_ ids: [Int32], specialTokens: SpecialTokens = .skipped) throws(GenerationError) -> String {
        try Boundary.text {
            cortland_text_decode(file.handle, ids, ids.count, specialTokens.code, $0, $1, $2, $3)
        }
    }
}
