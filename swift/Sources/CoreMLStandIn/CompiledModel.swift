import Foundation
import Synchronization

/// A folder NAME.mlmodelc as `MLModel.compileModel` makes it: the package lies in it.
struct CompiledModel {
    static let content = "model.mlpackage"

    let url: URL
    let package: InterpretedPackage

    init(at url: URL) throws {
        let content = url.appending(path: Self.content)
        guard url.pathExtension == "mlmodelc", FileManager.default.fileExists(atPath: content.path) else {
            throw MLModelError.make(.io, "\(url.lastPathComponent): is no compiled model; want NAME.mlmodelc")
        }
        self.url = url
        package = try Self.package(at: content)
    }

    /// A folder as it is: another one at its path is another package.
    private struct Identity: Equatable {
        var path: String
        var number: UInt64?

        init(_ url: URL) {
            path = url.path
            let attributes = try? FileManager.default.attributesOfItem(atPath: url.path)
            number = (attributes?[.systemFileNumber] as? NSNumber)?.uint64Value
        }
    }
    private static let mostPackages = 16
    private static let latest = Mutex<[(identity: Identity, package: InterpretedPackage)]>([])

    /// Those that were read latest are kept, for each function, compute unit and test loads them again.
    private static func package(at url: URL) throws -> InterpretedPackage {
        let identity = Identity(url)
        if let known = latest.withLock({ $0.first { $0.identity == identity }?.package }) { return known }
        let package = try InterpretedPackage(path: url.path)
        let forgotten = latest.withLock { latest in
            latest.append((identity, package))
            return latest.count > mostPackages ? latest.removeFirst().package : nil
        }
        return withExtendedLifetime(forgotten) { package }
    }

    /// A copy of a folder that takes no room: its files are those of the other one, which may be deleted.
    static func link(_ source: URL, to target: URL) throws {
        let files = FileManager.default
        try files.createDirectory(at: target, withIntermediateDirectories: true)
        for name in try files.contentsOfDirectory(atPath: source.path) {
            let (from, to) = (source.appending(path: name), target.appending(path: name))
            var isFolder: ObjCBool = false
            guard files.fileExists(atPath: from.path, isDirectory: &isFolder) else { continue }
            if isFolder.boolValue {
                try link(from, to: to)
            } else if (try? files.linkItem(at: from, to: to)) == nil {
                try files.copyItem(at: from, to: to)  // on another disk
            }
        }
    }

    /// The function that a configuration asks for.
    func function(named name: String?) throws -> InterpretedPackage.Function {
        guard let name else { return package.defaultFunction }
        guard !package.functionNames.isEmpty else {
            throw MLModelError.make(
                .generic, "functionName property must be nil unless the model has several functions")
        }
        guard let function = package.functions.first(where: { $0.name == name }) else {
            throw MLModelError.make(.generic, "there is no function \(name); want one of \(package.functionNames)")
        }
        return function
    }

    func description(of function: InterpretedPackage.Function) -> MLModelDescription {
        MLModelDescription(function, metadata: StandIn.behaviour(of: url).metadata(package.metadata))
    }
}
