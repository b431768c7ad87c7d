#if Command

/// Rows of RFC 4180 under a header that names the columns. A quote inside an unquoted field is an ordinary character; blank rows are passed over.
struct CSVReader: RecordReader {
    private var splitter: RecordSplitter
    private let delimiter: UInt8
    private let fields: FieldNames
    private var header: Header?
    var bytesRead: Int { splitter.bytesRead }

    private struct Header {
        let count: Int
        let text: Int
        let id: Int?
    }

    init(
        _ source: ByteSource, fields: FieldNames, delimiter: UInt8 = UInt8(ascii: ","), blockSize: Int = 256 << 10,
        limit: Int = RecordSplitter.defaultLimit
    ) {
        splitter = RecordSplitter(source, framing: .csv(delimiter: delimiter), blockSize: blockSize, limit: limit)
        self.delimiter = delimiter
        self.fields = fields
    }

    mutating func next(waiting: Bool) throws(InputError) -> ReadStep {
        while true {
            switch try splitter.next(waiting: waiting) {
            case .idle: return .idle
            case .end: return .end
            case .record(let range, _) where range.isEmpty: continue
            case .record(let range, let line):
                let place = "\(splitter.source.name):\(line)"
                let delimiter = delimiter
                let row = try splitter.withBytes(range) { (bytes) throws(InputError) in
                    try CSVRow.parse(bytes, delimiter: delimiter, place: place)
                }
                if let header { return try record(row, header, place, line) }
                header = try resolve(row, place)
            }
        }
    }

    private func resolve(_ row: [[UInt8]], _ place: String) throws(InputError) -> Header {
        let names = row.map { String(decoding: $0, as: UTF8.self) }
        guard let text = names.firstIndex(of: fields.text) else {
            throw InputError(
                "\(place): no column \"\(fields.text)\" among \(Self.list(names)); name the one that holds the text with --field",
                isRecoverable: false)
        }
        let id = names.firstIndex(of: fields.id ?? FieldNames.defaultID)
        if id == nil, let name = fields.id {
            throw InputError("\(place): no column \"\(name)\" among \(Self.list(names)), which --id names", isRecoverable: false)
        }
        return Header(count: names.count, text: text, id: id)
    }

    private func record(_ row: [[UInt8]], _ header: Header, _ place: String, _ line: Int) throws(InputError) -> ReadStep {
        guard row.count == header.count else {
            throw InputError(
                "\(place): \(Format.count(row.count, "field")), the header has \(header.count); quote fields that hold the delimiter")
        }
        let text = try row[header.text].withUnsafeBufferPointer { (bytes) throws(InputError) in
            try CheckedText.string(bytes, place: place)
        }
        guard let column = header.id else { return .record(text: text, id: .none, line: line) }
        let id = try row[column].withUnsafeBufferPointer { (bytes) throws(InputError) in try CheckedText.string(bytes, place: place) }
        return .record(text: text, id: .text(id), line: line)
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(12).map { "\"\($0)\"" }.joined(separator: ", ") + (names.count > 12 ? ", …" : "")
    }
}

enum CSVRow {
    /// The fields of one record, unquoted.
    static func parse(_ bytes: UnsafeBufferPointer<UInt8>, delimiter: UInt8, place: String) throws(InputError) -> [[UInt8]] {
        let quote = UInt8(ascii: "\"")
        var fields: [[UInt8]] = []
        var position = 0
        while true {
            var field: [UInt8] = []
            if position < bytes.count, bytes[position] == quote {
                position += 1
                var isOpen = true
                while isOpen {
                    guard position < bytes.count else {
                        throw InputError("\(place): a quoted field is not closed; end it with a quote, and double the quotes inside it")
                    }
                    let byte = bytes[position]
                    position += 1
                    if byte != quote {
                        field.append(byte)
                    } else if position < bytes.count, bytes[position] == quote {
                        field.append(quote)
                        position += 1
                    } else {
                        isOpen = false
                    }
                }
                guard position == bytes.count || bytes[position] == delimiter else {
                    throw InputError("\(place): text after the quote that ends field \(fields.count + 1); double the quotes inside a field")
                }
            } else {
                while position < bytes.count, bytes[position] != delimiter {
                    field.append(bytes[position])
                    position += 1
                }
            }
            fields.append(field)
            guard position < bytes.count else { return fields }
            position += 1
        }
    }
}

#endif
