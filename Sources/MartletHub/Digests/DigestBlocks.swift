/// Cuts bytes that arrive in pieces into the blocks of 64 that SHA-1 and SHA-256 read, and pads the last.
struct DigestBlocks: Sendable {
    private var rest: [UInt8] = []
    private var total: UInt64 = 0

    mutating func update(_ bytes: UnsafeRawBufferPointer, _ compress: (UnsafeRawBufferPointer) -> Void) {
        total &+= UInt64(bytes.count)
        var position = 0
        if !rest.isEmpty {
            position = min(64 - rest.count, bytes.count)
            rest.append(contentsOf: bytes[..<position])
            guard rest.count == 64 else { return }
            rest.withUnsafeBytes { compress($0) }
            rest.removeAll(keepingCapacity: true)
        }
        while bytes.count - position >= 64 {
            compress(UnsafeRawBufferPointer(rebasing: bytes[position..<position + 64]))
            position += 64
        }
        rest.append(contentsOf: bytes[position...])
    }

    /// A bit, zeros, and the length in bits.
    mutating func finish(_ compress: (UnsafeRawBufferPointer) -> Void) {
        let bits = total &* 8
        var end: [UInt8] = [0x80]
        while (rest.count + end.count) % 64 != 56 { end.append(0) }
        for shift in stride(from: 56, through: 0, by: -8) { end.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift))) }
        end.withUnsafeBytes { update($0, compress) }
    }

    static func hexadecimal(_ words: [UInt32]) -> String {
        let digits = Array("0123456789abcdef".unicodeScalars)
        var result = String.UnicodeScalarView()
        for word in words {
            for shift in stride(from: UInt32(28), through: 0, by: -4) { result.append(digits[Int(word >> shift & 15)]) }
        }
        return String(result)
    }
}
