/// The terms of texts or sparse vectors in memory, inverted: the words of rows that are about to become a
/// segment.
final class InvertedTexts: TermSource {
    private let names: ByteTable
    /// For each term its number among the names.
    private let nameOfTerm: [Int]
    private let order: [Int]
    private var index = 0
    /// Term t has the entries starts[t]..<starts[t + 1].
    private var starts: [Int]
    private var rows: [UInt32]
    private var counts: [UInt16]
    /// The number of words of each row, at most 65535.
    let lengths: [UInt16]
    private var scratch: [UInt8] = []
    private let termBuffer: UnsafeMutableRawBufferPointer

    /// - Parameter text: The text of a row, valid during the call of its body.
    convenience init(count: Int, _ analyzer: inout WordAnalyzer, text: (Int) -> UnsafeRawBufferPointer) {
        analyzer.forgetMany()
        var found: [UInt32] = []
        var entries = TermEntries()
        // The analyzer's terms are those of other segments, too: these get numbers of their own.
        var (numbers, nameOfTerm): ([UInt32], [Int]) = ([], [])
        for row in 0..<count {
            found.removeAll(keepingCapacity: true)
            analyzer.analyze(text(row), into: &found)
            if numbers.count < analyzer.terms.count {
                numbers += repeatElement(.max, count: analyzer.terms.count - numbers.count)
            }
            for name in found {
                if numbers[Int(name)] == .max {
                    numbers[Int(name)] = UInt32(nameOfTerm.count)
                    nameOfTerm.append(Int(name))
                }
                entries.add(Int(numbers[Int(name)]), 1)
            }
            entries.endRow()
        }
        self.init(entries, names: analyzer.terms, nameOfTerm)
    }

    /// - Parameter impacts: The sparse vector of each row.
    convenience init(_ impacts: [Impacts]) {
        var terms = ByteTable()
        var entries = TermEntries()
        for row in impacts {
            for (index, impact) in zip(row.indices, row.impacts) {
                let term = Impacts.term(index).withUnsafeBufferPointer { terms.insert($0).index }
                entries.add(term, Int(impact))
            }
            entries.endRow()
        }
        self.init(entries, names: terms, Array(0..<terms.count))
    }

    private init(_ entries: TermEntries, names: ByteTable, _ nameOfTerm: [Int]) {
        var starts = [Int](repeating: 0, count: nameOfTerm.count + 1)
        for term in entries.terms { starts[Int(term) + 1] += 1 }
        for term in nameOfTerm.indices { starts[term + 1] += starts[term] }
        var next = starts
        var rows = [UInt32](repeating: 0, count: entries.terms.count)
        var counts = [UInt16](repeating: 0, count: entries.terms.count)
        var entry = 0
        for row in entries.ends.indices {
            while entry < entries.ends[row] {
                let term = Int(entries.terms[entry])
                rows[next[term]] = UInt32(row)
                counts[next[term]] = entries.counts[entry]
                next[term] += 1
                entry += 1
            }
        }
        (self.names, self.nameOfTerm) = (names, nameOfTerm)
        (self.starts, self.rows, self.counts, lengths) = (starts, rows, counts, entries.lengths)
        order = names.order(of: nameOfTerm)
        // A term is a word of at most 64 bytes, or its stem, which can be a byte longer.
        termBuffer = .allocate(byteCount: WordSplitter.longest + 16, alignment: 1)
        load()
    }

    deinit { termBuffer.deallocate() }

    private(set) var term: UnsafeRawBufferPointer?

    private func load() {
        guard index < order.count else {
            term = nil
            return
        }
        term = names.withBytes(nameOfTerm[order[index]]) { bytes in
            let count = min(bytes.count, termBuffer.count)
            termBuffer.copyMemory(
                from: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[..<count]))
            return UnsafeRawBufferPointer(rebasing: termBuffer[..<count])
        }
    }

    func postings(rows: inout [UInt32], counts: inout [UInt32]) throws(IndexError) {
        let range = starts[order[index]]..<starts[order[index] + 1]
        rows.removeAll(keepingCapacity: true)
        counts.removeAll(keepingCapacity: true)
        rows.append(contentsOf: self.rows[range])
        counts.append(contentsOf: self.counts[range].lazy.map(UInt32.init))
    }

    func advance() throws(IndexError) {
        index += 1
        load()
    }
}

/// The distinct terms of rows, one row after the other, and how often each row has them.
private struct TermEntries {
    private(set) var terms: [UInt32] = []
    private(set) var counts: [UInt16] = []
    private(set) var ends: [Int] = []
    private(set) var lengths: [UInt16] = []
    private var lastRow: [UInt32] = []
    private var entryOfTerm: [Int] = []
    private var length = 0

    mutating func add(_ term: Int, _ count: Int) {
        while lastRow.count <= term {
            lastRow.append(.max)
            entryOfTerm.append(0)
        }
        let row = UInt32(ends.count)
        length += count
        if lastRow[term] == row {
            let entry = entryOfTerm[term]
            counts[entry] = UInt16(clamping: Int(counts[entry]) + count)
        } else {
            lastRow[term] = row
            entryOfTerm[term] = terms.count
            terms.append(UInt32(term))
            counts.append(UInt16(clamping: count))
        }
    }

    mutating func endRow() {
        ends.append(terms.count)
        lengths.append(UInt16(clamping: length))
        length = 0
    }
}
