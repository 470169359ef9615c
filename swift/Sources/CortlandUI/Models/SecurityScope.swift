import Foundation

/// What a person picks in another app's folder may be read between these two calls.
enum SecurityScope {
    #if canImport(Darwin)
        /// Whether `end` must be called.
        static func begin(_ url: URL) -> Bool { url.startAccessingSecurityScopedResource() }
        static func end(_ url: URL) { url.stopAccessingSecurityScopedResource() }
    #else
        /// Whether `end` must be called.
        static func begin(_ url: URL) -> Bool { false }
        static func end(_ url: URL) {}
    #endif
}
