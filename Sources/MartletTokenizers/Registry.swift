internal import MartletJSON

/// What tokenizer.json's `type` fields may name. A new algorithm is a new file and one row here.
enum Registry {
    typealias Make<Part> = @Sendable (Field) throws(TokenizerError) -> Part

    static let normalizers: [(type: String, make: Make<any Normalizer>)] = [
        ("BertNormalizer", { (field) throws(TokenizerError) in try BertNormalizer(field) }),
        ("ByteLevel", { (_) throws(TokenizerError) in ByteLevelNormalizer() }),
        ("Lowercase", { (_) throws(TokenizerError) in BertNormalizer(.lowercase) }),
        ("NFC", { (_) throws(TokenizerError) in UnicodeNormalizer(form: .composed) }),
        ("NFD", { (_) throws(TokenizerError) in BertNormalizer(.decompose) }),
        ("NFKC", { (_) throws(TokenizerError) in UnicodeNormalizer(form: .compatiblyComposed) }),
        ("NFKD", { (_) throws(TokenizerError) in UnicodeNormalizer(form: .compatiblyDecomposed) }),
        ("Nmt", { (_) throws(TokenizerError) in CharacterMap.nmt }),
        ("Precompiled", { (field) throws(TokenizerError) in try Precompiled(field) }),
        ("Prepend", { (field) throws(TokenizerError) in try Prepend(field) }),
        ("Replace", { (field) throws(TokenizerError) in try Replace(field) }),
        ("Sequence", { (field) throws(TokenizerError) in try NormalizerSequence(field) }),
        ("Strip", { (field) throws(TokenizerError) in try Strip(field) }),
        ("StripAccents", { (_) throws(TokenizerError) in CharacterMap.stripAccents }),
    ]

    static let preTokenizers: [(type: String, make: Make<any PreTokenizer>)] = [
        ("BertPreTokenizer", { (_) throws(TokenizerError) in BertPreTokenizer() }),
        ("ByteLevel", { (field) throws(TokenizerError) in try ByteLevel(field) }),
        ("CharDelimiterSplit", { (field) throws(TokenizerError) in try Split(delimiter: field) }),
        ("Digits", { (field) throws(TokenizerError) in try ClassSplit(digits: field) }),
        ("Metaspace", { (field) throws(TokenizerError) in try Metaspace(field) }),
        ("Punctuation", { (field) throws(TokenizerError) in try ClassSplit(punctuation: field) }),
        ("Sequence", { (field) throws(TokenizerError) in try PreTokenizerSequence(field) }),
        ("Split", { (field) throws(TokenizerError) in try Split(field) }),
        ("Whitespace", { (_) throws(TokenizerError) in ClassSplit(kind: .words) }),
        ("WhitespaceSplit", { (_) throws(TokenizerError) in BertPreTokenizer(isolatesPunctuation: false) }),
    ]

    static let postProcessors: [(type: String, make: Make<PostProcessor>)] = [
        (
            "BertProcessing",
            { (field) throws(TokenizerError) in PostProcessor(template: try Template(bertProcessing: field)) }
        ),
        ("ByteLevel", { (field) throws(TokenizerError) in try PostProcessor(byteLevel: field) }),
        ("RobertaProcessing", { (field) throws(TokenizerError) in try PostProcessor(roberta: field) }),
        ("Sequence", { (field) throws(TokenizerError) in try PostProcessor(sequence: field) }),
        (
            "TemplateProcessing",
            { (field) throws(TokenizerError) in
                PostProcessor(template: try Template(templateProcessing: field))
            }
        ),
    ]

    static let decoders: [(type: String, make: Make<any Decoder>)] = [
        ("BPEDecoder", { (field) throws(TokenizerError) in try SuffixDecoder(field) }),
        ("ByteFallback", { (_) throws(TokenizerError) in ByteFallbackDecoder() }),
        ("ByteLevel", { (_) throws(TokenizerError) in ByteLevelDecoder() }),
        ("Fuse", { (_) throws(TokenizerError) in FuseDecoder() }),
        (
            "Metaspace",
            { (field) throws(TokenizerError) in MetaspaceDecoder(metaspace: try Metaspace(field)) }
        ),
        ("Replace", { (field) throws(TokenizerError) in try ReplaceDecoder(field) }),
        ("Sequence", { (field) throws(TokenizerError) in try DecoderSequence(field) }),
        ("Strip", { (field) throws(TokenizerError) in try StripDecoder(field) }),
        ("WordPiece", { (field) throws(TokenizerError) in try WordPieceDecoder(field) }),
    ]

    /// Reads the model straight from the text: a vocabulary is too large for a tree.
    static let models:
        [(type: String, make: @Sendable (ModelSource) throws(TokenizerError) -> any TokenModel)] = [
            ("BPE", { (source) throws(TokenizerError) in try BPE(source) }),
            ("Unigram", { (source) throws(TokenizerError) in try Unigram(source) }),
            ("WordLevel", { (source) throws(TokenizerError) in try WordLevel(source) }),
            ("WordPiece", { (source) throws(TokenizerError) in try WordPiece(source) }),
        ]

    static func make<Part>(_ field: Field, from rows: [(type: String, make: Make<Part>)])
        throws(TokenizerError) -> Part
    {
        let type = try field["type"].string()
        guard let row = rows.first(where: { $0.type == type }) else {
            throw unsupported(type, at: field.path, rows.map(\.type), file: field.file)
        }
        try TokenizerMembers.check(field, part: type)
        return try row.make(field)
    }

    static func unsupported(_ type: String, at path: String, _ supported: [String], file: String)
        -> TokenizerError
    {
        let names = supported.joined(separator: ", ")
        return TokenizerError(
            .unsupportedType, "\(path) has the type '\(type)', which is not supported; supported: \(names)",
            file: file)
    }
}

/// A value of a JSON file with its path, so that errors can name it.
struct Field: Sendable {
    let value: JSONValue?
    let path: String
    let file: String

    subscript(key: String) -> Field {
        Field(value: value?[key], path: path.isEmpty ? key : "\(path).\(key)", file: file)
    }

    var isPresent: Bool { value.map { !$0.isNull } ?? false }

    func string() throws(TokenizerError) -> String {
        guard let string = value?.string else { throw wrong("a string") }
        return string
    }

    /// `fallback` where the field is absent or null.
    func string(or fallback: String) throws(TokenizerError) -> String { isPresent ? try string() : fallback }

    func bool(or fallback: Bool) throws(TokenizerError) -> Bool {
        guard isPresent else { return fallback }
        guard let bool = value?.bool else { throw wrong("true or false") }
        return bool
    }

    func int(in range: ClosedRange<Int>) throws(TokenizerError) -> Int {
        guard let int = value?.int, range.contains(int) else {
            throw wrong("a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return int
    }

    func id() throws(TokenizerError) -> Int32 { Int32(try int(in: 0...Int(Int32.max))) }

    func elements() throws(TokenizerError) -> [Field] {
        guard let elements = value?.array else { throw wrong("an array") }
        return elements.enumerated().map { Field(value: $1, path: "\(path)[\($0)]", file: file) }
    }

    func wrong(_ expected: String) -> TokenizerError {
        TokenizerError(
            .invalidField, "expected \(path) to be \(expected), found \(value?.kind ?? "nothing")", file: file
        )
    }
}
