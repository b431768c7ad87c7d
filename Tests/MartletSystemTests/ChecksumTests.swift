import Testing

@testable import MartletSystem

@Suite struct ChecksumTests {
    /// What python-xxhash 3.6 gives for bytes (7 i + 3) mod 256.
    @Test(arguments: [
        (0, 0xef46_db37_51d8_e999 as UInt64), (1, 0x1f25_c8d0_bc1f_4bb6), (3, 0x31d2_363f_52e5_64c9),
        (4, 0x9bb6_4b7d_66ee_9fda), (7, 0x9a7b_1499_59ce_60d8), (8, 0xdab9_9d95_c6f9_0092),
        (12, 0xd52e_4078_33af_5133),
        (31, 0xa2aa_5f33_cc4a_6119), (32, 0x23c3_c17e_f790_fd97), (33, 0x50a7_cfc7_ba58_8784),
        (63, 0x5e3e_54b4_31c7_493c), (64, 0x0eb6_4b3e_f6ee_b01f), (100, 0xa61f_8d4c_170f_e531),
        (1000, 0x5f23_5fa0_33f1_a3fb),
    ])
    func isXXH64(_ count: Int, _ expected: UInt64) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7 + 3) }
        #expect(bytes.withUnsafeBytes(Checksum.xxh64) == expected)
    }

    /// What python-xxhash 4 gives for bytes from 0 on.
    @Test(arguments: [
        (0, 0x6ec6_d05f_61c7_e7a7 as UInt64), (5, 0xf60d_c54c_180a_9098), (40, 0xf6e4_ab86_f1bd_8336),
        (100, 0x0027_8bda_0ee3_f586),
    ])
    func aSeedCounts(_ count: Int, _ expected: UInt64) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        #expect(bytes.withUnsafeBytes { Checksum.xxh64($0, seed: 0x9e37_79b1_85eb_ca87) } == expected)
    }

    @Test func textIsItsBytes() {
        #expect(Checksum.xxh64("") == 0xef46_db37_51d8_e999)
        #expect(Checksum.xxh64("é") == Array("é".utf8).withUnsafeBytes(Checksum.xxh64))
    }
}
