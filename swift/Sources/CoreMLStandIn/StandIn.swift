public import Foundation
import Synchronization

/// What tests decide about a compiled model, and what they get to know. Nothing of this exists in Core ML.
@_spi(StandIn)
public enum StandIn {
    /// What is asked of a model.
    public enum Call: Sendable, Hashable {
        /// To load a function; `nil`: the default one.
        case load(function: String?, MLComputeUnits)
        /// To predict.
        case predict(function: String, MLComputeUnits)
    }

    /// How a call ends.
    public enum Outcome: Sendable {
        /// As it should.
        case works
        /// With an error.
        case fails(domain: String, code: Int, message: String)
        /// With outputs and states that are no numbers.
        case givesNoNumbers
        /// With outputs that are all 0.
        case givesZeros
    }

    /// How a model behaves.
    public struct Behaviour: Sendable {
        /// Called before each call, with its number; calls are counted from 0.
        public var hook: @Sendable (_ call: Call, _ number: Int) -> Outcome = { _, _ in .works }
        /// What the metadata of the model is seen as.
        public var metadata: @Sendable ([String: String]) -> [String: String] = { $0 }
        /// From one number of an output to the next.
        public var numberStride = 1
        /// The operations of each function and where they are to run.
        public var plan: [String: [(name: String, device: MLComputeDevice?)]] = [:]

        /// As it should.
        public init() {}
    }

    private struct Record {
        var behaviour = Behaviour()
        var calls: [Call] = []
        var integers: [[String: [Int32]]] = []
    }
    private static let records = Mutex<[String: Record]>([:])

    /// Decides how a compiled model behaves, from now on.
    public static func setBehaviour(of url: URL, _ behaviour: Behaviour) {
        records.withLock { $0[key(url), default: Record()].behaviour = behaviour }
    }

    /// All that was asked of a compiled model.
    public static func calls(of url: URL) -> [Call] {
        records.withLock { $0[key(url)]?.calls ?? [] }
    }

    /// What the inputs of int32 held, of each prediction.
    public static func integers(of url: URL) -> [[String: [Int32]]] {
        records.withLock { $0[key(url)]?.integers ?? [] }
    }

    static func behaviour(of url: URL) -> Behaviour {
        records.withLock { $0[key(url)]?.behaviour ?? Behaviour() }
    }

    /// Takes a call down. Gives the byte that its outputs are to consist of; `nil`: what was computed.
    @discardableResult
    static func note(_ call: Call, of url: URL, _ integers: [String: [Int32]]? = nil) throws -> UInt8? {
        let (hook, number) = records.withLock { records in
            records[key(url), default: Record()].calls.append(call)
            if let integers { records[key(url), default: Record()].integers.append(integers) }
            let record = records[key(url), default: Record()]
            return (record.behaviour.hook, record.calls.count - 1)
        }
        switch hook(call, number) {
        case .works: return nil
        case .givesNoNumbers: return MLMultiArray.noNumber
        case .givesZeros: return 0
        case .fails(let domain, let code, let message):
            throw NSError(domain: domain, code: code, userInfo: [NSLocalizedDescriptionKey: message])
        }
    }

    private static func key(_ url: URL) -> String { url.standardizedFileURL.path }
}
