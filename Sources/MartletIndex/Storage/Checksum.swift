internal import CMartletKernels

/// CRC-32C of bytes.
struct Checksum {
    private(set) var value: UInt32 = 0

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        value = mk_crc32c(value, bytes.baseAddress, Int64(bytes.count))
    }

    static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        mk_crc32c(0, bytes.baseAddress, Int64(bytes.count))
    }
    static func of(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { of($0) } }
}
