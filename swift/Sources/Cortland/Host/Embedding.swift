import CCortland
package import Foundation

/// The rows of an embedding that the host looks up, in a file that is mapped.
package final class Embedding: Sendable {
    // The C API allows any thread, and nothing changes behind the handle.
    nonisolated(unsafe) let handle: OpaquePointer

    /// Maps the file, which must not be changed while it is in use.
    /// - Throws: `fileUnavailable`, `corruptFile`.
    package init(contentsOf url: URL) throws(GenerationError) {
        handle = try Boundary.handle { handle, failure in cortland_embedding_open_file(url.path, handle, failure) }
    }

    deinit { cortland_embedding_free(handle) }
}
