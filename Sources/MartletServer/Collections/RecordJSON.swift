#if Server

internal import MartletIndex
internal import MartletJSON

/// Fields and records as JSON.
enum RecordJSON {
    /// A field's value; nil for null. Text of a field that is known to be a date is read as one, and `1.0` of
    /// a field of integers as the integer.
    static func value(_ json: JSONValue, type: FieldType?, _ place: String, _ parameter: String)
        throws(ServiceError) -> FieldValue?
    {
        switch json {
        case .null: return nil
        case .bool(let flag): return .boolean(flag)
        case .integer(let number): return .integer(number)
        case .number(let number):
            if type == .integer, let whole = Int(exactly: number) { return .integer(whole) }
            return .float(number)
        case .string(let text):
            guard type == .date else { return .string(text) }
            guard let time = Timestamp.milliseconds(text) else {
                throw .invalid(
                    parameter,
                    "\(place) is \(text.quotedForMessage), expected a date such as 2024-05-31T12:00:00Z")
            }
            return .date(time)
        case .array(let elements):
            var texts: [String] = []
            for (index, element) in elements.enumerated() {
                guard let text = element.string else {
                    throw .invalid(parameter, "\(place)[\(index)]: expected a string, found \(element.kind)")
                }
                texts.append(text)
            }
            return .strings(texts)
        case .object:
            throw .invalid(
                parameter,
                "\(place): expected a string, a number, true or false, or a list of strings, found an object")
        }
    }

    static func fields(
        _ object: JSONObject, schema: FieldSchema, _ place: String, _ parameter: String
    ) throws(ServiceError) -> [String: FieldValue] {
        var fields: [String: FieldValue] = [:]
        for member in object.members {
            fields[member.key] = try value(
                member.value, type: schema.types[member.key], "\(place).\(member.key)", parameter)
        }
        return fields
    }

    static func json(_ value: FieldValue) -> JSONValue {
        switch value {
        case .string(let text): .string(text)
        case .integer(let number): .integer(number)
        case .float(let number): .number(number)
        case .date(let time): .string(Timestamp.text(time))
        case .boolean(let flag): .bool(flag)
        case .strings(let texts): .strings(texts)
        }
    }

    static func json(_ fields: [String: FieldValue]) -> JSONValue {
        .object(
            JSONObject(
                fields.sorted { $0.key < $1.key }.map {
                    JSONObject.Member(key: $0.key, value: json($0.value))
                }))
    }

    /// The shortest decimal number that reads as this float.
    static func number(_ value: Float) -> JSONValue { .number(Double("\(value)") ?? Double(value)) }

    static func number(_ value: Float?) -> JSONValue { value.map { number($0) } ?? .null }

    static func json(_ hit: Hit) -> [JSONObject.Member] {
        var members: [JSONObject.Member] = [
            .init(key: "id", value: .string(hit.id)), .init(key: "score", value: number(hit.score)),
        ]
        if let score = hit.rerankScore { members.append(.init(key: "rerank_score", value: number(score))) }
        return members + [
            .init(key: "similarity", value: number(hit.similarity)),
            .init(key: "vector_rank", value: hit.vectorRank.map { .integer($0) } ?? .null),
            .init(key: "word_score", value: number(hit.wordScore)),
            .init(key: "word_rank", value: hit.wordRank.map { .integer($0) } ?? .null),
            .init(
                key: "terms",
                value: .object(
                    JSONObject(hit.terms.map { JSONObject.Member(key: $0.term, value: number($0.score)) }))),
            .init(key: "fields", value: json(hit.fields)), .init(key: "text", value: .string(hit.text)),
        ]
    }
}

#endif
