internal import CCortlandInterp
public import Foundation

/// Kinds of numbers in arrays.
public enum MLMultiArrayDataType: Int, @unchecked Sendable {
    /// Eight bytes.
    case double = 0x10040
    /// Four bytes.
    case float32 = 0x10020
    /// Two bytes.
    case float16 = 0x10010
    /// An integer of four bytes.
    case int32 = 0x20020
    /// An integer of one byte; of the system 26 and later.
    case int8 = 0x20008

    /// Four bytes.
    public static var float: MLMultiArrayDataType { .float32 }
    /// Eight bytes.
    public static var float64: MLMultiArrayDataType { .double }

    var width: Int {
        switch self {
        case .double: 8
        case .float32, .int32: 4
        case .float16: 2
        case .int8: 1
        }
    }
}

/// What an array may be seen as.
public protocol MLShapedArrayScalar {
    /// The kind of number.
    static var multiArrayDataType: MLMultiArrayDataType { get }
}
extension Double: MLShapedArrayScalar {
    /// Eight bytes.
    public static var multiArrayDataType: MLMultiArrayDataType { .double }
}
extension Float: MLShapedArrayScalar {
    /// Four bytes.
    public static var multiArrayDataType: MLMultiArrayDataType { .float32 }
}
extension Float16: MLShapedArrayScalar {
    /// Two bytes.
    public static var multiArrayDataType: MLMultiArrayDataType { .float16 }
}
extension Int32: MLShapedArrayScalar {
    /// An integer of four bytes.
    public static var multiArrayDataType: MLMultiArrayDataType { .int32 }
}
extension Int8: MLShapedArrayScalar {
    /// An integer of one byte.
    public static var multiArrayDataType: MLMultiArrayDataType { .int8 }
}

/// An array of numbers. One that nobody has filled holds what is no number.
public final class MLMultiArray: NSObject {
    /// Memory of an array.
    final class Storage {
        let address: UnsafeMutableRawPointer
        let byteCount: Int
        let strides: [Int]
        private let release: (UnsafeMutableRawPointer) -> Void

        /// Poison: NaN in every kind of float, -1 in integers.
        init(byteCount: Int, strides: [Int]) {
            self.byteCount = byteCount
            self.strides = strides
            address = .allocate(byteCount: max(byteCount, 1), alignment: 64)
            address.initializeMemory(as: UInt8.self, repeating: MLMultiArray.noNumber, count: byteCount)
            release = { $0.deallocate() }
        }

        /// Memory of somebody else, who gets it back at the end.
        init(
            _ address: UnsafeMutableRawPointer, byteCount: Int, strides: [Int],
            release: @escaping (UnsafeMutableRawPointer) -> Void = { _ in }
        ) {
            self.address = address
            self.byteCount = byteCount
            self.strides = strides
            self.release = release
        }

        deinit { release(address) }
    }

    /// The kind of number.
    public let dataType: MLMultiArrayDataType
    let shapeList: [Int]
    let storage: Storage

    private init(_ shape: [Int], _ dataType: MLMultiArrayDataType, _ storage: Storage) {
        shapeList = shape
        self.dataType = dataType
        self.storage = storage
    }

    /// Row after row, without gaps.
    public convenience init(shape: [NSNumber], dataType: MLMultiArrayDataType) throws {
        let sides = shape.map(\.intValue)
        guard !sides.isEmpty, sides.allSatisfy({ $0 > 0 }) else {
            throw MLModelError.make(.generic, "MLMultiArray: got shape \(sides), want sides of at least 1")
        }
        self.init(shape: sides, dataType: dataType, strides: Self.dense(sides))
    }

    /// By strides of one's own.
    public convenience init(shape: [Int], dataType: MLMultiArrayDataType, strides: [Int]) {
        let byteCount = Self.extent(shape, strides) * dataType.width
        self.init(shape, dataType, Storage(byteCount: byteCount, strides: strides))
    }

    /// Of memory that is not copied. `deallocator` gets it when the array is gone.
    public convenience init(
        dataPointer: UnsafeMutableRawPointer, shape: [NSNumber], dataType: MLMultiArrayDataType, strides: [NSNumber],
        deallocator: ((UnsafeMutableRawPointer) -> Void)? = nil
    ) throws {
        let (sides, steps) = (shape.map(\.intValue), strides.map(\.intValue))
        guard !sides.isEmpty, sides.count == steps.count, sides.allSatisfy({ $0 > 0 }) else {
            throw MLModelError.make(.generic, "MLMultiArray: got shape \(sides) and strides \(steps)")
        }
        let byteCount = Self.extent(sides, steps) * dataType.width
        let storage = Storage(dataPointer, byteCount: byteCount, strides: steps, release: deallocator ?? { _ in })
        self.init(sides, dataType, storage)
    }

    private static func extent(_ shape: [Int], _ strides: [Int]) -> Int {
        zip(shape, strides).reduce(1) { $0 + ($1.0 - 1) * $1.1 }
    }

    /// An array of the interpreter's, while that keeps it.
    convenience init(viewing array: cortland_array) {
        let dataType = MLMultiArrayDataType(number: array.number)
        let shape = array.sides
        let strides = Self.dense(shape)
        let byteCount = shape.reduce(dataType.width, *)
        guard let address = array.data else { preconditionFailure("the interpreter gave an array without numbers") }
        self.init(shape, dataType, Storage(address, byteCount: byteCount, strides: strides))
    }

    /// The sides.
    public var shape: [NSNumber] { shapeList.map { NSNumber(value: $0) } }
    /// From one number to the next, side by side, in numbers.
    public var strides: [NSNumber] { storage.strides.map { NSNumber(value: $0) } }
    /// Shape and kind, for messages.
    public override var description: String { "MLMultiArray \(shapeList) of \(dataType)" }
    /// How many numbers the shape has.
    public var count: Int { shapeList.reduce(1, *) }

    /// The memory, gaps and all.
    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try withExtendedLifetime(self) {
            try body(UnsafeRawBufferPointer(start: storage.address, count: storage.byteCount))
        }
    }

    /// The memory, to be changed, and the strides that hold for it.
    public func withUnsafeMutableBytes<R>(
        _ body: (UnsafeMutableRawBufferPointer, [Int]) throws -> R
    ) rethrows -> R {
        try withExtendedLifetime(self) {
            try body(
                UnsafeMutableRawBufferPointer(start: storage.address, count: storage.byteCount), storage.strides)
        }
    }

    /// The numbers, gaps and all.
    public func withUnsafeBufferPointer<S: MLShapedArrayScalar, R>(
        ofType: S.Type, _ body: (UnsafeBufferPointer<S>) throws -> R
    ) rethrows -> R {
        precondition(S.multiArrayDataType == dataType, "another kind of number")
        return try withUnsafeBytes { try body($0.bindMemory(to: S.self)) }
    }

    /// The numbers, to be changed, and the strides that hold for them.
    public func withUnsafeMutableBufferPointer<S: MLShapedArrayScalar, R>(
        ofType: S.Type, _ body: (UnsafeMutableBufferPointer<S>, [Int]) throws -> R
    ) rethrows -> R {
        precondition(S.multiArrayDataType == dataType, "another kind of number")
        return try withUnsafeMutableBytes { try body($0.bindMemory(to: S.self), $1) }
    }

    /// A number, by its place among all, row after row.
    public subscript(index: Int) -> NSNumber {
        get { self[indices(of: index)] }
        set { self[indices(of: index)] = newValue }
    }

    /// A number, by the indices of its sides.
    public subscript(indices: [Int]) -> NSNumber {
        get {
            let address = storage.address + offset(of: indices)
            switch dataType {
            case .double: return NSNumber(value: address.loadUnaligned(as: Double.self))
            case .float32: return NSNumber(value: address.loadUnaligned(as: Float.self))
            case .int32: return NSNumber(value: address.loadUnaligned(as: Int32.self))
            case .float16: return NSNumber(value: Float(address.loadUnaligned(as: Float16.self)))
            case .int8: return NSNumber(value: address.loadUnaligned(as: Int8.self))
            }
        }
        set {
            let address = storage.address + offset(of: indices)
            switch dataType {
            case .double: address.storeBytes(of: newValue.doubleValue, as: Double.self)
            case .float32: address.storeBytes(of: newValue.floatValue, as: Float.self)
            case .int32: address.storeBytes(of: newValue.int32Value, as: Int32.self)
            case .float16: address.storeBytes(of: Float16(newValue.floatValue), as: Float16.self)
            case .int8: address.storeBytes(of: newValue.int8Value, as: Int8.self)
            }
        }
    }

    /// Likewise.
    public subscript(key: [NSNumber]) -> NSNumber {
        get { self[key.map(\.intValue)] }
        set { self[key.map(\.intValue)] = newValue }
    }

    private func indices(of index: Int) -> [Int] {
        precondition((0..<count).contains(index))
        return zip(shapeList, Self.dense(shapeList)).map { index / $1 % $0 }
    }

    private func offset(of indices: [Int]) -> Int {
        precondition(indices.count == shapeList.count && zip(indices, shapeList).allSatisfy { $0 >= 0 && $0 < $1 })
        return zip(indices, storage.strides).reduce(0) { $0 + $1.0 * $1.1 } * dataType.width
    }

    static func dense(_ shape: [Int]) -> [Int] {
        var strides = [Int](repeating: 1, count: shape.count)
        for side in shape.indices.dropLast().reversed() { strides[side] = strides[side + 1] * shape[side + 1] }
        return strides
    }

    /// Copies the numbers into an array of the same shape and kind.
    func copy(to target: MLMultiArray) {
        precondition(shapeList == target.shapeList && dataType == target.dataType)
        let width = dataType.width
        let (inner, outer) = (shapeList.last ?? 1, shapeList.dropLast())
        let (from, to) = (storage.strides.last ?? 1, target.storage.strides.last ?? 1)
        var at = [Int](repeating: 0, count: outer.count)
        for _ in 0..<outer.reduce(1, *) {
            let source = storage.address + zip(at, storage.strides).reduce(0) { $0 + $1.0 * $1.1 } * width
            let place = target.storage.address + zip(at, target.storage.strides).reduce(0) { $0 + $1.0 * $1.1 } * width
            if from == 1, to == 1 {
                place.copyMemory(from: source, byteCount: inner * width)
            } else {
                for column in 0..<inner {
                    (place + column * to * width).copyMemory(from: source + column * from * width, byteCount: width)
                }
            }
            for side in at.indices.reversed() {
                at[side] += 1
                if at[side] < outer[side] { break }
                at[side] = 0
            }
        }
    }
}
