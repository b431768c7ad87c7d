internal import MartletJSON

/// Where tensors lie in a file, to find two that share bytes.
struct TensorExtents {
    private var extents: [(start: Int, end: Int, name: String)] = []

    /// `start + count` must not overflow.
    mutating func add(_ name: String, _ start: Int, count: Int) {
        extents.append((start, start + count, name))
    }

    func check(_ file: String) throws(WeightError) {
        let sorted = extents.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
        for (first, second) in zip(sorted, sorted.dropFirst()) where second.start < first.end {
            throw .malformed(
                file,
                "tensors \(first.name.quotedForMessage) and \(second.name.quotedForMessage) share bytes",
                tensor: second.name)
        }
    }
}
