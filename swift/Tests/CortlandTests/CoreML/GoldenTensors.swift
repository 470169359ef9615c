import Foundation

/// A safetensors file below tests/golden: the size of a header, the header in JSON, numbers.
struct GoldenTensors {
    private struct Entry: Decodable {
        var dtype: String
        var shape, dataOffsets: [Int]
    }
    private let entries: [String: Entry]
    private let numbers: Data

    init(_ path: String) throws {
        let data = try Data(contentsOf: Fixture.root.appending(path: "tests/golden/" + path))
        let size = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try JSONSerialization.jsonObject(with: data.subdata(in: 8..<8 + size)) as? [String: Any] ?? [:]
        let tensors = try JSONSerialization.data(withJSONObject: header.filter { $0.key != "__metadata__" })
        entries = try Fixture.decoder.decode([String: Entry].self, from: tensors)
        numbers = data.subdata(in: 8 + size..<data.count)
    }

    /// The rows of a matrix of int32.
    func integers(_ name: String) throws -> [[Int32]] {
        guard let entry = entries[name], entry.dtype == "I32", entry.shape.count == 2 else {
            throw Fixture.Failure(description: "\(name): want a matrix of int32, got \(entries[name]?.dtype ?? "none")")
        }
        let all = numbers.subdata(in: entry.dataOffsets[0]..<entry.dataOffsets[1]).withUnsafeBytes {
            Array($0.bindMemory(to: Int32.self))
        }
        return (0..<entry.shape[0]).map { Array(all[$0 * entry.shape[1]..<($0 + 1) * entry.shape[1]]) }
    }
}
