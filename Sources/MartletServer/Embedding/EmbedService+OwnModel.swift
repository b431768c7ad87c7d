#if Server

internal import Martlet
internal import MartletSystem

extension EmbedService {
    /// Vectors by a model that batches its own calls: one of the user's own, or one in the context of a
    /// corpus.
    func vectors(
        _ request: EmbedRequest, of own: any EmbeddingModel<Embeddings>, _ model: ServedModel, _ call: Call
    ) async throws -> EmbedOutcome {
        var texts: [String] = []
        for (index, input) in request.inputs.enumerated() {
            texts.append(try model.string(of: input, index, request.parameter))
        }
        try add(
            numbers: texts.count * (request.options.dimensions ?? model.info.dimensions), request.parameter,
            call)
        let start = clock.now()
        var rows: [[Float]] = []
        var usage = Usage()
        let most = max(1, own.limits.maxTexts ?? texts.count)
        for first in stride(from: 0, to: texts.count, by: most) {
            let part = Array(texts[first..<min(first + most, texts.count)])
            do {
                let batch = try await own.embed(part, as: request.role, options: request.options)
                guard batch.count == part.count else {
                    throw MartletError(
                        .invalidOutput,
                        "\(model.name) returned \(batch.count) vectors for \(part.count) texts")
                }
                rows += batch.map(\.values)
                usage.tokens += batch.usage.tokens
                usage.truncatedInputs += batch.usage.truncatedInputs.map { $0 + first }
            } catch let error as MartletError {
                guard let index = error.inputIndex else { throw ServiceError(error) }
                throw ServedModel.named(error, first + index, request.parameter)
            }
        }
        let (bytes, took, found) = (request.batch.bytes, clock.now() &- start, usage)
        call.record.update {
            $0.model = model.name
            $0.characters += bytes
            $0.computed += took
            $0.lengths.append(found.tokens)
            $0.add(truncated: found.truncatedInputs)
        }
        return Outcome(
            model: model, rows: rows, lengths: [usage.tokens],
            truncated: usage.truncatedInputs.map { ($0, 0) })
    }
}

#endif
