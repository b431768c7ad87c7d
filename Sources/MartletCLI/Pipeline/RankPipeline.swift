#if Command

import Martlet

/// What gives documents their scores.
protocol DocumentScorer {
    /// The most tokens of a document, with its query where both are read together.
    var maxTokens: Int { get }
    /// A score for each text; an error names its text by its index.
    func scores(_ texts: [String]) throws(MartletError) -> (values: [Float], usage: Usage)
}

/// A model that reads the query and a document together.
struct PairScorer: DocumentScorer {
    let reranker: Reranker
    let query: String
    let options: RerankOptions

    var maxTokens: Int { reranker.model.maxTokens }

    func scores(_ texts: [String]) throws(MartletError) -> (values: [Float], usage: Usage) {
        let scores = try reranker.scoresBlocking(of: texts, for: query, options: options)
        return (scores.values, scores.usage)
    }
}

/// The similarity of the document's vector to the query's.
struct SimilarityScorer: DocumentScorer {
    private let embedder: Embedder
    private let query: Embedding
    private let options: EmbedOptions

    init(_ embedder: Embedder, query: String, truncation: TruncationPolicy) throws(MartletError) {
        self.embedder = embedder
        options = EmbedOptions(truncation: truncation)
        do throws(MartletError) {
            self.query = try embedder.embedBlocking([query], as: .query, options: options)[0]
        } catch {
            throw MartletError(error.code, "the query: \(error.message(calling: "the text"))", file: error.file)
        }
    }

    var maxTokens: Int { embedder.model.maxTokens }

    func scores(_ texts: [String]) throws(MartletError) -> (values: [Float], usage: Usage) {
        let vectors = try embedder.embedBlocking(texts, as: .document, options: options)
        let function = embedder.model.similarity
        return (
            try vectors.map { (vector) throws(MartletError) in try query.similarity(to: vector, by: function) }, vectors.usage
        )
    }
}

/// A document with its score.
struct ScoredRecord {
    let record: Record
    let score: Float

    /// The higher score first, the earlier document among equals.
    func precedes(_ other: ScoredRecord) -> Bool { score == other.score ? record.index < other.record.index : score > other.score }
}

/// Reads documents and scores them, a chunk at a time; with a limit no more of them are kept than it asks for.
struct RankPipeline {
    var input: InputPlan
    var scorer: any DocumentScorer
    /// The most documents of the result; nil: all.
    var topN: Int?
    var skipsErrors: Bool
    /// Called after each chunk.
    var onProgress: (RunCounts) -> Void = { _ in }
    /// Called for each record that is left out.
    var onSkip: (String) -> Void = { _ in }

    /// The documents, best first, and what was done.
    func run() throws -> (ranked: [ScoredRecord], counts: RunCounts) {
        let size = RecordBlockSize()
        var reader = ChunkReader(input, size: size, skipsErrors: skipsErrors)
        var counts = RunCounts()
        var ranked: [ScoredRecord] = []
        while let chunk = reader.next() {
            let began = System.seconds()
            try score(chunk.records[...], &ranked, &counts)
            for message in chunk.skipped { skip(message, &counts) }
            counts.bytesRead = chunk.bytesRead
            size.observe(count: chunk.records.count, seconds: System.seconds() - began)
            keepBest(&ranked, whole: false)
            onProgress(counts)
            if let failure = chunk.failure { throw failure }
        }
        ranked.sort { $0.precedes($1) }
        keepBest(&ranked, whole: true)
        return (ranked, counts)
    }

    private func score(_ records: ArraySlice<Record>, _ ranked: inout [ScoredRecord], _ counts: inout RunCounts) throws {
        var rest = records
        while !rest.isEmpty {
            let first = rest.startIndex
            do throws(MartletError) {
                try add(rest, &ranked, &counts)
                return
            } catch {
                guard let index = error.inputIndex, rest.indices.contains(first + index) else { throw error }
                let bad = first + index
                let message = "\(rest[bad].place): \(error.message(calling: "the text"))"
                guard skipsErrors else { throw CommandError(message) }
                // Those before the record at fault were fine, but their scores are gone with the call.
                if index > 0 { try add(rest[..<bad], &ranked, &counts) }
                skip(message, &counts)
                rest = rest[(bad + 1)...]
            }
        }
    }

    /// Scores all records, or none of them counts.
    private func add(_ records: ArraySlice<Record>, _ ranked: inout [ScoredRecord], _ counts: inout RunCounts) throws(MartletError) {
        let (values, usage) = try scorer.scores(records.map(\.text))
        ranked += zip(records, values).map { ScoredRecord(record: $0, score: $1) }
        counts.texts += records.count
        counts.tokens += usage.tokens
        counts.blank += usage.blankInputs
        counts.truncated += usage.truncatedInputs.count
        if counts.firstTruncated == nil {
            counts.firstTruncated = usage.truncatedInputs.first.map { records[records.startIndex + $0].place }
        }
    }

    private func skip(_ message: String, _ counts: inout RunCounts) {
        counts.skipped += 1
        onSkip(message)
    }

    /// Sorting is put off until twice as many wait as are wanted.
    private func keepBest(_ ranked: inout [ScoredRecord], whole: Bool) {
        guard let topN, ranked.count > (whole ? topN : max(topN > Int.max / 2 ? topN : 2 * topN, 1024)) else { return }
        if !whole { ranked.sort { $0.precedes($1) } }
        ranked.removeLast(ranked.count - topN)
    }
}

#endif
