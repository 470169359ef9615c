public import CortlandStore
public import Foundation
public import Observation

/// The models that are here, and the one that is on its way.
@MainActor @Observable public final class LibraryModel {
    /// A model that is here.
    public struct Entry: Sendable, Equatable, Identifiable {
        /// Its bundle.
        public var bundle: ModelBundle
        /// Whether the device has memory for it.
        public var fit: MemoryEstimate.Fit
        /// Whether it was compiled before.
        public var isCompiled: Bool

        /// Names it.
        public var id: String { bundle.id }
    }

    /// A model on its way.
    public enum Arrival: Sendable, Equatable {
        /// None.
        case none
        /// So much of it is here.
        case transferring(TransferProgress)
        /// It did not come; what is here of it stays for the next try.
        case failed(Failure)
    }

    /// The models, by name.
    public private(set) var entries: [Entry] = []
    /// The one that is on its way.
    public private(set) var arrival = Arrival.none

    private let store: ModelStore
    private let memory: any MemoryProbe
    private let transport: any Transport
    private var task: Task<Void, Never>?

    init(_ store: ModelStore, _ memory: any MemoryProbe, _ transport: any Transport) {
        self.store = store
        self.memory = memory
        self.transport = transport
        refresh()
    }

    /// Looks what is there.
    public func refresh() {
        let available = memory.availableBytes()
        entries = store.bundles().map { bundle in
            Entry(
                bundle: bundle, fit: store.memoryEstimate(for: bundle).fit(into: available),
                isCompiled: store.isCompiled(bundle))
        }
    }

    /// Whether a model is on its way.
    public var isTransferring: Bool { if case .transferring = arrival { true } else { false } }

    /// Copies a bundle that someone picked.
    public func importBundle(at folder: URL) {
        receive { [store] report in
            let isScoped = SecurityScope.begin(folder)
            defer { if isScoped { SecurityScope.end(folder) } }
            return try await store.importBundle(at: folder, progress: report)
        }
    }

    /// Fetches a bundle from an address as someone typed it.
    public func download(from address: String) {
        let text = address.trimmingCharacters(in: .whitespacesAndNewlines)
        guard let url = URL(string: text), url.host() != nil else {
            let sentence = "\(text.debugDescription): is no address; want https://..."
            arrival = .failed(Failure(StoreError.transferFailed(sentence)))
            return
        }
        receive { [store, transport] report in
            try await store.download(from: url, by: transport, progress: report)
        }
    }

    /// Stops what is on its way.
    public func cancelArrival() { task?.cancel() }

    /// Forgets that it failed.
    public func dismissFailure() {
        if case .failed = arrival { arrival = .none }
    }

    /// Why there is no memory for a model; `nil`: there is. `other`: the one that is let go for it.
    func shortage(for bundle: ModelBundle, inPlaceOf other: ModelBundle?) -> StoreError? {
        let estimate = store.memoryEstimate(for: bundle)
        let available = memory.availableBytes() + (other.map { store.memoryEstimate(for: $0).modelBytes } ?? 0)
        guard estimate.fit(into: available) == .tooLarge else { return nil }
        return .insufficientMemory(needed: estimate.bytes, available: available)
    }

    /// Removes a model that is not in use.
    func remove(_ id: String) throws {
        try store.remove(id)
        refresh()
    }

    /// Waits until nothing is on its way.
    func settle() async { await task?.value }

    private func receive(
        _ bring: @escaping @Sendable (@escaping @Sendable (TransferProgress) -> Void) async throws -> ModelBundle
    ) {
        guard !isTransferring else { return }
        arrival = .transferring(TransferProgress(done: 0, total: 0))
        let (reports, report) = AsyncStream.makeStream(of: TransferProgress.self, bufferingPolicy: .bufferingNewest(1))
        task = Task {
            let show = Task {
                for await progress in reports { arrival = .transferring(progress) }
            }
            var end = Arrival.none
            do {
                _ = try await bring { report.yield($0) }
            } catch is CancellationError {
            } catch {
                end = .failed(Failure(error))
            }
            report.finish()
            await show.value
            arrival = end
            refresh()
        }
    }
}
