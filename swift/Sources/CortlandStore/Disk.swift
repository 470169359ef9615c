public import Foundation

/// What the store asks of the disk, apart from its files.
public protocol Disk: Sendable {
    /// Bytes that may be written at a place that exists; `nil`: the system does not say.
    func availableBytes(at url: URL) -> Int64?
    /// Keeps a folder out of backups: what it has can be fetched again.
    func excludeFromBackup(_ url: URL)
}

/// The disk of the system.
public struct SystemDisk: Disk {
    /// The disk.
    public init() {}

    #if canImport(Darwin)
        /// What the system would make free for something that a person asked for.
        public func availableBytes(at url: URL) -> Int64? {
            let key = URLResourceKey.volumeAvailableCapacityForImportantUsageKey
            return try? url.resourceValues(forKeys: [key]).volumeAvailableCapacityForImportantUsage
        }

        /// Marks the folder.
        public func excludeFromBackup(_ url: URL) {
            var (place, values) = (url, URLResourceValues())
            values.isExcludedFromBackup = true
            try? place.setResourceValues(values)  // without it, backups are only larger
        }
    #else
        /// What is free.
        public func availableBytes(at url: URL) -> Int64? {
            let attributes = try? FileManager.default.attributesOfFileSystem(forPath: url.path)
            return (attributes?[.systemFreeSize] as? NSNumber)?.int64Value
        }

        /// Nothing: there are no such backups.
        public func excludeFromBackup(_ url: URL) {}
    #endif
}

extension Disk {
    /// - Throws: `insufficientDisk` when it is known that so many bytes, and a margin, have no room.
    func require(_ bytes: Int64, at url: URL) throws(StoreError) {
        let margin: Int64 = 200 << 20  // what the system wants to go on
        guard let available = availableBytes(at: url), available < bytes + margin else { return }
        throw .insufficientDisk(needed: bytes + margin, available: available)
    }
}
