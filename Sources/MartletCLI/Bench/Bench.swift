#if Command

import Martlet
import MartletTokenizers

/// Measures one embedder in process.
struct Bench {
    let embedder: Embedder
    /// Times that each set of texts is measured.
    let rounds: Int

    /// Text to vectors: all texts in one call, after some of them have warmed up caches and buffers.
    func corpus(_ texts: [String]) throws -> (rate: BenchRate, embeddings: Embeddings) {
        _ = try embedder.embedBlocking(Self.warmUp(texts))
        var seconds: [Double] = []
        var embeddings: Embeddings
        repeat {
            let start = System.seconds()
            embeddings = try embedder.embedBlocking(texts)
            seconds.append(System.seconds() - start)
        } while seconds.count < rounds
        let usage = embeddings.usage
        let rate = BenchRate(
            texts: texts.count, tokens: usage.tokens, truncated: usage.truncatedInputs.count, seconds: seconds
        )
        return (rate, embeddings)
    }

    /// Made texts of one length, about `tokens` tokens of them.
    func length(_ length: Int, tokens: Int) throws -> BenchRate {
        try corpus(try BenchTexts(embedder).block(count: max(1, min(tokens / length, 16384)), tokens: length))
            .rate
    }

    /// Texts to ids on the calling thread.
    func tokenizer(_ texts: [String]) -> BenchRate {
        let limit = embedder.model.maxTokens
        var rate = BenchRate(texts: texts.count)
        _ = tokenize(Self.warmUp(texts), limit)
        repeat {
            let start = System.seconds()
            (rate.tokens, rate.truncated) = tokenize(texts, limit)
            rate.seconds.append(System.seconds() - start)
        } while rate.seconds.count < rounds
        return rate
    }

    private func tokenize(_ texts: [String], _ limit: Int) -> (tokens: Int, truncated: Int) {
        let tokenizer = embedder.engine.tokenizer
        let scratch = TokenizerScratch()
        var ids: [Int32] = []
        var counts = (tokens: 0, truncated: 0)
        for var text in texts {
            ids.removeAll(keepingCapacity: true)
            let total = text.withUTF8 {
                tokenizer.encode(
                    utf8: UnsafeRawBufferPointer($0), into: &ids, maxTokens: limit, scratch: scratch)
            }
            counts.tokens += ids.count
            if total > limit { counts.truncated += 1 }
        }
        return counts
    }

    /// `count` calls with one text each, `pause` milliseconds after the answer before, while as many
    /// neighbours keep cores busy.
    func latency(_ queries: [String], count: Int, pause: Int, neighbours: Int) throws -> BenchLatency {
        let others = try BusyThreads(count: neighbours)
        defer { others.stop() }
        for call in 0..<max(3, count / 10) { _ = try embedder.embedBlocking([queries[call % queries.count]]) }
        var seconds: [Double] = []
        seconds.reserveCapacity(count)
        for call in 0..<count {
            if pause > 0 { System.sleep(seconds: Double(pause) / 1000) }
            let query = [queries[call % queries.count]]
            let start = System.seconds()
            _ = try embedder.embedBlocking(query)
            seconds.append(System.seconds() - start)
        }
        return BenchLatency(pause: pause, neighbours: neighbours, seconds: seconds.sorted())
    }

    private static func warmUp(_ texts: [String]) -> [String] {
        Array(texts.prefix(min(64, max(1, texts.count / 8))))
    }
}

/// How long one set of texts took.
struct BenchRate: Equatable {
    var texts = 0
    var tokens = 0
    /// Texts that were cut.
    var truncated = 0
    /// Of each round.
    var seconds: [Double] = []

    /// The round in the middle, the lower of the two for an even number.
    var median: Double {
        guard !seconds.isEmpty else { return 0 }
        return seconds.sorted()[(seconds.count - 1) / 2]
    }

    var length: Int { tokens / max(texts, 1) }
    var tokensPerSecond: Double { Double(tokens) / max(median, 1e-9) }
    var textsPerSecond: Double { Double(texts) / max(median, 1e-9) }
}

#endif
