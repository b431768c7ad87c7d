internal import CMartletKernels

/// The words of a mapped segment.
///
/// Sendable because it only points into the segment's file, which never changes; whoever holds it holds the
/// segment.
struct SegmentWords: @unchecked Sendable {
    let path: String
    let rows: Int
    let termCount: Int
    let lengths: UnsafeBufferPointer<UInt16>
    private let terms: UnsafeRawBufferPointer
    private let ends: UnsafeBufferPointer<UInt32>
    private let frequencies: UnsafeBufferPointer<UInt32>
    private let starts: UnsafeBufferPointer<UInt64>
    private let postings: UnsafeRawBufferPointer

    init(_ file: FileSections, rows: Int) throws(IndexError) {
        path = file.path
        self.rows = rows
        frequencies = try file.section(.termFrequencies, of: UInt32.self)
        termCount = frequencies.count
        ends = try file.section(.termEnds, of: UInt32.self, count: termCount + 1)
        starts = try file.section(.termStarts, of: UInt64.self, count: termCount)
        lengths = try file.section(.lengths, of: UInt16.self, count: rows)
        terms = UnsafeRawBufferPointer(try file.section(.terms, of: UInt8.self))
        postings = UnsafeRawBufferPointer(try file.section(.postings, of: UInt8.self))
    }

    func bytes(of term: Int) throws(IndexError) -> UnsafeRawBufferPointer {
        let (start, end) = (Int(ends[term]), Int(ends[term + 1]))
        guard start <= end, end <= terms.count else {
            throw .damaged(path, "term \(term) is outside its section")
        }
        return UnsafeRawBufferPointer(rebasing: terms[start..<end])
    }

    /// The number of a term; nil if no row has it.
    func find(_ term: [UInt8]) throws(IndexError) -> Int? {
        var (low, high) = (0, termCount)
        while low < high {
            let middle = (low + high) / 2
            let order = ByteOrder.compare(try bytes(of: middle), term)
            if order == 0 { return middle }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    func frequency(_ term: Int) -> Int { Int(frequencies[term]) }

    /// The largest part of a score, in 1/65535 of k + 1.
    func largestPart(_ term: Int) -> UInt16 { UInt16(starts[term] >> 48) }

    func list(_ term: Int) throws(IndexError) -> PostingList {
        let start = Int(starts[term] & 0xFFFF_FFFF_FFFF)
        let end = term + 1 < termCount ? Int(starts[term + 1] & 0xFFFF_FFFF_FFFF) : postings.count
        guard start <= end, end <= postings.count, frequencies[term] <= UInt32(rows) else {
            throw .damaged(path, "the postings of term \(term) are outside their section")
        }
        return try PostingList(
            UnsafeRawBufferPointer(rebasing: postings[start..<end]), count: Int(frequencies[term]),
            rows: rows, path: path,
            largest: largestPart(term))
    }
}

/// Comparison of byte strings, negative where the first comes before the second.
enum ByteOrder {
    static func compare(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
        for index in 0..<min(a.count, b.count) where a[index] != b[index] {
            return Int(a[index]) - Int(b[index])
        }
        return a.count - b.count
    }

    static func compare(_ a: UnsafeRawBufferPointer, _ b: [UInt8]) -> Int {
        b.withUnsafeBytes { compare(a, $0) }
    }
}
