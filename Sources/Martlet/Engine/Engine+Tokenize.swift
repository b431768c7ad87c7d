internal import MartletCompute
internal import MartletTokenizers

extension Engine {
    /// Ids of all texts, each with the prompt before it, cut to the model's limit. Runs on all threads.
    func tokenize(_ texts: [String], role: TextRole?, _ options: EmbedOptions, before: Int = 0) throws(MartletError) -> TokenizedTexts {
        let prompt = try prompt(role, options)
        let policy: Truncation = options.truncation == .start ? .start : .end
        let size = TokenizedTexts.chunkSize
        let made = pool.map((texts.count + size - 1) / size) { index in
            var chunk = TokenizedTexts.Chunk()
            var truncated: [(index: Int, total: Int)] = []
            var blank = 0
            let scratch = TokenizerScratch()
            for text in index * size..<min((index + 1) * size, texts.count) {
                if texts[text].unicodeScalars.allSatisfy(\.properties.isWhitespace) { blank += 1 }
                let whole = prompt.isEmpty ? texts[text] : prompt + texts[text]
                let total = encode(whole, into: &chunk.ids, maxTokens, policy, scratch)
                if total > maxTokens { truncated.append((text, total)) }
                chunk.ends.append(chunk.ids.count)
            }
            return (chunk: chunk, truncated: truncated, blank: blank)
        }
        if options.truncation == .error, let first = made.lazy.compactMap(\.truncated.first).first {
            throw tooLong(first.index + before, first.total)
        }
        var lengths: [Int] = []
        lengths.reserveCapacity(texts.count)
        var usage = Usage()
        for part in made {
            var start = 0
            for end in part.chunk.ends {
                lengths.append(end - start)
                start = end
            }
            usage.tokens += start
            usage.blankInputs += part.blank
            usage.truncatedInputs += part.truncated.map(\.index)
        }
        // Only with a tokenizer that adds no special tokens; there is nothing to pool then.
        if let empty = lengths.firstIndex(of: 0) {
            throw MartletError(
                .invalidInput, "text \(empty + before) has no tokens, and this model adds none: it has no vector",
                inputIndex: empty + before)
        }
        return TokenizedTexts(
            chunks: made.map(\.chunk), lengths: lengths, promptTokens: pipeline.includePrompt ? 0 : tokenCount(ofPrompt: prompt),
            usage: usage)
    }

    /// The tokens of one text, cut to `limit`.
    func tokens(of text: String, role: TextRole?, _ options: EmbedOptions, limit: Int?) throws(MartletError) -> Tokens {
        let prompt = try prompt(role, options)
        var ids: [Int32] = []
        let scratch = TokenizerScratch()
        let policy: Truncation = options.truncation == .start ? .start : .end
        let total = encode(prompt + text, into: &ids, limit, policy, scratch)
        if let limit, total > limit, options.truncation == .error { throw tooLong(0, total) }
        return Tokens(
            ids: ids.map(Int.init), tokens: ids.map { tokenizer.token(id: Int($0)) ?? "" }, isTruncated: total > ids.count, total: total)
    }

    private func encode(_ text: String, into ids: inout [Int32], _ limit: Int?, _ policy: Truncation, _ scratch: TokenizerScratch) -> Int {
        var text = text
        return text.withUTF8 {
            tokenizer.encode(utf8: UnsafeRawBufferPointer($0), into: &ids, maxTokens: limit, truncation: policy, scratch: scratch)
        }
    }

    /// The literal prompt of the options, else that of the role.
    private func prompt(_ role: TextRole?, _ options: EmbedOptions) throws(MartletError) -> String {
        if let prompt = options.prompt { return prompt }
        return try pipeline.prompts.text(for: role)
    }

    /// What sentence-transformers leaves out of pooling: the prompt's own tokens with the special tokens before them, not after.
    private func tokenCount(ofPrompt prompt: String) -> Int {
        if prompt.isEmpty { return 0 }
        var ids: [Int32] = []
        let scratch = TokenizerScratch()
        let total = encode(prompt, into: &ids, nil, .none, scratch)
        guard let last = ids.last, tokenizer.isSpecial(id: Int(last)) else { return total }
        return total - 1
    }

    private func tooLong(_ index: Int, _ total: Int) -> MartletError {
        MartletError(
            .inputTooLong, "text \(index) has \(total) tokens and the model takes \(maxTokens); shorten it, or let it be truncated",
            inputIndex: index)
    }
}
