internal import CMartletKernels

/// The rows of one term, decoded a block of up to 128 at a time.
struct PostingList {
    let count: Int
    let largest: UInt16
    private let path: String
    private let rowLimit: UInt32
    private let bytes: UnsafeRawBufferPointer
    private let blocks: Int
    private let tail: Int
    /// Rows of the block at hand, and how often each has the term.
    private(set) var rows = [UInt32](repeating: 0, count: 128)
    private(set) var counts = [UInt32](repeating: 0, count: 128)
    private(set) var size = 0
    private var decoded = -1
    /// The place in the block of the row that was looked for last.
    private var place = 0

    init(_ bytes: UnsafeRawBufferPointer, count: Int, rows: Int, path: String, largest: UInt16)
        throws(IndexError)
    {
        (self.bytes, self.count, self.path, self.largest) = (bytes, count, path, largest)
        rowLimit = UInt32(rows)
        blocks = count / 128
        guard bytes.count >= blocks * 12 else { throw .damaged(path, "postings end before their headers do") }
        if blocks > 0 {
            let last = (blocks - 1) * 12
            let bits = Int(bytes[last + 10]) + Int(bytes[last + 11])
            tail =
                blocks * 12 + Int(bytes.loadUnaligned(fromByteOffset: last + 4, as: UInt32.self)) + 16 * bits
        } else {
            tail = 0
        }
        guard tail <= bytes.count else { throw .damaged(path, "postings end before their data does") }
    }

    var blockCount: Int { count % 128 == 0 ? blocks : blocks + 1 }

    /// The last row of a block; above every row for the rest after the full blocks.
    func lastRow(_ block: Int) -> UInt32 {
        block < blocks ? bytes.loadUnaligned(fromByteOffset: block * 12, as: UInt32.self) : .max
    }

    func largestPart(_ block: Int) -> UInt16 {
        block < blocks ? bytes.loadUnaligned(fromByteOffset: block * 12 + 8, as: UInt16.self) : largest
    }

    mutating func decode(_ block: Int) throws(IndexError) {
        if decoded == block { return }
        var previous = block == 0 ? 0 : lastRow(block - 1)
        let isSorted: Bool
        place = 0
        if block < blocks {
            let (bits, countBits) = (Int(bytes[block * 12 + 10]), Int(bytes[block * 12 + 11]))
            let start =
                blocks * 12 + Int(bytes.loadUnaligned(fromByteOffset: block * 12 + 4, as: UInt32.self))
            guard bits <= 32, countBits <= 32, start + 16 * (bits + countBits) <= bytes.count,
                let base = bytes.baseAddress
            else {
                throw .damaged(path, "a block of postings is outside its section")
            }
            let data = base.assumingMemoryBound(to: UInt8.self) + start
            rows.withUnsafeMutableBufferPointer { mk_unpack128(data, Int32(bits), $0.baseAddress) }
            counts.withUnsafeMutableBufferPointer {
                mk_unpack128(data + 16 * bits, Int32(countBits), $0.baseAddress)
            }
            isSorted = rows.withUnsafeMutableBufferPointer { rows in
                counts.withUnsafeMutableBufferPointer {
                    mk_posting_rows(rows.baseAddress, $0.baseAddress, previous) != 0
                }
            }
            size = 128
        } else {
            var at = tail
            size = count % 128
            for index in 0..<size {
                guard let delta = varint(&at), let count = varint(&at) else {
                    throw .damaged(path, "postings end early")
                }
                previous &+= delta
                rows[index] = previous
                counts[index] = count
            }
            // Rows are looked for among 128.
            for index in size..<128 { rows[index] = .max }
            isSorted = rows.withUnsafeBufferPointer { mk_ascends($0.baseAddress, Int64(size)) != 0 }
        }
        decoded = block
        // Damaged rows could be outside the segment, or out of order.
        guard isSorted, size == 0 || rows[size - 1] < rowLimit else {
            throw .damaged(path, "postings name rows that do not exist")
        }
    }

    private func varint(_ at: inout Int) -> UInt32? {
        var value: UInt32 = 0
        var shift: UInt32 = 0
        while at < bytes.count, shift < 32 {
            let byte = bytes[at]
            at += 1
            value |= UInt32(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }

    /// The first block from `block` on that can have `row`.
    func block(with row: UInt32, from block: Int) -> Int {
        var block = block
        while block < blocks, lastRow(block) < row { block += 1 }
        return block
    }

    /// How often `row` has the term, 0 if not at all, given the block that can have it. Rows are asked for in
    /// ascending order.
    mutating func count(of row: UInt32, in block: Int) throws(IndexError) -> UInt32 {
        guard block < blockCount else { return 0 }
        try decode(block)
        if place < size, rows[place] > row { place = 0 }
        place = Int(
            rows.withUnsafeBufferPointer { mk_posting_place($0.baseAddress, Int64(min(place, 127)), row) })
        return place < size && rows[place] == row ? counts[place] : 0
    }
}
