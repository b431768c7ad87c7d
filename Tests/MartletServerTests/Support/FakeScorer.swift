#if Server

import Martlet
import MartletMiniLM

@testable import MartletServer

/// Scores a text by what its tokens sum to, so that tests know the order: no model gives such scores.
struct FakeScorer: TextScorer {
    let engine: Engine
    var labelNames = ["score"]

    func tokens(of input: ScorerInput, _ truncation: TruncationPolicy) throws(MartletError) -> TokenizedText {
        let text =
            switch input {
            case .text(let text): text
            case .pair(let a, let b): a + " " + b
            }
        return try engine.tokenized(text, role: nil, EmbedOptions(truncation: truncation))
    }

    func numbers(of hidden: UnsafeBufferPointer<Float>, tokens: Int) -> [Float] {
        labelNames.indices.map { Float(tokens - $0) }
    }

    /// Halved unless raw.
    func scores(_ numbers: [Float], isRaw: Bool) -> [Float] { isRaw ? numbers : numbers.map { $0 / 2 } }
}

/// Gives each text its first id, and an index that no float holds.
struct FakeSparseReader: SparseReader {
    let engine: Engine
    var identity: ModelIdentity? { nil }

    func prepare(_ text: String, _ role: TextRole?, _ options: EmbedOptions) throws(MartletError)
        -> SparseText
    {
        if text == "static" {
            return .row(try SparseEmbedding(indices: [7], values: [0.5]), tokens: 1, isTruncated: false)
        }
        return .tokens(try engine.tokenized(text, role: role, options))
    }

    func rows(of texts: [TokenizedText], on worker: Worker) -> [SparseEmbedding?] {
        texts.map { text -> SparseEmbedding? in
            try? SparseEmbedding(
                indices: [Int(text.ids[1]), 1 << 30 | 1], values: [1.5, Float(text.ids.count)])
        }
    }
}

extension TestServer {
    /// A server whose models are a reranker, a classifier with two labels, and a sparse model, all over the
    /// small encoder.
    static let heads = Result { try heads() }

    static func heads(clientBatch: Int = 2048) throws -> TestServer {
        try TestServer(
            {
                $0.models = ["reranker", "classifier", "sparse"].map { ModelEntry(name: $0, source: .miniLM) }
                $0.maxClientBatch = clientBatch
            },
            loader: { (entry: ModelEntry) throws(MartletError) -> ServedModel in
                let embedder = try Embedder(entry.source, configuration: .init(threads: 1, precision: .f32))
                let part: ServedModel.Part =
                    switch entry.name {
                    case "reranker": .scores(FakeScorer(engine: embedder.engine))
                    case "classifier":
                        .scores(FakeScorer(engine: embedder.engine, labelNames: ["bad", "good"]))
                    default: .sparse(FakeSparseReader(engine: embedder.engine))
                    }
                return ServedModel(
                    name: entry.name, info: embedder.model, engine: embedder.engine, part: part, threads: 2,
                    loadDuration: 1)
            })
    }
}

#endif
