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

    var c: cortland_logits {
        let number = scalar == .float16 ? CORTLAND_NUMBER_FP16 : CORTLAND_NUMBER_FP32
        return cortland_logits(data: base, count: count, stride: stride, number: cortland_number(number))
    }
}
