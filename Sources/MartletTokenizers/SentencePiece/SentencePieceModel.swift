extension SentencePieceParts {
    /// From the text of a SentencePiece model, a protobuf message: spiece.model, sentencepiece.bpe.model,
    /// tokenizer.model. Whether tokens go around a text is not in it. After sentencepiece_model.proto.
    package init(model bytes: UnsafeRawBufferPointer, file: String) throws(TokenizerError) {
        self.init(.unigram, tokens: [], scores: [], types: [])
        isNative = true
        (unknown, bos, eos, addsSpacePrefix, removesExtraSpaces) = (0, 1, 2, true, true)
        do throws(ProtobufError) {
            var message = ProtobufReader(bytes)
            while let field = try message.next() {
                switch field.number {
                case 1: try readPiece(try field.message())
                case 2: try readTrainer(try field.message())
                case 3: try readNormalizer(try field.message())
                default: break
                }
            }
        } catch {
            let message =
                "the file is not a SentencePiece model: \(error.reason) (byte \(error.offset) of a message)"
            throw TokenizerError(.invalidVocabulary, message, file: file)
        }
        if unknown.map({ !tokens.indices.contains($0) }) ?? true {
            throw TokenizerError(
                .missingToken, "the model has \(tokens.count) pieces, and none is for unknown text",
                file: file)
        }
    }

    private mutating func readPiece(_ message: ProtobufReader) throws(ProtobufError) {
        var message = message
        var (piece, score, type) = ("", Float(0), PieceType.normal.rawValue)
        while let field = try message.next() {
            switch field.number {
            case 1: piece = String(decoding: try field.bytes(), as: UTF8.self)
            case 2: score = try field.float()
            case 3: type = try field.int()
            default: break
            }
        }
        tokens.append(piece)
        scores.append(score)
        types?.append(type)
    }

    private mutating func readTrainer(_ message: ProtobufReader) throws(ProtobufError) {
        var message = message
        func id(_ field: ProtobufReader.Field) throws(ProtobufError) -> Int? {
            let id = try field.int()
            return id < 0 ? nil : id
        }
        while let field = try message.next() {
            switch field.number {
            case 3:
                switch try field.int() {
                case 1: algorithm = .unigram
                case 2: algorithm = .pairs
                default: throw ProtobufError("the model type is neither Unigram nor BPE", at: field.offset)
                }
            case 24:
                if try field.int() != 0 {
                    throw ProtobufError("white space is a suffix in this model", at: field.offset)
                }
            case 35: hasByteFallback = try field.int() != 0
            case 40: unknown = try id(field)
            case 41: bos = try id(field)
            case 42: eos = try id(field)
            default: break
            }
        }
    }

    private mutating func readNormalizer(_ message: ProtobufReader) throws(ProtobufError) {
        var message = message
        while let field = try message.next() {
            switch field.number {
            case 2: charsmap = Array(try field.bytes())
            case 3: addsSpacePrefix = try field.int() != 0
            case 4: removesExtraSpaces = try field.int() != 0
            case 5:
                if try field.int() == 0 {
                    throw ProtobufError("white space is not escaped in this model", at: field.offset)
                }
            default: break
            }
        }
    }

    /// The ids of XLM-RoBERTa and its kin, which fairseq gave: `<s> <pad> </s> <unk>`, the pieces without
    /// their own three, `<mask>`.
    package func withFairseqIDs() -> SentencePieceParts {
        var parts = self
        parts.tokens = ["<s>", "<pad>", "</s>", "<unk>"] + tokens.dropFirst(3) + ["<mask>"]
        parts.scores = [0, 0, 0, 0] + scores.dropFirst(3) + [0]
        parts.types = [3, 3, 3, 2] + (types ?? Array(repeating: 1, count: tokens.count)).dropFirst(3) + [3]
        (parts.bos, parts.eos, parts.unknown, parts.separator) = (0, 2, 3, 2)
        (parts.addsBOS, parts.addsEOS) = (true, true)
        return parts
    }
}
