internal import MartletSystem

/// scale · (code − zero point), by the group of each column.
struct WordRows: RowDecoder {
    /// [rows, columns · bits / 32] of GPTQ, [rows / 8, columns] of AWQ
    let words: TensorView
    let order: WordPacking.Order
    let bits: Int
    /// [rows × groups]
    let scales: [Float]
    /// [rows × groups]
    let zeros: [Float]
    /// Of each column.
    let groups: [Int]
    let groupCount: Int

    func read(_ rows: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>) {
        let columns = groups.count
        words.bytes.withUnsafeBytes { bytes in
            for (index, row) in rows.enumerated() {
                // A line holds the codes of one row, or of eight: then each word has one of this row's.
                let place = order == .gptq ? row : row / 8
                let line = UnsafeRawBufferPointer(
                    rebasing: bytes[place * words.rowBytes..<(place + 1) * words.rowBytes])
                let start = order == .gptq ? 0 : WordPacking.bit(of: row % 8, order, bits: bits)
                let step = order == .gptq ? bits : 32
                for column in 0..<columns {
                    let code = WordPacking.code(at: start + column * step, bits: bits, in: line)
                    let group = row * groupCount + groups[column]
                    destination[index * columns + column] = (Float(code) - zeros[group]) * scales[group]
                }
            }
        }
    }
}
