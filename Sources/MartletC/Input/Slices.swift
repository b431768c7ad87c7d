/// The parts that a call of many texts is computed in: each takes a fraction of a second, so that progress is
/// reported, a caller can stop, and the memory of a call is bounded. A text's numbers do not depend on its
/// slice.
struct Slices: Sequence, IteratorProtocol {
    static let maxTexts = 2048
    /// For each thread.
    static let maxBytes = 128 << 10

    private let block: TextBlock
    private let limit: Int
    private var start = 0

    /// - Parameter threads: Of the model.
    init(of block: TextBlock, threads: Int) {
        self.block = block
        limit = Self.maxBytes * Swift.max(1, threads)
    }

    mutating func next() -> Range<Int>? {
        guard start < block.count else { return nil }
        var (end, bytes) = (start, 0)
        repeat {
            bytes += block.size(of: end)
            end += 1
        } while end < block.count && end - start < Self.maxTexts && bytes + block.size(of: end) <= limit
        defer { start = end }
        return start..<end
    }
}
