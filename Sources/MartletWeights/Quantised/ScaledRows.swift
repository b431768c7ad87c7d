internal import MartletSystem

/// factor · scale · code + shift, where groups of neighbouring elements share a scale and a shift.
struct ScaledRows: RowDecoder {
    enum Codes: Sendable {
        /// [rows, columns]
        case elements(TensorView)
        /// Whole numbers of `bits`, one after the other from the lowest bit of a row's first byte up, less
        /// `offset`.
        case packed(MemoryRegion, bits: Int, offset: Float)
    }

    let codes: Codes
    let columns: Int
    /// [rows / rowsPerScale, columns / columnsPerScale], both rounded up
    let scales: TensorView
    /// As the scales; nil: no shift.
    var shifts: TensorView?
    var rowsPerScale = 1
    let columnsPerScale: Int
    var factor: Float = 1

    func read(_ rows: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>) {
        let groups = scales.rowLength
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * groups) { memory in
            let scale = UnsafeMutableBufferPointer(rebasing: memory[..<groups])
            let shift = UnsafeMutableBufferPointer(rebasing: memory[groups...])
            shift.initialize(repeating: 0)
            var loaded = -1
            for (index, row) in rows.enumerated() {
                let output = UnsafeMutableBufferPointer(
                    rebasing: destination[index * columns..<(index + 1) * columns])
                decode(row, into: output)
                let place = row / rowsPerScale
                if place != loaded {
                    scales.readRows(place..<place + 1, into: scale)
                    shifts?.readRows(place..<place + 1, into: shift)
                    loaded = place
                }
                for group in 0..<groups {
                    let (s, b) = (scale[group] * factor, shift[group])
                    for column in group * columnsPerScale..<min((group + 1) * columnsPerScale, columns) {
                        output[column] = output[column] * s + b
                    }
                }
            }
        }
    }

    private func decode(_ row: Int, into output: UnsafeMutableBufferPointer<Float>) {
        switch codes {
        case .elements(let view): view.readRows(row..<row + 1, into: output)
        case .packed(let region, let bits, let offset):
            let rowBytes = columns * bits / 8
            region.withUnsafeBytes { bytes in
                let line = UnsafeRawBufferPointer(rebasing: bytes[row * rowBytes..<(row + 1) * rowBytes])
                for column in 0..<columns {
                    output[column] = Float(WordPacking.code(at: column * bits, bits: bits, in: line)) - offset
                }
            }
        }
    }
}
