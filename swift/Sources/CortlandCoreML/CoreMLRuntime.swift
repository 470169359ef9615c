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
        var counts: [Place: [String: Int]] = [:]
        for part in try await CoreMLModel(compiledModelAt: url).parts {
            for (place, type) in try await Self.operations(of: part.url, on: unit) {
                counts[place, default: [:]][type, default: 0] += 1
            }
        }
        let shares = counts.map { ComputeShare(function: $0.function, unit: $0.unit, types: $1) }
        return shares.sorted { ($0.function, $0.unit.rawValue) < ($1.function, $1.unit.rawValue) }
    }

    private struct Place: Hashable {
        var function: String
        var unit: ComputeUnit
    }

    /// Where each operation is to run, and its type, "conv" of "ios18.conv". Makes, uses and drops the plan, which must
    /// not pass from one thread to another.
    @concurrent private static func operations(of url: URL, on unit: ComputeUnit) async throws -> [(Place, String)] {
        let configuration = MLModelConfiguration()
        configuration.computeUnits = unit.coreML
        let plan = try await MLComputePlan.load(contentsOf: url, configuration: configuration)
        guard case .program(let program) = plan.modelStructure else { return [] }
        return program.functions.flatMap { name, function in
            function.block.operations.compactMap { operation in
                guard let unit = plan.deviceUsage(for: operation).flatMap({ Self.unit($0.preferred) }) else {
                    return nil
                }
                let type = operation.operatorName.split(separator: ".").last.map(String.init) ?? ""
                return (Place(function: name, unit: unit), type)
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
