import Cortland
import CortlandStore
import Foundation

/// What failed: of which kind, which views have words for, and what exactly, as errors say it.
public struct Failure: Sendable, Equatable {
    /// What went wrong.
    public enum Kind: Sendable, CaseIterable {
        /// What was asked for is not possible.
        case request
        /// The conversation has no room in the context.
        case context
        /// No compute unit could load the model.
        case load
        /// The model failed while it answered.
        case answer
        /// The model has a form that is not known.
        case unsupported
        /// There is too little memory.
        case memory
        /// There is too little room on the disk.
        case disk
        /// A model did not come.
        case transfer
        /// A model or a file is not what it should be.
        case damaged
        /// The system does not let a file be read or written.
        case file
        /// Something is not there.
        case missing
        /// Something is in use.
        case busy
        /// Something else.
        case other
    }

    /// What went wrong.
    public var kind: Kind
    /// The sentence of the error, in English.
    public var detail: String

    /// What an error tells.
    public init(_ error: any Error) {
        detail = (error as? any LocalizedError)?.errorDescription ?? error.localizedDescription
        kind =
            switch error {
            case let error as GenerationError: Kind(error)
            case let error as StoreError: Kind(error)
            default: .other
            }
    }
}

extension Failure.Kind {
    /// Of an error of a model.
    init(_ error: GenerationError) {
        self =
            switch error {
            case .invalidRequest, .templateRefused: .request
            case .corruptFile: .damaged
            case .fileUnavailable: .file
            case .notFound: .missing
            case .unsupportedModel: .unsupported
            case .contextFull: .context
            case .busy: .busy
            case .loadFailed: .load
            case .predictionFailed, .unusableLogits: .answer
            case .outOfMemory: .memory
            case .cancelled, .internalFailure: .other
            }
    }

    /// Of an error of a store.
    init(_ error: StoreError) {
        self =
            switch error {
            case .damagedBundle: .damaged
            case .insufficientDisk: .disk
            case .insufficientMemory: .memory
            case .transferFailed: .transfer
            case .notFound: .missing
            case .inUse: .busy
            case .fileSystem: .file
            }
    }
}
