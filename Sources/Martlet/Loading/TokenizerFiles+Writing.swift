internal import MartletTokenizers
internal import MartletWeights

extension TokenizerFiles {
    typealias Metadata = [(key: String, value: GGUFWriter.Value)]

    /// What GGUF says of a tokenizer, with a token for each row of the table, as llama.cpp wants it.
    static func metadata(_ tokenizer: Tokenizer, rows: Int, folder: String) throws(MartletError) -> Metadata {
        if let parts = tokenizer.bertParts { return metadata(parts, rows: rows) }
        if let parts = tokenizer.bytePairParts(probes) { return metadata(parts, tokenizer, rows: rows) }
        if let parts = tokenizer.unigramParts(probes) { return metadata(parts, tokenizer, rows: rows) }
        throw MartletError(
            .unsupportedModel,
            "\(folder): this tokenizer (\(tokenizer.kind)) does more than GGUF can say of WordPiece, byte-level BPE and Unigram; "
                + "use the folder as it is",
            file: folder)
    }

    private static func metadata(_ parts: BytePairParts, _ tokenizer: Tokenizer, rows: Int) -> Metadata {
        let specials = parts.specials
        return [(Keys.model, .string("gpt2")), (Keys.pre, .string(parts.pre))]
            + tokens(parts.tokens, parts.types, rows: rows)
            + [(Keys.merges, .strings(parts.merges))]
            + ids([(Keys.bos, specials.bos), (Keys.eos, specials.eos), (Keys.mask, specials.mask)])
            + ids([(Keys.pad, tokenizer.padding.map(Int.init))])
            + [
                (Keys.addsBOS, .bool(specials.addsBOS ?? false)),
                (Keys.addsEOS, .bool(specials.addsEOS ?? false)),
            ]
    }

    private static func metadata(_ parts: SentencePieceParts, _ tokenizer: Tokenizer, rows: Int) -> Metadata {
        // What only fills the table must not be found in a text.
        let scores = parts.scores + [Float](repeating: -1000, count: max(0, rows - parts.scores.count))
        var result: Metadata = [(Keys.model, .string("t5")), (Keys.pre, .string("default"))]
        result += tokens(parts.tokens, parts.types ?? [], rows: rows)
        result.append((Keys.scores, .float32s(scores)))
        if !parts.charsmap.isEmpty { result.append((Keys.charsmap, .uint8s(parts.charsmap))) }
        result += ids([
            (Keys.bos, parts.bos), (Keys.eos, parts.eos), (Keys.unknown, parts.unknown),
            (Keys.pad, tokenizer.padding.map(Int.init)),
        ])
        result += [
            (Keys.addsBOS, .bool(parts.addsBOS ?? false)), (Keys.addsEOS, .bool(parts.addsEOS ?? false)),
            (Keys.addsSpacePrefix, .bool(parts.addsSpacePrefix ?? true)),
            (Keys.removesExtraSpaces, .bool(parts.removesExtraSpaces ?? false)),
        ]
        return result
    }

    private static func tokens(_ tokens: [String], _ types: [Int], rows: Int) -> Metadata {
        let rest = tokens.count..<max(tokens.count, rows)
        return [
            (Keys.tokens, .strings(tokens + rest.map { "[PAD\($0)]" })),
            (Keys.types, .int32s(types.map { Int32($0) } + rest.map { _ in 5 })),
        ]
    }

    private static func ids(_ list: [(key: String, id: Int?)]) -> Metadata {
        list.compactMap { entry in entry.id.flatMap(UInt32.init(exactly:)).map { (entry.key, .uint32($0)) } }
    }

    /// What tokenizers treat differently.
    private static let probes = [
        "", " ", "  a", "a  ", "a   b", "\n\na\n b\r\nc", "\t\tx", "The swift's asleep; I'LL we've they'd",
        "12345 1,234.56 3rd x2y",
        "naïve cafe\u{301} Ångström ﬁn ＡＢＣ", "!!! ?!. ...\n\n(ok)\n", "foo_bar HTTPServer", "日本語のテキスト。雨燕",
        "Привет, мир! שלום",
        "한국어 \u{1112}\u{1161}\u{11ab}",
        "🙂🙂 👩‍👩‍👧", "\u{a0}x\u{3000}y", "def f(x):\n    return x + 1\n\n\tif y:\n", "½ Ⅷ ٣", "a\u{200b}b\u{ad}c",
        "नमस्ते", "สวัสดี",
        "<unk>", "[UNK]", "x<s>y", "<|endoftext|>", "▁a ▁", "''``\"", "…—–", "𐍈",
    ]
}
