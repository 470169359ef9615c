import CCortland

/// What the model gave for the next token, where the backend has it. Good only while the closure runs that gets it.
public struct LogitsView {
    /// The kind of number.
    public enum Scalar: Sendable {
        /// Two bytes.
        case float16
        /// Four bytes.
        case float32
    }

    /// The first number; needs no alignment.
    public var base: UnsafeRawPointer
    /// How many there are.
    public var count: Int
    /// From one to the next, in numbers.
    public var stride: Int
    /// The kind of number.
    public var scalar: Scalar

    /// A view of numbers that someone else keeps.
    public init(base: UnsafeRawPointer, count: Int, stride: Int = 1, scalar: Scalar) {
        self.base = base
        self.count = count
        self.stride = stride
        self.scalar = scalar
    }

    /// All of them.
    public func numbers() -> [Float] {
        (0..<count).map { index in
            switch scalar {
            case .float32: base.loadUnaligned(fromByteOffset: 4 * index * stride, as: Float.self)
            case .float16: Self.number(base.loadUnaligned(fromByteOffset: 2 * index * stride, as: UInt16.self))
            }
        }
    }

    /// Of the bits of a half: Macs with Intel processors have no Float16.
    private static func number(_ half: UInt16) -> Float {
        let sign: Float = half >> 15 == 0 ? 1 : -1
        let fraction = Float(half & 0x3FF)
        switch Int(half >> 10 & 0x1F) {
        case 0: return sign * fraction * 0x1p-24
        case 31: return fraction == 0 ? sign * .infinity : .nan
        case let exponent: return sign * Float(sign: .plus, exponent: exponent - 25, significand: 1024 + fraction)
        }
    }

    var c: cortland_logits {
        let number = scalar == .float16 ? CORTLAND_NUMBER_FP16 : CORTLAND_NUMBER_FP32
        return cortland_logits(data: base, count: count, stride: stride, number: cortland_number(number))
    }
}
