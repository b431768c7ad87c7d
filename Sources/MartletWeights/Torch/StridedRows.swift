internal import CMartletKernels
internal import MartletSystem

/// Rows of a view whose elements are not one after the other, such as a transposed matrix: a number of
/// elements for each dimension leads from one element to the next.
struct StridedRows: RowDecoder {
    /// From the view's first element to its last.
    let elements: MemoryRegion
    /// Without blocks.
    let type: ElementType
    let shape: [Int]
    let strides: [Int]

    func read(_ rows: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>) {
        let (columns, step, size) = (shape.last ?? 1, strides.last ?? 0, type.blockBytes)
        elements.withUnsafeBytes { source in
            withUnsafeTemporaryAllocation(byteCount: columns * size, alignment: 8) { row in
                for (index, number) in rows.enumerated() {
                    let first = start(ofRow: number)
                    for column in 0..<columns {
                        let place = (first + column * step) * size
                        UnsafeMutableRawBufferPointer(rebasing: row[column * size..<(column + 1) * size])
                            .copyMemory(
                                from: UnsafeRawBufferPointer(rebasing: source[place..<place + size]))
                    }
                    let output = UnsafeMutableBufferPointer(
                        rebasing: destination[index * columns..<(index + 1) * columns])
                    guard let base = row.baseAddress, let target = output.baseAddress else { return }
                    let status = mk_dequantise_row(Int32(type.ggmlType), base, columns, target)
                    precondition(status == 0, "no row kernel for \(type)")
                }
            }
        }
    }

    /// Where a row begins: its number, in the dimensions before the last.
    private func start(ofRow number: Int) -> Int {
        var (rest, start) = (number, 0)
        for (size, stride) in zip(shape.dropLast(), strides.dropLast()).reversed() {
            start += rest % size * stride
            rest /= size
        }
        return start
    }
}
