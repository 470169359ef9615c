import CCortland

/// What a package tells its host (docs/contract.md).
package final class Contract: Sendable {
    /// The entry of a package's user-defined metadata that holds it.
    package static let metadataKey = CORTLAND_CONTRACT_KEY

    // The C API allows any thread, and nothing changes behind the handle.
    nonisolated(unsafe) let handle: OpaquePointer

    /// Of a package for several contexts: for the smallest with room for `tokens`, or for the largest.
    /// - Throws: `unsupportedModel` for a version or a form that is not known, and when no context has the room.
    package init(json: String, tokens: Int? = nil) throws(GenerationError) {
        handle = try Boundary.handle { handle, failure in
            json.withCString { cortland_contract_open_for($0.bytes, $0.size, max(0, tokens ?? 0), handle, failure) }
        }
    }

    deinit { cortland_contract_free(handle) }

    /// Tokens that a conversation has at most.
    package var contextLength: Int { cortland_contract_context(handle) }
    /// The contexts that the package has functions for, ascending.
    package var contextLengths: [Int] {
        (0..<cortland_contract_context_count(handle)).map { cortland_contract_context_size(handle, $0) }
    }
    /// The number of logits.
    package var vocabularySize: Int { cortland_contract_vocabulary_size(handle) }
    /// Tokens that a call takes at most.
    package var prefillSize: Int { cortland_contract_prefill_size(handle) }
    /// Tokens that a call takes at most that gives logits.
    package var stepSize: Int { cortland_contract_step_size(handle) }
    /// Bytes of keys and values that the host keeps.
    package var keptBytes: Int { cortland_contract_kept_bytes(handle) }

    /// "ane" or "gpu".
    package var profile: String {
        get throws(GenerationError) { try name { cortland_contract_profile(handle, $0, $1) } }
    }

    /// The functions that calls use.
    package var functions: [String] {
        get throws(GenerationError) {
            try names(cortland_contract_function_count(handle)) { cortland_contract_function(handle, $0, $1, $2) }
        }
    }

    /// The states of the functions; a part has some of them.
    package var states: [String] {
        get throws(GenerationError) {
            try names(cortland_contract_state_count(handle)) { cortland_contract_state(handle, $0, $1, $2) }
        }
    }

    /// The packages of the model: one, which has no name here, or those that it is cut into.
    package struct Part: Sendable {
        /// Its name, beside the others.
        package var package: String
        /// The states that it has.
        package var states: [String]
        /// Whether calls of each function go through it, by its place in the contract.
        package var isNeeded: [Bool]
    }

    /// In the order in which a call goes through them.
    package var parts: [Part] {
        get throws(GenerationError) {
            let states = try states
            var parts: [Part] = []
            for index in 0..<cortland_contract_part_count(handle) {
                var hasStates: Int32 = 0
                let package = try name { cortland_contract_part(handle, index, $0, &hasStates, $1) }
                let isNeeded = (0..<cortland_contract_function_count(handle)).map { function in
                    cortland_contract_needs(handle, index, function) != 0
                }
                let own = states.indices.filter { cortland_contract_part_has(handle, index, $0) != 0 }
                parts.append(Part(package: package, states: own.map { states[$0] }, isNeeded: isNeeded))
            }
            return parts
        }
    }

    /// The file beside the packages that has the rows of the embedding; `nil` where the package has them.
    package var embeddingFile: String? {
        get throws(GenerationError) {
            var file = cortland_string()
            var status = cortland_status()
            try Boundary.check {
                status = cortland_contract_embedding(handle, &file, $0)
                return status == cortland_status(CORTLAND_NOT_FOUND) ? cortland_status(CORTLAND_OK) : status
            }
            return status == cortland_status(CORTLAND_OK) ? String(file) : nil
        }
    }

    private typealias Name = UnsafeMutablePointer<cortland_string>

    private func name(_ call: (Name, Boundary.Failure) -> cortland_status) throws(GenerationError) -> String {
        var name = cortland_string()
        try Boundary.check { call(&name, $0) }
        return String(name)
    }

    private func names(
        _ count: Int, _ call: (Int, Name, Boundary.Failure) -> cortland_status
    ) throws(GenerationError) -> [String] {
        var names: [String] = []
        for index in 0..<count { names.append(try name { call(index, $0, $1) }) }
        return names
    }
}
