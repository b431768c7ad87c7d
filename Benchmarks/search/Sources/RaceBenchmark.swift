import MartletIndex
import MartletSystem

/// The part of peers.py that is Martlet's: a collection of vectors alone, and a thousand questions to it.
struct RaceBenchmark {
    private let corpus: Corpus

    init(_ corpus: Corpus) { self.corpus = corpus }

    /// A line with CPU seconds of building and of asking, and MiB; then for each question its milliseconds and
    /// the numbers of what was found.
    func run() throws {
        let identity = CollectionIdentity(model: "race", fingerprint: "race")
        let path = "\(corpus.folder)/race-\(getpid()).martlet"
        var lines: [String] = []
        var (built, asked, memory) = (0.0, 0.0, 0.0)
        let collection = try SearchCollection.create(
            at: path, settings: CollectionSettings(identity: identity, dimensions: Corpus.dimensions))
        let writer = try collection.writer()
        for start in stride(from: 0, to: corpus.count, by: 16_384) {
            let records = (start..<min(corpus.count, start + 16_384)).map {
                Record(id: "\($0)", text: "", vector: corpus.vector($0))
            }
            let began = Clock.cpu()
            memory = max(memory, try Memory.growth { try writer.add(records, identity: identity) })
            built += Clock.cpu() - began
        }
        let began = Clock.cpu()
        memory = max(
            memory,
            try Memory.growth {
                for vector in corpus.questionVectors {
                    let start = Clock.wall()
                    let hits = try collection.search(SearchRequest(vector: vector))
                    lines.append("\(Clock.wall() - start) \(hits.map(\.id).joined(separator: " "))")
                }
            })
        asked = Clock.cpu() - began
        print("\(built / 1000) \(asked / 1000) \(memory)")
        for line in lines { print(line) }
        Folder.remove(path)
    }
}
