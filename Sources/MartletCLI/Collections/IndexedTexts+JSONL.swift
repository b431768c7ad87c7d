#if Command

import MartletData
import MartletIndex
import MartletJSON

/// Lines of JSONL.
extension IndexedTexts {
    /// Calls `body` with each line: the text, the id, and the other members as fields.
    func readLines(_ path: String, _ body: (IndexedText) async throws -> Void) async throws {
        var splitter = RecordSplitter(try ByteSource.file(path).decoded(), framing: .lines)
        while case .record(let range, let line) = try splitter.next(waiting: true) {
            let bytes = splitter.withBytes(range) { Array($0) }
            if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
            try await body(try record(bytes, source: path, line: line))
        }
    }

    private func record(_ bytes: [UInt8], source: String, line: Int) throws -> IndexedText {
        let place = "\(source):\(line)"
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue.parse(bytes) } catch {
            throw CommandError("\(place): \(error.reason), column \(error.column)")
        }
        guard let object = value.object else {
            throw CommandError("\(place): \(value.kind); expected an object")
        }
        guard let text = object[members.textName]?.string else {
            throw CommandError(
                "\(place): no string in the member \(members.textName.quotedForMessage); name it with --field"
            )
        }
        var id = "\(source)#\(line)"
        switch object[members.idName] {
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
            guard let value = try field(member, "\(place): the member \(member.key.quotedForMessage)") else {
                continue
            }
            fields[member.key] = value
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
        case .array(let elements):
            let texts = elements.compactMap(\.string)
            guard texts.count == elements.count else {
                throw CommandError("\(place) is an array of other things than strings")
            }
            return .strings(texts)
        case .object:
            throw CommandError(
                "\(place) is an object; fields are strings, numbers, booleans and arrays of strings")
        }
    }
}

#endif
