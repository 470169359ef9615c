import CCortland

/// What a package tells its host (docs/contract.md).
package final class Contract: Sendable {
    /// The entry of a package's user-defined metadata that holds it.
    package static let metadataKey = CORTLAND_CONTRACT_KEY

    // The C API allows any thread, and nothing changes behind the handle.
    nonisolated(unsafe) let handle: OpaquePointer

    /// - Throws: `unsupportedModel` for a version or a form that is not known.
    package init(json: String) throws(GenerationError) {
        handle = try Boundary.handle { handle, failure in
            json.withCString { cortland_contract_open($0.bytes, $0.size, handle, failure) }
        }
    }

    deinit { cortland_contract_free(handle) }

    /// Tokens that a conversation has at most.
    package var contextLength: Int { cortland_contract_context(handle) }
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

    /// The states that all functions share.
    package var states: [String] {
        get throws(GenerationError) {
            try names(cortland_contract_state_count(handle)) { cortland_contract_state(handle, $0, $1, $2) }
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
