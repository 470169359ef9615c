import Foundation

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
        package = try InterpretedPackage(path: content.path)
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
