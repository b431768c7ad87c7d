/// A mapped segment's terms for a merge.
final class SegmentTermSource: TermSource {
    private let words: SegmentWords
    private var index = 0
    private(set) var term: UnsafeRawBufferPointer?

    init(_ words: SegmentWords) throws(IndexError) {
        self.words = words
        term = words.termCount > 0 ? try words.bytes(of: 0) : nil
    }

    func postings(rows: inout [UInt32], counts: inout [UInt32]) throws(IndexError) {
        rows.removeAll(keepingCapacity: true)
        counts.removeAll(keepingCapacity: true)
        var list = try words.list(index)
        for block in 0..<list.blockCount {
            try list.decode(block)
            // Each block is in order by itself. In a damaged file the next one can begin before its end.
            if let first = list.rows[..<list.size].first, let last = rows.last, first <= last {
                throw .damaged(words.path, "the rows of term \(index) are not in order")
            }
            guard !list.counts[..<list.size].contains(0) else {
                throw .damaged(words.path, "a row has term \(index) no times")
            }
            rows.append(contentsOf: list.rows[..<list.size])
            counts.append(contentsOf: list.counts[..<list.size])
        }
    }

    func advance() throws(IndexError) {
        index += 1
        term = index < words.termCount ? try words.bytes(of: index) : nil
    }
}
