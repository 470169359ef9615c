public import Foundation

/// Kinds of features.
public enum MLFeatureType: Int, Sendable {
    /// None.
    case invalid = 0
    /// An integer.
    case int64 = 1
    /// A number.
    case double = 2
    /// Text.
    case string = 3
    /// A picture.
    case image = 4
    /// An array of numbers.
    case multiArray = 5
    /// Numbers by integer or text.
    case dictionary = 6
    /// Integers or texts in order.
    case sequence = 7
    /// A state.
    case state = 8
}

/// The value of a feature.
public final class MLFeatureValue: NSObject {
    /// Its kind.
    public let type: MLFeatureType
    /// The array, if it is one.
    public let multiArrayValue: MLMultiArray?
    /// The integer, if it is one; otherwise 0.
    public let int64Value: Int64

    /// An array, which is not copied.
    public init(multiArray value: MLMultiArray) {
        type = .multiArray
        multiArrayValue = value
        int64Value = 0
    }

    /// An integer.
    public init(int64 value: Int64) {
        type = .int64
        multiArrayValue = nil
        int64Value = value
    }
}

/// Gives the values of features by name.
public protocol MLFeatureProvider: NSObjectProtocol {
    /// The names that it has values for.
    var featureNames: Set<String> { get }
    /// The value of a feature; `nil`: it has none.
    func featureValue(for featureName: String) -> MLFeatureValue?
}

/// A provider made of a dictionary.
public final class MLDictionaryFeatureProvider: NSObject, MLFeatureProvider {
    /// The values by name.
    public let dictionary: [String: MLFeatureValue]

    /// Of arrays or of feature values.
    public init(dictionary: [String: Any]) throws {
        self.dictionary = try dictionary.mapValues { value in
            if let value = value as? MLFeatureValue { return value }
            guard let array = value as? MLMultiArray else {
                throw MLModelError.make(.featureType, "MLDictionaryFeatureProvider: got \(type(of: value))")
            }
            return MLFeatureValue(multiArray: array)
        }
    }

    /// The names that it has values for.
    public var featureNames: Set<String> { Set(dictionary.keys) }

    /// The value of a feature.
    public func featureValue(for featureName: String) -> MLFeatureValue? { dictionary[featureName] }

    /// The value of a feature.
    public subscript(featureName: String) -> MLFeatureValue? { dictionary[featureName] }
}
