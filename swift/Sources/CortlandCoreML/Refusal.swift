import Cortland
import Foundation

#if canImport(CoreML)
    import CoreML
#else
    import CoreMLStandIn
#endif

/// When Core ML refuses an input, contract and model disagree: a report needs what both say.
enum Refusal {
    /// The same error; where it is about inputs with those that the contract and the model describe differently, or with
    /// all when they agree.
    static func explain(_ error: NSError, _ model: MLModel, _ inputs: [HostSession.Feature]) -> NSError {
        let isAboutInputs =
            error.code == MLModelError.Code.featureType.rawValue
            || error.localizedDescription.contains("Cannot obtain shape information")
        guard error.domain == MLModelErrorDomain, isAboutInputs else { return error }
        let given = Set(inputs.map { describe($0.name, $0.number, $0.shape) })
        let wanted = Set(
            model.modelDescription.inputDescriptionsByName.map { name, feature in
                let constraint = feature.multiArrayConstraint
                let number = constraint.flatMap { Number($0.dataType) }
                return describe(name, number, constraint?.shape.map(\.intValue) ?? [])
            })
        let agree = given == wanted
        let (ours, theirs) = agree ? (given, wanted) : (given.subtracting(wanted), wanted.subtracting(given))
        var known = error.userInfo
        known[NSLocalizedDescriptionKey] =
            "\(error.localizedDescription); the contract gives \(list(ours)); the model takes \(list(theirs))"
        return NSError(domain: error.domain, code: error.code, userInfo: known)
    }

    private static func describe(_ name: String, _ number: Number?, _ shape: [Int]) -> String {
        "\(name) \(number.map { "\($0)" } ?? "other") \(shape)"
    }

    private static func list(_ features: Set<String>) -> String {
        features.isEmpty ? "nothing else" : features.sorted().joined(separator: ", ")
    }
}
