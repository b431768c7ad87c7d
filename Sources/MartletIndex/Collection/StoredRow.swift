internal import Martlet

/// A record as it is stored: its vector in the collection's store.
final class StoredRow: Sendable {
    let id: [UInt8]
    let text: [UInt8]
    let vector: [UInt8]
    let scale: Float
    let fields: [String: FieldValue]
    /// Of collections whose words are weighed by a model.
    let impacts: Impacts

    init(
        id: [UInt8], text: [UInt8], vector: [UInt8], scale: Float, fields: [String: FieldValue],
        impacts: Impacts
    ) {
        (self.id, self.text, self.vector, self.scale) = (id, text, vector, scale)
        (self.fields, self.impacts) = (fields, impacts)
    }

    /// A record, checked, with its vector at unit length where the similarity asks for it.
    /// - Parameter squares: What `check` gave for the record.
    convenience init(
        _ record: Record, squares: Double, index: Int, settings: CollectionSettings
    ) throws(IndexError) {
        let vector = Self.scaled(record.vector, squares: squares, settings)
        let (bytes, scale) = Self.encoded(vector, from: record.vector, settings)
        let impacts = try Self.impacts(
            record.sparse, settings: settings, of: "record \(index)", position: index)
        self.init(
            id: Array(record.id.utf8), text: Array(record.text.utf8), vector: bytes, scale: scale,
            fields: record.fields, impacts: impacts)
    }

    /// Refuses a record that cannot be stored.
    /// - Returns: The sum of the squares of its vector.
    static func check(_ record: Record, index: Int, settings: CollectionSettings) throws(IndexError)
        -> Double
    {
        func refused(_ reason: String) -> IndexError {
            IndexError(.invalidRecord, "record \(index) \(reason)", position: index)
        }
        guard (1...1000).contains(record.id.utf8.count) else {
            throw refused("has an id of \(record.id.utf8.count) bytes; expected 1 to 1000")
        }
        guard record.text.utf8.count <= 1 << 24 else {
            throw refused(
                "has a text of \(record.text.utf8.count) bytes; cut it into chunks of at most 16777216")
        }
        let squares = try squares(
            of: record.vector, settings: settings, of: "record \(index)", position: index)
        // Numbers of a vector of length 1 are not above 1.
        if settings.store == .f16, settings.similarity == .dot,
            record.vector.contains(where: { abs($0) > 65504 })
        {
            throw refused(
                "has a vector with a number above 65504, the largest that a half holds; store f32 instead")
        }
        if settings.sparse != nil || record.sparse != nil {
            _ = try impacts(record.sparse, settings: settings, of: "record \(index)", position: index)
        }
        return squares
    }

    /// The weights of a sparse vector, which must be there exactly where the collection has a model for them.
    static func impacts(
        _ sparse: SparseEmbedding?, settings: CollectionSettings, of what: String, position: Int?
    ) throws(IndexError) -> Impacts {
        guard let expected = settings.sparse else {
            guard sparse == nil else {
                throw IndexError(
                    .invalidRecord,
                    "\(what) has a sparse vector, and the collection's words are weighed by BM25",
                    position: position)
            }
            return .none
        }
        guard let sparse else {
            throw IndexError(
                .invalidRecord,
                "\(what) has no sparse vector, and the collection's words are weighed by \(expected.model)",
                position: position)
        }
        if let identity = sparse.identity.map({ CollectionIdentity($0) }), identity != expected {
            throw .identityMismatch(identity, expected, path: "the collection's sparse part")
        }
        return try Impacts(sparse, of: what, position: position)
    }

    /// A vector that came from a store of the same kind keeps its bytes: scaled to unit length once more it
    /// would drift.
    private static func encoded(_ vector: [Float], from given: [Float], _ settings: CollectionSettings) -> (
        bytes: [UInt8], scale: Float
    ) {
        let scaled = vector.withUnsafeBufferPointer { settings.store.encode($0) }
        guard settings.similarity == .cosine, settings.store != .f32 else { return scaled }
        // Most vectors come from a model: some numbers tell it.
        guard settings.store == .int8 || given.prefix(16).allSatisfy(isHalf) else {
            return scaled
        }
        let length = given.reduce(Float(0)) { $0 + $1 * $1 }
        guard abs(length - 1) < settings.store.unitError else { return scaled }
        let kept = given.withUnsafeBufferPointer { settings.store.encode($0) }
        let decoded = settings.store.decoded(kept.bytes, scale: kept.scale, dimensions: given.count)
        return decoded == given ? kept : scaled
    }

    /// Whether a half holds the number, down to its subnormals: no bits below the eleventh.
    private static func isHalf(_ value: Float) -> Bool {
        let ulp: Float = max(value.magnitude.binade / 1024, 0x1p-24)
        return value == 0 || (value / ulp).rounded() * ulp == value
    }

    /// The sum of the squares. Eight sums side by side take an eighth of the time of one.
    private static func squares(_ vector: UnsafeBufferPointer<Float>) -> Double {
        var sums = SIMD8<Double>.zero
        var index = 0
        while index + 8 <= vector.count {
            var eight = SIMD8<Double>.zero
            for lane in 0..<8 { eight[lane] = Double(vector[index + lane]) }
            sums += eight * eight
            index += 8
        }
        var sum = sums.sum()
        while index < vector.count {
            sum += Double(vector[index]) * Double(vector[index])
            index += 1
        }
        return sum
    }

    /// A vector of the right size, finite, and at unit length for cosines.
    static func prepared(
        _ vector: [Float], settings: CollectionSettings, of what: String, position: Int?
    ) throws(IndexError) -> [Float] {
        let squares = try squares(of: vector, settings: settings, of: what, position: position)
        return scaled(vector, squares: squares, settings)
    }

    /// At length 1 for cosines.
    private static func scaled(_ vector: [Float], squares: Double, _ settings: CollectionSettings) -> [Float]
    {
        if settings.similarity == .dot { return vector }
        let factor = 1 / squares.squareRoot()
        let scale = Float(factor)
        // A subnormal has few digits: that of a vector with very large numbers.
        guard scale.isNormal else { return vector.map { Float(Double($0) * factor) } }
        return vector.map { $0 * scale }
    }

    /// The sum of the squares of a vector that the collection can have.
    private static func squares(
        of vector: [Float], settings: CollectionSettings, of what: String, position: Int?
    ) throws(IndexError) -> Double {
        guard vector.count == settings.dimensions else {
            throw IndexError(
                .invalidRecord,
                "\(what) has a vector of \(vector.count) dimensions; the collection has \(settings.dimensions)",
                position: position)
        }
        let squares = vector.withUnsafeBufferPointer(Self.squares)
        guard squares.isFinite else {
            throw IndexError(
                .invalidRecord, "\(what) has a vector with a number that is not finite", position: position)
        }
        guard squares > 0 || settings.similarity == .dot else {
            throw IndexError(
                .invalidRecord, "\(what) has a vector of zeros, which has no cosine", position: position)
        }
        guard settings.similarity == .dot || Float(1 / squares.squareRoot()).isFinite else {
            throw IndexError(
                .invalidRecord,
                "\(what) has a vector of length \(squares.squareRoot()), too near to zero for a cosine",
                position: position)
        }
        return squares
    }
}
