/// Which special tokens stand around a text, or around a pair of texts: `TemplateProcessing` of
/// tokenizer.json and `BertProcessing`.
struct Template: Sendable, Equatable {
    enum Piece: Sendable, Equatable {
        case first(type: Int32)
        case second(type: Int32)
        case special(Int32, type: Int32)
    }

    let single: [Piece]
    let pair: [Piece]

    /// Special tokens before and after a single text.
    let prefix: [Int32]
    let suffix: [Int32]
    /// Types of prefix, text and suffix, where they are not all 0.
    let types: (prefix: [Int32], text: Int32, suffix: [Int32])?

    static let none = Template(single: [.first(type: 0)], pair: [.first(type: 0), .second(type: 1)])

    /// `single` holds the text exactly once.
    init(single: [Piece], pair: [Piece]) {
        self.single = single
        self.pair = pair
        var ids: ([Int32], [Int32]) = ([], [])
        var types: (prefix: [Int32], text: Int32, suffix: [Int32]) = ([], 0, [])
        var isBefore = true
        for piece in single {
            switch piece {
            case .special(let id, let type) where isBefore:
                ids.0.append(id)
                types.prefix.append(type)
            case .special(let id, let type):
                ids.1.append(id)
                types.suffix.append(type)
            case .first(let type), .second(let type):
                types.text = type
                isBefore = false
            }
        }
        (prefix, suffix) = ids
        self.types = types.text != 0 || (types.prefix + types.suffix).contains { $0 != 0 } ? types : nil
    }

    static func == (a: Template, b: Template) -> Bool { a.single == b.single && a.pair == b.pair }

    /// `[CLS] A [SEP]` and `[CLS] A [SEP] B [SEP]`.
    static func bert(cls: Int32, sep: Int32) -> Template {
        let single: [Piece] = [.special(cls, type: 0), .first(type: 0), .special(sep, type: 0)]
        return Template(single: single, pair: single + [.second(type: 1), .special(sep, type: 1)])
    }

    /// `A </s>` and `A </s> B </s>`, all of type 0.
    static func ending(_ sep: Int32) -> Template {
        let single: [Piece] = [.first(type: 0), .special(sep, type: 0)]
        return Template(single: single, pair: single + [.second(type: 0), .special(sep, type: 0)])
    }

    /// `<s> A </s>` and `<s> A </s></s> B </s>`, all of type 0.
    static func roberta(cls: Int32, sep: Int32) -> Template {
        let single: [Piece] = [.special(cls, type: 0), .first(type: 0), .special(sep, type: 0)]
        return Template(
            single: single, pair: single + [.special(sep, type: 0), .second(type: 0), .special(sep, type: 0)])
    }
}
