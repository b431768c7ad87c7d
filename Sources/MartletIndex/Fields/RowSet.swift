/// Some of the rows of a segment, a bit each.
struct RowSet: Sendable, Equatable {
    let count: Int
    private(set) var words: [UInt64]

    /// No rows, or all.
    init(count: Int, all: Bool = false) {
        self.count = count
        words = [UInt64](repeating: all ? .max : 0, count: (count + 63) / 64)
        if all { cutEnd() }
    }

    /// Rows by their words in a file; nil where bits stand for rows that do not exist.
    init?(count: Int, words: [UInt64]) {
        guard words.count == (count + 63) / 64 else { return nil }
        self.count = count
        self.words = words
        cutEnd()
        if self.words != words { return nil }
    }

    private mutating func cutEnd() {
        if count % 64 != 0, !words.isEmpty { words[words.count - 1] &= (1 << UInt64(count % 64)) - 1 }
    }

    var size: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    func contains(_ row: Int) -> Bool { words[row >> 6] >> UInt64(row & 63) & 1 == 1 }
    mutating func insert(_ row: Int) { words[row >> 6] |= 1 << UInt64(row & 63) }
    mutating func insert(_ rows: Range<Int>) {
        var row = rows.lowerBound
        while row < rows.upperBound, row & 63 != 0 || rows.upperBound - row < 64 {
            insert(row)
            row += 1
        }
        while rows.upperBound - row >= 64 {
            words[row >> 6] = .max
            row += 64
        }
        while row < rows.upperBound {
            insert(row)
            row += 1
        }
    }

    mutating func formIntersection(_ other: RowSet) {
        for index in words.indices { words[index] &= other.words[index] }
    }
    mutating func formUnion(_ other: RowSet) {
        for index in words.indices { words[index] |= other.words[index] }
    }
    mutating func subtract(_ other: RowSet) {
        for index in words.indices { words[index] &= ~other.words[index] }
    }
    mutating func complement() {
        for index in words.indices { words[index] = ~words[index] }
        cutEnd()
    }

    /// Calls `body` with each row, from the lowest.
    func forEach<E: Error>(_ body: (Int) throws(E) -> Void) throws(E) {
        for (index, word) in words.enumerated() {
            var word = word
            while word != 0 {
                try body(index * 64 + word.trailingZeroBitCount)
                word &= word - 1
            }
        }
    }

    mutating func withWords(_ body: (UnsafeMutablePointer<UInt64>) -> Void) {
        words.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { body(base) } }
    }

    func withWords(_ body: (UnsafePointer<UInt64>) -> Void) {
        words.withUnsafeBufferPointer { if let base = $0.baseAddress { body(base) } }
    }
}
