public import Foundation

/// Keys of the metadata of a model.
public struct MLModelMetadataKey: RawRepresentable, Hashable, Sendable {
    /// How the key is spelled.
    public let rawValue: String
    /// A key.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// What the model is.
    public static let description = MLModelMetadataKey(rawValue: "MLModelDescriptionKey")
    /// Its version.
    public static let versionString = MLModelMetadataKey(rawValue: "MLModelVersionStringKey")
    /// Who made it.
    public static let author = MLModelMetadataKey(rawValue: "MLModelAuthorKey")
    /// What it may be used for.
    public static let license = MLModelMetadataKey(rawValue: "MLModelLicenseKey")
    /// What the authors of the model added, a dictionary of strings.
    public static let creatorDefinedKey = MLModelMetadataKey(rawValue: "MLModelCreatorDefinedKey")
}

/// What an array may be.
public final class MLMultiArrayConstraint: NSObject {
    /// The shape that nobody has to ask for.
    public let shape: [NSNumber]
    /// The kind of number.
    public let dataType: MLMultiArrayDataType
    /// Which shapes are allowed.
    public let shapeConstraint: MLMultiArrayShapeConstraint

    init(_ feature: InterpretedPackage.Feature) {
        shape = feature.shape.map { NSNumber(value: $0) }
        dataType = feature.dataType
        shapeConstraint = MLMultiArrayShapeConstraint(feature)
    }
}

/// Kinds of constraints of shapes.
public enum MLMultiArrayShapeConstraintType: Int, Sendable {
    /// Any shape.
    case unspecified = 1
    /// One of a list.
    case enumerated = 2
    /// Any within a range.
    case range = 3
}

/// Which shapes an array may have.
public final class MLMultiArrayShapeConstraint: NSObject {
    /// The kind of constraint.
    public let type: MLMultiArrayShapeConstraintType
    /// The shapes of a list.
    public let enumeratedShapes: [[NSNumber]]
    /// A range for each side.
    public let sizeRangeForDimension: [NSValue]

    init(_ feature: InterpretedPackage.Feature) {
        let isFixed = feature.lower == feature.upper
        type = isFixed ? .enumerated : .range
        enumeratedShapes = isFixed ? [feature.shape.map { NSNumber(value: $0) }] : []
        sizeRangeForDimension = zip(feature.lower, feature.upper).map {
            NSValue(range: NSRange(location: $0, length: $1 - $0 + 1))
        }
    }
}

/// What a state is.
public final class MLStateConstraint: NSObject {
    /// The shape of its buffer.
    public let bufferShape: [Int]
    /// The kind of number.
    public let dataType: MLMultiArrayDataType

    init(_ feature: InterpretedPackage.Feature) {
        bufferShape = feature.shape
        dataType = feature.dataType
    }
}

/// What a feature is.
public final class MLFeatureDescription: NSObject {
    /// Its name.
    public let name: String
    /// Its kind.
    public let type: MLFeatureType
    /// Whether it may be left out.
    public let isOptional = false
    /// What its arrays may be.
    public let multiArrayConstraint: MLMultiArrayConstraint?
    /// What its buffer is.
    public let stateConstraint: MLStateConstraint?
    private let feature: InterpretedPackage.Feature

    init(_ feature: InterpretedPackage.Feature, isState: Bool = false) {
        self.feature = feature
        name = feature.name
        type = isState ? .state : .multiArray
        multiArrayConstraint = isState ? nil : MLMultiArrayConstraint(feature)
        stateConstraint = isState ? MLStateConstraint(feature) : nil
    }

    /// Whether a value may be given for the feature.
    public func isAllowedValue(_ value: MLFeatureValue) -> Bool {
        guard type == .multiArray, let array = value.multiArrayValue else { return false }
        return array.dataType == feature.dataType && feature.allows(array.shapeList)
    }
}

/// What a function of a model takes and gives.
public final class MLModelDescription: NSObject {
    /// What it takes.
    public let inputDescriptionsByName: [String: MLFeatureDescription]
    /// What it gives.
    public let outputDescriptionsByName: [String: MLFeatureDescription]
    /// What it keeps.
    public let stateDescriptionsByName: [String: MLFeatureDescription]
    /// What its authors say of it.
    public let metadata: [MLModelMetadataKey: Any]

    init(_ function: InterpretedPackage.Function, metadata: [String: String]) {
        func byName(_ features: [InterpretedPackage.Feature], isState: Bool = false) -> [String: MLFeatureDescription] {
            Dictionary(features.map { ($0.name, MLFeatureDescription($0, isState: isState)) }) { first, _ in first }
        }
        inputDescriptionsByName = byName(function.inputs)
        outputDescriptionsByName = byName(function.outputs)
        stateDescriptionsByName = byName(function.states, isState: true)
        self.metadata = [.creatorDefinedKey: metadata]
    }
}
