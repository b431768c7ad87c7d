#if Server

internal import Martlet

/// Vectors of texts' tokens, and what they took.
struct MultiVectorOutcome: Sendable {
    let model: ServedModel
    /// Of each text the vectors one after the other.
    let rows: [[Float]]
    let dimensions: Int
    /// Tokens that went through the model; some of them have no vector.
    let tokens: Int
}

extension EmbedService {
    /// A vector for each token, for late interaction.
    /// - Parameter dimensions: Leading dimensions to keep; the vectors have length 1 again.
    func multiVectors(_ request: EmbedRequest, isQuery: Bool, dimensions: Int?, _ call: Call) async throws
        -> MultiVectorOutcome
    {
        try await store.withModel(request.model, for: .multiVectors, keepAlive: request.keepAlive) { model in
            let head = try model.requireMultiVectorReader()
            let width = head.dimensions
            if let dimensions, dimensions > width {
                throw ServiceError.invalid(
                    "dimensions", "dimensions is \(dimensions), and the model's vectors have \(width)")
            }
            let tokenize = { @Sendable () throws(ServiceError) in
                try model.tokenized(request, head, isQuery: isQuery)
            }
            let kept = dimensions ?? width
            if request.options.normalize == true, !model.info.normalizes, kept == width {
                throw ServiceError.invalid(
                    "normalize", "vectors of model \(model.name) do not have length 1; leave normalize out")
            }
            let reader = OutputReader.numbers(.multiVectors(isQuery: isQuery, dimensions: kept)) {
                hidden, text in
                let vectors = head.vectors(of: hidden, text, isQuery: isQuery)
                return kept == width ? vectors : Self.cut(vectors, width: width, to: kept)
            }
            let outcome = try await rows(request.batch, tokenize, reader, on: model, call) { texts in
                texts.reduce(0) { $0 + $1.ids.count } * kept
            }
            return MultiVectorOutcome(
                model: model, rows: outcome.rows, dimensions: kept, tokens: outcome.tokens)
        }
    }

    private static func cut(_ row: [Float], width: Int, to kept: Int) -> [Float] {
        var cut: [Float] = []
        cut.reserveCapacity(row.count / width * kept)
        for start in stride(from: 0, to: row.count, by: width) {
            let vector = row[start..<start + kept]
            let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
            cut += vector.map { length > 0 ? $0 / length : 0 }
        }
        return cut
    }
}

extension ServedModel {
    fileprivate func tokenized(_ request: EmbedRequest, _ reader: any MultiVectorReader, isQuery: Bool)
        throws(ServiceError)
        -> TokenizedInputs
    {
        var found = TokenizedInputs()
        found.texts.reserveCapacity(request.inputs.count)
        for (index, input) in request.inputs.enumerated() {
            let text = try string(of: input, index, request.parameter)
            do throws(MartletError) {
                let (tokens, isTruncated) = try reader.prepare(text, isQuery: isQuery, request.options)
                if isTruncated { found.truncated.append((index, tokens.total)) }
                found.texts.append(tokens)
            } catch {
                throw Self.named(error, index, request.parameter)
            }
        }
        return found
    }
}

#endif
