/// Special tokens of a GGUF file, beside those of BERT: `tokenizer.ggml.bos_token_id` and its like.
package struct GGUFSpecialTokens: Sendable, Equatable {
    package var bos, eos, sep, mask: Int?
    /// `add_bos_token` and `add_eos_token`; nil where the file does not say.
    package var addsBOS, addsEOS: Bool?

    package init(
        bos: Int? = nil, eos: Int? = nil, sep: Int? = nil, mask: Int? = nil, addsBOS: Bool? = nil,
        addsEOS: Bool? = nil
    ) {
        (self.bos, self.eos, self.sep, self.mask) = (bos, eos, sep, mask)
        (self.addsBOS, self.addsEOS) = (addsBOS, addsEOS)
    }
}

/// How a byte-level vocabulary splits text: GGUF names it in `tokenizer.ggml.pre`, after llama.cpp.
/// Normalization is that of the models' own tokenizer.json, which the format does not store.
struct GGUFSplit: Sendable {
    var splitsDigits = false
    var pattern: String?
    var composes = false
    var ignoresMerges = false
    var addsBOS = false
    /// RoBERTa's form: the mask takes the space before it along, and pairs have two separators between them.
    var isRoberta = false
    /// The mask takes the space before it along.
    var stripsMask = false

    private static let o200k =
        #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"#
        + #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"#
        + #"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

    static let rows: [(names: [String], split: GGUFSplit)] = [
        (["gpt-2", "phi-2", "jina-es", "jina-de", "jina-v2-es", "jina-v2-de", "mpt", "olmo"], GGUFSplit()),
        (["roberta-bpe", "jina-v1-en", "jina-v2-code"], GGUFSplit(isRoberta: true, stripsMask: true)),
        (["modern-bert"], GGUFSplit(composes: true, stripsMask: true)),
        (["qwen2", "deepseek-r1-qwen"], GGUFSplit(pattern: KnownPatterns.qwen2, composes: true)),
        (
            ["llama-bpe", "llama3", "llama-v3"],
            GGUFSplit(pattern: KnownPatterns.llama3, ignoresMerges: true, addsBOS: true)
        ),
        (["gpt-4o", "llama4"], GGUFSplit(pattern: o200k)),
        (["starcoder", "refact", "command-r", "smollm", "codeshell"], GGUFSplit(splitsDigits: true)),
    ]

    static func named(_ name: String?, file: String) throws(TokenizerError) -> GGUFSplit {
        let known = rows.flatMap(\.names).joined(separator: ", ")
        guard let name else {
            throw TokenizerError(
                .unsupportedType,
                "nothing says how to split text: tokenizer.ggml.pre is missing; convert the model again",
                file: file)
        }
        guard let row = rows.first(where: { $0.names.contains(name) }) else {
            let message = "tokenizer.ggml.pre is '\(name)', which is not supported; supported: \(known)"
            throw TokenizerError(.unsupportedType, message, file: file)
        }
        return row.split
    }

    func preTokenizer(file: String) throws(TokenizerError) -> any PreTokenizer {
        let bytes = ByteLevel(addsPrefixSpace: false, usesPattern: pattern == nil)
        var parts: [any PreTokenizer] = splitsDigits ? [ClassSplit(kind: .flagged(.numeric, .isolated))] : []
        if let pattern {
            do throws(RegexError) {
                parts.append(Split(try TextPattern(pattern: pattern), .isolated))
            } catch {
                throw TokenizerError(.unsupportedType, error.message, file: file)
            }
        }
        return parts.isEmpty ? bytes : PreTokenizerSequence(parts: parts + [bytes])
    }
}

extension Tokenizer {
    /// From the metadata of a GGUF file whose `tokenizer.ggml.model` is `gpt2`: byte-level tokens by id,
    /// merges as `a b`, and `tokenizer.ggml.pre`. Of `token_type`, 3 is a special token and 4 one that is
    /// found literally.
    package init(
        ggufTokens tokens: [String], merges: [String], pre: String?, types: [Int]? = nil,
        specials: GGUFSpecialTokens, file: String
    ) throws(TokenizerError) {
        let split = try GGUFSplit.named(pre, file: file)
        let vocabulary = try Vocabulary(tokens: tokens, file: file)
        func id(_ given: Int?, _ name: String) throws(TokenizerError) -> Int32? {
            guard let given else { return nil }
            if let id = Int32(exactly: given), tokens.indices.contains(given) { return id }
            throw TokenizerError(
                .missingToken, "the id \(given) given for \(name) is not in the vocabulary", file: file)
        }
        let mask = try id(specials.mask, "the mask token")
        var added: [AddedToken] = []
        for (index, type) in (types ?? []).enumerated()
        where (type == 3 || type == 4) && index < tokens.count && !tokens[index].isEmpty {
            var token = AddedToken(
                id: Int32(truncatingIfNeeded: index), content: tokens[index], isSpecial: type == 3)
            token.stripsLeft = split.stripsMask && token.id == mask
            added.append(token)
        }
        let bos = try id(specials.bos, "bos")
        let eos = try id(specials.eos, "eos")
        let sep = try id(specials.sep, "sep") ?? eos
        func around(_ id: Int32?, _ place: String) throws(TokenizerError) -> [Template.Piece] {
            if let id { return [.special(id, type: 0)] }
            throw TokenizerError(
                .missingToken, "a token goes \(place) each text, but no id is given for it", file: file)
        }
        let before = try specials.addsBOS ?? split.addsBOS ? around(bos, "before") : []
        let after = try specials.addsEOS ?? false ? around(eos, "after") : []
        let between: [Template.Piece] = split.isRoberta ? sep.map { [.special($0, type: 0)] } ?? [] : []
        let single = before + [.first(type: 0)] + after
        var options = BPEOptions()
        options.ignoresMerges = split.ignoresMerges
        let table = try MergeTable(merges, vocabulary, file: file)
        self.init(
            normalizer: split.composes ? UnicodeNormalizer(form: .composed) : nil,
            preTokenizer: try split.preTokenizer(file: file),
            model: BPE(vocabulary, table, options),
            postProcessor: PostProcessor(
                template: Template(single: single, pair: single + between + [.second(type: 0)] + after)),
            decoder: ByteLevelDecoder(), added: added)
    }
}

extension Vocabulary {
    /// Tokens by id.
    init(tokens: [String], file: String) throws(TokenizerError) {
        var bytes: [UInt8] = []
        var starts: [UInt32] = [0]
        bytes.reserveCapacity(tokens.count * 10)
        starts.reserveCapacity(tokens.count + 1)
        for token in tokens {
            bytes.append(contentsOf: token.utf8)
            starts.append(UInt32(truncatingIfNeeded: bytes.count))
        }
        guard bytes.count <= Int(UInt32.max), let count = Int32(exactly: tokens.count) else {
            throw TokenizerError(
                .invalidVocabulary, "the vocabulary is larger than 32-bit numbers can tell", file: file)
        }
        try self.init(bytes: bytes, starts: starts, ids: Array(0..<count), file: file)
    }
}

extension MergeTable {
    /// From `a b` for each pair, in order.
    init(_ merges: [String], _ vocabulary: Vocabulary, file: String) throws(TokenizerError) {
        self.init(capacity: merges.count)
        let failure: String? = vocabulary.withReader { vocabulary in
            var batch = PairBatch(name: "tokenizer.ggml.merges")
            for merge in merges {
                let start = batch.bytes.count
                batch.bytes.append(contentsOf: merge.utf8)
                let middle = Self.splitAtSpace(&batch.bytes, from: start)
                if let problem = insert(&batch, start, middle, vocabulary) { return problem }
            }
            return flush(&batch, vocabulary)
        }
        if let failure { throw TokenizerError(.invalidVocabulary, failure, file: file) }
    }
}
