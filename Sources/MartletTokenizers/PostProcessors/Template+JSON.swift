extension Template {
    /// `{"type": "BertProcessing", "sep": ["[SEP]", 102], "cls": ["[CLS]", 101]}`
    init(bertProcessing field: Field) throws(TokenizerError) {
        func id(_ key: String) throws(TokenizerError) -> Int32 {
            let elements = try field[key].elements()
            guard elements.count == 2 else { throw field[key].wrong("a token and its id") }
            return try elements[1].id()
        }
        self = .bert(cls: try id("cls"), sep: try id("sep"))
    }

    /// `single` and `pair` as lists of `{"SpecialToken": {"id", "type_id"}}` and `{"Sequence": {"id": "A" or "B", "type_id"}}`, and
    /// `special_tokens` with the ids of each.
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
        let count = single.reduce(0) { if case .special = $1 { $0 } else { $0 + 1 } }
        guard count == 1 else { throw field["single"].wrong("a template with exactly one Sequence") }
        self.init(single: single, pair: pair)
    }
}
