internal import MartletSystem

extension TensorView {
    /// A matrix with rows and columns exchanged, in memory of its own. Only for types without blocks.
    func turned() -> TensorView {
        precondition(shape.count == 2 && type.blockSize == 1, "\(name) of shape \(shape) cannot be turned")
        let copy = TurnedBytes(count: bytes.count)
        // One dimension may be 0 and the other anything.
        if bytes.count == 0 { return turned(copy) }
        bytes.withUnsafeBytes { source in
            switch type.blockBytes {
            case 1: turn(source, UInt8.self, copy.buffer)
            case 2: turn(source, UInt16.self, copy.buffer)
            case 8: turn(source, UInt64.self, copy.buffer)
            default: turn(source, UInt32.self, copy.buffer)
            }
        }
        bytes.adviseNotNeeded()
        return turned(copy)
    }

    private func turned(_ copy: TurnedBytes) -> TensorView {
        TensorView(
            name: name, type: type, shape: [shape[1], shape[0]],
            bytes: MemoryRegion(unsafe: UnsafeRawBufferPointer(copy.buffer), owner: copy), file: file)
    }

    /// In squares that fit the cache: a column at a time would touch a line of it for each element.
    private func turn<T: FixedWidthInteger & BitwiseCopyable>(
        _ source: UnsafeRawBufferPointer, _ type: T.Type, _ target: UnsafeMutableRawBufferPointer
    ) {
        let (rows, columns, side, size) = (shape[0], shape[1], 32, MemoryLayout<T>.size)
        for top in stride(from: 0, to: rows, by: side) {
            for left in stride(from: 0, to: columns, by: side) {
                for column in left..<min(left + side, columns) {
                    for row in top..<min(top + side, rows) {
                        let value = source.loadUnaligned(
                            fromByteOffset: (row * columns + column) * size, as: T.self)
                        target.storeBytes(of: value, toByteOffset: (column * rows + row) * size, as: T.self)
                    }
                }
            }
        }
    }
}

private final class TurnedBytes: @unchecked Sendable {
    let buffer: UnsafeMutableRawBufferPointer

    init(count: Int) { buffer = .allocate(byteCount: count, alignment: 64) }

    deinit { buffer.deallocate() }
}
