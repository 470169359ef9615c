#if !canImport(CryptoKit)
    import Foundation

    /// SHA-256 (FIPS 180-4) where the system has none.
    struct PortableSHA256 {
        private var state: [UInt32] = [
            0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19,
        ]
        private var rest: [UInt8] = []  // fewer than 64
        private var length: UInt64 = 0  // in bytes

        mutating func add(_ data: some Sequence<UInt8>) {
            var bytes = rest
            bytes.append(contentsOf: data)
            length += UInt64(bytes.count - rest.count)
            let whole = bytes.count - bytes.count % 64
            bytes.withUnsafeBytes { bytes in
                Self.constants.withUnsafeBufferPointer { constants in
                    guard let bytes = bytes.baseAddress, let constants = constants.baseAddress else { return }
                    for start in stride(from: 0, to: whole, by: 64) { Self.compress(bytes + start, constants, &state) }
                }
            }
            rest = Array(bytes[whole...])
        }

        func finished() -> [UInt8] {
            var copy = self
            let bits = length * 8
            let zeros = (119 - Int(length % 64)) % 64
            copy.add([0x80] + [UInt8](repeating: 0, count: zeros))
            copy.add((0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * UInt64($0))) })
            return copy.state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * UInt32($0))) }
            }
        }

        /// Plain pointers, and operators that check nothing: builds for debugging are slow with anything else.
        private static func compress(
            _ bytes: UnsafeRawPointer, _ constants: UnsafePointer<UInt32>, _ state: inout [UInt32]
        ) {
            withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { buffer in
                guard let words = buffer.baseAddress else { return }
                var index = 0
                while index < 16 {
                    words[index] = bytes.loadUnaligned(fromByteOffset: 4 &* index, as: UInt32.self).bigEndian
                    index = index &+ 1
                }
                while index < 64 {
                    let (early, late) = (words[index &- 15], words[index &- 2])
                    let first = turn(early, 7) ^ turn(early, 18) ^ (early &>> 3)
                    let second = turn(late, 17) ^ turn(late, 19) ^ (late &>> 10)
                    words[index] = words[index &- 16] &+ first &+ words[index &- 7] &+ second
                    index = index &+ 1
                }
                var (a, b, c, d) = (state[0], state[1], state[2], state[3])
                var (e, f, g, h) = (state[4], state[5], state[6], state[7])
                index = 0
                while index < 64 {
                    let sum = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)
                    let one = h &+ sum &+ ((e & f) ^ (~e & g)) &+ constants[index] &+ words[index]
                    let two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) &+ ((a & b) ^ (a & c) ^ (b & c))
                    h = g
                    g = f
                    f = e
                    e = d &+ one
                    d = c
                    c = b
                    b = a
                    a = one &+ two
                    index = index &+ 1
                }
                for (place, value) in [a, b, c, d, e, f, g, h].enumerated() { state[place] = state[place] &+ value }
            }
        }

        private static func turn(_ word: UInt32, _ bits: UInt32) -> UInt32 { word &>> bits | word &<< (32 &- bits) }

        /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
        private static let constants: [UInt32] = [
            0x428A_2F98, 0x7137_4491, 0xB5C0_FBCF, 0xE9B5_DBA5, 0x3956_C25B, 0x59F1_11F1, 0x923F_82A4, 0xAB1C_5ED5,
            0xD807_AA98, 0x1283_5B01, 0x2431_85BE, 0x550C_7DC3, 0x72BE_5D74, 0x80DE_B1FE, 0x9BDC_06A7, 0xC19B_F174,
            0xE49B_69C1, 0xEFBE_4786, 0x0FC1_9DC6, 0x240C_A1CC, 0x2DE9_2C6F, 0x4A74_84AA, 0x5CB0_A9DC, 0x76F9_88DA,
            0x983E_5152, 0xA831_C66D, 0xB003_27C8, 0xBF59_7FC7, 0xC6E0_0BF3, 0xD5A7_9147, 0x06CA_6351, 0x1429_2967,
            0x27B7_0A85, 0x2E1B_2138, 0x4D2C_6DFC, 0x5338_0D13, 0x650A_7354, 0x766A_0ABB, 0x81C2_C92E, 0x9272_2C85,
            0xA2BF_E8A1, 0xA81A_664B, 0xC24B_8B70, 0xC76C_51A3, 0xD192_E819, 0xD699_0624, 0xF40E_3585, 0x106A_A070,
            0x19A4_C116, 0x1E37_6C08, 0x2748_774C, 0x34B0_BCB5, 0x391C_0CB3, 0x4ED8_AA4A, 0x5B9C_CA4F, 0x682E_6FF3,
            0x748F_82EE, 0x78A5_636F, 0x84C8_7814, 0x8CC7_0208, 0x90BE_FFFA, 0xA450_6CEB, 0xBEF9_A3F7, 0xC671_78F2,
        ]
    }
#endif
