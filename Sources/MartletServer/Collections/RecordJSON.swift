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

    static func json(_ hit: Hit) -> [JSONObject.Member] {
        var members: [JSONObject.Member] = [
            .init(key: "id", value: .string(hit.id)), .init(key: "score", value: .float(hit.score)),
        ]
        if let score = hit.rerankScore { members.append(.init(key: "rerank_score", value: .float(score))) }
        return members + [
            .init(key: "similarity", value: .float(hit.similarity)),
            .init(key: "vector_rank", value: hit.vectorRank.map { .integer($0) } ?? .null),
            .init(key: "word_score", value: .float(hit.wordScore)),
            .init(key: "word_rank", value: hit.wordRank.map { .integer($0) } ?? .null),
            .init(key: "terms", value: .object(pairs: hit.terms.map { ($0.term, .float($0.score)) })),
            .init(key: "fields", value: hit.fields.json), .init(key: "text", value: .string(hit.text)),
        ]
    }
}

#endif
