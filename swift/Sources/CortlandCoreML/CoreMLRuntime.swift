public import Cortland
public import Foundation

#if canImport(CoreML)
    import CoreML
#else
    import CoreMLStandIn
#endif

/// Core ML, for what takes any runtime.
public struct CoreMLRuntime: ModelRuntime {
    /// Core ML.
    public init() {}

    /// Compiles a package, the other parts of its model, and the table of its embedding.
    public func compile(packageAt package: URL, into folder: URL) async throws -> URL {
        try await CoreMLModel.compile(packageAt: package, into: folder)
    }

    /// Opens a compiled model.
    public func open(compiledModelAt url: URL) async throws -> OpenedModel {
        let model = try await CoreMLModel(compiledModelAt: url)
        return OpenedModel(loader: model, policy: model.computePolicy, contextLength: model.contextLength)
    }

    /// What the system's plans for all parts say, summed up by function.
    public func shares(ofModelAt url: URL, on unit: ComputeUnit) async throws -> [ComputeShare] {
        var counts: [ComputeShare: Int] = [:]
        for part in try await CoreMLModel(compiledModelAt: url).parts {
            for share in try await Self.shares(of: part.url, on: unit) {
                counts[ComputeShare(function: share.function, unit: share.unit, operations: 0), default: 0] +=
                    share.operations
            }
        }
        let shares = counts.map { ComputeShare(function: $0.function, unit: $0.unit, operations: $1) }
        return shares.sorted { ($0.function, $0.unit.rawValue) < ($1.function, $1.unit.rawValue) }
    }

    /// Makes, uses and drops the plan, which must not pass from one thread to another.
    @concurrent private static func shares(of url: URL, on unit: ComputeUnit) async throws -> [ComputeShare] {
        let configuration = MLModelConfiguration()
        configuration.computeUnits = unit.coreML
        let plan = try await MLComputePlan.load(contentsOf: url, configuration: configuration)
        guard case .program(let program) = plan.modelStructure else { return [] }
        return program.functions.flatMap { name, function in
            let units = function.block.operations.compactMap {
                plan.deviceUsage(for: $0).flatMap { Self.unit($0.preferred) }
            }
            return Set(units).map { unit in
                ComputeShare(function: name, unit: unit, operations: units.count { $0 == unit })
            }
        }
    }

    private static func unit(_ device: MLComputeDevice) -> ComputeUnit? {
        switch device {
        case .cpu: .cpu
        case .gpu: .gpu
        case .neuralEngine: .neuralEngine
        @unknown default: nil
        }
    }
}
