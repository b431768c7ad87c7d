import Martlet
import MartletIndex
import MartletMiniLM

/// Searches of one collection.
struct SearchBenchmark {
    private let corpus: Corpus
    private let collection: SearchCollection
    private let searches = 1000

    init(_ corpus: Corpus) throws {
        self.corpus = corpus
        collection = try SearchCollection(opening: corpus.path)
    }

    func run() throws {
        let count = corpus.count
        let hundreds = Double(count) / 100_000
        let one = try vectors(threads: 1)
        row("vectors, one thread", count <= 100_000 ? "p50 0.25 ms, p99 0.5" : "2.0 ms a million", one.text)
        if count >= 1_000_000 {
            row("vectors, two threads", "1.2 ms a million, 12 ms for ten", try vectors(threads: 2).text)
        }
        // Before the exact searches below, which read every row.
        row(
            "memory after these searches", "600 MB for ten millions",
            "\(decimals(Memory.own, 0)) MiB of its own, \(decimals(Memory.resident, 0)) MiB with mapped pages"
        )
        row("recall@10 of vectors", count > 2_000_000 ? "0.995" : "0.998", try recall(nil))
        let alone = try vectors(threads: nil)
        for share in [500, 100, 10, 1] {
            let filter = try Filter("number < \(share)")
            let timing = try vectors(threads: nil, filter)
            row(
                "vectors, filter of \(decimals(Double(share) / 10, 1)) %", "recall 0.998, 1.2 × unfiltered",
                "recall \(try recall(filter)), \(decimals(timing.median / alone.median)) × by the clock, "
                    + "\(decimals(timing.cpuMedian / alone.cpuMedian)) × in CPU time")
        }
        let four = try Timing.of(300) { index in
            let questions = (0..<4).map { SearchRequest.Question(vector: vector(index + 7 * $0)) }
            _ = try collection.search(SearchRequest(questions: questions))
        }
        row(
            "four questions in one search", "2 × the time of one", "\(decimals(four.median / alone.median)) ×"
        )
        guard corpus.hasTexts else { return }
        let words = try Timing.of(searches) { index in
            var request = SearchRequest(text: corpus.questions[index % corpus.questions.count])
            request.mode = .words
            _ = try collection.search(request)
        }
        row("BM25, eight words, any of them", hundreds <= 1 ? "0.4 ms" : "2 ms a million", words.text)
        let embedder = try Embedder(.miniLM)
        let all = try Timing.of(searches) { index in
            let text = corpus.questions[index % corpus.questions.count]
            let vector = try embedder.embedBlocking([text], as: .query)[0].values
            _ = try collection.search(SearchRequest(text: text, vector: vector))
        }
        row(
            "a question's text to ten fused records: embedding, vectors, words",
            "p50 4 ms, p99 10 at a million", all.text)
    }

    private func vector(_ index: Int) -> [Float] {
        corpus.questionVectors[index % corpus.questionVectors.count]
    }

    private func vectors(threads: Int?, _ filter: Filter? = nil) throws -> Timing {
        try Timing.of(searches) { index in
            var request = SearchRequest(vector: vector(index), filter: filter)
            request.threads = threads
            _ = try collection.search(request)
        }
    }

    /// Of the exact order of the vectors as they are stored.
    private func recall(_ filter: Filter?) throws -> String {
        var (found, wanted) = (0, 0)
        for index in 0..<(corpus.count > 2_000_000 ? 50 : 200) {
            var request = SearchRequest(vector: vector(index), filter: filter)
            let ids = Set(try collection.search(request).map(\.id))
            request.isExact = true
            let exact = try collection.search(request).map(\.id)
            found += ids.intersection(exact).count
            wanted += exact.count
        }
        return decimals(Double(found) / Double(max(1, wanted)), 4)
    }
}
