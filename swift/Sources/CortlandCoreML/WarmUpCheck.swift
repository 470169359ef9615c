import Cortland
import Foundation

/// What the first call must give, as `cortland convert` measured it: a unit that computes something else computes nonsense.
struct WarmUpCheck: Sendable, Decodable {
    static let metadataKey = "cortland.warm_up"

    private var id: Int32
    private var ids: [Int]  // the likeliest tokens behind it, the likeliest first
    private var logits: [Double]
    private var tolerance: Double

    /// `nil` when a package has none, or one that cannot be meant.
    init?(_ metadata: [String: String], vocabularySize: Int) {
        guard let text = metadata[Self.metadataKey],
            let check = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)),
            check.ids.count == check.logits.count, check.tolerance > 0,
            (check.ids + [Int(check.id)]).allSatisfy({ (0..<vocabularySize).contains($0) })
        else { return nil }
        self = check
    }

    /// Takes in the token, and goes back.
    /// - Throws: `unusableLogits`, and what the backend throws.
    func run(_ backend: some InferenceBackend) throws {
        _ = try backend.step([id], at: 0) { view in
            try judge(view.numbers())
            return 0
        }
        try backend.rewind(to: 0)
    }

    private func judge(_ got: [Float]) throws {
        guard got.allSatisfy(\.isFinite) else { throw GenerationError.unusableLogits("warm-up: gives no numbers") }
        for (id, logit) in zip(ids, logits) where abs(Double(got[id]) - logit) > tolerance {
            throw GenerationError.unusableLogits(
                "warm-up: computes something else; logit of token \(id): got \(got[id]), want \(logit) +- \(tolerance)")
        }
        if let best = ids.first, let most = got.max(), Double(most - got[best]) > tolerance {
            throw GenerationError.unusableLogits(
                "warm-up: computes something else; the likeliest token has \(most), want \(got[best]) of token \(best)")
        }
    }
}
