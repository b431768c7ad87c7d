internal import MartletJSON

/// A JSON text: an array whose elements are the records, or values one after the other, on as many lines as
/// they like. An element is an object, or a string, which is a text without an id.
package struct JSONTextReader: RecordReader {
    private var splitter: JSONSplitter
    private let fields: JSONFields
    package var bytesRead: Int { splitter.bytesRead }
    package var position: ReadPosition { splitter.position }

    package init(_ source: ByteSource, fields: FieldNames, limits: ReaderLimits = ReaderLimits()) {
        splitter = JSONSplitter(source, limits: limits)
        self.fields = JSONFields(fields)
    }

    package mutating func skip(to position: ReadPosition) throws(DataError) {
        try splitter.skip(to: position)
    }

    package mutating func next(waiting: Bool) throws(DataError) -> ReadStep {
        switch try splitter.next(waiting: waiting) {
        case .idle: return .idle
        case .end: return .end
        case .record(let range, let line):
            let (fields, place) = (fields, "\(splitter.source.name):\(line)")
            return try splitter.withBytes(range) { (bytes) throws(DataError) -> ReadStep in
                guard bytes.first == UInt8(ascii: "\""), !fields.areNamed else {
                    return try fields.record(bytes, place: place, line: line)
                }
                do throws(JSONError) {
                    var reader = JSONReader(UnsafeRawBufferPointer(bytes))
                    return .record(text: try reader.readString(), id: .none, line: line)
                } catch {
                    throw JSONFields.malformed(error, place: place)
                }
            }
        }
    }
}

extension InputFormat {
    /// A JSON array of objects or strings.
    public static let json = InputFormat(name: "json", endings: ["json"], readsFields: true) {
        source, fields in
        JSONTextReader(source, fields: fields)
    }
}
