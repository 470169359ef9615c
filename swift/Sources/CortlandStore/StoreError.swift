public import Foundation

/// Why the store could not do something. `localizedDescription` is one sentence.
public enum StoreError: Error, Sendable, Equatable {
    /// What came is no bundle, or not the one that it says it is.
    case damagedBundle(String)
    /// The disk has too little room; both in bytes.
    case insufficientDisk(needed: Int64, available: Int64)
    /// A model takes more memory than the app may; both in bytes.
    case insufficientMemory(needed: Int64, available: Int64)
    /// The other side could not be reached, or refused.
    case transferFailed(String)
    /// There is no such model or conversation.
    case notFound(String)
    /// The same model is being fetched, copied or compiled already.
    case inUse(String)
    /// The system refused to read or write.
    case fileSystem(String)
}

extension StoreError: LocalizedError {
    /// One sentence: where, what, and where it is known what to do.
    public var errorDescription: String? {
        switch self {
        case .damagedBundle(let message), .transferFailed(let message), .notFound(let message),
            .inUse(let message), .fileSystem(let message):
            message
        case .insufficientDisk(let needed, let available):
            "disk: has too little room; got \(available) bytes, want \(needed); hint: delete a model that is not needed"
        case .insufficientMemory(let needed, let available):
            "memory: is too small for the model; got \(available) bytes, want \(needed); "
                + "hint: convert it with fewer bits or a smaller context"
        }
    }
}

/// Does what the system may refuse. `what` says to whom it was done.
func onDisk<Result>(_ what: String, _ body: () throws -> Result) throws(StoreError) -> Result {
    do {
        return try body()
    } catch let error as StoreError {
        throw error
    } catch {
        throw .fileSystem("\(what): the system refused; \(error.localizedDescription)")
    }
}
