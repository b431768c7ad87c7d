#if Command

import MartletData
import MartletIndex
import MartletJSON

/// Lines of JSONL.
extension IndexedTexts {
    /// Calls `body` with each line: the text, the id, and the other members as fields.
    /// - Parameter fieldless: Members that no field can hold and that were told of.
    func readLines(
        _ path: String, fieldless: inout Set<String>, _ onNote: (String) -> Void,
        _ body: (IndexedText) async throws -> Void
    ) async throws {
        var splitter = RecordSplitter(try ByteSource.file(path).decoded(), framing: .lines)
        while case .record(let range, let line) = try splitter.next(waiting: true) {
            let bytes = splitter.withBytes(range) { Array($0) }
            if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
            try await body(try record(bytes, source: path, line: line, &fieldless, onNote))
        }
    }

    private func record(
        _ bytes: [UInt8], source: String, line: Int, _ fieldless: inout Set<String>,
        _ onNote: (String) -> Void
    ) throws -> IndexedText {
        let place = "\(source):\(line)"
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue.parse(bytes) } catch {
            throw CommandError(
                "\(place): not a JSON object at column \(error.column): \(error.reason); fix the line, or remove it"
            )
        }
        guard let object = value.object else {
            throw CommandError("\(place): \(value.kind); expected an object")
        }
        guard let text = value.member(at: members.textName)?.string else {
            throw CommandError(
                "\(place): no string in the member \(members.textName.quotedForMessage); name the one that holds the text with --field"
            )
        }
        var id = "\(source)#\(line)"
        switch value.member(at: members.idName) {
        case .string(let text)?: id = text
        case .integer(let number)?: id = String(number)
        case nil:
            if let name = members.id {
                throw CommandError("\(place): no member \(name.quotedForMessage); drop --id, or name another")
            }
        case let other?:
            throw CommandError(
                "\(place): the member \(members.idName.quotedForMessage) is \(other.kind); expected a string or an integer"
            )
        }
        var fields: [String: FieldValue] = ["source": .string(source)]
        for member in object.members where member.key != members.textName && member.key != members.idName {
            let name = "\(place): the member \(member.key.quotedForMessage)"
            if let kind = member.value.kindWithoutField, !members.dates.contains(member.key) {
                // What holds the text is read.
                if !members.textName.hasPrefix("\(member.key)."), fieldless.insert(member.key).inserted {
                    onNote("\(name) is \(kind) and becomes no field, as in all records")
                }
                continue
            }
            if let value = try field(member, name) { fields[member.key] = value }
        }
        return IndexedText(
            id: id, place: place, text: text, fields: try withOwnSource(fields, file: source, at: place))
    }

    /// The fields of a record, with its file in another field if it has a field `source` of its own.
    func withOwnSource(_ fields: [String: FieldValue], file path: String, at place: String) throws
        -> [String: FieldValue]
    {
        guard fields[Self.ownSource] == nil else {
            throw CommandError(
                "\(place): \(Self.ownSource) is the index's own field, for the name of the file; rename the record's"
            )
        }
        var fields = fields
        if fields["source"] != .string(path) { fields[Self.ownSource] = .string(path) }
        return fields
    }

    /// nil for null.
    private func field(_ member: JSONObject.Member, _ place: String) throws -> FieldValue? {
        if members.dates.contains(member.key), !member.value.isNull, member.value.string == nil {
            throw CommandError(
                "\(place) is \(member.value.kind), and --date-field says that it is a date such as \"2024-05-31\""
            )
        }
        switch member.value {
        case .null: return nil
        case .bool(let flag): return .boolean(flag)
        case .integer(let number): return .integer(number)
        case .number(let number): return .float(number)
        case .string(let text):
            guard members.dates.contains(member.key) else { return .string(text) }
            guard let date = FieldType.date.value(text) else {
                throw CommandError(
                    "\(place) is \(text.quotedForMessage), and --date-field says that it is a date such as 2024-05-31T12:00:00Z"
                )
            }
            return date
        case .array(let elements): return .strings(elements.compactMap(\.string))
        case .object: return nil
        }
    }
}

extension JSONValue {
    /// What the value is if no field can hold it.
    fileprivate var kindWithoutField: String? {
        switch self {
        case .object: "an object"
        case .array(let elements) where elements.contains { $0.string == nil }:
            "an array of other things than strings"
        default: nil
        }
    }

    /// The member of an object by its whole name, or by a path with dots, as `messages.0.content`.
    fileprivate func member(at path: String) -> JSONValue? {
        if let value = self[path] { return value }
        let parts = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        return parts.reduce(Optional(self)) { value, part in
            guard case .array = value else { return value?[part] }
            return Int(part).flatMap { value?[$0] }
        }
    }
}

#endif
