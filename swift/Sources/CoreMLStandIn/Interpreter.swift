internal import CCortlandInterp
import Foundation

/// A package as the interpreter reads it. Nothing changes behind the handle, and the C API allows any thread.
final class InterpretedPackage: @unchecked Sendable {
    struct Feature {
        var name: String
        var dataType: MLMultiArrayDataType
        var shape: [Int]
        var lower, upper: [Int]

        func allows(_ shape: [Int]) -> Bool {
            shape.count == lower.count && zip(shape, zip(lower, upper)).allSatisfy { $0 >= $1.0 && $0 <= $1.1 }
        }
    }
    struct Function {
        var index: Int
        var name: String
        var inputs, outputs, states: [Feature]
    }

    let handle: OpaquePointer
    let functions: [Function]
    let metadata: [String: String]

    init(path: String) throws {
        var made: OpaquePointer?
        try Interpreter.check { cortland_interp_package_open(path, &made, $0) }
        handle = try Interpreter.unwrap(made)
        functions = try Self.functions(of: handle)
        metadata = try Self.metadata(of: handle)
    }

    deinit { cortland_interp_package_free(handle) }

    var defaultFunction: Function { functions[cortland_interp_default_function(handle)] }

    /// The names of functions that can be asked for; a model of one function called "main" has none.
    var functionNames: [String] {
        functions.count == 1 && functions[0].name == "main" ? [] : functions.map(\.name)
    }

    private static func functions(of handle: OpaquePointer) throws -> [Function] {
        try (0..<cortland_interp_function_count(handle)).map { index in
            var found = cortland_interp_function()
            try Interpreter.check { cortland_interp_function_at(handle, index, &found, $0) }
            func features(_ role: Int, _ count: Int) throws -> [Feature] {
                try (0..<count).map { try feature(handle, index, cortland_interp_role(role), $0) }
            }
            let states = try features(CORTLAND_INTERP_STATE, found.state_count)
            try states.forEach(checkState)
            return Function(
                index: index, name: String(found.name),
                inputs: try features(CORTLAND_INTERP_INPUT, found.input_count),
                outputs: try features(CORTLAND_INTERP_OUTPUT, found.output_count),
                states: states)
        }
    }

    /// Core ML keeps states of float16 only.
    static func checkState(_ feature: Feature) throws {
        guard feature.dataType == .float16 else {
            throw MLModelError.make(.io, "State \(feature.name): got \(feature.dataType), want float16")
        }
    }

    private static func feature(
        _ handle: OpaquePointer, _ function: Int, _ role: cortland_interp_role, _ index: Int
    ) throws -> Feature {
        var found = cortland_feature()
        var range = cortland_interp_range()
        try Interpreter.check { cortland_interp_feature(handle, function, role, index, &found, &range, $0) }
        let rank = Int(found.rank)
        let shape = list(&found.shape, rank)
        let isInput = Int(role) == CORTLAND_INTERP_INPUT
        return Feature(
            name: String(found.name), dataType: MLMultiArrayDataType(number: found.number), shape: shape,
            lower: isInput ? list(&range.lower, rank) : shape, upper: isInput ? list(&range.upper, rank) : shape)
    }

    private static func metadata(of handle: OpaquePointer) throws -> [String: String] {
        var entries: [String: String] = [:]
        for index in 0..<cortland_interp_metadata_count(handle) {
            var key = cortland_string()
            var value = cortland_string()
            try Interpreter.check { cortland_interp_metadata(handle, index, &key, &value, $0) }
            entries[String(key)] = String(value)
        }
        return entries
    }

    private static func list<Sides>(_ sides: inout Sides, _ rank: Int) -> [Int] {
        withUnsafeBytes(of: &sides) { Array($0.bindMemory(to: Int.self).prefix(rank)) }
    }
}

/// A function that is ready to run.
final class Interpreter {
    let package: InterpretedPackage
    let function: InterpretedPackage.Function
    private let program: OpaquePointer

    init(_ package: InterpretedPackage, _ function: InterpretedPackage.Function) throws {
        self.package = package
        self.function = function
        var made: OpaquePointer?
        try Self.check {
            let math = cortland_interp_math(CORTLAND_INTERP_MATH_FP32)
            return cortland_interp_program_create(package.handle, function.index, math, &made, $0)
        }
        program = try Self.unwrap(made)
    }

    deinit { cortland_interp_program_free(program) }

    /// Runs it. `place` gives the array that an output goes into, which has its shape.
    func run(
        _ inputs: [(name: String, array: MLMultiArray)], states: OpaquePointer?,
        place: (InterpretedPackage.Feature, [Int]) -> MLMultiArray
    ) throws -> [String: MLMultiArray] {
        var result: OpaquePointer?
        let names = inputs.map { Array($0.name.utf8) }
        try withAddresses(of: names[...], []) { addresses in
            let list = zip(inputs, addresses).map {
                cortland_interp_input(name: $1, array: cortland_array($0.array))
            }
            try Self.check { cortland_interp_predict(program, states, list, list.count, &result, $0) }
        }
        withExtendedLifetime(inputs) {}
        let made = try Self.unwrap(result)
        defer { cortland_interp_result_free(made) }
        var outputs: [String: MLMultiArray] = [:]
        for (index, feature) in function.outputs.enumerated() {
            var array = cortland_array()
            try Self.check { cortland_interp_result_array(made, index, &array, $0) }
            let given = MLMultiArray(viewing: array)
            let target = place(feature, given.shapeList)
            given.copy(to: target)
            outputs[feature.name] = target
        }
        return outputs
    }

    private func withAddresses(
        of names: ArraySlice<[UInt8]>, _ addresses: [cortland_string], _ body: ([cortland_string]) throws -> Void
    ) throws {
        guard let first = names.first else { return try body(addresses) }
        try first.withUnsafeBytes {
            let address = $0.assumingMemoryBound(to: CChar.self)
            let name = cortland_string(bytes: address.baseAddress, size: address.count)
            try withAddresses(of: names.dropFirst(), addresses + [name], body)
        }
    }

    static func check(_ call: (UnsafeMutablePointer<cortland_error>) -> cortland_status) throws {
        var failure = cortland_error()
        let status = call(&failure)
        guard Int(status) != CORTLAND_OK else { return }
        let message = withUnsafeBytes(of: failure.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        throw MLModelError.make(Int(status) == CORTLAND_INVALID ? .featureType : .io, message)
    }

    static func unwrap(_ handle: OpaquePointer?) throws -> OpaquePointer {
        guard let handle else { throw MLModelError.make(.generic, "the interpreter made nothing") }
        return handle
    }
}

extension cortland_array {
    /// Where an array lies, while that lives.
    init(_ array: MLMultiArray) {
        self.init()
        data = array.storage.address
        number = array.dataType.number
        rank = Int32(array.shapeList.count)
        let (sides, steps) = (array.shapeList, array.storage.strides)
        withUnsafeMutableBytes(of: &shape) { $0.copyBytes(from: sides.withUnsafeBytes(Array.init)) }
        withUnsafeMutableBytes(of: &strides) { $0.copyBytes(from: steps.withUnsafeBytes(Array.init)) }
    }

    var sides: [Int] {
        withUnsafeBytes(of: shape) { Array($0.bindMemory(to: Int.self).prefix(Int(rank))) }
    }
}

extension String {
    init(_ text: cortland_string) {
        self.init(decoding: UnsafeRawBufferPointer(start: text.bytes, count: text.size), as: UTF8.self)
    }
}

extension MLMultiArrayDataType {
    init(number: cortland_number) {
        switch Int(number) {
        case CORTLAND_NUMBER_FP16: self = .float16
        case CORTLAND_NUMBER_FP32: self = .float32
        default: self = .int32
        }
    }

    var number: cortland_number {
        switch self {
        case .float16: cortland_number(CORTLAND_NUMBER_FP16)
        case .int32: cortland_number(CORTLAND_NUMBER_INT32)
        default: cortland_number(CORTLAND_NUMBER_FP32)
        }
    }
}
