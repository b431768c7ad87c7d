import MartletIndex

/// How high a description ranks for its title: nDCG@10 with one relevant record a question.
struct QualityBenchmark {
    let folder: String
    private static let questions = 3000

    func run() throws {
        let bodies = try Corpus.lines("\(folder)/bodies.txt")
        let vectors = try Corpus.vectors("\(folder)/bodies.f32")
        let titles = try Corpus.lines("\(folder)/titles.txt")
        let titleVectors = try Corpus.vectors("\(folder)/titles.f32")
        let identity = try Corpus.identity()
        func collection(_ store: VectorStore) throws -> SearchCollection {
            let path = "\(folder)/quality-\(store.rawValue).martlet"
            if let known = try? SearchCollection(opening: path) { return known }
            let made = try SearchCollection.create(
                at: path,
                settings: CollectionSettings(identity: identity, dimensions: Corpus.dimensions, store: store))
            let writer = try made.writer()
            for start in stride(from: 0, to: bodies.count, by: 16_384) {
                let rows = start..<min(bodies.count, start + 16_384)
                try writer.add(
                    rows.map { Record(id: "\($0)", text: bodies[$0], vector: vectors[$0]) },
                    identity: identity)
            }
            return made
        }
        let (usual, exact) = (try collection(.f16), try collection(.f32))
        let step = titles.count / Self.questions
        func score(_ collection: SearchCollection, _ change: (inout SearchRequest) -> Void) throws -> Double {
            var sum = 0.0
            for number in 0..<Self.questions {
                let index = number * step
                var request = SearchRequest(text: titles[index], vector: titleVectors[index])
                change(&request)
                guard let place = try collection.search(request).firstIndex(where: { $0.id == "\(index)" })
                else { continue }
                sum += 1 / Self.logarithms[place]
            }
            return sum / Double(Self.questions)
        }
        let fused = try score(usual) { _ in }
        row("nDCG@10, titles to \(bodies.count) descriptions, default fusion", "0.71", decimals(fused, 4))
        row("the same by reciprocal ranks", "–", decimals(try score(usual) { $0.fusion = .ranks }, 4))
        row("the same by words", "–", decimals(try score(usual) { $0.mode = .words }, 4))
        let vectorsAlone = try score(usual) { $0.mode = .vectors }
        let reference = try score(exact) {
            $0.mode = .vectors
            $0.isExact = true
        }
        row("the same by vectors", "–", decimals(vectorsAlone, 4))
        row(
            "by vectors, against exact f32", "within 0.1 %",
            "\(decimals(vectorsAlone, 5)) against \(decimals(reference, 5))")
    }

    /// The base-2 logarithms of 2 to 11.
    private static let logarithms = [
        1, 1.584963, 2, 2.321928, 2.584963, 2.807355, 3, 3.169925, 3.321928, 3.459432,
    ]
}
