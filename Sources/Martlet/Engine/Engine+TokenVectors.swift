internal import MartletCompute
internal import MartletModels
internal import MartletTokenizers

/// The vectors of several texts' tokens, end to end.
package struct TokenVectorBlock: Sendable {
    /// The tokens of each text as the vocabulary spells them.
    package let tokens: [[String]]
    /// Their ids.
    package let ids: [[Int]]
    /// [tokens of all texts × dimensions]
    package let floats: [Float]
    package let dimensions: Int
    package let usage: Usage
}

extension Engine {
    /// The hidden state of each token of `texts`, special tokens included, after the encoder's last layer.
    package func tokenVectors(_ texts: [String], role: TextRole?, _ options: EmbedOptions)
        throws(MartletError) -> TokenVectorBlock
    {
        try options.refuse(pooling: true, dimensions: true, activeDimensions: true, of: "token vectors")
        let tokens = try tokenize(texts, role: role, options)
        let width = encoder.shape.hiddenSize
        var firstRows: [Int] = []
        firstRows.reserveCapacity(texts.count)
        var rows = 0
        for length in tokens.lengths {
            firstRows.append(rows)
            rows += length
        }
        let floats = [Float](unsafeUninitializedCapacity: rows * width) { buffer, count in
            // Each unit writes the rows of its own texts only.
            nonisolated(unsafe) let output = buffer
            forward(tokens, reduction: .tokens) { unit, worker, encoded in
                worker.copyHiddenStates(encoded, of: unit, firstRows: firstRows, into: output)
            }
            count = rows * width
        }
        if let bad = floats.withUnsafeBufferPointer({ PostProcessing.firstNonFinite($0, dimensions: width) })
        {
            let text = (firstRows.firstIndex { $0 > bad } ?? texts.count) - 1
            throw MartletError(
                .nonFinite,
                "has a token, \(bad - firstRows[text]), whose vector is not finite; the model's weights may be damaged",
                inputIndex: text)
        }
        let ids = texts.indices.map { tokens.ids(of: $0).map(Int.init) }
        return TokenVectorBlock(
            tokens: ids.map { $0.map { tokenizer.token(id: $0) ?? "" } }, ids: ids, floats: floats,
            dimensions: width, usage: tokens.usage)
    }

    /// The hidden state of each token of one text.
    func tokenVectors(_ text: String, role: TextRole?, _ options: EmbedOptions) throws(MartletError)
        -> TokenVectors
    {
        let block = try tokenVectors([text], role: role, options)
        return TokenVectors(
            tokens: block.tokens[0], ids: block.ids[0],
            vectors: Embeddings(
                unchecked: block.floats, count: block.ids[0].count, dimensions: block.dimensions,
                usage: block.usage))
    }
}
