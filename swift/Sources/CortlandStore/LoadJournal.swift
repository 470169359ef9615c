public import Cortland
import Foundation
import Synchronization

/// What is known of loading a model on this device.
public struct LoadRecord: Sendable, Equatable, Codable {
    /// The system and the device that it holds for.
    public var system: String
    /// Where it was loaded the last time.
    public var unit: ComputeUnit?
    /// How long that took.
    public var seconds: Double?
    /// The size of its cache.
    public var cacheBytes = 0
    /// What failed on the way there.
    public var attempts: [LadderAttempt] = []
    /// Units that loading stops at: the app was ended while it loaded there, or it took so long that someone gave up.
    public var avoided: [ComputeUnit] = []

    init(system: String) { self.system = system }

    /// A ladder without the units that are avoided; never an empty one.
    func policy(from policy: ComputePolicy) -> ComputePolicy {
        let left = policy.ladder.filter { !avoided.contains($0) }
        return ComputePolicy(ladder: left.isEmpty ? Array(policy.ladder.suffix(1)) : left, reloads: policy.reloads)
    }
}

/// Keeps the record of a compiled model beside it, and leaves a marker there while it is being loaded: when a process finds one
/// that another process left, that one was ended while it loaded, by the system for its memory or by an error in a compiler.
final class LoadJournal: Sendable {
    private static let recordName = "record.json"
    private static let markerPrefix = "loading."
    /// Names this process: one that has ended is another one, even when the system gave both the same number.
    static let thisProcess = UUID().uuidString

    /// What is being loaded now.
    private struct Running {
        var watch: Stopwatch?
        var units: Set<ComputeUnit> = []
        var isAppSeen = true
    }

    private let folder: URL
    private let process: String
    private let clock: any Clock<Duration>
    private let running = Mutex(Running())
    private let content: Mutex<LoadRecord>

    /// `system`: names system and device. A record of another one says nothing about this one but for the cache.
    init(in folder: URL, system: String, process: String = thisProcess, clock: any Clock<Duration> = ContinuousClock())
    {
        self.folder = folder
        self.process = process
        self.clock = clock
        let data = try? Data(contentsOf: folder.appending(path: Self.recordName))
        let known = data.flatMap { try? JSONDecoder().decode(LoadRecord.self, from: $0) }
        var record = LoadRecord(system: system)
        record.cacheBytes = known?.cacheBytes ?? 0
        content = Mutex(known.flatMap { $0.system == system ? $0 : nil } ?? record)
    }

    var record: LoadRecord { content.withLock { $0 } }

    /// Removes the markers of processes that have ended, and avoids their units.
    /// - Returns: those units.
    func recover() -> [ComputeUnit] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        var found: [ComputeUnit] = []
        for name in names.sorted() where name.hasPrefix(Self.markerPrefix) && !name.hasSuffix(process) {
            let unit = name.dropFirst(Self.markerPrefix.count).prefix { $0 != "." }
            if let unit = ComputeUnit(rawValue: String(unit)) { found.append(unit) }
            try? FileManager.default.removeItem(at: folder.appending(path: name))
        }
        found.forEach(avoid)
        return found
    }

    /// Passes a unit over until the system changes or `forget` is called.
    func avoid(_ unit: ComputeUnit) {
        change { if !$0.avoided.contains(unit) { $0.avoided.append(unit) } }
    }

    /// Avoids none any longer.
    func forget() {
        change { $0.avoided = [] }
    }

    /// Called on the thread that loads, before and after.
    func note(_ event: LoadEvent) {
        switch event {
        case .began(let unit, loaded: 0, _):
            let watch = Stopwatch(clock)
            running.withLock { running in
                running.watch = watch
                running.units.insert(unit)
                if running.isAppSeen { leaveMarker(unit) }
            }
        case .began: break
        case .failed(let attempt):
            end(attempt.unit)
            if attempt.stage == .load || attempt.stage == .warmUp { change { $0.attempts.append(attempt) } }
        case .cancelled(let unit):
            end(unit)
        case .ready(let info):
            end(info.computeUnit)
            let seconds = running.withLock { $0.watch.map { $0.elapsed / .seconds(1) } }
            change { record in
                record.unit = info.computeUnit
                record.seconds = seconds
                record.cacheBytes = info.cacheBytes
            }
        }
    }

    /// The app is not seen any longer: systems end such apps for reasons of their own.
    func appLeft() {
        running.withLock { running in
            running.isAppSeen = false
            running.units.forEach(removeMarker)
        }
    }

    /// The app is seen again.
    func appReturned() {
        running.withLock { running in
            running.isAppSeen = true
            running.units.forEach(leaveMarker)
        }
    }

    /// Begins a new list of failures.
    func startOver() {
        change { $0.attempts = [] }
    }

    private func end(_ unit: ComputeUnit) {
        running.withLock { running in
            running.units.remove(unit)
            removeMarker(unit)
        }
    }

    /// Without it the next start would not know; that is no reason not to load.
    private func leaveMarker(_ unit: ComputeUnit) { try? Data().write(to: marker(unit)) }

    private func removeMarker(_ unit: ComputeUnit) { try? FileManager.default.removeItem(at: marker(unit)) }

    private func marker(_ unit: ComputeUnit) -> URL {
        folder.appending(path: Self.markerPrefix + unit.rawValue + "." + process)
    }

    private func change(_ body: (inout LoadRecord) -> Void) {
        content.withLock { record in
            body(&record)
            // What cannot be written is not known the next time, and is found out again.
            try? JSONEncoder().encode(record).write(to: folder.appending(path: Self.recordName), options: .atomic)
        }
    }
}
