/// Reads a JSON text from front to back, without a tree: `beginObject`, then `nextKey` and one read of the
/// value until it returns nil; `beginArray`, then `nextElement` and one read until it returns false. Strict
/// after RFC 8259, with a limit of depth.
///
/// The bytes must outlive the reader.
package struct JSONReader {
    package enum Kind: Sendable, Equatable { case null, bool, number, string, array, object }

    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0
    private var depth = 0
    private let depthLimit: Int
    /// A container was opened and nothing of it read yet: the next member needs no comma.
    private var isFirst = false

    package init(_ bytes: UnsafeRawBufferPointer, depthLimit: Int = 128) {
        self.bytes = bytes.bindMemory(to: UInt8.self)
        self.depthLimit = depthLimit
    }

    /// Bytes read so far.
    package var offset: Int { position }

    // MARK: Containers

    package mutating func beginObject() throws(JSONError) { try open(UInt8(ascii: "{"), "an object") }

    package mutating func beginArray() throws(JSONError) { try open(UInt8(ascii: "["), "an array") }

    /// The next member's key, or nil at the end of the object.
    package mutating func nextKey() throws(JSONError) -> String? {
        guard try advance(closing: UInt8(ascii: "}"), what: "object") else { return nil }
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            throw unexpected("a key in quotes")
        }
        let key = try readString()
        try colon()
        return key
    }

    /// Appends the next member's key to `buffer` as UTF-8; false at the end of the object.
    package mutating func nextKey(appendingTo buffer: inout [UInt8]) throws(JSONError) -> Bool {
        guard try advance(closing: UInt8(ascii: "}"), what: "object") else { return false }
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            throw unexpected("a key in quotes")
        }
        try readString(appendingTo: &buffer)
        try colon()
        return true
    }

    /// Whether another element follows; false ends the array.
    package mutating func nextElement() throws(JSONError) -> Bool {
        try advance(closing: UInt8(ascii: "]"), what: "array")
    }

    // MARK: Values

    package mutating func peek() throws(JSONError) -> Kind {
        skipSpace()
        guard position < bytes.count else { throw unexpected("a value") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        default: throw unexpected("a value")
        }
    }

    package mutating func readBool() throws(JSONError) -> Bool {
        guard try peek() == .bool else { throw unexpectedKind("a boolean") }
        if bytes[position] == UInt8(ascii: "t") {
            try literal("true")
            return true
        }
        try literal("false")
        return false
    }

    package mutating func readInt() throws(JSONError) -> Int {
        guard try peek() == .number else { throw unexpectedKind("an integer") }
        let start = position
        guard let value = try readNumber().int else {
            throw JSONError(
                .unexpectedKind, "expected an integer, found a number that is not one", at: start, in: bytes)
        }
        return value
    }

    package mutating func readDouble() throws(JSONError) -> Double {
        guard try peek() == .number, let value = try readNumber().double else {
            throw unexpectedKind("a number")
        }
        return value
    }

    /// The next value as a tree.
    package mutating func readValue() throws(JSONError) -> JSONValue {
        switch try peek() {
        case .null:
            try literal("null")
            return .null
        case .bool: return .bool(try readBool())
        case .number: return try readNumber()
        case .string: return .string(try readString())
        case .array:
            var elements: [JSONValue] = []
            try beginArray()
            while try nextElement() { elements.append(try readValue()) }
            return .array(elements)
        case .object:
            var members: [JSONObject.Member] = []
            try beginObject()
            while let key = try nextKey() { members.append(.init(key: key, value: try readValue())) }
            return .object(JSONObject(members))
        }
    }

    /// Reads past the next value, checking it as strictly as `readValue`.
    package mutating func skipValue() throws(JSONError) {
        switch try peek() {
        case .null: try literal("null")
        case .bool: _ = try readBool()
        case .number: _ = try readNumber()
        case .string: try skipString()
        case .array:
            try beginArray()
            while try nextElement() { try skipValue() }
        case .object:
            try beginObject()
            while try advance(closing: UInt8(ascii: "}"), what: "object") {
                guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                    throw unexpected("a key in quotes")
                }
                try skipString()
                try colon()
                try skipValue()
            }
        }
    }

    /// Nothing but white space may follow.
    package mutating func finish() throws(JSONError) {
        skipSpace()
        if position < bytes.count {
            throw JSONError(
                .trailingBytes, "expected the end of the text, found \(found())", at: position, in: bytes)
        }
    }

    // MARK: Parts

    private mutating func open(_ byte: UInt8, _ what: String) throws(JSONError) {
        skipSpace()
        guard position < bytes.count, bytes[position] == byte else { throw unexpectedKind(what) }
        guard depth < depthLimit else {
            throw JSONError(
                .tooDeep, "values are nested deeper than \(depthLimit) levels", at: position, in: bytes)
        }
        depth += 1
        position += 1
        isFirst = true
    }

    private mutating func advance(closing: UInt8, what: String) throws(JSONError) -> Bool {
        skipSpace()
        guard position < bytes.count else { throw unexpected("the rest of the \(what)") }
        if bytes[position] == closing {
            guard depth > 0 else { throw unexpected("a value") }
            depth -= 1
            position += 1
            isFirst = false
            return false
        }
        if !isFirst {
            guard bytes[position] == UInt8(ascii: ",") else {
                throw unexpected("a comma or the end of the \(what)")
            }
            position += 1
            skipSpace()
        }
        isFirst = false
        return true
    }

    private mutating func colon() throws(JSONError) {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else {
            throw unexpected("a colon after the key")
        }
        position += 1
    }

    private mutating func literal(_ word: StaticString) throws(JSONError) {
        guard position + word.utf8CodeUnitCount <= bytes.count else { throw unexpected("\(word)") }
        for index in 0..<word.utf8CodeUnitCount where bytes[position + index] != word.utf8Start[index] {
            throw unexpected("\(word)")
        }
        position += word.utf8CodeUnitCount
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    // MARK: Errors

    func unexpected(_ expected: String) -> JSONError {
        let code: JSONError.Code = position < bytes.count ? .unexpectedByte : .unexpectedEnd
        return JSONError(
            code, "expected \(expected), found \(found())", at: min(position, bytes.count), in: bytes)
    }

    func unexpectedKind(_ expected: String) -> JSONError {
        let code: JSONError.Code = position < bytes.count ? .unexpectedKind : .unexpectedEnd
        return JSONError(
            code, "expected \(expected), found \(found())", at: min(position, bytes.count), in: bytes)
    }

    private func found() -> String {
        guard position < bytes.count else { return "the end of the text" }
        let byte = bytes[position]
        if byte > 0x20, byte < 0x7F { return "'\(Character(Unicode.Scalar(byte)))'" }
        return "byte 0x\(String(byte, radix: 16, uppercase: true))"
    }
}
