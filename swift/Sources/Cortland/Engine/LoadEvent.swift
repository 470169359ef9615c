/// What happens while a model is loaded: first `began`, and last one of the three others, for each compute unit that is tried.
public enum LoadEvent: Sendable, Equatable {
    /// It is being loaded on a unit, which may take minutes at the first time. It has so many pieces, of which so many are done.
    case began(ComputeUnit, loaded: Int, total: Int)
    /// It cannot be used there.
    case failed(LadderAttempt)
    /// The request was cancelled, or the model was let go.
    case cancelled(ComputeUnit)
    /// It is loaded, and has given a first token.
    case ready(BackendInfo)
}
