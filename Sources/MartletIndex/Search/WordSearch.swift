internal import Martlet

/// BM25 of one question, or a model's weights, over a snapshot.
struct WordSearch {
    private let snapshot: Snapshot
    private let masks: Masks
    private let scorer: WordScorer

    /// By the words of a text. Statistics count dead rows until they are compacted, as their words are still
    /// there.
    init(_ snapshot: Snapshot, _ masks: Masks, text: String) throws(IndexError) {
        var counts: [[UInt8]: Int] = [:]
        var order: [[UInt8]] = []
        for term in WordAnalyzer.terms(of: text, language: snapshot.settings.language) {
            counts[term, default: 0] += 1
            if counts[term] == 1 { order.append(term) }
        }
        let rows = snapshot.firstRecent + snapshot.recent.count
        var total = 0
        for part in snapshot.parts { total += part.segment.wordTotal }
        for row in snapshot.recent { total += row.length }
        var terms: [WordScorer.QuestionTerm] = []
        for term in order {
            let numbers = try Self.numbers(of: term, snapshot)
            var frequency = 0
            for (part, number) in zip(snapshot.parts, numbers) {
                if let number { frequency += part.segment.words.frequency(number) }
            }
            for row in snapshot.recent where row.counts[term] != nil { frequency += 1 }
            if frequency == 0 { continue }
            let weight = BM25Settings.rarity(of: min(frequency, rows), among: rows) * Float(counts[term] ?? 1)
            terms.append(WordScorer.QuestionTerm(bytes: term, numbers: numbers, weight: weight))
        }
        self.init(snapshot, masks, terms, average: Float(total) / Float(max(1, rows)))
    }

    /// By a model's weights of a question: the score is the dot product of the sparse vectors.
    init(_ snapshot: Snapshot, _ masks: Masks, sparse: SparseEmbedding) throws(IndexError) {
        var terms: [WordScorer.QuestionTerm] = []
        for (index, value) in zip(sparse.indices, sparse.values) {
            guard value >= 0, value.isFinite else {
                throw IndexError(
                    .invalidOption, "the question's sparse vector has the weight \(value); expected 0 or more"
                )
            }
            guard let index = UInt32(exactly: index), value > 0 else { continue }
            let term = Impacts.term(index)
            terms.append(
                WordScorer.QuestionTerm(
                    bytes: term, numbers: try Self.numbers(of: term, snapshot), weight: value))
        }
        self.init(snapshot, masks, terms, average: 1)
    }

    private init(
        _ snapshot: Snapshot, _ masks: Masks, _ terms: [WordScorer.QuestionTerm], average: Float
    ) {
        (self.snapshot, self.masks) = (snapshot, masks)
        scorer = WordScorer(scoring: TermScoring(snapshot.settings), average: average, terms: terms)
    }

    /// A term's number in each segment; nil where no row has it.
    private static func numbers(of term: [UInt8], _ snapshot: Snapshot) throws(IndexError) -> [Int?] {
        try snapshot.parts.map { (part) throws(IndexError) in try part.segment.words.find(term) }
    }

    /// The best rows, the best first.
    func search(count: Int) throws(IndexError) -> [ScoredRow] {
        if scorer.terms.isEmpty { return [] }
        let best = BestRows(wanted: count)
        for (index, part) in snapshot.parts.enumerated() {
            try scorer.search(
                part.segment.words, part: index, segmentAverage: part.segment.averageLength,
                firstRow: part.firstRow,
                mask: masks.parts[index], best: best)
        }
        for (index, row) in snapshot.recent.enumerated() where masks.recent[index] {
            let score = parts(of: row).reduce(0, +)
            if score > 0 { best.add(score, row: UInt32(snapshot.firstRecent + index)) }
        }
        return best.sorted()
    }

    private func parts(of row: RecentRow) -> [Float] {
        scorer.terms.map { term in
            guard let count = row.counts[term.bytes] else { return 0 }
            return term.weight * scorer.part(count: count, length: UInt32(row.length))
        }
    }

    /// A word, or the number of a dimension.
    private func name(of term: [UInt8]) -> String {
        guard snapshot.settings.sparse != nil, let index = Impacts.index(term) else {
            return String(decoding: term, as: UTF8.self)
        }
        return String(index)
    }

    /// What each term of the question adds to the score of a row.
    func terms(of row: Int) throws(IndexError) -> [Hit.Term] {
        let parts: [Float]
        if row < snapshot.firstRecent {
            let index = snapshot.partIndex(of: row)
            let part = snapshot.parts[index]
            parts = try scorer.parts(of: row - part.firstRow, in: part.segment.words, part: index)
        } else {
            parts = self.parts(of: snapshot.recent[row - snapshot.firstRecent])
        }
        return zip(scorer.terms, parts).compactMap { term, score in
            score > 0 ? Hit.Term(term: name(of: term.bytes), score: score) : nil
        }
    }

    /// The scores of rows, in ascending order, whichever of the words they have.
    func scores(of rows: [Int]) throws(IndexError) -> [Float] {
        var scores: [Float] = []
        scores.reserveCapacity(rows.count)
        var rest = rows[...]
        for (index, part) in snapshot.parts.enumerated() {
            let end = part.firstRow + part.segment.count
            let own = rest.prefix { $0 < end }.map { $0 - part.firstRow }
            rest = rest.dropFirst(own.count)
            if !own.isEmpty { scores += try scorer.scores(of: own, in: part.segment.words, part: index) }
        }
        return scores + rest.map { parts(of: snapshot.recent[$0 - snapshot.firstRecent]).reduce(0, +) }
    }
}
