internal import MartletJSON
internal import MartletTokenizers

extension TokenizerClass {
    /// The type of model that the class makes of a file's vocabulary.
    var modelType: String {
        switch self {
        case .bert, .mpnet: "WordPiece"
        case .roberta, .qwen2, .gpt2, .gemma, .llama, .deberta: "BPE"
        case .xlmRoberta, .camembert, .albert, .debertaV2, .t5: "Unigram"
        }
    }

    /// What the class gives its model itself, whatever the file says.
    func modelMembers(unknown: String) -> [String: JSONValue] {
        switch self {
        case .bert, .mpnet:
            [
                "unk_token": .string(unknown), "continuing_subword_prefix": .string("##"),
                "max_input_chars_per_word": .integer(100),
            ]
        case .xlmRoberta: ["unk_id": .integer(3), "byte_fallback": .bool(false)]
        case .albert: ["unk_id": .integer(1), "byte_fallback": .bool(false)]
        case .t5: ["unk_id": .integer(2), "byte_fallback": .bool(false)]
        default: [:]
        }
    }

    /// Whether a mask token that a configuration only names takes the spaces before it.
    var stripsSpacesBeforeMask: Bool { [.mpnet, .camembert].contains(self) }

    /// Whether the class sets the tokens around a text after it has read tokenizer.json.
    var framesLast: Bool { self != .albert }
}
