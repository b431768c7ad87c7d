internal import MartletSystem

/// scale · (code − zero point), where groups of neighbouring elements of a row share both.
struct ZeroPointRows: RowDecoder {
    /// [rows, columns]; of two codes in a byte the first is in the low bits.
    let codes: MemoryRegion
    /// 8 or 4
    let bits: Int
    let isSigned: Bool
    let columns: Int
    /// Groups of a row.
    let groups: Int
    /// [rows × groups]
    let scales: [Float]
    /// As the scales, or one for all.
    let zeros: [Float]

    func read(_ rows: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>) {
        let size = columns / groups
        codes.withUnsafeBytes { bytes in
            for (index, row) in rows.enumerated() {
                for column in 0..<columns {
                    let code = Self.code(row * columns + column, bits: bits, isSigned: isSigned, in: bytes)
                    let group = row * groups + column / size
                    let zero = zeros[zeros.count == 1 ? 0 : group]
                    destination[index * columns + column] = (code - zero) * scales[group]
                }
            }
        }
    }

    static func code(_ index: Int, bits: Int, isSigned: Bool, in bytes: UnsafeRawBufferPointer)
        -> Float
    {
        if bits == 8 {
            let byte = bytes[index]
            return isSigned ? Float(Int8(bitPattern: byte)) : Float(byte)
        }
        let nibble = index % 2 == 0 ? bytes[index / 2] & 15 : bytes[index / 2] >> 4
        return isSigned && nibble > 7 ? Float(nibble) - 16 : Float(nibble)
    }
}
