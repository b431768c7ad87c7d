#if Server

internal import Martlet
internal import MartletModels
internal import MartletTokenizers

/// Texts of a request as one, with the tokens of each.
private struct JoinedTexts: Sendable {
    let tokens: TokenizedText
    /// Places in `tokens`.
    let spans: [Range<Int>]
}

extension EmbedService {
    /// A vector for each text, of its own tokens but made with the texts around it in view: late chunking
    /// (Günther et al. 2024, arXiv:2409.04701). The model reads all texts of the request together, with a
    /// space between them.
    func lateVectors(_ request: EmbedRequest, _ call: Call) async throws -> EmbedOutcome {
        try await store.withModel(
            request.model, for: .vectors, task: request.task, keepAlive: request.keepAlive
        ) { model in
            let request = request.fitted(to: model)
            let engine = try model.requireVectors()
            let post: PostProcessing
            do throws(MartletError) { post = try engine.postProcessing(request.options) } catch {
                throw ServiceError(error)
            }
            let isMean = post.modes.allSatisfy { [.mean, .max, .meanSqrtLen].contains($0) }
            guard engine.pipeline.tokens == nil, isMean else {
                throw ServiceError.invalid(
                    "late_chunking",
                    "late_chunking pools the tokens of each text, and model \(model.name) "
                        + (isMean ? "reads each token by itself" : "reads one place of a whole text")
                        + "; name a model with mean pooling, or send false")
            }
            let joined = try await call.offloaded(bytes: request.batch.bytes) { () throws(ServiceError) in
                try model.joined(request)
            }
            let width = model.info.hiddenSize
            let reader = OutputReader.numbers(.tokenVectors) { hidden, _ in Array(hidden) }
            let outcome = try await rows(
                request.batch, { TokenizedInputs(texts: [joined.tokens]) }, reader, on: model, call
            ) { _ in joined.tokens.ids.count * width + request.inputs.count * post.dimensions }
            let hidden = outcome.rows.first ?? []
            let rows = joined.spans.map { span in
                hidden.withUnsafeBufferPointer { hidden in
                    post.vector(
                        of: UnsafeBufferPointer(
                            rebasing: hidden[span.lowerBound * width..<span.upperBound * width]),
                        tokens: span.count,
                        promptTokens: 0)
                }
            }
            return EmbedOutcome(model: model, rows: rows, lengths: joined.spans.map(\.count), truncated: [])
        }
    }
}

extension ServedModel {
    fileprivate func joined(_ request: EmbedRequest) throws(ServiceError) -> JoinedTexts {
        let engine = try requireEngine()
        var text = ""
        var ranges: [Range<Int>] = []
        for (index, input) in request.inputs.enumerated() {
            if index > 0 { text += " " }
            let start = text.utf8.count
            text += try string(of: input, index, request.parameter)
            ranges.append(start..<text.utf8.count)
        }
        var options = request.options
        options.truncation = .native
        let tokens: TokenizedText
        let prompt: String
        do throws(MartletError) {
            tokens = try engine.tokenized(text, role: request.role, options)
            prompt =
                if let prompt = options.prompt { prompt } else {
                    try engine.pipeline.prompts.text(for: request.role)
                }
        } catch {
            throw Self.named(error, 0, request.parameter)
        }
        guard tokens.total <= tokens.ids.count else {
            throw ServiceError(
                .tooLong,
                "late_chunking reads all texts of \(request.parameter) together: they have \(tokens.total) tokens and the model takes "
                    + "\(info.maxTokens); send fewer at a time", parameter: request.parameter)
        }
        let encoding = engine.tokenizer.encode(prompt + text, withOffsets: true)
        guard let offsets = encoding.offsets, let texts = encoding.textIndices,
            offsets.count == tokens.ids.count
        else {
            throw ServiceError(
                .wrongModel, "model \(name) does not say where its tokens are in a text",
                parameter: "late_chunking")
        }
        let before = prompt.utf8.count
        var spans: [Range<Int>] = []
        for (index, range) in ranges.enumerated() {
            let own = offsets.indices.filter { place in
                texts[place] >= 0 && range.contains(offsets[place].lowerBound - before)
            }
            guard let first = own.first, let last = own.last else {
                throw .invalid(
                    request.parameter,
                    "\(request.parameter)[\(index)] has no tokens, so late_chunking gives it no vector",
                    index: index)
            }
            spans.append(first..<last + 1)
        }
        return JoinedTexts(tokens: tokens, spans: spans)
    }
}

#endif
