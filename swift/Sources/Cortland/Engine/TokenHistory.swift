/// The tokens that the cache of a backend holds, from position 0 on.
struct TokenHistory: Sendable, Equatable {
    private(set) var ids: [Int32] = []

    var count: Int { ids.count }

    mutating func append(_ tokens: some Sequence<Int32>) { ids.append(contentsOf: tokens) }

    mutating func clear() { ids = [] }

    /// Keeps what a prompt begins with, but never all of it: the logits of its last token are wanted. `resume`: where a
    /// backend can go on that goes back to a position. Gives how many tokens stay, and whether the backend has to go back
    /// to there.
    /// REQUIRES: the prompt is not empty.
    mutating func keepPrefix(of prompt: [Int32], resume: (Int) -> Int) -> (kept: Int, rewinds: Bool) {
        let shared = zip(ids, prompt).prefix { $0 == $1 }.count
        var kept = min(shared, prompt.count - 1)
        if kept < ids.count { kept = resume(kept) }
        let rewinds = kept < ids.count
        ids.removeLast(ids.count - kept)
        return (kept, rewinds)
    }
}
