internal import MartletJSON

/// Takes the text and the id out of one JSON object.
struct JSONFields {
    private let fields: FieldNames
    private let members: [MemberPath]

    init(_ fields: FieldNames) {
        self.fields = fields
        members = [MemberPath(fields.textName), MemberPath(fields.idName)]
    }

    /// Whether the caller named a field, so that a bare string holds none.
    var areNamed: Bool { fields.text != nil || fields.id != nil }

    func record(
        _ bytes: UnsafeBufferPointer<UInt8>, place: String, line: Int
    ) throws(DataError) -> ReadStep {
        let found: [FoundMember?]
        do throws(JSONError) {
            found = try MemberPath.find(members, in: UnsafeRawBufferPointer(bytes))
        } catch {
            throw Self.malformed(error, place: place)
        }
        guard let text = found[0] else {
            throw DataError(
                .field, at: place, "no member \"\(fields.textName)\"", remedies: [.nameTextField],
                isRecoverable: true)
        }
        guard text.kind == .string, let string = text.string(in: bytes) else {
            throw DataError(
                .field, at: place, "member \"\(fields.textName)\" is \(text.kind.words), expected a string",
                remedies: [
                    text.kind == .object || text.kind == .array
                        ? Self.deeper(fields.textName, text.kind) : .nameTextField
                ],
                isRecoverable: true)
        }
        return .record(text: string, id: try id(found[1], bytes, place), line: line)
    }

    static func malformed(_ error: JSONError, place: String) -> DataError {
        DataError(
            .malformed, at: place, "not a JSON object at column \(error.column): \(error.reason)",
            remedies: [.advice("fix it"), .skipRecords], isRecoverable: true)
    }

    /// Names a path below the member.
    private static func deeper(_ name: String, _ kind: JSONReader.Kind) -> Remedy {
        .advice("name a string in it, such as \(name).\(kind == .array ? "0.content" : "content")")
    }

    private func id(
        _ member: FoundMember?, _ bytes: UnsafeBufferPointer<UInt8>, _ place: String
    ) throws(DataError) -> RecordID {
        guard let member else {
            guard let name = fields.id else { return .none }
            throw DataError(
                .field, at: place, "no member \"\(name)\" for the id", remedies: [.nameIDField],
                isRecoverable: true)
        }
        switch member.kind {
        case .string: return member.string(in: bytes).map(RecordID.text) ?? .none
        case .object, .array:
            guard let name = fields.id else { return .none }
            throw DataError(
                .field, at: place,
                "member \"\(name)\" is \(member.kind.words), expected a string or a number as the id",
                remedies: [.nameIDField], isRecoverable: true)
        case .null, .bool, .number: return .literal(String(decoding: bytes[member.range], as: UTF8.self))
        }
    }
}
