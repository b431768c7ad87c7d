/// The fields of a collection by name. A field gets its type from the first value that it has, or when the
/// collection is made.
public struct FieldSchema: Sendable, Hashable {
    /// The types by field name.
    public private(set) var types: [String: FieldType]
    /// Fields whose types were said when the collection was made: they stay.
    let declared: Set<String>

    /// The types of fields by name, which stay as they are; other fields get theirs from records.
    public init(_ types: [String: FieldType] = [:]) { self.init(types, declared: Set(types.keys)) }

    init(_ types: [String: FieldType], declared: Set<String>) {
        self.types = types
        self.declared = declared
    }

    /// What the log can count (``LogCommit``).
    private static let mostFields = Int(UInt16.max)

    /// The schema with the fields of a record, or why the record contradicts it.
    ///
    /// An integer in a float field becomes a float, and a field that is integer only because its first value
    /// was becomes a float field when a float arrives.
    mutating func accept(_ fields: [String: FieldValue], record: Int) throws(IndexError) {
        guard fields.count <= Self.mostFields else {
            throw IndexError(
                .invalidRecord,
                "record \(record) has \(fields.count) fields; expected at most \(Self.mostFields)",
                position: record)
        }
        for (name, value) in fields {
            guard !name.isEmpty, name.utf8.count <= 255 else {
                throw IndexError(
                    .invalidRecord,
                    "record \(record) has a field with a name of \(name.utf8.count) bytes; expected 1 to 255",
                    position: record)
            }
            if case .float(let number) = value, !number.isFinite {
                throw IndexError(
                    .invalidRecord,
                    "record \(record): field \"\(name)\" is \(number); expected a finite number",
                    position: record)
            }
            switch (types[name], value.type) {
            case (nil, let type): types[name] = type
            case (let known?, let type) where known == type: break
            case (.float?, .integer): break
            case (.integer?, .float) where !declared.contains(name): types[name] = .float
            case (let known?, let type):
                throw IndexError(
                    .invalidRecord,
                    "record \(record): field \"\(name)\" is \(type.withArticle), and in this collection it is \(known.withArticle); "
                        + "give it that type, or use another name",
                    position: record)
            }
        }
    }
}
