internal import MartletJSON
internal import CMartletKernels
internal import MartletSystem

extension TensorView {
    /// Decodes `rows` to floats at the start of `destination`, row after row.
    /// `rows` must lie in `0..<rowCount`, and `destination` must have room for `rows.count * rowLength`
    /// floats.
    package func readRows(_ rows: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>) {
        precondition(
            rows.lowerBound >= 0 && rows.upperBound <= rowCount,
            "rows \(rows) of \(name), which has \(rowCount)")
        let count = rows.count * rowLength
        precondition(destination.count >= count, "no room for \(count) floats of \(name)")
        guard count > 0, let target = destination.baseAddress else { return }
        if let decoder { return decoder.read(rows, into: destination) }
        bytes.withUnsafeBytes { source in
            guard let base = source.baseAddress else { return }
            let status = mk_dequantise_row(
                Int32(type.ggmlType), base + rows.lowerBound * rowBytes, count, target)
            precondition(status == 0, "no row kernel for \(type)")
        }
    }

    /// The same for rows that are not needed again soon: the file's bytes leave the process's memory.
    package func takeRows(_ rows: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>) {
        readRows(rows, into: destination)
        bytes.subregion(offset: rows.lowerBound * rowBytes, count: rows.count * rowBytes)?.adviseNotNeeded()
    }

    /// All elements in order, decoded to floats.
    package func floats() throws(WeightError) -> [Float] {
        let count = elementCount
        // The largest allocation Swift can express; a block format can hold more elements than that in its
        // bytes.
        guard count <= Int.max / 8 else {
            throw WeightError(
                .unsupported,
                "\(file): tensor \(name.quotedForMessage) has \(count) elements, too many for one array",
                file: file,
                tensor: name)
        }
        return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            readRows(0..<rowCount, into: buffer)
            initialized = count
        }
    }
}
