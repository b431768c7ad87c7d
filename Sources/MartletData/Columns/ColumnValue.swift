internal import MartletJSON

/// A value of a column.
enum ColumnValue {
    case null
    case bytes(ArraySlice<UInt8>)
    case integer(Int64)
    case unsigned(UInt64)
    case number(Double)
    case bool(Bool)

    /// The value as the id of the record at `place`.
    func recordID(at place: String) throws(DataError) -> RecordID {
        switch self {
        case .null: return .literal("null")
        case .integer(let number): return .literal("\(number)")
        case .unsigned(let number): return .literal("\(number)")
        case .bool(let value): return .literal("\(value)")
        case .number(let number):
            guard number.isFinite else { return .text("\(number)") }
            var bytes: [UInt8] = []
            JSONText.append(.number(number), to: &bytes)
            return .literal(String(decoding: bytes, as: UTF8.self))
        case .bytes(let bytes): return .text(try Self.string(bytes, place))
        }
    }

    fileprivate static func string(_ bytes: ArraySlice<UInt8>, _ place: String) throws(DataError) -> String {
        try bytes.withUnsafeBufferPointer { (bytes) throws(DataError) in
            try CheckedText.string(bytes, place: place)
        }
    }
}

extension ReadStep {
    /// The record of a row.
    /// - Parameter row: From 1.
    static func record(
        _ text: ColumnValue, id: ColumnValue?, fields: FieldNames, source: String, row: Int
    ) throws(DataError) -> ReadStep {
        let place = "\(source):\(row)"
        guard case .bytes(let bytes) = text else {
            throw DataError(
                .field, at: place, "column \(fields.textName.quoted) is null, expected a text",
                remedies: [.skipRecords], isRecoverable: true)
        }
        let string = try ColumnValue.string(bytes, place)
        return .record(text: string, id: try id?.recordID(at: place) ?? .none, line: row)
    }
}
