/// `WordLevel` of tokenizer.json: a word is a token, or unknown.
struct WordLevel: TokenModel {
    let vocabulary: Vocabulary
    let unknown: Int32

    var name: String { "WordLevel" }

    func tokenize(
        _ text: AlignedText, _ words: [Range<Int>], into sink: inout IDSink, _ scratch: TokenizerScratch
    ) {
        vocabulary.withReader { reader in
            for range in words {
                let id = reader.id(of: UnsafeBufferPointer(rebasing: text.bytes[range]))
                sink.append(id ?? unknown, range.lowerBound, range.upperBound)
            }
        }
    }
}

extension WordLevel {
    init(_ source: ModelSource) throws(TokenizerError) {
        vocabulary = try source.vocabulary()
        unknown = try source.unknown(try source.field["unk_token"].string(or: "<unk>"), in: vocabulary)
    }
}
