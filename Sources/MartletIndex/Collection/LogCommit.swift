/// What one call changed: ids that left, and rows that came. It is in the log whole, or not at all.
///
/// Bytes: number of removed ids (u32), each with its length (u32); number of rows (u32); for each the id and
/// the text with their lengths (u32), the scale (f32), the vector in the collection's store, where a model weighs
/// words the number of weights (u32), their dimensions (u32 each) and the weights (u16 each), the number of fields
/// (u16), and for each field its name (length u32), type (u8) and value: text with its length, an integer or
/// time (i64), a float (f64), a boolean (u8), a list's count (u32) and texts.
struct LogCommit: Sendable {
    var removed: [[UInt8]] = []
    var rows: [StoredRow] = []

    /// - Parameter hasImpacts: Whether a model weighs the collection's words.
    func bytes(hasImpacts: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(little: UInt32(removed.count))
        for id in removed { bytes.append(sized: id) }
        bytes.append(little: UInt32(rows.count))
        for row in rows {
            bytes.append(sized: row.id)
            bytes.append(sized: row.text)
            bytes.append(little: row.scale.bitPattern)
            bytes.append(contentsOf: row.vector)
            if hasImpacts {
                bytes.append(little: UInt32(row.impacts.indices.count))
                for index in row.impacts.indices { bytes.append(little: index) }
                for impact in row.impacts.impacts { bytes.append(little: impact) }
            }
            bytes.append(little: UInt16(row.fields.count))
            for (name, value) in row.fields.sorted(by: { $0.key < $1.key }) {
                Self.append(name, value, to: &bytes)
            }
        }
        return bytes
    }

    private static func append(_ name: String, _ value: FieldValue, to bytes: inout [UInt8]) {
        bytes.append(sized: name.utf8)
        bytes.append(value.type.code)
        switch value {
        case .string(let text): bytes.append(sized: text.utf8)
        case .integer(let number), .date(let number): bytes.append(little: Int64(number))
        case .float(let number): bytes.append(little: number.bitPattern)
        case .boolean(let flag): bytes.append(flag ? 1 : 0)
        case .strings(let texts):
            bytes.append(little: UInt32(texts.count))
            for text in texts { bytes.append(sized: text.utf8) }
        }
    }

    init(removed: [[UInt8]] = [], rows: [StoredRow] = []) {
        self.removed = removed
        self.rows = rows
    }

    /// A commit from its bytes; nil where they are not one.
    init?(_ bytes: UnsafeRawBufferPointer, settings: CollectionSettings) {
        var reader = ByteReader(bytes)
        let vectorBytes = settings.store.bytes(dimensions: settings.dimensions)
        guard let removedCount = reader.integer(UInt32.self) else { return nil }
        for _ in 0..<removedCount {
            guard let id = reader.sized() else { return nil }
            removed.append(Array(id))
        }
        guard let rowCount = reader.integer(UInt32.self) else { return nil }
        for _ in 0..<rowCount {
            guard let id = reader.sized(), let text = reader.sized(), let scale = reader.integer(UInt32.self),
                let vector = reader.bytes(vectorBytes)
            else { return nil }
            var impacts = Impacts.none
            if settings.sparse != nil {
                guard let found = Self.impacts(&reader) else { return nil }
                impacts = found
            }
            guard let fieldCount = reader.integer(UInt16.self) else { return nil }
            var fields: [String: FieldValue] = [:]
            for _ in 0..<fieldCount {
                guard let name = reader.string(), let value = Self.value(&reader) else { return nil }
                fields[name] = value
            }
            rows.append(
                StoredRow(
                    id: Array(id), text: Array(text), vector: Array(vector), scale: Float(bitPattern: scale),
                    fields: fields, impacts: impacts))
        }
        guard reader.isAtEnd else { return nil }
    }

    private static func impacts(_ reader: inout ByteReader) -> Impacts? {
        guard let count = reader.integer(UInt32.self) else { return nil }
        var (indices, impacts): ([UInt32], [UInt16]) = ([], [])
        for _ in 0..<count {
            guard let index = reader.integer(UInt32.self), indices.last.map({ $0 < index }) ?? true else {
                return nil
            }
            indices.append(index)
        }
        for _ in 0..<count {
            guard let impact = reader.integer(UInt16.self), impact > 0 else { return nil }
            impacts.append(impact)
        }
        return Impacts(indices: indices, impacts: impacts)
    }

    private static func value(_ reader: inout ByteReader) -> FieldValue? {
        guard let type = reader.integer(UInt8.self).flatMap(FieldType.init(code:)) else { return nil }
        switch type {
        case .string: return reader.string().map(FieldValue.string)
        case .integer: return reader.integer(Int64.self).map { .integer(Int($0)) }
        case .date: return reader.integer(Int64.self).map { .date(Int($0)) }
        case .float: return reader.integer(UInt64.self).map { .float(Double(bitPattern: $0)) }
        case .boolean: return reader.integer(UInt8.self).map { .boolean($0 != 0) }
        case .strings:
            guard let count = reader.integer(UInt32.self) else { return nil }
            var texts: [String] = []
            for _ in 0..<count {
                guard let text = reader.string() else { return nil }
                texts.append(text)
            }
            return .strings(texts)
        }
    }
}
