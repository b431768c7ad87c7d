internal import MartletCompute
internal import MartletSystem
internal import MartletWeights

/// The rows of several tensors, one under the other, as f32 for packing. For one thread.
///
/// What was read leaves the process's memory some MiB at a time: packed weights are a copy, and the file's
/// own need not stay in memory with them.
final class MatrixRows {
    private let tensors: [TensorView]
    private let inputs: Int
    private let kernels: Kernels
    /// Where each row lies in the file; empty: in order.
    private let places: [Int]
    /// How an adapter changes each tensor; empty: not at all.
    private let updates: [LowRankUpdate?]
    /// Takes in the largest magnitude of each column.
    private let maxima: ChannelMaxima?
    private let ones: [Float]
    /// Bytes of each tensor, from its first row on, that have left memory.
    private var released: [Int]

    private static let releasedAtOnce = 4 << 20

    init(
        tensors: [TensorView], inputs: Int, kernels: Kernels, places: [Int] = [],
        updates: [LowRankUpdate?] = [],
        maxima: ChannelMaxima? = nil
    ) {
        self.tensors = tensors
        self.inputs = inputs
        self.kernels = kernels
        self.places = places
        self.updates = updates
        self.maxima = maxima
        ones = [Float](repeating: 1, count: inputs)
        released = tensors.map { _ in 0 }
    }

    deinit { for tensor in tensors { tensor.bytes.adviseNotNeeded() } }

    /// Fills `destination` with `rows`, which may cross from one tensor into the next.
    func read(_ rows: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>) throws(ModelError) {
        if places.isEmpty {
            try readInOrder(rows, into: destination)
        } else {
            for (index, row) in rows.enumerated() {
                let slice = destination[index * inputs..<(index + 1) * inputs]
                try readInOrder(places[row]..<places[row] + 1, into: .init(rebasing: slice))
            }
        }
        if let base = destination.baseAddress { maxima?.take(base, count: rows.count, stride: inputs) }
    }

    private func readInOrder(_ rows: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>)
        throws(ModelError)
    {
        var top = 0
        for (index, tensor) in tensors.enumerated() {
            let local = rows.clamped(to: top..<top + tensor.rowCount)
            if !local.isEmpty {
                let slice = destination[
                    (local.lowerBound - rows.lowerBound) * inputs..<(local.upperBound - rows.lowerBound)
                        * inputs]
                try read(
                    local.lowerBound - top..<local.upperBound - top, of: index, into: .init(rebasing: slice))
            }
            top += tensor.rowCount
        }
    }

    private func read(_ rows: Range<Int>, of place: Int, into slice: UnsafeMutableBufferPointer<Float>)
        throws(ModelError)
    {
        let tensor = tensors[place]
        tensor.readRows(rows, into: slice)
        if let update = updates.isEmpty ? nil : updates[place], let base = slice.baseAddress {
            for (index, row) in rows.enumerated() {
                update.apply(row: row, to: base + index * inputs, kernels)
            }
        }
        // int8 cannot hold NaN: it would become a weight like any other.
        for index in 0..<rows.count {
            let values = UnsafeMutableBufferPointer(rebasing: slice[index * inputs..<(index + 1) * inputs])
            guard let base = values.baseAddress, !kernels.dot(base, ones, count: inputs).isFinite else {
                continue
            }
            if let bad = values.firstIndex(where: { !$0.isFinite }) {
                throw Checkpoint.notFinite(tensor, values[bad], at: (rows.lowerBound + index) * inputs + bad)
            }
        }
        release(place, upTo: rows.upperBound * tensor.rowBytes)
    }

    private func release(_ place: Int, upTo end: Int) {
        let start = released[place]
        guard end - start >= Self.releasedAtOnce else { return }
        tensors[place].bytes.subregion(offset: start, count: end - start)?.adviseNotNeeded()
        released[place] = end
    }
}
