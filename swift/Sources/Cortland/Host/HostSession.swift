import CCortland

/// Kinds of numbers that go in and come out of a model.
package enum Number: Sendable {
    case float16, float32, int32

    init(_ number: cortland_number) {
        switch Int(number) {
        case CORTLAND_NUMBER_FP16: self = .float16
        case CORTLAND_NUMBER_FP32: self = .float32
        default: self = .int32
        }
    }

    var code: cortland_number {
        switch self {
        case .float16: cortland_number(CORTLAND_NUMBER_FP16)
        case .float32: cortland_number(CORTLAND_NUMBER_FP32)
        case .int32: cortland_number(CORTLAND_NUMBER_INT32)
        }
    }
}

/// Numbers where they lie, with the distance from one to the next along each side, in numbers.
package struct StridedNumbers {
    package var base: UnsafeMutableRawPointer
    package var number: Number
    package var shape, strides: [Int]

    package init(base: UnsafeMutableRawPointer, number: Number, shape: [Int], strides: [Int]) {
        self.base = base
        self.number = number
        self.shape = shape
        self.strides = strides
    }

    func withArray(
        _ call: (UnsafePointer<cortland_array>, Boundary.Failure) -> cortland_status
    ) throws(GenerationError) {
        guard shape.count == strides.count, shape.count <= Int(CORTLAND_MAX_RANK) else {
            throw .internalFailure("array: got rank \(shape.count), want at most \(CORTLAND_MAX_RANK)")
        }
        var array = cortland_array()
        array.data = base
        array.number = number.code
        array.rank = Int32(shape.count)
        withUnsafeMutableBytes(of: &array.shape) { $0.copyBytes(from: shape.withUnsafeBytes(Array.init)) }
        withUnsafeMutableBytes(of: &array.strides) { $0.copyBytes(from: strides.withUnsafeBytes(Array.init)) }
        try Boundary.check { call(&array, $0) }
    }
}

/// What a package has read, and the calls that add to it: all that a host does around a model, but for running it.
package final class HostSession {
    /// An input or an output.
    package struct Feature {
        package var name: String
        package var number: Number
        package var shape: [Int]

        init(_ feature: cortland_feature) {
            var feature = feature
            name = String(feature.name)
            number = Number(feature.number)
            shape = withUnsafeBytes(of: &feature.shape) {
                Array($0.bindMemory(to: Int.self).prefix(Int(feature.rank)))
            }
        }
    }

    /// One call of a function.
    package struct Call {
        let index: Int
        /// The part of the model that it is a call of.
        package var part: Int
        /// The function, by its place in the contract.
        package var function: Int
        /// What it takes.
        package var inputs: [Feature]
        /// What it gives that the session keeps.
        package var kept: [Feature]
        /// What it gives that the next part takes.
        package var hidden: Feature?
    }

    /// What follows the tokens of a feed.
    package enum End {
        /// Their logits are wanted.
        case logits
        /// More tokens.
        case more

        var code: cortland_feed_end {
            switch self {
            case .logits: cortland_feed_end(CORTLAND_FEED_END_LOGITS)
            case .more: cortland_feed_end(CORTLAND_FEED_END_MORE)
            }
        }
    }

    private let handle: OpaquePointer

    package init(_ contract: Contract, _ embedding: Embedding? = nil) throws(GenerationError) {
        handle = try Boundary.handle { handle, failure in
            cortland_session_create(contract.handle, embedding?.handle, handle, failure)
        }
    }

    deinit { cortland_session_free(handle) }

    /// How many tokens were fed.
    package var position: Int { cortland_session_position(handle) }

    /// Where it can go on when it goes back to a position: there, or at 0 when the cache has lost what comes before.
    package func resumablePosition(for position: Int) -> Int { cortland_session_resumable(handle, position) }

    /// Forgets all from there on.
    package func rewind(to position: Int) throws(GenerationError) {
        try Boundary.check { cortland_session_rewind(handle, position, $0) }
    }

    /// Plans the calls that take tokens in.
    /// - Throws: `invalidRequest` when the context has no room for them.
    package func feed(_ tokens: [Int32], _ end: End) throws(GenerationError) -> [Call] {
        var count = 0
        try Boundary.check { cortland_session_feed(handle, tokens, tokens.count, end.code, &count, $0) }
        var calls: [Call] = []
        for index in 0..<count {
            var call = cortland_call()
            try Boundary.check { cortland_session_call(handle, index, &call, $0) }
            let inputs = try features(call.input_count) { cortland_session_input(handle, index, $0, $1, $2) }
            let kept = try features(call.kept_count) { cortland_session_kept(handle, index, $0, $1, $2) }
            calls.append(
                Call(
                    index: index, part: call.part, function: call.function, inputs: inputs, kept: kept,
                    hidden: try hidden(of: index)))
        }
        return calls
    }

    /// Writes an input of a call, by its place in `inputs`.
    package func fill(_ call: Call, input: Int, _ numbers: StridedNumbers) throws(GenerationError) {
        try numbers.withArray { cortland_session_fill(handle, call.index, input, $0, $1) }
    }

    /// Takes over an output of a call, by its place in `kept`.
    package func keep(_ call: Call, output: Int, _ numbers: StridedNumbers) throws(GenerationError) {
        try numbers.withArray { cortland_session_keep(handle, call.index, output, $0, $1) }
    }

    /// Takes over the output `hidden` of a call, for the call behind it.
    package func pass(_ call: Call, _ numbers: StridedNumbers) throws(GenerationError) {
        try numbers.withArray { cortland_session_pass(handle, call.index, $0, $1) }
    }

    private func hidden(of call: Int) throws(GenerationError) -> Feature? {
        var feature = cortland_feature()
        var status = cortland_status()
        try Boundary.check {
            status = cortland_session_hidden(handle, call, &feature, $0)
            return status == cortland_status(CORTLAND_NOT_FOUND) ? cortland_status(CORTLAND_OK) : status
        }
        return status == cortland_status(CORTLAND_OK) ? Feature(feature) : nil
    }

    /// The output that has the logits of a call, and which row of it counts.
    /// - Throws: `notFound` when the call gives none.
    package func logits(of call: Call) throws(GenerationError) -> (feature: Feature, row: Int) {
        var feature = cortland_feature()
        var row = 0
        try Boundary.check { cortland_session_logits(handle, call.index, &feature, &row, $0) }
        return (Feature(feature), row)
    }

    private func features(
        _ count: Int, _ call: (Int, UnsafeMutablePointer<cortland_feature>, Boundary.Failure) -> cortland_status
    ) throws(GenerationError) -> [Feature] {
        var features: [Feature] = []
        for index in 0..<count {
            var feature = cortland_feature()
            try Boundary.check { call(index, &feature, $0) }
            features.append(Feature(feature))
        }
        return features
    }
}
