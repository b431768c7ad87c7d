import MartletIndex

/// Scans of some lists of near vectors, beside scans of all rows. It orders the collection's rows for good.
struct ListsBenchmark {
    private let corpus: Corpus
    private let questions = 50

    init(_ corpus: Corpus) { self.corpus = corpus }

    func run() throws {
        let collection = try SearchCollection(opening: corpus.path)
        let exact = try (0..<questions).map { index in
            var request = request(index)
            request.isExact = true
            return Set(try collection.search(request).map(\.id))
        }
        try measure("all rows", collection, exact, probes: nil)
        let began = Clock.cpu()
        try collection.writer().optimize()
        row(
            "ordering \(corpus.count) by lists", "",
            "\(decimals((Clock.cpu() - began) / 1000, 0)) CPU-seconds")
        for probes in [16, 64, 256, 1024] {
            try measure("\(probes) lists", collection, exact, probes: probes)
        }
    }

    private func request(_ index: Int) -> SearchRequest {
        SearchRequest(vector: corpus.questionVectors[index % corpus.questionVectors.count])
    }

    private func measure(
        _ name: String, _ collection: SearchCollection, _ exact: [Set<String>], probes: Int?
    ) throws {
        func ids(_ index: Int) throws -> [String] {
            var request = request(index)
            request.probes = probes
            return try collection.search(request).map(\.id)
        }
        var found = 0
        for index in 0..<questions { found += exact[index].intersection(try ids(index)).count }
        let timing = try Timing.of(10 * questions) { _ = try ids($0) }
        let recall = Double(found) / Double(questions * 10)
        row("vectors, \(name)", "", "\(timing.text); recall@10 \(decimals(recall, 4))")
    }
}
