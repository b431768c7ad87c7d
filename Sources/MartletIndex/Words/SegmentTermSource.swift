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
            rows.append(contentsOf: list.rows[..<list.size])
            counts.append(contentsOf: list.counts[..<list.size])
        }
    }

    func advance() throws(IndexError) {
        index += 1
        term = index < words.termCount ? try words.bytes(of: index) : nil
    }
}
