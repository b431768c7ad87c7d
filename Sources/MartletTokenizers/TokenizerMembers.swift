internal import MartletJSON

/// What is done with each member of tokenizer.json, by the part that it belongs to. A member that is in no
/// list is refused by name.
package enum TokenizerMembers {
    package struct Row: Sendable {
        /// The `type` of a part; parts of one name, such as the normalizer and the decoder Replace, share a
        /// row. "tokenizer.json" is the file itself.
        package let part: String
        package let honoured: [String]
        /// Honoured in some values; another one is refused by name.
        package var checked: [String] = []
        package var harmless: [String] = []
    }

    static let file = "tokenizer.json"
    static let addedToken = "added_tokens"

    package static let rows: [Row] = [
        Row(
            part: file,
            honoured: [
                "truncation", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder",
                "model",
            ], harmless: ["version", "padding"]),
        Row(
            part: addedToken,
            honoured: ["id", "content", "special", "single_word", "lstrip", "rstrip", "normalized"]),
        Row(
            part: "truncation", honoured: ["direction"], harmless: ["max_length", "strategy", "stride"]),
        Row(
            part: "BPE",
            honoured: [
                "vocab", "merges", "unk_token", "continuing_subword_prefix", "end_of_word_suffix",
                "fuse_unk", "byte_fallback", "ignore_merges",
            ], checked: ["dropout"]),
        Row(part: "Unigram", honoured: ["vocab", "unk_id", "byte_fallback"]),
        Row(part: "WordLevel", honoured: ["vocab", "unk_token"]),
        Row(
            part: "WordPiece",
            honoured: [
                "vocab", "unk_token", "continuing_subword_prefix", "max_input_chars_per_word", "prefix",
                "cleanup",
            ]),
        Row(
            part: "BertNormalizer",
            honoured: ["clean_text", "handle_chinese_chars", "strip_accents", "lowercase"]),
        Row(
            part: "ByteLevel", honoured: ["add_prefix_space", "trim_offsets", "use_regex"]),
        Row(part: "Precompiled", honoured: ["precompiled_charsmap"]),
        Row(part: "Prepend", honoured: ["prepend"]),
        Row(part: "Replace", honoured: ["pattern", "content"]),
        Row(
            part: "Sequence", honoured: ["normalizers", "pretokenizers", "processors", "decoders"]),
        Row(part: "Strip", honoured: ["strip_left", "strip_right", "content", "start", "stop"]),
        Row(part: "CharDelimiterSplit", honoured: ["delimiter"]),
        Row(part: "Digits", honoured: ["individual_digits"]),
        Row(
            part: "Metaspace", honoured: ["replacement", "prepend_scheme", "add_prefix_space", "split"],
            harmless: ["str_rep"]),
        Row(part: "Punctuation", honoured: ["behavior"]),
        Row(part: "Split", honoured: ["pattern", "behavior", "invert"]),
        Row(part: "BertProcessing", honoured: ["sep", "cls"]),
        Row(
            part: "RobertaProcessing", honoured: ["sep", "cls", "trim_offsets", "add_prefix_space"]),
        Row(part: "TemplateProcessing", honoured: ["single", "pair", "special_tokens"]),
        Row(part: "BPEDecoder", honoured: ["suffix"]),
    ]

    private static let known = Dictionary(
        rows.map { ($0.part, Set($0.honoured + $0.checked + $0.harmless + ["type"])) },
        uniquingKeysWith: { first, _ in first })

    /// Refuses a member that the part does not have.
    static func check(_ field: Field, part: String) throws(TokenizerError) {
        let names = known[part] ?? ["type"]
        for member in field.value?.object?.members ?? []
        where !member.value.isNull && !names.contains(member.key) {
            throw TokenizerError(
                .unsupportedType,
                "\(field.path.isEmpty ? member.key : field.path + "." + member.key): the member is not known and may change the ids; remove it if it has no effect",
                file: field.file)
        }
    }
}
