public import Cortland
import Foundation
public import Observation

/// Measures the active model.
@MainActor @Observable public final class BenchmarkModel {
    /// What it is doing.
    public enum State: Sendable, Equatable {
        /// Nothing was measured.
        case idle
        /// It measures.
        case running
        /// What it found.
        case done(Benchmark.Report)
        /// It failed.
        case failed(Failure)
    }

    /// What it is doing.
    public private(set) var state = State.idle
    /// How much is read and given.
    public var benchmark = Benchmark()

    private let active: ActiveModel
    private var task: Task<Void, Never>?

    init(_ active: ActiveModel) { self.active = active }

    /// What it found last, until it measures again.
    public var report: Benchmark.Report? { if case .done(let report) = state { report } else { nil } }

    /// Whether there is a model to measure, and the device may be made warmer.
    public var canRun: Bool {
        guard let model = active.languageModel else { return false }
        return !model.isResponding && state != .running && !active.isTooHot
    }

    /// Measures, from loading on.
    public func run() {
        guard canRun, let model = active.languageModel else { return }
        state = .running
        task = Task { [benchmark] in
            do {
                state = .done(try await benchmark.run(model))
            } catch GenerationError.cancelled {
                state = .idle
            } catch {
                state = .failed(Failure(error))
            }
        }
    }

    /// Ends it at the next token.
    public func cancel() { task?.cancel() }

    /// Waits until it has ended.
    func settle() async { await task?.value }
}
