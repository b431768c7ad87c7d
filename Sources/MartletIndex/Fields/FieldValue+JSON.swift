package import MartletJSON

/// Fields as JSON: dates are texts.
extension FieldValue {
    package var json: JSONValue {
        switch self {
        case .string(let text): .string(text)
        case .integer(let number): .integer(number)
        // JSON has no word for infinity and NaN, which only a damaged file can hold.
        case .float(let number): number.isFinite ? .number(number) : .null
        case .date(let time): .string(Timestamp.text(time))
        case .boolean(let flag): .bool(flag)
        case .strings(let texts): .strings(texts)
        }
    }

    /// Nil for null, objects and arrays of other things than strings.
    package init?(_ json: JSONValue) {
        switch json {
        case .null, .object: return nil
        case .bool(let flag): self = .boolean(flag)
        case .integer(let number): self = .integer(number)
        case .number(let number): self = .float(number)
        case .string(let text): self = .string(text)
        case .array(let elements):
            let texts = elements.compactMap(\.string)
            guard texts.count == elements.count else { return nil }
            self = .strings(texts)
        }
    }
}

extension [String: FieldValue] {
    /// An object of the fields in the order of their names.
    package var json: JSONValue {
        .object(pairs: sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) })
    }
}
