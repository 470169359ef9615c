import Foundation

/// What a device measured, as `cortland report` reads it; docs/check-on-mac.md explains the keys.
public struct DeviceReport: Sendable {
    /// How logits differ from those of the interpreter.
    public struct Difference: Sendable, Equatable, Encodable {
        /// The largest difference; `nil`: some are no numbers.
        public var maxAbs: Double?
        /// In dB; `nil`: they are equal, or no numbers.
        public var psnr: Double?
        /// Positions with the same likeliest token, and all.
        public var agreeing, positions: Int

        /// A difference.
        public init(maxAbs: Double?, psnr: Double?, agreeing: Int, positions: Int) {
            self.maxAbs = maxAbs
            self.psnr = psnr
            self.agreeing = agreeing
            self.positions = positions
        }
    }

    /// What lint found in a package, for operations of a type in a function; empty where it is about more.
    public struct LintFinding: Sendable, Equatable, Codable {
        var rule, severity, function, operation: String
        var count: Int
    }

    /// What lint had said of a package.
    public struct Lint: Sendable, Equatable, Codable {
        var unit, verdict: String
        var findings: [LintFinding]
    }

    /// A package on a compute unit.
    public struct Record: Sendable, Encodable {
        /// Its name, and the digest of its files where that is known.
        public var package: String, digest: String?
        /// Where it was to run.
        public var computeUnit: ComputeUnit
        /// The system and the machine.
        public var system = ProcessInfo.processInfo.operatingSystemVersionString
        /// The model of the machine, and its chip where the system tells.
        public var machine = Self.thisMachine
        /// Whether the interpreter ran it in place of Core ML.
        public var standIn = false
        /// Whether it computes what it should; `nil`: that was not asked.
        public var passed: Bool?
        /// Why not.
        public var failures: [String] = []
        /// Against fp32 and fp16 math.
        public var fp32, fp16: Difference?
        /// Until it was loaded.
        public var loadSeconds: Double?
        /// Tokens that went in, and that were given or taken in one by one; and the size of the cache.
        public var promptTokens, generatedTokens, cacheBytes: Int?
        /// How many in a second.
        public var promptTokensPerSecond, tokensPerSecond: Double?
        /// What a token takes in the middle.
        public var medianStepMilliseconds: Double?
        /// Where the system means to run its operations; empty: it does not say.
        public var shares: [ComputeShare] = []
        /// What failed on the way.
        public var attempts: [LadderAttempt] = []
        /// What lint had said.
        public var lint: Lint?

        /// Of which nothing was measured yet.
        public init(package: String, computeUnit: ComputeUnit) {
            self.package = package
            self.computeUnit = computeUnit
        }

        private static var thisMachine: String {
            #if os(macOS)
                [text("hw.model"), text("machdep.cpu.brand_string")].joined(separator: ", ")
            #else
                {
                    var name = utsname()
                    return uname(&name) == 0 ? withUnsafeBytes(of: name.machine, string) : ""
                }()
            #endif
        }

        #if os(macOS)
            private static func text(_ name: String) -> String {
                var bytes = [UInt8](repeating: 0, count: 256)
                var size = bytes.count - 1
                guard sysctlbyname(name, &bytes, &size, nil, 0) == 0 else { return "" }
                return bytes.withUnsafeBytes(string)
            }
        #endif

        private static func string(_ bytes: UnsafeRawBufferPointer) -> String {
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    private let format = "cortland.report"
    private let version = 1
    /// A record for each package and unit.
    public var checks: [Record]

    /// A report.
    public init(checks: [Record]) { self.checks = checks }

    /// As JSON, each record on a line of its own.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let lines = try checks.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
        return "{\"format\": \"\(format)\", \"version\": \(version), \"checks\": [\n"
            + lines.joined(separator: ",\n") + "\n]}\n"
    }
}
