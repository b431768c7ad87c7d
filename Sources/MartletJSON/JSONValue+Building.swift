extension JSONValue {
    /// An object with its members in the order of the literal.
    package static func object(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
        .object(JSONObject(members.map { JSONObject.Member(key: $0.key, value: $0.value) }))
    }

    /// An object without the members that are nil.
    package static func object(present members: KeyValuePairs<String, JSONValue?>) -> JSONValue {
        .object(
            JSONObject(
                members.compactMap { member in
                    member.value.map { JSONObject.Member(key: member.key, value: $0) }
                }))
    }

    /// An object with these members in their order.
    package static func object(pairs: [(String, JSONValue)]) -> JSONValue {
        .object(JSONObject(pairs.map { JSONObject.Member(key: $0.0, value: $0.1) }))
    }

    package static func strings(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }

    /// The shortest decimal that reads back as this float. null for nil, and for infinity and NaN, which JSON
    /// has no word for.
    package static func float(_ value: Float?) -> JSONValue {
        guard let value, value.isFinite else { return .null }
        return .number(Double("\(value)") ?? Double(value))
    }

    /// The value as text in UTF-8.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        JSONText.append(self, to: &bytes)
        return bytes
    }
}
