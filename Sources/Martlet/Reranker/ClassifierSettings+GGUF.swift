internal import MartletCompute
internal import MartletModels
internal import MartletTokenizers
internal import MartletWeights

extension ClassifierSettings {
    /// Of a GGUF file whose pooling type is rank, as llama.cpp's converter writes it.
    init(_ gguf: GGUFFile, _ file: String, _ engine: Engine) throws(MartletError) {
        let shape = engine.encoder.shape
        let names = gguf.metadata.strings("\(shape.architecture).classifier.output_labels") ?? []
        let asksForWords = names.count == 2 && names[0] == "yes" && names[1] == "no"
        self.init(
            head: try Self.head(
                gguf, file, hidden: shape.hiddenSize, architecture: shape.architecture,
                asksForWords: asksForWords),
            activation: .sigmoid)
        notes.append(
            "The file does not say what the score goes through; it is the sigmoid, the default of sentence-transformers."
        )
        self.file = file
        labels = asksForWords ? [] : names
        if let template = gguf.metadata.string("tokenizer.chat_template.rerank") {
            let frame = try PairFrame(placeholders: template, file: file)
            self.frame = frame
            frameEnd = Self.end(of: frame, engine)
            return
        }
        guard !asksForWords else {
            throw .malformed(
                file,
                "has no tokenizer.chat_template.rerank, which says how the model is asked about a pair; convert it again"
            )
        }
        guard engine.tokenizer.pairSpecialTokenCount ?? .max < engine.maxTokens else {
            throw .malformed(
                file,
                "the tokenizer has no form for pairs of texts within \(engine.maxTokens) tokens, which a reranker reads"
            )
        }
        usesTypes = engine.tokenizer.largestPairType < shape.typeVocabularySize
    }

    /// One matrix with tanh (GELU and a norm in ModernBERT) and one after it, or either of them alone.
    private static func head(
        _ gguf: GGUFFile, _ file: String, hidden: Int, architecture: String, asksForWords: Bool
    ) throws(MartletError) -> ClassifierDescription {
        if asksForWords {
            return .init(
                .last,
                [.words(.init(names: ["cls.output"], yes: 0, no: 1, spelling: "logit(yes) − logit(no)"))])
        }
        guard !["qwen2", "qwen3", "eurobert", "gemma-embedding"].contains(architecture) else {
            throw .unsupported(
                file, "rerankers of architecture \(architecture) are read where their labels are yes and no")
        }
        func has(_ name: String) -> Bool { gguf.has(name + ".weight") }
        var steps: [ClassifierDescription.Step] = []
        if has("cls") {
            let isModern = architecture == "modern-bert"
            let outputs = has("cls.output") ? hidden : nil
            steps.append(
                .linear(.init("cls", outputs: outputs, hasBias: nil, activation: isModern ? .gelu : .tanh)))
            if has("cls.norm") {
                steps.append(
                    .norm(
                        .init("cls.norm", epsilon: 1e-5, hasBias: gguf.has("cls.norm.bias")))
                )
            }
        }
        if has("cls.output") { steps.append(.linear(.init("cls.output", hasBias: nil))) }
        guard !steps.isEmpty else {
            throw .malformed(
                file,
                "has neither cls.weight nor cls.output.weight: the head that scores is missing; convert the model again"
            )
        }
        return .init(.first, steps)
    }
}

extension PairFrame {
    /// From a text with `{query}` and `{document}` in their places.
    init(placeholders text: String, file: String) throws(MartletError) {
        guard let query = text.firstPlace(of: "{query}"), let document = text.firstPlace(of: "{document}"),
            query.upperBound <= document.lowerBound
        else {
            throw .malformed(
                file, "tokenizer.chat_template.rerank: expected a text with {query} and then {document}")
        }
        var parts: [Part] = []
        let before = String(text[..<query.lowerBound])
        var instruction = ""
        // Qwen3-Reranker's own instruction may be replaced as in its other forms.
        if let place = before.firstPlace(of: PairFrame.qwen3.instruction) {
            parts = [
                .text(String(before[..<place.lowerBound])), .instruction,
                .text(String(before[place.upperBound...])),
            ]
            instruction = PairFrame.qwen3.instruction
        } else {
            parts = [.text(before)]
        }
        let between = String(text[query.upperBound..<document.lowerBound])
        self.init(
            parts + [.query, .text(between), .document, .text(String(text[document.upperBound...]))],
            instruction: instruction)
    }
}

extension String {
    fileprivate func firstPlace(of text: String) -> Range<Index>? {
        let found = utf8.indices.first { utf8[$0...].starts(with: text.utf8) }
        return found.map { $0..<utf8.index($0, offsetBy: text.utf8.count) }
    }
}
