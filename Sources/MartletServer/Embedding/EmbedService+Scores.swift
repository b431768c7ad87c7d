#if Server

internal import Martlet
internal import MartletTokenizers

/// Scores of a request's texts, a row for each.
struct ScoreOutcome: Sendable {
    let model: ServedModel
    let labels: [String]
    let rows: [[Float]]
    let lengths: [Int]
    let truncated: [Int]
    var tokens: Int { lengths.reduce(0, +) }
}

extension EmbedService {
    /// The scores that a reranker or classifier gives to inputs.
    /// - Parameters:
    ///   - needsOne: Whether a model with several labels is an error: there is nothing to rank by.
    ///   - maxDocumentTokens: The most tokens that are read of the second text of a pair.
    func scores(
        _ inputs: [ScorerInput], _ name: String?, parameter: String, truncation: TruncationPolicy,
        isRaw: Bool, needsOne: Bool,
        maxDocumentTokens: Int? = nil, _ call: Call
    ) async throws -> ScoreOutcome {
        try await store.withModel(name, for: .scores) { model in
            let scorer = try model.requireScorer()
            if needsOne, scorer.labelNames.count != 1 {
                throw ServiceError(
                    .wrongModel,
                    "model \(model.name) gives \(scorer.labelNames.count) labels and no single score to rank by; use /predict",
                    parameter: "model")
            }
            let bytes = inputs.reduce(0) { sum, input in
                switch input {
                case .text(let text): sum + text.utf8.count
                case .pair(let a, let b): sum + a.utf8.count + b.utf8.count
                }
            }
            let tokenize = { @Sendable () throws(ServiceError) in
                try model.tokenized(inputs, scorer, parameter, truncation, maxDocumentTokens)
            }
            let reader = OutputReader.numbers(.scores) { hidden, text in
                scorer.numbers(of: hidden, tokens: text.ids.count)
            }
            let batch = Batch(bytes: bytes, parameter: parameter)
            let outcome = try await rows(batch, tokenize, reader, on: model, call) {
                $0.count * scorer.labelNames.count
            }
            return ScoreOutcome(
                model: model, labels: scorer.labelNames,
                rows: outcome.rows.map { scorer.scores($0, isRaw: isRaw) },
                lengths: outcome.lengths, truncated: outcome.truncated.map(\.index))
        }
    }
}

extension ServedModel {
    fileprivate func tokenized(
        _ inputs: [ScorerInput], _ scorer: any TextScorer, _ parameter: String,
        _ truncation: TruncationPolicy,
        _ maxDocumentTokens: Int?
    ) throws(ServiceError) -> TokenizedInputs {
        var found = TokenizedInputs()
        found.texts.reserveCapacity(inputs.count)
        for (index, input) in inputs.enumerated() {
            let text: TokenizedText
            var input = input
            var isCut = false
            if let limit = maxDocumentTokens, case .pair(let query, let document) = input,
                let beginning = try beginning(of: document, tokens: limit)
            {
                input = .pair(query, beginning)
                isCut = true
            }
            do throws(MartletError) {
                text = try scorer.tokens(of: input, truncation == .error ? .native : truncation)
            } catch {
                throw ServiceError(
                    ServiceError(error).kind, "\(parameter)[\(index)]: \(error.message)",
                    parameter: parameter, inputIndex: index)
            }
            if text.total > text.ids.count {
                if truncation == .error {
                    let error = tooLong(index, text.total, parameter)
                    guard case .pair = input else { throw error }
                    throw ServiceError(
                        .tooLong, "with the query, \(error.message)", parameter: parameter, inputIndex: index)
                }
                isCut = true
            }
            if isCut { found.truncated.append((index, text.total)) }
            found.texts.append(text)
        }
        return found
    }

    /// The first tokens of a text; nil if it has no more than so many.
    private func beginning(of text: String, tokens limit: Int) throws(ServiceError) -> String? {
        // A token has a byte at least.
        guard text.utf8.count > limit else { return nil }
        let encoding = try requireEngine().tokenizer.encode(
            text, truncation: .none, addsSpecialTokens: false, withOffsets: true)
        guard encoding.ids.count > limit, let offsets = encoding.offsets else { return nil }
        return String(decoding: Array(text.utf8).prefix(offsets[limit - 1].upperBound), as: UTF8.self)
    }
}

#endif
