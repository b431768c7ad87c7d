/// Rows that can be written into a segment: those of a mapped segment, or of memory.
protocol RowSource: AnyObject {
    var count: Int { get }
    /// A vector's bytes in the collection's store.
    func vector(_ row: Int) -> UnsafeRawPointer
    func scale(_ row: Int) -> Float
    func id(_ row: Int) throws(IndexError) -> UnsafeRawBufferPointer
    func text(_ row: Int) throws(IndexError) -> UnsafeRawBufferPointer
    /// The row whose id is the one at `place`, in the order of the ids' bytes.
    func row(inOrder place: Int) throws(IndexError) -> Int
    /// The number of words of a row, at most 65535.
    func length(_ row: Int) -> UInt16
    func terms() throws(IndexError) -> any TermSource
    var columnNames: [String] { get }
    func column(_ name: String) -> (any ColumnSource)?
}

/// The values of a field: distinct ones, sorted, and the codes of rows, which are the values' numbers from 1.
protocol ColumnSource {
    var valueCount: Int { get }
    func key(_ index: Int) throws(IndexError) -> ColumnKey
    func codes(ofRow row: Int) throws(IndexError) -> [Int]
}

extension Column: ColumnSource {}

/// The rows of a source that are alive, and the numbers that they get in a new segment.
struct LiveRows {
    let rows: any RowSource
    let live: LiveSequence

    init(_ rows: any RowSource, dead: RowSet?, firstNumber: Int) {
        self.rows = rows
        var set = RowSet(count: rows.count, all: true)
        if let dead { set.subtract(dead) }
        live = LiveSequence(set, firstNumber)
    }
}

struct LiveSequence: Sequence {
    let set: RowSet
    let count: Int
    let firstNumber: UInt32
    /// Whether no row is dead, so that a row's number is the first one plus the row.
    let isWhole: Bool
    /// For each word of the set, the new number of its first row.
    private let ranks: [UInt32]

    init(_ set: RowSet, _ firstNumber: Int) {
        self.set = set
        var next = firstNumber
        var ranks: [UInt32] = []
        ranks.reserveCapacity(set.words.count)
        for word in set.words {
            ranks.append(UInt32(next))
            next += word.nonzeroBitCount
        }
        self.ranks = ranks
        count = next - firstNumber
        self.firstNumber = UInt32(firstNumber)
        isWhole = count == set.count
    }

    /// The new number of a row; nil if it is dead.
    func number(of row: Int) -> UInt32? {
        let (word, bit) = (set.words[row >> 6], UInt64(row & 63))
        guard word >> bit & 1 == 1 else { return nil }
        return ranks[row >> 6] + UInt32((word & ((1 << bit) - 1)).nonzeroBitCount)
    }

    func makeIterator() -> Iterator { Iterator(set: set) }

    struct Iterator: IteratorProtocol {
        let set: RowSet
        private var index = -1
        private var word: UInt64 = 0

        init(set: RowSet) { self.set = set }

        mutating func next() -> Int? {
            while word == 0 {
                index += 1
                if index >= set.words.count { return nil }
                word = set.words[index]
            }
            defer { word &= word - 1 }
            return index * 64 + word.trailingZeroBitCount
        }
    }
}
