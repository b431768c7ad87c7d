#if Server

/// The parts of a form that browsers and clients upload files with (RFC 7578, over the MIME syntax of RFC
/// 2046, 5.1).
struct Multipart {
    struct Part {
        let name: String
        /// Nil for a plain value.
        let fileName: String?
        let content: ArraySlice<UInt8>
    }

    let parts: [Part]

    private static let mostParts = 64

    /// - Parameter type: The field Content-Type, which has the boundary.
    init(_ body: [UInt8], type: String?) throws(ServiceError) {
        guard let type, type.lowercased().hasPrefix("multipart/form-data"),
            let boundary = Self.parameter("boundary", of: type),
            !boundary.isEmpty
        else {
            throw ServiceError(
                .syntax, "the body is no form: expected Content-Type: multipart/form-data with a boundary")
        }
        let mark = Array("--\(boundary)".utf8)
        guard var rest = Self.after(mark, in: body[...]) else { throw Self.broken("the boundary is missing") }
        var parts: [Part] = []
        while !rest.starts(with: Array("--".utf8)) {
            guard parts.count < Self.mostParts else {
                throw Self.broken("it has more than \(Self.mostParts) parts")
            }
            guard let head = Self.after(Array("\r\n".utf8), in: rest, atStart: true),
                let (fields, content) = Self.split(head, at: "\r\n\r\n"),
                let (part, next) = Self.split(content, at: "\r\n--\(boundary)")
            else { throw Self.broken("part \(parts.count) does not end") }
            parts.append(try Self.part(fields, part, parts.count))
            rest = next
        }
        self.parts = parts
    }

    func value(_ name: String) -> String? {
        parts.first { $0.name == name && $0.fileName == nil }.map {
            String(decoding: $0.content, as: UTF8.self)
        }
    }

    private static func part(_ head: ArraySlice<UInt8>, _ content: ArraySlice<UInt8>, _ index: Int)
        throws(ServiceError) -> Part
    {
        for line in String(decoding: head, as: UTF8.self).split(separator: "\r\n") {
            guard line.lowercased().hasPrefix("content-disposition:"),
                let name = parameter("name", of: String(line))
            else { continue }
            return Part(name: name, fileName: parameter("filename", of: String(line)), content: content)
        }
        throw broken("part \(index) has no name")
    }

    /// The value of `name=value` or `name="value"` after a semicolon.
    private static func parameter(_ name: String, of field: String) -> String? {
        var rest = field[...]
        while let semicolon = rest.firstIndex(of: ";") {
            rest = rest[rest.index(after: semicolon)...].drop { $0 == " " }
            guard rest.lowercased().hasPrefix(name + "=") else { continue }
            let value = rest.dropFirst(name.count + 1)
            guard value.first == "\"" else { return String(value.prefix { $0 != ";" && $0 != " " }) }
            var text = ""
            var isEscaped = false
            for character in value.dropFirst() {
                if !isEscaped, character == "\"" { return text.percentDecoded }
                isEscaped = !isEscaped && character == "\\"
                if !isEscaped { text.append(character) }
            }
            return nil
        }
        return nil
    }

    private static func after(_ mark: [UInt8], in bytes: ArraySlice<UInt8>, atStart: Bool = false)
        -> ArraySlice<UInt8>?
    {
        if atStart { return bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : nil }
        return place(of: mark, in: bytes).map { bytes[($0 + mark.count)...] }
    }

    private static func split(_ bytes: ArraySlice<UInt8>, at mark: String) -> (
        before: ArraySlice<UInt8>, after: ArraySlice<UInt8>
    )? {
        let mark = Array(mark.utf8)
        return place(of: mark, in: bytes).map { (bytes[bytes.startIndex..<$0], bytes[($0 + mark.count)...]) }
    }

    private static func place(of mark: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard let first = mark.first, bytes.count >= mark.count else { return nil }
        var start = bytes.startIndex
        let last = bytes.endIndex - mark.count
        while start <= last, let found = bytes[start...last].firstIndex(of: first) {
            if bytes[found..<found + mark.count].elementsEqual(mark) { return found }
            start = found + 1
        }
        return nil
    }

    private static func broken(_ reason: String) -> ServiceError {
        ServiceError(.syntax, "the body is not a well-formed form: \(reason)")
    }
}

#endif
