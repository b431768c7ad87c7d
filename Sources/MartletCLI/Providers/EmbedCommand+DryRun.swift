#if Command

import Martlet
import MartletData
import MartletProviders

/// Counts tokens and keeps nothing.
private struct TokenCounting: TextProcessor {
    let embedder: Embedder
    let role: TextRole?
    let options: EmbedOptions

    /// Whether a text counts as far as the model reads it.
    let isCut: Bool

    func process(_ texts: [String]) async throws -> Processed<Void> {
        var tokens = 0
        do throws(MartletError) {
            for text in texts {
                let found =
                    try isCut
                    ? embedder.tokenize(text, as: role, options: options)
                    : embedder.tokenizeWhole(text, as: role, options: options)
                tokens += found.ids.count
            }
        } catch {
            throw error.ofText
        }
        return Processed((), tokens: tokens, blank: texts.count { $0.allSatisfy(\.isWhitespace) })
    }
}

extension EmbedCommand {
    /// `--dry-run`: reads the whole input and tells what a run would have to do.
    func count(
        _ source: AnyRecordSource, _ batchSize: BatchSize, provider: (provider: Provider, model: String)?,
        kind: EmbeddingKind
    ) async throws {
        // Tokenizers of providers are not known, nor is one for kinds whose models are not loaded here.
        let isExact = provider == nil && kind == .dense
        let embedder = try isExact ? model.load() : DefaultModel.embedder(ModelConfiguration())
        let counting = TokenCounting(
            embedder: embedder, role: isExact ? text.textRole : nil,
            options: EmbedOptions(truncation: isExact ? text.truncate : .native, prompt: text.prompt),
            isCut: isExact)
        var bytes = 0
        var pipeline = RecordPipeline(
            source, processor: counting, batchSize: batchSize, badRecords: onError)
        pipeline.onSkip = { [verbosity] message in
            if !verbosity.quiet { Console.warning("\(message) (skipped)") }
        }
        let counts = try await pipeline.run { delivery in
            bytes += delivery.records.reduce(0) { $0 + $1.text.utf8.count }
        }
        var lines = [
            ("texts", Format.grouped(counts.texts)), ("bytes of text", Format.grouped(bytes)),
            (
                "tokens",
                isExact
                    ? Format.grouped(counts.tokens)
                    : "about \(Format.grouped(counts.tokens)), as \(embedder.model.name) counts"
            ),
        ]
        if let provider {
            let size = remote.textsOfRequest(provider.provider)
            let requests = (counts.texts + size - 1) / size
            lines.append(("requests", "at least \(Format.grouped(requests))"))
            let rates = try remote.rates()
            let seconds = [(rates.requests, requests), (rates.tokens, counts.tokens)].compactMap {
                rate, count in
                rate.map { Double($0.period.components.seconds) * Double(count) / Double($0.count) }
            }
            if let longest = seconds.max() {
                lines.append(("time at that rate", "at least \(Format.duration(longest))"))
            }
        }
        if let price = cost.price, let total = cost.cost(ofTokens: counts.tokens) {
            lines.append(
                ("cost", "\(isExact ? "" : "about ")\(Format.money(total)) at \(price) for a million tokens"))
        }
        try StandardOutput.write(lines.map { Format.padded($0.0, to: 20) + $0.1 + "\n" }.joined())
    }
}

#endif
