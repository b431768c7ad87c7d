/// A record as it is stored: its vector in the collection's store.
final class StoredRow: Sendable {
    let id: [UInt8]
    let text: [UInt8]
    let vector: [UInt8]
    let scale: Float
    let fields: [String: FieldValue]

    init(id: [UInt8], text: [UInt8], vector: [UInt8], scale: Float, fields: [String: FieldValue]) {
        (self.id, self.text, self.vector, self.scale, self.fields) = (id, text, vector, scale, fields)
    }

    /// A record, checked, with its vector at unit length where the similarity asks for it.
    convenience init(_ record: Record, index: Int, settings: CollectionSettings) throws(IndexError) {
        func refused(_ reason: String) -> IndexError {
            IndexError(.invalidRecord, "record \(index) \(reason)", position: index)
        }
        let id = Array(record.id.utf8)
        guard (1...1000).contains(id.count) else {
            throw refused("has an id of \(id.count) bytes; expected 1 to 1000")
        }
        guard record.text.utf8.count <= 1 << 24 else {
            throw refused(
                "has a text of \(record.text.utf8.count) bytes; cut it into chunks of at most 16777216")
        }
        let vector = try Self.prepared(
            record.vector, settings: settings, of: "record \(index)", position: index)
        let (bytes, scale) = vector.withUnsafeBufferPointer { settings.store.encode($0) }
        if settings.store == .f16, vector.contains(where: { abs($0) > 65504 }) {
            throw refused(
                "has a vector with a number above 65504, the largest that a half holds; store f32 instead")
        }
        self.init(id: id, text: Array(record.text.utf8), vector: bytes, scale: scale, fields: record.fields)
    }

    /// A vector of the right size, finite, and at unit length for cosines.
    static func prepared(
        _ vector: [Float], settings: CollectionSettings, of what: String, position: Int?
    ) throws(IndexError) -> [Float] {
        guard vector.count == settings.dimensions else {
            throw IndexError(
                .invalidRecord,
                "\(what) has a vector of \(vector.count) dimensions; the collection has \(settings.dimensions)",
                position: position)
        }
        var squares = 0.0
        for value in vector { squares += Double(value) * Double(value) }
        guard squares.isFinite else {
            throw IndexError(
                .invalidRecord, "\(what) has a vector with a number that is not finite", position: position)
        }
        if settings.similarity == .dot { return vector }
        guard squares > 0 else {
            throw IndexError(
                .invalidRecord, "\(what) has a vector of zeros, which has no cosine", position: position)
        }
        let scale = Float(1 / squares.squareRoot())
        return vector.map { $0 * scale }
    }
}
