/// A value as columns sort it: numbers by size, text by its bytes.
enum ColumnKey: Hashable, Comparable {
    case number(Double)
    case integer(Int)
    case text([UInt8])

    static func < (a: ColumnKey, b: ColumnKey) -> Bool {
        switch (a, b) {
        case (.number(let a), .number(let b)): a < b
        case (.integer(let a), .integer(let b)): a < b
        case (.text(let a), .text(let b)): a.lexicographicallyPrecedes(b)
        case (.integer(let a), .number(let b)): Double(a) < b
        case (.number(let a), .integer(let b)): a < Double(b)
        default: false
        }
    }

    /// The key of a value in a column of `type`. A list has a key for each of its strings.
    static func keys(of value: FieldValue, in type: FieldType) -> [ColumnKey] {
        switch value {
        case .string(let text): [.text(Array(text.utf8))]
        case .strings(let texts): texts.map { .text(Array($0.utf8)) }
        case .integer(let number): [type == .float ? .number(Double(number)) : .integer(number)]
        case .float(let number): [.number(number == 0 ? 0 : number)]
        case .date(let time): [.integer(time)]
        case .boolean(let flag): [.integer(flag ? 1 : 0)]
        }
    }
}
