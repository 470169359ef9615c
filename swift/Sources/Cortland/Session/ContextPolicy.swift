/// What happens to a conversation that the context has no room for.
public enum ContextPolicy: Sendable, Hashable {
    /// The request fails with `contextFull`.
    case stop
    /// The oldest turns are forgotten, but no system message at the start and not the newest turn. `reserve`: tokens that
    /// the answer has room for at least.
    case keepNewestTurns(reserve: Int = 32)

    /// A prompt that fits, and how many messages behind those of the system were left out of it. `encode` was last called
    /// for what is in it.
    struct Fit {
        var ids: [Int32]
        var forgotten: Int
    }

    /// `forgotten`: messages that were left out before, and stay so.
    func fit(
        _ messages: [Message], forgotten: Int, context: Int, encode: ([Message]) throws(GenerationError) -> [Int32]
    ) throws(GenerationError) -> Fit {
        let system = messages.prefix { $0.role == .system }
        var rest = messages.dropFirst(system.count + forgotten)
        while true {
            let ids = try encode(Array(system) + rest)
            if ids.count <= context - reserve {
                return Fit(ids: ids, forgotten: messages.count - system.count - rest.count)
            }
            // A turn is a question with all that follows it.
            guard case .keepNewestTurns = self, let next = rest.dropFirst().firstIndex(where: { $0.role == .user })
            else {
                throw .contextFull(needed: ids.count, limit: context - reserve)
            }
            rest = rest[next...]
        }
    }

    private var reserve: Int {
        switch self {
        case .stop: 1
        case .keepNewestTurns(let reserve): max(reserve, 1)
        }
    }
}
