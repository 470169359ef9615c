public import Cortland
public import CortlandStore
import Foundation
public import Observation

/// What a report on problems says.
@MainActor @Observable public final class DiagnosticsModel {
    /// Where the operations of the active model are to run.
    public private(set) var shares: [ComputeShare] = []
    /// Whether the system is being asked that.
    public private(set) var isAsking = false
    /// Why it did not say.
    public private(set) var failure: Failure?

    private let active: ActiveModel
    private let store: ModelStore
    private let runtime: any ModelRuntime
    private var task: Task<Void, Never>?

    init(_ active: ActiveModel, _ store: ModelStore, _ runtime: any ModelRuntime) {
        self.active = active
        self.store = store
        self.runtime = runtime
    }

    /// What is known of loading the active model.
    public var record: LoadRecord? { active.bundle.map { store.record(of: $0) } }

    /// What a compute unit gets of a function.
    public struct Row: Sendable, Hashable {
        /// The function of the model.
        public var function: String
        /// Where.
        public var unit: ComputeUnit
        /// How many operations.
        public var operations: Int
        /// Of all operations of the function, 0 to 1.
        public var fraction: Double
    }

    /// The shares of all functions.
    public var rows: [Row] {
        let totals = Dictionary(shares.map { ($0.function, $0.operations) }, uniquingKeysWith: +)
        return shares.map { share in
            let total = max(totals[share.function] ?? 0, 1)
            return Row(
                function: share.function, unit: share.unit, operations: share.operations,
                fraction: Double(share.operations) / Double(total))
        }
    }

    /// Asks the system where operations are to run, which may take as long as loading the model.
    public func askForShares() {
        guard !isAsking, let prepared = active.prepared, let unit = prepared.policy.ladder.first else { return }
        (isAsking, failure, shares) = (true, nil, [])
        task = Task { [runtime] in
            do {
                shares = try await runtime.shares(ofModelAt: prepared.compiledModel, on: unit)
            } catch {
                failure = Failure(error)
            }
            isAsking = false
        }
    }

    /// Throws away what was compiled of the active model, and lets it go.
    public func discardCompiled() {
        guard let bundle = active.bundle else { return }
        active.unload()
        do throws(StoreError) { try store.discardCompiled(bundle) } catch { failure = Failure(error) }
    }

    /// Waits until the system has answered.
    func settle() async { await task?.value }

    /// All of it as text, to be sent to someone. It has nothing that was said.
    public func report(_ statistics: GenerationStatistics?) -> String {
        var lines = ["Cortland", "system: \(store.system)"]
        if let bundle = active.bundle { lines.append("model: \(bundle.id), \(bundle.manifest.bytes) bytes") }
        if let record {
            lines.append("loaded on: \(record.unit?.rawValue ?? "-") in \(Self.text(record.seconds, "s"))")
            lines.append("cache: \(record.cacheBytes) bytes")
            lines += record.avoided.map { "avoided: \($0.rawValue)" }
            lines += record.attempts.map { "failed: \($0)" }
        }
        if case .failed(let failure) = active.state { lines.append("error: \(failure.detail)") }
        if let statistics {
            let first = statistics.timeToFirstToken.map { $0 / .seconds(1) }
            lines.append(
                "last answer: \(statistics.promptTokens) tokens read, \(statistics.cachedTokens) of them cached, "
                    + "\(statistics.generatedTokens) given, first after \(Self.text(first, "s")), "
                    + Self.text(statistics.tokensPerSecond, "tokens/s"))
            lines += statistics.attempts.map { "failed: \($0)" }
        }
        lines += rows.map { row in
            let percent = String(format: "%.1f", 100 * row.fraction)
            return "\(row.function): \(row.operations) operations on \(row.unit.rawValue), \(percent) %"
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The same as JSON for `cortland report`, with what a benchmark measured; `nil` while no model is active.
    public func export(_ statistics: GenerationStatistics?, _ benchmark: Benchmark.Report?) -> String? {
        guard let bundle = active.bundle else { return nil }
        let unit = benchmark?.computeUnit ?? statistics?.computeUnit ?? record?.unit ?? shares.first?.unit
        guard let unit else { return nil }
        var entry = DeviceReport.Record(package: bundle.id, computeUnit: unit)
        entry.system = store.system
        entry.loadSeconds = record?.seconds
        entry.cacheBytes = record?.cacheBytes
        entry.promptTokens = benchmark?.promptTokens ?? statistics?.promptTokens
        entry.generatedTokens = benchmark?.generatedTokens ?? statistics?.generatedTokens
        entry.promptTokensPerSecond = benchmark?.promptTokensPerSecond ?? statistics?.promptTokensPerSecond
        entry.tokensPerSecond = benchmark?.tokensPerSecond ?? statistics?.tokensPerSecond
        entry.medianStepMilliseconds = benchmark?.medianStepMilliseconds
        entry.shares = shares
        entry.attempts = (record?.attempts ?? []) + (statistics?.attempts ?? [])
        return try? DeviceReport(checks: [entry]).json()
    }

    private static func text(_ number: Double?, _ unit: String) -> String {
        number.map { String(format: "%.2f ", $0) + unit } ?? "-"
    }
}
