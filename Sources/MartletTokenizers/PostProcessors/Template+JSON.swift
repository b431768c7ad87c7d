extension PostProcessor {
    /// `ByteLevel` of tokenizer.json.
    init(byteLevel field: Field) throws(TokenizerError) {
        template = .none
        trimsOffsets = try field["trim_offsets"].bool(or: true)
        addsPrefixSpace = try field["add_prefix_space"].bool(or: true)
    }

    /// `RobertaProcessing` of tokenizer.json.
    init(roberta field: Field) throws(TokenizerError) {
        let ends = try Template.ends(field)
        template = .roberta(cls: ends.cls, sep: ends.sep)
        trimsOffsets = try field["trim_offsets"].bool(or: true)
        addsPrefixSpace = try field["add_prefix_space"].bool(or: true)
    }

    /// `Sequence` of tokenizer.json: at most one part that adds tokens.
    init(sequence field: Field) throws(TokenizerError) {
        self = .none
        for element in try field["processors"].elements() {
            let part = try Registry.make(element, from: Registry.postProcessors) as PostProcessor
            if part.trimsOffsets {
                guard !trimsOffsets else {
                    throw element.wrong("a post-processor that does not trim offsets again")
                }
                trimsOffsets = true
                addsPrefixSpace = part.addsPrefixSpace
            }
            guard part.template != .none else { continue }
            guard template == .none else { throw element.wrong("the only post-processor that adds tokens") }
            template = part.template
        }
    }
}

extension Template {
    /// The ids of `"sep": ["[SEP]", 102], "cls": ["[CLS]", 101]`.
    fileprivate static func ends(_ field: Field) throws(TokenizerError) -> (cls: Int32, sep: Int32) {
        func id(_ key: String) throws(TokenizerError) -> Int32 {
            let elements = try field[key].elements()
            guard elements.count == 2 else { throw field[key].wrong("a token and its id") }
            return try elements[1].id()
        }
        return (try id("cls"), try id("sep"))
    }

    /// `{"type": "BertProcessing", "sep": ["[SEP]", 102], "cls": ["[CLS]", 101]}`
    init(bertProcessing field: Field) throws(TokenizerError) {
        let ends = try Self.ends(field)
        self = .bert(cls: ends.cls, sep: ends.sep)
    }

    /// `single` and `pair` as lists of `{"SpecialToken": {"id", "type_id"}}` and `{"Sequence": {"id": "A" or
    /// "B", "type_id"}}`, and `special_tokens` with the ids of each.
    init(templateProcessing field: Field) throws(TokenizerError) {
        func pieces(_ list: Field) throws(TokenizerError) -> [Piece] {
            var pieces: [Piece] = []
            for element in try list.elements() {
                let sequence = element["Sequence"]
                if sequence.isPresent {
                    let type = try sequence["type_id"].id()
                    switch try sequence["id"].string() {
                    case "A": pieces.append(.first(type: type))
                    case "B": pieces.append(.second(type: type))
                    default: throw sequence["id"].wrong("\"A\" or \"B\"")
                    }
                } else {
                    let special = element["SpecialToken"]
                    let type = try special["type_id"].id()
                    for id in try field["special_tokens"][try special["id"].string()]["ids"].elements() {
                        pieces.append(.special(try id.id(), type: type))
                    }
                }
            }
            return pieces
        }
        let single = try pieces(field["single"])
        let pair = try pieces(field["pair"])
        func texts(_ pieces: [Piece]) -> (first: Int, second: Int) {
            pieces.reduce(into: (0, 0)) { counts, piece in
                switch piece {
                case .first: counts.0 += 1
                case .second: counts.1 += 1
                case .special: break
                }
            }
        }
        guard texts(single) == (1, 0) else {
            throw field["single"].wrong("a template with one Sequence \"A\" and no other")
        }
        guard pair.isEmpty || texts(pair) == (1, 1) else {
            throw field["pair"].wrong("a template with one Sequence \"A\" and one \"B\"")
        }
        self.init(single: single, pair: pair)
    }
}
