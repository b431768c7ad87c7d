internal import Martlet

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
    /// - Parameter needsOne: Whether a model with several labels is an error: there is nothing to rank by.
    func scores(
        _ inputs: [ScorerInput], _ name: String?, parameter: String, truncation: TruncationPolicy, isRaw: Bool, needsOne: Bool, _ call: Call
    ) async throws -> ScoreOutcome {
        try await store.withModel(name, for: .scores) { model in
            let scorer = try model.requireScorer()
            if needsOne, scorer.labelNames.count != 1 {
                throw ServiceError(
                    .wrongModel, "model \(model.name) gives \(scorer.labelNames.count) labels and no single score to rank by; use /predict",
                    parameter: "model")
            }
            let bytes = inputs.reduce(0) { sum, input in
                switch input {
                case .text(let text): sum + text.utf8.count
                case .pair(let a, let b): sum + a.utf8.count + b.utf8.count
                }
            }
            let tokenize = { @Sendable () throws(ServiceError) in try model.tokenized(inputs, scorer, parameter, truncation) }
            let reading = Reading(.scores) { hidden, text in scorer.numbers(of: hidden, tokens: text.ids.count) }
            let batch = Batch(bytes: bytes, parameter: parameter)
            let outcome = try await rows(batch, tokenize, reading, on: model, call) { $0.count * scorer.labelNames.count }
            return ScoreOutcome(
                model: model, labels: scorer.labelNames, rows: outcome.rows.map { scorer.scores($0, isRaw: isRaw) },
                lengths: outcome.lengths, truncated: outcome.truncated.map(\.index))
        }
    }

    /// Sparse vectors of texts.
    func sparseRows(_ request: EmbedRequest, _ call: Call) async throws -> [SparseRow] {
        try await store.withModel(request.model, for: .sparse) { model in
            let reader = try model.requireSparseReader()
            let prepared = try await offload.run(bytes: request.batch.bytes) { () throws(ServiceError) in
                try model.prepared(request, reader)
            }
            var known: [Int: SparseRow] = [:]
            var inputs = TokenizedInputs()
            var places: [Int] = []
            for (index, text) in prepared.enumerated() {
                switch text {
                case .row(let row, _, let isTruncated):
                    known[index] = row
                    if isTruncated { inputs.truncated.append((index, 0)) }
                case .tokens(let tokens):
                    if tokens.total > tokens.ids.count { inputs.truncated.append((index, tokens.total)) }
                    inputs.texts.append(tokens)
                    places.append(index)
                }
            }
            let given = inputs
            let reading = Reading(.sparse) { hidden, _ in Array(hidden) }
            let outcome = try await rows(request.batch, { given }, reading, on: model, call) { _ in 0 }
            for (place, row) in zip(places, outcome.rows) { known[place] = PackedSparse.unpack(row) }
            return prepared.indices.map { known[$0] ?? [] }
        }
    }
}

extension ServedModel {
    fileprivate func tokenized(
        _ inputs: [ScorerInput], _ scorer: any TextScorer, _ parameter: String, _ truncation: TruncationPolicy
    ) throws(ServiceError) -> TokenizedInputs {
        var found = TokenizedInputs()
        found.texts.reserveCapacity(inputs.count)
        for (index, input) in inputs.enumerated() {
            let text: TokenizedText
            do throws(MartletError) {
                text = try scorer.tokens(of: input, truncation == .error ? .end : truncation)
            } catch {
                throw ServiceError(
                    ServiceError(error).kind, "\(parameter)[\(index)]: \(error.message)", parameter: parameter, inputIndex: index)
            }
            if text.total > text.ids.count {
                if truncation == .error { throw tooLong(index, text.total, parameter) }
                found.truncated.append((index, text.total))
            }
            found.texts.append(text)
        }
        return found
    }

    fileprivate func prepared(_ request: EmbedRequest, _ reader: any SparseReader) throws(ServiceError) -> [SparseText] {
        var texts: [SparseText] = []
        for (index, input) in request.inputs.enumerated() {
            let text = try string(of: input, index, request.parameter)
            do throws(MartletError) {
                texts.append(try reader.prepare(text, request.role, request.options))
            } catch {
                throw ServiceError(
                    ServiceError(error).kind, "\(request.parameter)[\(index)]: \(error.message)", parameter: request.parameter,
                    inputIndex: index)
            }
        }
        return texts
    }
}
