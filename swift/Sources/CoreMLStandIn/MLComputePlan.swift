public import Foundation

/// Where the operations of a compiled model are to run: in tests, where these say.
public final class MLComputePlan: NSObject {
    /// The functions and their operations.
    public let modelStructure: MLModelStructure

    /// The devices of an operation.
    public struct DeviceUsage: Sendable {
        /// Those that could run it.
        public let supported: [MLComputeDevice]
        /// The one that is to.
        public let preferred: MLComputeDevice
    }

    private init(_ structure: MLModelStructure) { modelStructure = structure }

    /// The plan for a compiled model.
    public class func load(
        contentsOf url: URL, configuration: MLModelConfiguration
    ) async throws -> MLComputePlan {
        _ = try CompiledModel(at: url)
        let functions = StandIn.behaviour(of: url).plan.mapValues { operations in
            MLModelStructure.Program.Function(
                block: MLModelStructure.Program.Block(
                    operations: operations.map {
                        MLModelStructure.Program.Operation(operatorName: $0.name, device: $0.device)
                    }))
        }
        return MLComputePlan(.program(MLModelStructure.Program(functions: functions)))
    }

    /// Where an operation is to run; `nil`: it does not run, as constants.
    public func deviceUsage(for operation: MLModelStructure.Program.Operation) -> DeviceUsage? {
        operation.device.map { DeviceUsage(supported: [$0], preferred: $0) }
    }
}

/// What a model consists of.
public enum MLModelStructure: Sendable {
    /// An ML Program.
    public struct Program: Sendable {
        /// An operation.
        public struct Operation: Sendable {
            /// What it does.
            public let operatorName: String
            let device: MLComputeDevice?
        }
        /// Operations one after the other.
        public struct Block: Sendable {
            /// The operations.
            public let operations: [Operation]
        }
        /// A function.
        public struct Function: Sendable {
            /// What it does.
            public let block: Block
        }
        /// By name.
        public let functions: [String: Function]
    }

    /// An ML Program.
    case program(Program)
    /// Something else.
    case unsupported
}

/// A device.
public enum MLComputeDevice: Sendable {
    /// The CPU.
    case cpu(MLCPUComputeDevice)
    /// A GPU.
    case gpu(MLGPUComputeDevice)
    /// The Neural Engine.
    case neuralEngine(MLNeuralEngineComputeDevice)
}

/// The CPU.
public final class MLCPUComputeDevice: NSObject, Sendable {}
/// A GPU.
public final class MLGPUComputeDevice: NSObject, Sendable {}
/// The Neural Engine.
public final class MLNeuralEngineComputeDevice: NSObject, Sendable {}
