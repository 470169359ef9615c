import Foundation

/// The domain of all errors of Core ML.
public let MLModelErrorDomain = "com.apple.CoreML"

/// Codes of errors of Core ML.
public struct MLModelError {
    /// What an error is about.
    public enum Code: Int, Sendable {
        /// Anything else.
        case generic = 0
        /// An input is missing, or of another type or shape.
        case featureType = 1
        /// A file could not be read.
        case io = 3
        /// A layer of one's own.
        case customLayer = 4
        /// A model of one's own.
        case customModel = 5
        /// An update of a model.
        case update = 6
        /// The parameters of a configuration.
        case parameters = 7
        /// The key of an encrypted model could not be fetched.
        case modelDecryptionKeyFetch = 8
        /// A model could not be decrypted.
        case modelDecryption = 9
        /// A collection of models.
        case modelCollection = 10
        /// The task was cancelled.
        case predictionCancelled = 11
    }

    static func make(_ code: Code, _ message: String) -> NSError {
        NSError(domain: MLModelErrorDomain, code: code.rawValue, userInfo: [NSLocalizedDescriptionKey: message])
    }
}
