import MartletMiniLM
import Testing

@testable import Martlet

@Suite("Reranker")
struct RerankerTests {
    private let query = "balo tuka miro"
    private let documents = ["nela", "balo tuka miro", "", "zupe fani balo", "nela", String(repeating: "lofe ", count: 90)]

    @Test func rankingIsSortedAndStable() async throws {
        let reranker = try TinyClassifier("bert-cross").reranker()
        let scores = try await reranker.scores(query, documents)
        let ranking = try await reranker.rerank(query, documents)
        #expect(ranking.map(\.index).sorted() == Array(documents.indices))
        for (a, b) in zip(ranking, ranking.dropFirst()) {
            #expect(a.score > b.score || a.score == b.score && a.index < b.index)
        }
        for document in ranking { #expect(document.score == scores[document.index]) }
        let places = ranking.map(\.index)
        #expect(scores[0] == scores[4] && places.firstIndex(of: 0).map { $0 + 1 } == places.firstIndex(of: 4))
        #expect(ranking.usage == scores.usage && scores.usage.truncatedInputs == [5] && scores.usage.blankInputs == 1)
        #expect(try await reranker.rerank(query, documents, topN: 2).map(\.index) == Array(places.prefix(2)))
        #expect(try reranker.rerankBlocking(query, documents, topN: 99).map(\.index) == places)
        #expect(try await reranker.rerank(query, []).isEmpty)
        #expect(try await reranker.rerank(query, documents, topN: 0).isEmpty)
    }

    @Test func activations() throws {
        let identity = try TinyClassifier("bert-cross").reranker()
        let raw = try identity.scoresBlocking(query, documents, .init(activation: .raw))
        #expect(try identity.scoresBlocking(query, documents).values == raw.values)
        let sigmoid = try identity.scoresBlocking(query, documents, .init(activation: .sigmoid))
        for (x, s) in zip(raw, sigmoid) { #expect(s > 0 && s < 1 && (s > 0.5) == (x > 0)) }
        #expect(identity.model.scoreActivation == "raw" && identity.model.kind == .reranker)
    }

    @Test func labels() async throws {
        let classifier = try TinyClassifier("bert-labels").reranker()
        #expect(classifier.model.kind == .classifier && classifier.model.labels == ["contradiction", "entailment", "neutral"])
        let predictions = try await classifier.predict(["balo", .pair("balo", "tuka")])
        for row in predictions {
            #expect(row.map(\.label) == classifier.model.labels && abs(row.reduce(0) { $0 + $1.score } - 1) < 1e-6)
        }
        let error = await #expect(throws: MartletError.self) { try await classifier.rerank(query, documents) }
        #expect(error?.code == .invalidOption && error?.message.contains("3 labels") == true)
    }

    @Test func truncation() throws {
        let reranker = try TinyClassifier("bert-cross").reranker()
        let error = #expect(throws: MartletError.self) {
            try reranker.scoresBlocking(query, documents, .init(truncation: .error))
        }
        #expect(error?.code == .inputTooLong && error?.inputIndex == 5)
        let end = try reranker.tokenize(.pair("balo", documents[5] + "tuka"))
        let start = try reranker.tokenize(.pair("balo", "tuka " + documents[5]), .init(truncation: .start))
        #expect(end.ids.count == reranker.model.maxTokens && start.ids.count == end.ids.count && end.isTruncated)
        #expect(end.tokens.prefix(4) == ["[CLS]", "ba", "##lo", "[SEP]"] && start.tokens.last == "[SEP]")
    }

    /// Each kind of model says which command is for it.
    @Test func modelsOfTheOtherKind() throws {
        let vectors = #expect(throws: MartletError.self) { try Embedder(modelAt: Goldens.path("classifiers/bert-cross")) }
        #expect(vectors?.code == .unsupportedModel && vectors?.message.contains("martlet rerank") == true)
        let pooled = #expect(throws: MartletError.self) {
            try Embedder(modelAt: Goldens.path("classifiers/bert-legacy"), .init(pooling: .mean))
        }
        #expect(pooled?.message.contains("BertForSequenceClassification") == true)
        let scores = #expect(throws: MartletError.self) { try Reranker(modelAt: Goldens.path("models/bert-mini")) }
        #expect(scores?.code == .unsupportedModel && scores?.message.contains("martlet embed") == true)
        #expect(throws: MartletError.self) { try Reranker(.miniLM) }
        #expect(throws: MartletError.self) { try Reranker(modelAt: Goldens.path("classifiers/bert-cross"), .init(pooling: .mean)) }
    }

    /// A server packs pairs by hand: the same bits.
    @Test func unitsOfAServer() throws {
        let reranker = try TinyClassifier("bert-cross").reranker()
        let classifier = reranker.classifier
        let expected = try reranker.scoresBlocking(query, documents)
        let texts = try documents.map { try classifier.tokenized(.pair(query, $0), .init()) }
        var found: [Float] = []
        classifier.engine.forward(texts, on: classifier.engine.makeWorker()) { place, hidden in
            found.append(classifier.score(classifier.logits(of: hidden, tokens: texts[place].ids.count)[0], .init()))
        }
        #expect(found.map(\.bitPattern) == expected.map(\.bitPattern))
    }
}
