internal import CMartletKernels

/// BM25 or a model's weights over the segments of one snapshot, with the statistics of all of them.
final class WordScorer {
    let scoring: TermScoring
    let average: Float
    let terms: [QuestionTerm]
    private let table: UnsafeMutablePointer<mk_bm25>

    /// A distinct term of a question; `weight` is its rarity times its count in the question, or what a model
    /// gave it.
    struct QuestionTerm {
        let bytes: [UInt8]
        /// Its number in each segment of the snapshot; nil where no row has it.
        let numbers: [Int?]
        let weight: Float
    }

    init(scoring: TermScoring, average: Float, terms: [QuestionTerm]) {
        (self.scoring, self.average, self.terms) = (scoring, max(average, 1), terms)
        table = .allocate(capacity: 1)
        scoring.prepare(table, average: self.average)
    }

    deinit { table.deallocate() }

    func part(count: UInt32, length: UInt32) -> Float { mk_bm25_part(table, count, length) }

    private struct List {
        var postings: PostingList
        let weight: Float
        /// What turns a stored part into a bound of the score.
        let unit: Float
        var block = 0
        var bound: Float = 0
    }

    private static let window = 4096

    /// Adds the best rows of a segment to `best`.
    ///
    /// MaxScore in windows of rows: lists whose bounds together cannot reach the threshold are only looked up
    /// for rows that other lists have found (Turtle, Flood 1995; Mallia, Suel, Tonellotto: Faster learned
    /// sparse retrieval with block-max pruning, 2024).
    /// - Parameters:
    ///   - part: The segment's place in the snapshot.
    ///   - mask: The rows that may be found; nil for all.
    func search(
        _ words: SegmentWords, part: Int, segmentAverage: Float, firstRow: Int, mask: RowSet?, best: BestRows
    ) throws(IndexError) {
        // A part grows with the average length, by at most the ratio of the averages.
        let growth = scoring.growth(average: average, ofSegment: segmentAverage) * scoring.limit / 65535
        var lists: [List] = []
        for term in terms {
            guard let index = term.numbers[part] else { continue }
            lists.append(
                List(postings: try words.list(index), weight: term.weight, unit: growth * term.weight))
        }
        if lists.isEmpty { return }
        var scores = [Float](repeating: 0, count: Self.window)
        var places = [UInt32](repeating: 0, count: Self.window)
        var start = 0
        while start < words.rows {
            let end = min(start + Self.window, words.rows)
            try search(words, start..<end, &lists, &scores, &places, firstRow, mask, best)
            start = end
        }
    }

    private func search(
        _ words: SegmentWords, _ window: Range<Int>, _ lists: inout [List], _ scores: inout [Float],
        _ places: inout [UInt32],
        _ firstRow: Int, _ mask: RowSet?, _ best: BestRows
    ) throws(IndexError) {
        let (first, last) = (UInt32(window.lowerBound), UInt32(window.upperBound - 1))
        for index in lists.indices { lists[index].bound = Self.bound(&lists[index], first, last) }
        lists.sort { $0.bound < $1.bound }
        let threshold = best.threshold
        var optional = 0
        var reach: Float = 0
        while optional < lists.count, (reach + lists[optional].bound) * 1.00001 <= threshold {
            reach += lists[optional].bound
            optional += 1
        }
        if optional == lists.count { return }
        for index in optional..<lists.count where lists[index].bound > 0 {
            try accumulate(&lists[index], words, first, last, &scores)
        }
        var found = scores.withUnsafeBufferPointer { scores in
            places.withUnsafeMutableBufferPointer {
                mk_places_above(
                    scores.baseAddress, Int64(window.count), Self.limit(threshold, without: reach),
                    $0.baseAddress)
            }
        }
        if let mask { found = Self.keep(&places, count: found, first: first, in: mask) }
        var rest = reach
        for index in (0..<optional).reversed() where found > 0 {
            // Rows that cannot reach the threshold by the lists that are left are looked up no more.
            found = scores.withUnsafeBufferPointer { scores in
                places.withUnsafeMutableBufferPointer {
                    mk_places_kept(
                        scores.baseAddress, $0.baseAddress, found, Self.limit(threshold, without: rest))
                }
            }
            rest -= lists[index].bound
            try add(&lists[index], words, first, to: &scores, at: places[..<Int(found)])
        }
        for place in places[..<Int(found)] {
            best.add(scores[Int(place)], row: UInt32(firstRow) + first + place)
        }
        scores.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
    }

    /// What a score must be above for `rest` to bring it above the threshold; sums of other orders differ a little.
    private static func limit(_ threshold: Float, without rest: Float) -> Float {
        max(0, threshold - rest * 1.00001 - abs(threshold) * 0.00001)
    }

    /// Keeps those of `count` places whose rows are in `mask`; returns how many there are.
    private static func keep(
        _ places: inout [UInt32], count: Int64, first: UInt32, in mask: RowSet
    ) -> Int64 {
        var kept = 0
        for index in 0..<Int(count) where mask.contains(Int(first + places[index])) {
            places[kept] = places[index]
            kept += 1
        }
        return Int64(kept)
    }

    /// Adds what a list has for rows that others have found.
    private func add(
        _ list: inout List, _ words: SegmentWords, _ first: UInt32, to scores: inout [Float],
        at places: ArraySlice<UInt32>
    ) throws(IndexError) {
        var left = places
        while let place = left.first {
            list.block = list.postings.block(with: first + place, from: list.block)
            guard list.block < list.postings.blockCount else { return }
            try list.postings.decode(list.block)
            let last = list.postings.lastRow(list.block)
            let done = list.postings.rows.withUnsafeBufferPointer { rows in
                list.postings.counts.withUnsafeBufferPointer { counts in
                    scores.withUnsafeMutableBufferPointer { scores in
                        left.withUnsafeBufferPointer { left in
                            mk_bm25_add_found(
                                table, rows.baseAddress, counts.baseAddress, words.lengths.baseAddress,
                                list.weight, first, last, left.baseAddress, Int64(left.count),
                                scores.baseAddress)
                        }
                    }
                }
            }
            left = left.dropFirst(Int(done))
        }
    }

    /// The most that a list adds to a row of the window.
    private static func bound(_ list: inout List, _ first: UInt32, _ last: UInt32) -> Float {
        var block = list.postings.block(with: first, from: list.block)
        list.block = block
        var largest: UInt16 = 0
        while block < list.postings.blockCount {
            largest = max(largest, list.postings.largestPart(block))
            if list.postings.lastRow(block) >= last { break }
            block += 1
        }
        return Float(largest) * list.unit
    }

    private func accumulate(
        _ list: inout List, _ words: SegmentWords, _ first: UInt32, _ last: UInt32, _ scores: inout [Float]
    ) throws(IndexError) {
        var block = list.block
        while block < list.postings.blockCount {
            try list.postings.decode(block)
            let size = list.postings.size
            list.postings.rows.withUnsafeBufferPointer { rows in
                var low = 0
                while low < size, rows[low] < first { low += 1 }
                var high = size
                while high > low, rows[high - 1] > last { high -= 1 }
                guard high > low, let rows = rows.baseAddress else { return }
                list.postings.counts.withUnsafeBufferPointer { counts in
                    scores.withUnsafeMutableBufferPointer { scores in
                        guard let counts = counts.baseAddress else { return }
                        mk_bm25_accumulate(
                            table, rows + low, counts + low, Int64(high - low), words.lengths.baseAddress,
                            list.weight, first,
                            scores.baseAddress)
                    }
                }
            }
            if list.postings.lastRow(block) >= last { break }
            block += 1
        }
    }

    /// The scores of a segment's rows, given in ascending order.
    func scores(of rows: [Int], in words: SegmentWords, part: Int) throws(IndexError) -> [Float] {
        var scores = [Float](repeating: 0, count: rows.count)
        for term in terms {
            guard let index = term.numbers[part] else { continue }
            var list = try words.list(index)
            var block = 0
            for (place, row) in rows.enumerated() {
                block = list.block(with: UInt32(row), from: block)
                let count = try list.count(of: UInt32(row), in: block)
                if count > 0 {
                    scores[place] += term.weight * self.part(count: count, length: UInt32(words.lengths[row]))
                }
            }
        }
        return scores
    }

    /// What each term of the question adds to the score of a row.
    func parts(of row: Int, in words: SegmentWords, part: Int) throws(IndexError) -> [Float] {
        var parts: [Float] = []
        for term in terms {
            guard let index = term.numbers[part] else {
                parts.append(0)
                continue
            }
            var list = try words.list(index)
            let count = try list.count(of: UInt32(row), in: list.block(with: UInt32(row), from: 0))
            parts.append(
                count == 0 ? 0 : term.weight * self.part(count: count, length: UInt32(words.lengths[row])))
        }
        return parts
    }
}
