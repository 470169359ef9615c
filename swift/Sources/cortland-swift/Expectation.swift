import Cortland
import Foundation

/// What a package must compute, as `cortland expect` writes it.
struct Expectation: Decodable {
    /// Logits in one kind of math, for the ids of the position; `nil`: no number.
    struct Logits: Decodable {
        var argmax: Int
        var logSumExp: Double?
        var logits: [Double?]
    }

    /// Behind a token.
    struct Position: Decodable {
        var position: Int
        var ids: [Int]  // the likeliest first
        var fp32, fp16: Logits
    }

    var format: String
    var version: Int
    var digest: String
    var context, vocabulary: Int
    var ids: [Int32]
    var promptTokens: Int
    var psnrLimit, tie: Double
    var lint: DeviceReport.Lint
    var positions: [Position]

    /// - Throws: `fileUnavailable`, `corruptFile`, `unsupportedModel` for another version.
    init(contentsOf url: URL) throws {
        let name = url.lastPathComponent
        guard let data = FileManager.default.contents(atPath: url.path) else {
            throw GenerationError.fileUnavailable("\(name): cannot be read; hint: cortland expect MODEL -o \(name)")
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            self = try decoder.decode(Expectation.self, from: data)
        } catch {
            throw GenerationError.corruptFile("\(name): is not what cortland expect writes; \(error)")
        }
        guard format == "cortland.expectation", version == 1 else {
            throw GenerationError.unsupportedModel(
                "\(name): got \(format) \(version), want cortland.expectation 1; hint: a cortland of the same version")
        }
        guard isWhole else { throw GenerationError.corruptFile("\(name): its numbers do not belong together") }
    }

    private var isWhole: Bool {
        (1...max(1, context)).contains(ids.count) && (1...ids.count).contains(promptTokens)
            && ids.allSatisfy { (0..<vocabulary).contains(Int($0)) }
            && positions.count == ids.count - promptTokens + 1
            && positions.allSatisfy { position in
                !position.ids.isEmpty && position.ids.allSatisfy { (0..<vocabulary).contains($0) }
                    && [position.fp32, position.fp16].allSatisfy { $0.logits.count == position.ids.count }
            }
    }
}

/// Logits of a device against those of the interpreter, position by position.
struct Comparison {
    private var squares = 0.0, maxAbs = 0.0, largest = 0.0, count = 0.0
    private var agreeing = 0, positions = 0
    private var areNumbers = true
    private(set) var failures: [String] = []

    /// Takes in the logits behind a token. `tie`: those that are closer may change places; `nil`: all may.
    mutating func add(_ got: [Float], _ wanted: Expectation.Logits, at position: Expectation.Position, tie: Double?) {
        positions += 1
        guard got.allSatisfy(\.isFinite) else {
            areNumbers = false
            return note("position \(position.position): gives logits that are no numbers", if: tie != nil)
        }
        let first = got.indices.max { got[$0] < got[$1] || (got[$0] == got[$1] && $0 > $1) } ?? 0
        for (id, logit) in zip(position.ids, wanted.logits) {
            guard let logit else { continue }
            let difference = abs(Double(got[id]) - logit)
            squares += difference * difference
            maxAbs = max(maxAbs, difference)
            largest = max(largest, abs(logit))
            count += 1
        }
        if first == wanted.argmax { agreeing += 1 } else { judge(first, wanted, position, tie) }
        guard let tie, let sum = wanted.logSumExp else { return }
        let gotten = Self.logSumExp(got)
        note("position \(position.position): log-sum-exp; got \(gotten), want \(sum)", if: abs(gotten - sum) > tie)
    }

    /// How far the right token is ahead, in fp32 math: at least as far as of the last of those told, if this is none.
    private mutating func judge(
        _ first: Int, _ wanted: Expectation.Logits, _ position: Expectation.Position, _ tie: Double?
    ) {
        let told = zip(position.ids, wanted.logits).first { $0.0 == first }?.1
        guard let tie, let best = wanted.logits.first.flatMap(\.self) else { return }
        let margin = best - (told ?? wanted.logits.prefix(5).compactMap(\.self).min() ?? best)
        let text = String(format: "%.3g", margin)
        note(
            "position \(position.position): likeliest token \(first), want \(wanted.argmax), which is \(text) ahead",
            if: margin > tie)
    }

    private mutating func note(_ failure: String, if isOne: Bool) {
        if isOne, failures.count < 3 { failures.append(failure) }
    }

    private static func logSumExp(_ logits: [Float]) -> Double {
        let largest = Double(logits.max() ?? 0)
        return largest + log(logits.reduce(0) { $0 + exp(Double($1) - largest) })
    }

    var difference: DeviceReport.Difference {
        let noise = (squares / max(count, 1)).squareRoot()
        return DeviceReport.Difference(
            maxAbs: areNumbers ? maxAbs : nil, psnr: areNumbers && noise > 0 ? 20 * log10(largest / noise) : nil,
            agreeing: agreeing, positions: positions)
    }
}
