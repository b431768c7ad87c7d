internal import MartletCompute
internal import MartletTokenizers

extension Classifier {
    /// The tokens of one input, cut to the model's limit as the options say. Runs on the calling thread.
    package func tokenized(_ input: ClassifierInput, _ options: RerankOptions) throws(MartletError)
        -> TokenizedText
    {
        try checkInstruction(options)
        try checkForm(input, at: 0)
        var text = tokenized(input, options, TokenizerScratch())
        text.isReadByLastToken = readsLastTokens
        try check(text, at: 0, options)
        return text
    }

    /// The tokens of all inputs, on all threads.
    func tokenized(_ inputs: [ClassifierInput], _ options: RerankOptions) throws(MartletError)
        -> [TokenizedText]
    {
        try checkInstruction(options)
        for (index, input) in inputs.enumerated() { try checkForm(input, at: index) }
        var texts = [TokenizedText](repeating: TokenizedText(ids: []), count: inputs.count)
        let size = TokenizedTexts.chunkSize
        texts.withUnsafeMutableBufferPointer { texts in
            // Each chunk writes its own texts only.
            nonisolated(unsafe) let texts = texts
            engine.pool.run((inputs.count + size - 1) / size) { chunk, worker in
                for index in chunk * size..<min((chunk + 1) * size, inputs.count) {
                    texts[index] = tokenized(inputs[index], options, engine.workers[worker].tokenizerScratch)
                    texts[index].isReadByLastToken = readsLastTokens
                }
            }
        }
        for (index, text) in texts.enumerated() { try check(text, at: index, options) }
        return texts
    }

    /// A language model is asked about a query and a document.
    private func checkForm(_ input: ClassifierInput, at index: Int) throws(MartletError) {
        guard settings.frame != nil, case .text = input else { return }
        throw MartletError(
            .invalidInput, text: index,
            "is a single text, and this model scores pairs")
    }

    private func checkInstruction(_ options: RerankOptions) throws(MartletError) {
        guard options.instruction != nil, settings.frame?.parts.contains(.instruction) != true else { return }
        throw MartletError(
            .invalidOption, "an instruction is given, but this model reads none with its texts")
    }

    private func check(_ text: TokenizedText, at index: Int, _ options: RerankOptions) throws(MartletError) {
        guard options.truncation != .error || text.total <= text.ids.count else {
            throw MartletError(
                .inputTooLong, text: index,
                "has \(text.total) tokens with its query and the model takes \(info.maxTokens); shorten it, or let it be truncated"
            )
        }
        guard !text.ids.isEmpty else {
            throw MartletError(
                .invalidInput, text: index,
                "has no tokens, and this model adds none: it has no score")
        }
    }

    private func tokenized(_ input: ClassifierInput, _ options: RerankOptions, _ scratch: TokenizerScratch)
        -> TokenizedText
    {
        let policy = options.truncation.side(engine.tokenizer)
        // What a worker keeps stays small: a long text has buffers of its own.
        func buffers(_ bytes: Int) -> TokenizerScratch {
            bytes > Worker.longestKeptText ? TokenizerScratch() : scratch
        }
        var ids: [Int32] = []
        switch input {
        case .text(let text):
            var text = settings.prompt + text
            let total = text.withUTF8 {
                engine.tokenizer.encode(
                    utf8: UnsafeRawBufferPointer($0), into: &ids, maxTokens: engine.maxTokens,
                    truncation: policy,
                    scratch: buffers($0.count))
            }
            return TokenizedText(ids: ids, total: total)
        case .pair(let query, let document) where settings.frame != nil:
            return framed(query, document, options, policy, buffers)
        case .pair(let first, let second):
            var (first, second) = (settings.prompt + first, second)
            var types: [Int32] = []
            let total = first.withUTF8 { first in
                second.withUTF8 { second in
                    engine.tokenizer.encode(
                        utf8: UnsafeRawBufferPointer(first), UnsafeRawBufferPointer(second), into: &ids,
                        types: &types,
                        maxTokens: engine.maxTokens, truncation: policy,
                        scratch: buffers(max(first.count, second.count)))
                }
            }
            return TokenizedText(ids: ids, types: settings.usesTypes ? types : nil, total: total)
        }
    }

    /// As sentence-transformers has language models read a pair: one text, cut at its end, whose last tokens
    /// are those of the frame.
    private func framed(
        _ query: String, _ document: String, _ options: RerankOptions, _ policy: Truncation,
        _ buffers: (Int) -> TokenizerScratch
    ) -> TokenizedText {
        guard let frame = settings.frame else { return TokenizedText(ids: []) }
        let instruction = options.instruction ?? (settings.prompt.isEmpty ? nil : settings.prompt)
        var text = frame.text(instruction: instruction, query: query, document: document)
        var ids: [Int32] = []
        let total = text.withUTF8 {
            engine.tokenizer.encode(
                utf8: UnsafeRawBufferPointer($0), into: &ids, maxTokens: engine.maxTokens, truncation: policy,
                addsSpecialTokens: false,
                scratch: buffers($0.count))
        }
        if total > ids.count {
            let end = settings.frameEnd.suffix(ids.count)
            ids.replaceSubrange(ids.count - end.count..<ids.count, with: end)
        }
        return TokenizedText(ids: ids, total: total)
    }
}
