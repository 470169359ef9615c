public import Foundation

/// Why something could not be done. Each case carries what is known; `localizedDescription` is one sentence.
public enum GenerationError: Error, Sendable, Equatable {
    /// An argument is not as it has to be.
    case invalidRequest(String)
    /// A file is damaged or of another kind.
    case corruptFile(String)
    /// The system could not open or map a file.
    case fileUnavailable(String)
    /// There is no such token, or the model has no chat template.
    case notFound(String)
    /// The model has a form that this version does not know, or is not what it says it is.
    case unsupportedModel(String)
    /// The chat template does not take the conversation.
    case templateRefused(String)
    /// The prompt needs more tokens than the context has room for.
    case contextFull(needed: Int, limit: Int)
    /// The model is answering already: it answers one request at a time.
    case busy
    /// The request was cancelled before it was answered.
    case cancelled
    /// No compute unit could load the model; what happened on each, in order.
    case loadFailed([LadderAttempt])
    /// The model failed while it answered, and no compute unit is left; what happened on each, in order.
    case predictionFailed([LadderAttempt])
    /// The model gave numbers from which no token can be chosen.
    case unusableLogits(String)
    /// There is not enough memory.
    case outOfMemory(String)
    /// An error in Cortland.
    case internalFailure(String)
}

extension GenerationError {
    /// `error` itself, or what it is to those who use the package.
    init(wrapping error: any Error) {
        switch error {
        case let known as GenerationError: self = known
        case is CancellationError: self = .cancelled
        default: self = .internalFailure(error.localizedDescription)
        }
    }
}

extension GenerationError: LocalizedError {
    /// One sentence: where, what, and where it is known what to do.
    public var errorDescription: String? {
        switch self {
        case .invalidRequest(let message), .corruptFile(let message), .fileUnavailable(let message),
            .notFound(let message), .unsupportedModel(let message), .templateRefused(let message),
            .unusableLogits(let message),
            .outOfMemory(let message), .internalFailure(let message):
            message
        case .contextFull(let needed, let limit):
            "context: the prompt is too long; got \(needed) tokens, want at most \(limit); "
                + "hint: shorten it, or convert the model with a larger context"
        case .busy: "model: is answering already; hint: wait for the answer, or stop it"
        case .cancelled: "model: the request was cancelled"
        case .loadFailed(let attempts): "model: no compute unit could load it; " + Self.sentence(for: attempts)
        case .predictionFailed(let attempts): "model: failed on every compute unit; " + Self.sentence(for: attempts)
        }
    }

    private static func sentence(for attempts: [LadderAttempt]) -> String {
        attempts.isEmpty ? "none was allowed" : attempts.map(\.description).joined(separator: "; ")
    }
}
