package import MartletJSON

/// What files beside tokenizer.json change of it: the parts that a tokenizer class of transformers builds
/// itself, special tokens, and further added tokens.
package struct TokenizerSettings: Sendable {
    /// Parts of tokenizer.json by name, in place of the file's; null: there is no such part.
    package var parts: [String: JSONValue] = [:]
    /// The type of the class's model; nil: the file's.
    package var modelType: String?
    /// Members of the model in place of the file's.
    package var model: [String: JSONValue] = [:]
    /// Of the file's normalizer only a SentencePiece character map stays, after the normalizers of
    /// `beforeCharsmap`.
    package var keepsOnlyCharsmap = false
    package var beforeCharsmap: [JSONValue] = []
    /// Whether a text that is too long loses its beginning; nil: what the file says.
    package var cutsStart: Bool?
    /// The special tokens around a text, in place of the file's post-processor; nil: the file's.
    package var frame: Frame?
    /// Tokens that are found literally in a text, beside those of the file or in their place.
    package var added: [Token] = []
    /// Whether `added` takes the place of the file's own list.
    package var replacesAdded = false

    /// The template of a class, by the spelling of its tokens.
    package struct Frame: Sendable, Equatable {
        package enum Form: Sendable {
            case bert, roberta
            /// Only `sep`, at the end of each text.
            case ending
        }
        package var form: Form
        package var cls: String
        package var sep: String
        /// Only offsets follow from these two.
        package var trimsOffsets = false
        package var addsPrefixSpace = false

        package init(
            _ form: Form, cls: String, sep: String, trimsOffsets: Bool = false, addsPrefixSpace: Bool = false
        ) {
            self.form = form
            self.cls = cls
            self.sep = sep
            self.trimsOffsets = trimsOffsets
            self.addsPrefixSpace = addsPrefixSpace
        }
    }

    /// An added token as tokenizer_config.json describes it.
    package struct Token: Sendable, Equatable {
        package var content: String
        package var isSpecial = true
        package var isSingleWord = false
        package var stripsLeft = false
        package var stripsRight = false
        package var isNormalized = false
        /// Whether it takes the place of a token of the same content that the file has.
        package var replaces = true

        package init(_ content: String) { self.content = content }
    }

    package init() {}

    /// A part of a type, with its members.
    package static func part(_ type: String, _ members: [(String, JSONValue)] = []) -> JSONValue {
        .object(
            JSONObject(
                ([("type", .string(type))] + members).map { JSONObject.Member(key: $0.0, value: $0.1) }))
    }
}

extension TokenizerSettings {
    /// The value of a part of tokenizer.json.
    func value(_ key: String, of file: JSONValue?) -> JSONValue? {
        if let own = parts[key] { return own }
        guard key == "normalizer", keepsOnlyCharsmap else { return file }
        let all = file?["normalizers"]?.array ?? (file.map { [$0] } ?? [])
        let kept = beforeCharsmap + all.filter { $0["type"]?.string == "Precompiled" }.prefix(1)
        return kept.isEmpty
            ? nil : kept.count == 1 ? kept[0] : Self.part("Sequence", [("normalizers", .array(kept))])
    }

    /// The file's added tokens and the settings' own, with the ids that the library would give to new ones.
    func merged(_ tokens: [AddedToken], _ vocabulary: Vocabulary) -> [AddedToken] {
        var tokens = replacesAdded ? [] : tokens
        for token in added {
            let place = tokens.lastIndex { $0.content.utf8.elementsEqual(token.content.utf8) }
            if place != nil, !token.replaces { continue }
            let largest = tokens.map { Int($0.id) }.max() ?? -1
            let id =
                place.map { tokens[$0].id } ?? vocabulary.id(of: token.content)
                ?? Int32(clamping: max(vocabulary.count, largest + 1))
            let made = AddedToken(
                id: id, content: token.content, isSpecial: token.isSpecial, isSingleWord: token.isSingleWord,
                stripsLeft: token.stripsLeft,
                stripsRight: token.stripsRight, isNormalized: token.isNormalized)
            if let place { tokens[place] = made } else { tokens.append(made) }
        }
        return tokens
    }

    /// The post-processor of the frame.
    func postProcessor(_ tokens: [AddedToken], _ vocabulary: Vocabulary, file: String) throws(TokenizerError)
        -> PostProcessor?
    {
        guard let frame else { return nil }
        func id(_ token: String) throws(TokenizerError) -> Int32 {
            if let id = tokens.last(where: { $0.content.utf8.elementsEqual(token.utf8) })?.id
                ?? vocabulary.id(of: token)
            {
                return id
            }
            throw TokenizerError(
                .missingToken,
                "the token '\(token)', which stands around every text, is not in the vocabulary", file: file)
        }
        let sep = try id(frame.sep)
        let template: Template =
            switch frame.form {
            case .bert: .bert(cls: try id(frame.cls), sep: sep)
            case .roberta: .roberta(cls: try id(frame.cls), sep: sep)
            case .ending: .ending(sep)
            }
        return PostProcessor(
            template: template,
            trimsOffsets: frame.trimsOffsets,
            addsPrefixSpace: frame.addsPrefixSpace)
    }
}
