internal import MartletJSON

/// The text of a tokenizer.json and what is known of its `model`.
struct ModelSource {
    let bytes: UnsafeRawBufferPointer
    let file: String
    /// The members of `model` that are not as large as a vocabulary.
    fileprivate(set) var field: Field
    /// Where the value of `model.vocab` begins.
    fileprivate(set) var vocabularyOffset: Int?
    /// Where the value of `model.merges` begins.
    fileprivate(set) var mergesOffset: Int?
    /// What was read on the way, since the values are large: a vocabulary that is an object, and merges
    /// after it.
    private var vocabularyRead: Vocabulary?
    private var mergesRead: MergeTable?

    fileprivate init(_ bytes: UnsafeRawBufferPointer, file: String) {
        self.bytes = bytes
        self.file = file
        field = Field(value: nil, path: "model", file: file)
    }

    fileprivate init(_ bytes: UnsafeRawBufferPointer, _ members: UnigramMembers, file: String) {
        self.init(bytes, file: file)
        field = Field(value: .object(JSONObject(members.model)), path: "model", file: file)
        vocabularyOffset = members.vocabularyOffset
    }

    /// `model.vocab` as an object of tokens and ids.
    func vocabulary() throws(TokenizerError) -> Vocabulary {
        if let vocabularyRead { return vocabularyRead }
        throw Field(value: nil, path: "model.vocab", file: file).wrong("an object of tokens and ids")
    }

    /// `model.merges` as pairs of tokens.
    func merges(_ vocabulary: Vocabulary, prefix: Int) throws(TokenizerError) -> MergeTable {
        if let mergesRead, mergesRead.prefix == prefix { return mergesRead }
        guard let mergesOffset else {
            throw Field(value: nil, path: "model.merges", file: file).wrong("an array of pairs")
        }
        var reader = JSONReader(UnsafeRawBufferPointer(rebasing: bytes[mergesOffset...]))
        return try MergeTable(&reader, vocabulary, prefix: prefix, file: file)
    }

    /// With other values of members that are not large.
    fileprivate func replacing(_ members: [String: JSONValue]) -> ModelSource {
        guard !members.isEmpty else { return self }
        let kept = (field.value?.object?.members ?? []).filter { members[$0.key] == nil }
        let given = members.sorted { $0.key < $1.key }.map {
            JSONObject.Member(key: $0.key, value: $0.value)
        }
        var source = self
        source.field = Field(value: .object(JSONObject(kept + given)), path: field.path, file: file)
        return source
    }

    /// Reads the value of `model`.
    fileprivate mutating func read(_ reader: inout JSONReader) throws(ReadError) {
        var members: [JSONObject.Member] = []
        try reading { () throws(JSONError) in try reader.beginObject() }
        while let key = try reading({ () throws(JSONError) in try reader.nextKey() }) {
            let kind = try reading { () throws(JSONError) in try reader.peek() }
            switch (key, kind) {
            case ("vocab", .object):
                vocabularyOffset = reader.offset
                vocabularyRead = try made { () throws(TokenizerError) in
                    try Vocabulary(&reader, textSize: bytes.count, file: file)
                }
            case ("merges", .array):
                mergesOffset = reader.offset
                guard let vocabularyRead else { fallthrough }
                let prefix =
                    members.last { $0.key == "continuing_subword_prefix" }?.value.string?.utf8.count ?? 0
                mergesRead = try made { () throws(TokenizerError) in
                    try MergeTable(&reader, vocabularyRead, prefix: prefix, file: file)
                }
            case ("vocab", _), ("merges", _):
                if key == "vocab" { vocabularyOffset = reader.offset }
                try reading { () throws(JSONError) in try reader.skipValue() }
            default:
                members.append(
                    .init(key: key, value: try reading { () throws(JSONError) in try reader.readValue() }))
            }
        }
        field = Field(value: .object(JSONObject(members)), path: "model", file: file)
    }
}

extension Tokenizer {
    /// From the text of a tokenizer.json.
    /// - Parameter settings: What files beside it change.
    package init(json bytes: UnsafeRawBufferPointer, file: String, settings: TokenizerSettings = .init())
        throws(TokenizerError)
    {
        if let members = UnigramMembers(bytes) {
            let root = Field(value: .object(JSONObject(members.root)), path: "", file: file)
            try self.init(root, ModelSource(bytes, members, file: file), settings)
            return
        }
        var root: [JSONObject.Member] = []
        var source = ModelSource(bytes, file: file)
        do throws(ReadError) {
            var reader = JSONReader(bytes)
            try reading { () throws(JSONError) in try reader.beginObject() }
            while let key = try reading({ () throws(JSONError) in try reader.nextKey() }) {
                if key == "model", try reading({ () throws(JSONError) in try reader.peek() }) == .object {
                    try source.read(&reader)
                } else {
                    root.append(
                        .init(key: key, value: try reading { () throws(JSONError) in try reader.readValue() })
                    )
                }
            }
            try reading { () throws(JSONError) in try reader.finish() }
        } catch {
            switch error {
            case .text(let error): throw TokenizerError(.invalidJSON, error.message, file: file)
            case .content(let error): throw error
            }
        }
        try self.init(Field(value: .object(JSONObject(root)), path: "", file: file), source, settings)
    }

    package init(json bytes: [UInt8], file: String) throws(TokenizerError) {
        self = try bytes.withUnsafeBytes { buffer in
            Result { () throws(TokenizerError) in try Tokenizer(json: buffer, file: file) }
        }.get()
    }

    private init(_ fields: Field, _ source: ModelSource, _ settings: TokenizerSettings) throws(TokenizerError)
    {
        // Files of old versions of the library leave out the type of WordPiece.
        let type = try source.field["type"].string(or: "WordPiece")
        guard let row = Registry.models.first(where: { $0.type == type }) else {
            throw Registry.unsupported(type, at: "model", Registry.models.map(\.type), file: source.file)
        }
        if let expected = settings.modelType, type != expected {
            throw TokenizerError(
                .unsupportedType,
                "model has the type '\(type)', but the tokenizer's class is one of \(expected)",
                file: source.file)
        }
        try TokenizerMembers.check(fields, part: TokenizerMembers.file)
        try TokenizerMembers.check(source.field, part: type)
        try TokenizerMembers.check(fields["truncation"], part: "truncation")
        guard source.field["dropout"].value?.double ?? 0 == 0 else {
            throw source.field["dropout"].wrong("null: pieces are not left out by chance")
        }
        let model = try row.make(source.replacing(settings.model))
        var added: [AddedToken] = []
        if fields["added_tokens"].isPresent {
            for field in try fields["added_tokens"].elements() {
                added.append(try AddedToken(field, model.vocabulary))
            }
        }
        added = settings.merged(added, model.vocabulary)
        func part<Part>(_ key: String, _ rows: [(type: String, make: Registry.Make<Part>)])
            throws(TokenizerError) -> Part?
        {
            let field = Field(value: settings.value(key, of: fields[key].value), path: key, file: source.file)
            return field.isPresent ? try Registry.make(field, from: rows) : nil
        }
        let framed = try settings.postProcessor(added, model.vocabulary, file: source.file)
        let written = framed == nil ? try part("post_processor", Registry.postProcessors) : nil
        self.init(
            normalizer: try part("normalizer", Registry.normalizers),
            preTokenizer: try part("pre_tokenizer", Registry.preTokenizers),
            model: model, postProcessor: framed ?? written ?? .none,
            decoder: try part("decoder", Registry.decoders), added: added)
        let direction =
            fields["truncation"].isPresent
            ? try fields["truncation"]["direction"].string(or: "Right") : "Right"
        cutsStart = settings.cutsStart ?? (direction == "Left")
    }
}

extension AddedToken {
    init(_ field: Field, _ vocabulary: Vocabulary) throws(TokenizerError) {
        try TokenizerMembers.check(field, part: TokenizerMembers.addedToken)
        content = try field["content"].string()
        // The vocabulary's id, as the library takes it, whatever the list says.
        if let known = vocabulary.id(of: content) { id = known } else { id = try field["id"].id() }
        isSpecial = try field["special"].bool(or: false)
        isSingleWord = try field["single_word"].bool(or: false)
        stripsLeft = try field["lstrip"].bool(or: false)
        stripsRight = try field["rstrip"].bool(or: false)
        isNormalized = try field["normalized"].bool(or: !isSpecial)
        guard id < 1 << 28 else { throw field["id"].wrong("an id below \(1 << 28)") }
    }
}

extension BertNormalizer {
    init(_ field: Field) throws(TokenizerError) {
        self.init(
            cleanText: try field["clean_text"].bool(or: true),
            handleChineseChars: try field["handle_chinese_chars"].bool(or: true),
            stripAccents: field["strip_accents"].isPresent ? try field["strip_accents"].bool(or: true) : nil,
            lowercase: try field["lowercase"].bool(or: true))
    }
}

extension NormalizerSequence {
    init(_ field: Field) throws(TokenizerError) {
        var parts: [any Normalizer] = []
        for element in try field["normalizers"].elements() {
            parts.append(try Registry.make(element, from: Registry.normalizers) as any Normalizer)
        }
        self.parts = parts
    }
}

extension PreTokenizerSequence {
    init(_ field: Field) throws(TokenizerError) {
        var parts: [any PreTokenizer] = []
        for element in try field["pretokenizers"].elements() {
            parts.append(try Registry.make(element, from: Registry.preTokenizers) as any PreTokenizer)
        }
        self.parts = parts
    }
}

extension WordPiece {
    init(_ source: ModelSource) throws(TokenizerError) {
        let vocabulary = try source.vocabulary()
        let unknown = try source.field["unk_token"].string(or: "[UNK]")
        let characters = source.field["max_input_chars_per_word"]
        self.init(
            vocabulary, unknown: try source.unknown(unknown, in: vocabulary),
            prefix: try source.field["continuing_subword_prefix"].string(or: "##"),
            maxCharacters: characters.isPresent ? try characters.int(in: 0...1_000_000) : 100)
    }
}

extension ModelSource {
    func unknown(_ token: String, in vocabulary: Vocabulary) throws(TokenizerError) -> Int32 {
        guard let id = vocabulary.id(of: token) else {
            let message = "the unknown token '\(token)' of model.unk_token is not in model.vocab"
            throw TokenizerError(.missingToken, message, file: file)
        }
        return id
    }
}

/// The text is no JSON, or it does not say what it should.
private enum ReadError: Error {
    case text(JSONError)
    case content(TokenizerError)
}

private func reading<Value>(_ body: () throws(JSONError) -> Value) throws(ReadError) -> Value {
    do throws(JSONError) { return try body() } catch { throw .text(error) }
}

private func made<Value>(_ body: () throws(TokenizerError) -> Value) throws(ReadError) -> Value {
    do throws(TokenizerError) { return try body() } catch { throw .content(error) }
}

extension Vocabulary {
    /// Reads `{"token": id, …}` from a text of a size.
    init(_ reader: inout JSONReader, textSize: Int, file: String) throws(TokenizerError) {
        var bytes: [UInt8] = []
        var starts: [UInt32] = [0]
        var ids: [Int32] = []
        bytes.reserveCapacity(textSize / 2)
        starts.reserveCapacity(textSize / 12)
        ids.reserveCapacity(textSize / 12)
        do throws(JSONError) {
            try reader.beginObject()
            while try reader.nextKey(appendingTo: &bytes) {
                // What does not fit in 32 bits becomes an id that `init(bytes:starts:ids:)` refuses.
                ids.append(Int32(exactly: try reader.readInt()) ?? -1)
                starts.append(UInt32(truncatingIfNeeded: bytes.count))
            }
        } catch {
            throw TokenizerError(.invalidVocabulary, "in model.vocab, \(error.reason)", file: file)
        }
        guard bytes.count <= Int(UInt32.max) else {
            throw TokenizerError(
                .invalidVocabulary, "the tokens of model.vocab have more than 4 GiB of text", file: file)
        }
        try self.init(bytes: bytes, starts: starts, ids: ids, file: file)
    }
}
