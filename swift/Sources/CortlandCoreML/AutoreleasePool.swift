#if canImport(ObjectiveC)
    import Foundation
#endif

/// Lets go, at the end, of what Objective-C code in `body` has left to a pool; a long answer would pile it up.
func withAutoreleasePool<Result>(_ body: () throws -> Result) rethrows -> Result {
    #if canImport(ObjectiveC)
        try autoreleasepool(invoking: body)
    #else
        try body()
    #endif
}
