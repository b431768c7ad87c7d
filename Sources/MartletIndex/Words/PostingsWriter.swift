internal import CMartletKernels

/// Writes the words of a segment.
///
/// A term's postings: for each full block of 128 rows its last row (u32), where its data begins after the
/// headers (u32), the largest part of the score in it (u16, in 1/65535 of k + 1, rounded up), bits of a
/// difference (u8), bits of a count (u8). Then the data of the blocks: 128 differences of rows, each less the
/// row before it, and 128 counts, less 1. Then the rest: differences and counts as varints.
struct PostingsWriter {
    private let out: SectionWriter
    private let scoring: TermScoring
    private let lengths: [UInt16]
    private let average: Float
    private let mostTermBytes: Int
    private var termBytes: [UInt8] = []
    private var termEnds: [UInt32] = [0]
    private var frequencies: [UInt32] = []
    /// Where a term's postings begin (48 bits), and the largest part of any of them (16 bits above).
    private var starts: [UInt64] = []

    /// - Parameters:
    ///   - lengths: The number of words of each row.
    ///   - mostTermBytes: Bytes of all terms, at most those that 32 bits count.
    init(
        _ out: SectionWriter, scoring: TermScoring, lengths: [UInt16], average: Float, mostTermBytes: Int
    ) throws(IndexError) {
        (self.out, self.scoring, self.lengths, self.average) = (out, scoring, lengths, average)
        self.mostTermBytes = mostTermBytes
        try out.begin(SegmentSection.postings.rawValue)
    }

    /// Terms come in the order of their bytes, rows from the lowest.
    mutating func write(_ term: UnsafeRawBufferPointer, rows: [UInt32], counts: [UInt32]) throws(IndexError) {
        guard !rows.isEmpty else { return }
        let start = UInt64(out.count)
        let blocks = rows.count / Int(MK_POSTINGS)
        var headers: [UInt8] = []
        var data: [UInt8] = []
        var most: UInt16 = 0
        var previous: UInt32 = 0
        var deltas = [UInt32](repeating: 0, count: 128)
        var less = [UInt32](repeating: 0, count: 128)
        for block in 0..<blocks {
            let first = block * 128
            var (bits, countBits): (UInt32, UInt32) = (0, 0)
            var largest: UInt16 = 0
            for index in 0..<128 {
                let row = rows[first + index]
                deltas[index] = row - previous
                less[index] = counts[first + index] - 1
                previous = row
                bits |= deltas[index]
                countBits |= less[index]
                largest = max(largest, part(counts[first + index], row))
            }
            let (width, countWidth) = (32 - bits.leadingZeroBitCount, 32 - countBits.leadingZeroBitCount)
            headers.append(little: previous)
            guard let start = UInt32(exactly: data.count) else {
                throw .tooLarge("bytes of rows of one word", Int(UInt32.max))
            }
            headers.append(little: start)
            headers.append(little: largest)
            headers.append(UInt8(width))
            headers.append(UInt8(countWidth))
            pack(deltas, width, into: &data)
            pack(less, countWidth, into: &data)
            most = max(most, largest)
        }
        for index in blocks * 128..<rows.count {
            append(varint: rows[index] - previous, to: &data)
            append(varint: counts[index], to: &data)
            previous = rows[index]
            most = max(most, part(counts[index], rows[index]))
        }
        try out.write(headers)
        try out.write(data)
        starts.append(start | UInt64(most) << 48)
        frequencies.append(UInt32(rows.count))
        termBytes.append(contentsOf: term)
        guard termBytes.count <= mostTermBytes else { throw .tooLarge("bytes of words", mostTermBytes) }
        termEnds.append(UInt32(termBytes.count))
    }

    func finish() throws(IndexError) {
        try out.end()
        try section(.terms) { () throws(IndexError) in try out.write(termBytes) }
        try section(.termEnds) { () throws(IndexError) in for end in termEnds { try out.write(little: end) } }
        try section(.termFrequencies) { () throws(IndexError) in
            for count in frequencies { try out.write(little: count) }
        }
        try section(.termStarts) { () throws(IndexError) in
            for start in starts { try out.write(little: start) }
        }
        try section(.lengths) { () throws(IndexError) in
            for length in lengths { try out.write(little: length) }
        }
    }

    private func section(_ kind: SegmentSection, _ body: () throws(IndexError) -> Void) throws(IndexError) {
        try out.begin(kind.rawValue)
        try body()
        try out.end()
    }

    private func part(_ count: UInt32, _ row: UInt32) -> UInt16 {
        let share =
            scoring.part(count: count, length: UInt32(lengths[Int(row)]), average: average) / scoring.limit
        return UInt16(min(65535, (share * 65535).rounded(.up) + 1))
    }

    private func pack(_ values: [UInt32], _ bits: Int, into data: inout [UInt8]) {
        let start = data.count
        data.append(contentsOf: repeatElement(0, count: bits * 16))
        data.withUnsafeMutableBufferPointer { data in
            guard bits > 0, let base = data.baseAddress else { return }
            values.withUnsafeBufferPointer { mk_pack128($0.baseAddress, Int32(bits), base + start) }
        }
    }

    private func append(varint value: UInt32, to data: inout [UInt8]) {
        var value = value
        while value >= 0x80 {
            data.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        data.append(UInt8(value))
    }
}
