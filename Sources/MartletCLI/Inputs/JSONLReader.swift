#if Command

import MartletJSON

/// An object to a line: `{"id": 7, "text": "…"}`. Blank lines are passed over. Of each line only the two members are kept.
struct JSONLReader: RecordReader {
    private var splitter: RecordSplitter
    private let fields: FieldNames
    private let members: [MemberPath]
    var bytesRead: Int { splitter.bytesRead }

    init(_ source: ByteSource, fields: FieldNames, blockSize: Int = 256 << 10, limit: Int = RecordSplitter.defaultLimit) {
        splitter = RecordSplitter(source, framing: .lines, blockSize: blockSize, limit: limit)
        self.fields = fields
        members = [MemberPath(fields.text), MemberPath(fields.id ?? FieldNames.defaultID)]
    }

    mutating func next(waiting: Bool) throws(InputError) -> ReadStep {
        while true {
            switch try splitter.next(waiting: waiting) {
            case .idle: return .idle
            case .end: return .end
            case .record(let range, let line):
                let name = splitter.source.name
                let step = try splitter.withBytes(range) { (bytes) throws(InputError) -> ReadStep? in
                    if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return nil }
                    return try record(bytes, "\(name):\(line)", line)
                }
                if let step { return step }
            }
        }
    }

    private func record(_ bytes: UnsafeBufferPointer<UInt8>, _ place: String, _ line: Int) throws(InputError) -> ReadStep {
        let found: [FoundMember?]
        do throws(JSONError) {
            found = try MemberPath.find(members, in: UnsafeRawBufferPointer(bytes))
        } catch {
            throw InputError(
                "\(place): not a JSON object at column \(error.column): \(error.reason); fix the line, or pass --on-error skip to leave it out"
            )
        }
        guard let text = found[0] else {
            throw InputError("\(place): no member \"\(fields.text)\"; name the one that holds the text with --field")
        }
        guard text.kind == .string, let string = text.string(in: bytes) else {
            throw InputError("\(place): member \"\(fields.text)\" is \(text.kindName), expected a string; name another with --field")
        }
        return .record(text: string, id: try id(found[1], bytes, place), line: line)
    }

    private func id(_ member: FoundMember?, _ bytes: UnsafeBufferPointer<UInt8>, _ place: String) throws(InputError) -> RecordID {
        guard let member else {
            guard let name = fields.id else { return .none }
            throw InputError("\(place): no member \"\(name)\", which --id names")
        }
        switch member.kind {
        case .string:
            return member.string(in: bytes).map(RecordID.text) ?? .none
        case .object, .array:
            guard let name = fields.id else { return .none }
            throw InputError("\(place): member \"\(name)\" is \(member.kindName), expected a string or a number as the id")
        case .null, .bool, .number:
            return .literal(String(decoding: bytes[member.range], as: UTF8.self))
        }
    }
}

#endif
