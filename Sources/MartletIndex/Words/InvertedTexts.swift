/// The terms of texts in memory, inverted: the words of rows that are about to become a segment.
final class InvertedTexts: TermSource {
    private let analyzer: WordAnalyzer
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
    init(count: Int, language: WordLanguage, text: (Int) -> UnsafeRawBufferPointer) {
        var analyzer = WordAnalyzer(language)
        var found: [UInt32] = []
        var (entryTerms, entryCounts): ([UInt32], [UInt16]) = ([], [])
        var ends: [Int] = []
        var lengths: [UInt16] = []
        var lastRow: [UInt32] = []
        var entryOfTerm: [Int] = []
        for row in 0..<count {
            found.removeAll(keepingCapacity: true)
            analyzer.analyze(text(row), into: &found)
            while lastRow.count < analyzer.terms.count {
                lastRow.append(.max)
                entryOfTerm.append(0)
            }
            for term in found {
                let term = Int(term)
                if lastRow[term] == UInt32(row) {
                    let entry = entryOfTerm[term]
                    if entryCounts[entry] < .max { entryCounts[entry] += 1 }
                } else {
                    lastRow[term] = UInt32(row)
                    entryOfTerm[term] = entryTerms.count
                    entryTerms.append(UInt32(term))
                    entryCounts.append(1)
                }
            }
            ends.append(entryTerms.count)
            lengths.append(UInt16(clamping: found.count))
        }
        var starts = [Int](repeating: 0, count: analyzer.terms.count + 1)
        for term in entryTerms { starts[Int(term) + 1] += 1 }
        for term in 0..<analyzer.terms.count { starts[term + 1] += starts[term] }
        var next = starts
        var rows = [UInt32](repeating: 0, count: entryTerms.count)
        var counts = [UInt16](repeating: 0, count: entryTerms.count)
        var entry = 0
        for row in 0..<count {
            while entry < ends[row] {
                let term = Int(entryTerms[entry])
                rows[next[term]] = UInt32(row)
                counts[next[term]] = entryCounts[entry]
                next[term] += 1
                entry += 1
            }
        }
        (self.analyzer, self.starts, self.rows, self.counts, self.lengths) = (
            analyzer, starts, rows, counts, lengths
        )
        order = analyzer.terms.sorted()
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
        term = analyzer.terms.withBytes(order[index]) { bytes in
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
