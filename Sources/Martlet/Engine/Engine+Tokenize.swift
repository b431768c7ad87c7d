internal import MartletCompute
internal import MartletTokenizers

extension Engine {
    /// Ids of all texts, each with the prompt before it, cut to the model's limit.
    /// - Parameters:
    ///   - limit: The most tokens of a text; nil: the model's.
    ///   - onPool: Runs on all threads, when none of them is in a forward pass; otherwise on the calling
    ///     thread alone.
    func tokenize(
        _ texts: [String], role: TextRole?, _ options: EmbedOptions, before: Int = 0, limit: Int? = nil,
        onPool: Bool = true
    ) throws(MartletError) -> TokenizedTexts {
        let limit = limit ?? maxTokens
        let prompt = try prompt(role, options)
        let policy = options.truncation.side(tokenizer)
        let size = TokenizedTexts.chunkSize
        var chunks = [TokenizedTexts.Chunk](
            repeating: TokenizedTexts.Chunk(), count: (texts.count + size - 1) / size)
        func chunk(_ index: Int) -> ArraySlice<String> {
            texts[index * size..<min((index + 1) * size, texts.count)]
        }
        if onPool {
            chunks.withUnsafeMutableBufferPointer { chunks in
                // Each index writes its own chunk only.
                nonisolated(unsafe) let chunks = chunks
                pool.run(chunks.count, lane: chunks.count <= pool.width ? .interactive : .bulk) {
                    index, worker in
                    tokenize(
                        chunk(index), prompt, policy, limit, into: &chunks[index],
                        workers[worker].tokenizerScratch)
                }
            }
        } else {
            let scratch = TokenizerScratch()
            for index in chunks.indices {
                tokenize(chunk(index), prompt, policy, limit, into: &chunks[index], scratch)
            }
        }
        if options.truncation == .error, let first = chunks.lazy.compactMap(\.truncated.first).first {
            throw tooLong(at: first.index + before, total: first.total, limit: limit)
        }
        var lengths: [Int] = []
        lengths.reserveCapacity(texts.count)
        var usage = Usage()
        for chunk in chunks {
            var start = 0
            for end in chunk.ends {
                lengths.append(end - start)
                start = end
            }
            usage.tokens += start
            usage.blankInputs += chunk.blank
            for text in chunk.truncated { usage.truncatedInputs.append(text.index) }
        }
        // Only with a tokenizer that adds no special tokens; there is nothing to pool then. A static model
        // gives zeros.
        if pipeline.tokens == nil, let empty = lengths.firstIndex(of: 0) {
            throw MartletError(
                .invalidInput, text: empty + before,
                "has no tokens, and this model adds none: it has no vector")
        }
        return TokenizedTexts(
            chunks: chunks, lengths: lengths,
            promptTokens: pipeline.includePrompt ? 0 : tokenCount(ofPrompt: prompt, limit, policy),
            usage: usage)
    }

    private func tokenize(
        _ texts: ArraySlice<String>, _ prompt: String, _ policy: Truncation, _ limit: Int,
        into chunk: inout TokenizedTexts.Chunk,
        _ scratch: TokenizerScratch
    ) {
        // A guess that spares most of the growing: few tokens have less than 3 bytes.
        chunk.ids.reserveCapacity(
            texts.reduce(0) { $0 + min(limit, ($1.utf8.count + prompt.utf8.count) / 3 + 4) })
        chunk.ends.reserveCapacity(texts.count)
        for (index, text) in zip(texts.indices, texts) {
            if text.unicodeScalars.allSatisfy(\.properties.isWhitespace) { chunk.blank += 1 }
            let whole = prompt.isEmpty ? text : prompt + text
            // What a worker keeps stays small: a long text has buffers of its own.
            let buffers = whole.utf8.count > Worker.longestKeptText ? TokenizerScratch() : scratch
            let total = encode(whole, into: &chunk.ids, limit, policy, buffers)
            if total > limit { chunk.truncated.append((index, total)) }
            chunk.ends.append(chunk.ids.count)
        }
    }

    /// The tokens of one text, cut to `limit`.
    func tokens(of text: String, role: TextRole?, _ options: EmbedOptions, limit: Int?) throws(MartletError)
        -> Tokens
    {
        let prompt = try prompt(role, options)
        var ids: [Int32] = []
        let scratch = TokenizerScratch()
        let policy = options.truncation.side(tokenizer)
        let total = encode(prompt + text, into: &ids, limit, policy, scratch)
        if let limit, total > limit, options.truncation == .error {
            throw tooLong(at: 0, total: total, limit: limit)
        }
        return Tokens(
            ids: ids.map(Int.init), tokens: ids.map { tokenizer.token(id: Int($0)) ?? "" },
            isTruncated: total > ids.count, total: total)
    }

    private func encode(
        _ text: String, into ids: inout [Int32], _ limit: Int?, _ policy: Truncation,
        _ scratch: TokenizerScratch
    ) -> Int {
        if let tokens = pipeline.tokens { return encode(text, tokens, into: &ids, limit, policy, scratch) }
        var text = text
        return text.withUTF8 {
            tokenizer.encode(
                utf8: UnsafeRawBufferPointer($0), into: &ids, maxTokens: limit, truncation: policy,
                scratch: scratch)
        }
    }

    /// The literal prompt of the options, else that of the role.
    func prompt(_ role: TextRole?, _ options: EmbedOptions) throws(MartletError) -> String {
        if let prompt = options.prompt { return prompt }
        return try pipeline.prompts.text(for: role)
    }

    /// What sentence-transformers leaves out of pooling: the prompt's own tokens with the special tokens
    /// before them, not after. A prompt that is too long is cut as a text is.
    private func tokenCount(ofPrompt prompt: String, _ limit: Int, _ policy: Truncation) -> Int {
        if prompt.isEmpty { return 0 }
        var ids: [Int32] = []
        _ = encode(prompt, into: &ids, limit, policy, TokenizerScratch())
        guard let last = ids.last, tokenizer.isSpecial(id: Int(last)) else { return ids.count }
        return ids.count - 1
    }

    func tooLong(at index: Int, total: Int, limit: Int) -> MartletError {
        MartletError(
            .inputTooLong, text: index,
            "has \(total) tokens and the model takes \(limit); shorten it, or let it be truncated")
    }
}
