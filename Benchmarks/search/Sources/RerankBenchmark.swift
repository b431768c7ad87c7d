import Martlet
import MartletIndex

/// Twenty pairs of eighty tokens through a cross-encoder.
struct RerankBenchmark {
    private let reranker: Reranker
    private let folder: String

    init(model: String, folder: String) throws {
        reranker = try Reranker(modelAt: model)
        self.folder = folder
    }

    func run() throws {
        let words = try Corpus.lines("\(folder)/texts.txt").flatMap { $0.split(separator: " ") }
        var tokens = 0
        // About eighty tokens with the question.
        let pairs = (0..<20).map { words[$0 * 60..<$0 * 60 + 46].joined(separator: " ") }
        let timing = try Timing.of(100) { _ in
            let scores = try reranker.scoresBlocking(of: pairs, for: "how do I cook pasta")
            tokens = scores.usage.tokens
        }
        row(
            "reranking 20 pairs of \(tokens / 20) tokens, MiniLM-L6's shape, two threads", "40 ms",
            timing.text)
    }
}
