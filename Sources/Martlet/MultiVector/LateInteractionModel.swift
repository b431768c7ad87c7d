internal import MartletCompute
internal import MartletModels
internal import MartletTokenizers

/// A text ready for a forward pass, with the role that decides which of its tokens have a vector.
package struct LateInteractionInput: Sendable {
    package let text: TokenizedText
    package let isQuery: Bool
    package let isTruncated: Bool
}

/// A loaded model of late interaction. Calls block; `MultiVectorEmbedder` is its face for async callers.
package final class LateInteractionModel: Sendable {
    package let info: ModelInfo
    package let engine: Engine
    let projection: TokenProjection
    private let description: LateInteractionDescription
    private let query: RoleTokens
    private let document: RoleTokens
    /// Fills queries up.
    private let expansionID: Int32?

    /// What a role does to a text's tokens.
    private struct RoleTokens: Sendable {
        /// Put in after the special tokens at the beginning.
        var marker: Int32?
        /// Put before the text.
        var prompt: String
        var limit: Int
        var skipped: Set<Int32>
    }

    init(_ description: LateInteractionDescription, engine: Engine, projection: TokenProjection)
        throws(MartletError)
    {
        self.description = description
        self.engine = engine
        self.projection = projection
        let tokenizer = engine.tokenizer
        func id(_ token: String) -> Int32? { tokenizer.id(of: token).map(Int32.init) }
        let unknown = ["[UNK]", "<unk>"].compactMap(id)
        let skipped = Set(description.skipped.compactMap(id).filter { !unknown.contains($0) })
        func checked(_ tokens: RoleTokens) throws(MartletError) -> RoleTokens {
            guard tokens.limit >= engine.tokenizer.specialTokenCount + (tokens.marker == nil ? 0 : 1) else {
                throw .malformed(
                    engine.info.path,
                    "a limit of \(tokens.limit) tokens leaves no room for those around a text")
            }
            return tokens
        }
        func role(_ role: TextRole, _ prefix: String?, _ length: Int?, skips: Bool) throws(MartletError)
            -> RoleTokens
        {
            let prompt = try engine.pipeline.prompts.text(for: role)
            var tokens = RoleTokens(
                prompt: prompt, limit: min(length ?? engine.maxTokens, engine.maxTokens),
                skipped: skips ? skipped : [])
            guard let prefix, !prefix.isEmpty else { return try checked(tokens) }
            let rest = prompt.hasPrefix(prefix) ? String(prompt.dropFirst(prefix.count)) : prompt
            let word = String(prefix.prefix { !$0.isWhitespace })
            if let marker = id(prefix) {
                (tokens.marker, tokens.prompt) = (marker, rest)
            } else if !word.isEmpty, let marker = id(word) {
                (tokens.marker, tokens.prompt) = (marker, prefix.dropFirst(word.count) + rest)
            } else {
                tokens.prompt = prefix + rest
            }
            return try checked(tokens)
        }
        let expansion = description.expansion
        query = try role(
            .query, description.queryPrefix,
            expansion.flatMap { $0.isFixed ? $0.length : nil } ?? description.queryLength,
            skips: description.skipsInQueries)
        document = try role(
            .document, description.documentPrefix, description.documentLength,
            skips: description.skipsInDocuments)
        expansionID = try expansion.map { (expansion) throws(MartletError) in
            let names = expansion.token.map { [$0] } ?? ["[MASK]", "<mask>"]
            guard let found = names.compactMap(id).first else {
                throw .malformed(
                    engine.info.path,
                    "the tokenizer has none of the tokens \(names), which queries are filled up with")
            }
            guard expansion.length <= engine.maxTokens else {
                throw .malformed(
                    engine.info.path,
                    "queries are filled up to \(expansion.length) tokens, but the model takes \(engine.maxTokens)"
                )
            }
            guard expansion.attends || engine.encoder.hidesTokens(ofTextsUpTo: expansion.length) else {
                throw .unsupported(
                    engine.info.path,
                    "queries are filled up with tokens that none attends to, which this encoder's attention cannot leave out"
                )
            }
            return found
        }
        info = Self.describe(engine, description, projection)
    }

    // MARK: Text by text, for a queue of its own

    /// One text made ready on the calling thread. A text without a role is a document.
    /// - Parameter index: The text's place in the caller's call, for messages.
    package func input(_ text: String, role: TextRole?, _ options: EmbedOptions, _ index: Int = 0)
        throws(MartletError)
        -> LateInteractionInput
    {
        try inputs([text], role: role, options, before: index, onPool: false).inputs[0]
    }

    /// One forward pass over `texts` on the calling thread, and their vectors, in order; nil: they are not
    /// finite.
    package func forward(_ texts: [LateInteractionInput], on worker: Worker) -> [MultiVectorEmbedding?] {
        engine.forward(texts.lazy.map(\.text), .tokens, on: worker) { unit in vectors(texts, unit) }
    }

    /// The vectors of one text's tokens, one after the other, from its hidden states, [tokens × hiddenSize].
    package func vectors(of hidden: UnsafeBufferPointer<Float>, ids: [Int32], isQuery: Bool) -> [Float] {
        guard let base = hidden.baseAddress else { return [] }
        let rows = projection.apply(base, stride: projection.hiddenSize, rows: ids.count)
        return kept(ids, isQuery: isQuery).flatMap {
            rows[$0 * projection.dimensions..<($0 + 1) * projection.dimensions]
        }
    }

    /// The places of the tokens that have a vector.
    private func kept(_ ids: [Int32], isQuery: Bool) -> [Int] {
        let skipped = isQuery ? query.skipped : document.skipped
        return ids.indices.filter { !($0 == 0 && description.dropsFirst) && !skipped.contains(ids[$0]) }
    }

    /// What stands for a nil of `forward`.
    package func notFinite(_ index: Int) -> MartletError {
        MartletError(
            .nonFinite, text: index,
            "gives vectors that are not finite; the model's weights may be damaged, or too large for \(info.precision)"
        )
    }

    // MARK: Many texts

    /// The vectors of `texts`, in order. Blocks until they are computed.
    package func embed(_ texts: [String], role: TextRole?, _ options: EmbedOptions) throws(MartletError)
        -> MultiVectorEmbeddings
    {
        let (inputs, usage) = try inputs(texts, role: role, options)
        var found = [MultiVectorEmbedding?](repeating: nil, count: texts.count)
        found.withUnsafeMutableBufferPointer { found in
            // Each unit writes the places of its own texts only.
            nonisolated(unsafe) let found = found
            engine.forwardUnits(inputs.map(\.text), .tokens) { indices, unit in
                for (index, vectors) in zip(indices, self.vectors(indices.map { inputs[$0] }, unit)) {
                    found[index] = vectors
                }
            }
        }
        var vectors: [MultiVectorEmbedding] = []
        vectors.reserveCapacity(texts.count)
        for (index, text) in found.enumerated() {
            guard let text else { throw notFinite(index) }
            vectors.append(text)
        }
        return MultiVectorEmbeddings(unchecked: vectors, dimensions: projection.dimensions, usage: usage)
    }

    private func inputs(
        _ texts: [String], role: TextRole?, _ options: EmbedOptions, before: Int = 0, onPool: Bool = true
    ) throws(MartletError) -> (inputs: [LateInteractionInput], usage: Usage) {
        try options.refuse(
            pooling: true, dimensions: true, activeDimensions: true, of: "a model of token vectors")
        let isQuery = role == .query
        let tokens = isQuery ? query : document
        var prompt = options.prompt ?? tokens.prompt
        if options.prompt == nil, case .named? = role?.kind {
            prompt = try engine.pipeline.prompts.text(for: role)
        }
        let made = try engine.tokenize(
            texts, role: role, EmbedOptions(truncation: options.truncation, prompt: prompt), before: before,
            limit: tokens.limit - (tokens.marker == nil ? 0 : 1), onPool: onPool)
        var usage = made.usage
        usage.tokens = 0
        let truncated = Set(usage.truncatedInputs)
        let place = engine.tokenizer.specialTokens.before.count
        let inputs = texts.indices.map { index in
            var ids = Array(made.ids(of: index))
            if let marker = tokens.marker { ids.insert(marker, at: min(place, ids.count)) }
            var text = TokenizedText(ids: ids)
            if isQuery, let expansion = description.expansion, let filler = expansionID,
                ids.count < expansion.length
            {
                let missing = expansion.length - ids.count
                text.ids += Array(repeating: filler, count: missing)
                if !expansion.attends { text.hidden = missing }
            }
            usage.tokens += text.ids.count
            return LateInteractionInput(text: text, isQuery: isQuery, isTruncated: truncated.contains(index))
        }
        return (inputs, usage)
    }

    private func vectors(_ texts: [LateInteractionInput], _ unit: EncodedUnit) -> [MultiVectorEmbedding?] {
        let width = projection.dimensions
        let rows = projection.apply(unit.hidden, stride: unit.stride, rows: unit.offsets.last ?? 0)
        return texts.enumerated().map { place, text in
            let range = unit.offsets[place]..<unit.offsets[place + 1]
            let kept = kept(Array(unit.ids[range]), isQuery: text.isQuery).map { range.lowerBound + $0 }
            var floats: [Float] = []
            floats.reserveCapacity(kept.count * width)
            for row in kept { floats += rows[row * width..<(row + 1) * width] }
            let isFinite = floats.withUnsafeBufferPointer {
                PostProcessing.firstNonFinite($0, dimensions: width) == nil
            }
            guard isFinite else { return nil }
            return MultiVectorEmbedding(
                unchecked: kept.map { Int(unit.ids[$0]) },
                Embeddings(unchecked: floats, count: kept.count, dimensions: width, usage: Usage()))
        }
    }
}
