/// Gives the values of a column of a record batch one after the other.
struct ArrowColumnReader {
    /// How the values are stored.
    enum Values {
        /// All are missing.
        case none
        case bits(ArrowBits)
        /// With the bytes of each, and whether they have a sign.
        case integers(ArrowBuffer, Int, Bool)
        case numbers(ArrowBuffer, Int)
        case texts(ArrowTexts)
        case views(ArrowBuffer, ArrowViews)
    }

    private var values: Values
    /// Which values are there; nil: all are.
    private var validity: ArrowBits?
    private let dictionary: [ColumnValue]?

    init(values: Values, validity: ArrowBits?, dictionary: [ColumnValue]?) {
        self.values = values
        self.validity = validity
        self.dictionary = dictionary
    }

    mutating func next() throws(ColumnFileError) -> ColumnValue {
        let isThere = try validity?.next() ?? true
        let value = try nextValue(isThere)
        guard isThere else { return .null }
        guard let dictionary else { return value }
        let index: Int? =
            switch value {
            case .integer(let number): Int(exactly: number)
            case .unsigned(let number): Int(exactly: number)
            default: nil
            }
        guard let index, dictionary.indices.contains(index) else {
            throw .malformed("a value has an index outside its dictionary of \(dictionary.count)")
        }
        return dictionary[index]
    }

    /// - Parameter isThere: What stands in the place of a missing value means nothing.
    private mutating func nextValue(_ isThere: Bool) throws(ColumnFileError) -> ColumnValue {
        switch values {
        case .none: return .null
        case .bits(var bits):
            let bit = try bits.next()
            values = .bits(bits)
            return .bool(bit)
        case .integers(var buffer, let size, let isSigned):
            let number = try buffer.number(size)
            values = .integers(buffer, size, isSigned)
            guard isSigned else { return .unsigned(number) }
            let shift = UInt64(64 - 8 * size)
            return .integer(Int64(bitPattern: number << shift) >> Int64(shift))
        case .numbers(var buffer, let size):
            let bits = try buffer.number(size)
            values = .numbers(buffer, size)
            return .number(
                size == 4
                    ? Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))) : Double(bitPattern: bits))
        case .texts(var texts):
            let bytes = try texts.next(isThere)
            values = .texts(texts)
            return .bytes(bytes)
        case .views(var buffer, var views):
            let view = try buffer.take(16)
            let bytes = isThere ? try views.text(of: view) : []
            values = .views(buffer, views)
            return .bytes(bytes)
        }
    }
}

extension ArrowBuffer {
    /// A number of 1 to 8 bytes.
    mutating func number(_ size: Int) throws(ColumnFileError) -> UInt64 {
        try take(size).number
    }
}

extension ArraySlice<UInt8> {
    /// The bytes as a number, the lowest first.
    fileprivate var number: UInt64 { reversed().reduce(0) { $0 << 8 | UInt64($1) } }
}

/// Bits of a buffer, the first in the lowest place.
struct ArrowBits {
    private var buffer: ArrowBuffer
    private var byte: UInt8 = 0
    private var left = 0

    init(_ buffer: ArrowBuffer) { self.buffer = buffer }

    mutating func next() throws(ColumnFileError) -> Bool {
        if left == 0 { (byte, left) = (UInt8(truncatingIfNeeded: try buffer.number(1)), 8) }
        defer { (byte, left) = (byte >> 1, left - 1) }
        return byte & 1 == 1
    }
}

/// Texts, one after the other in a buffer, with their ends in another.
struct ArrowTexts {
    /// Longer texts are refused, whatever the offsets say.
    static let lengthLimit = ReaderLimits().recordSize

    private var offsets: ArrowBuffer
    private let offsetSize: Int
    private var bytes: ArrowBuffer
    private var end: UInt64?

    /// - Parameter offsetSize: The bytes of an offset.
    init(offsets: ArrowBuffer, of offsetSize: Int, bytes: ArrowBuffer) {
        (self.offsets, self.offsetSize, self.bytes) = (offsets, offsetSize, bytes)
    }

    mutating func next(_ isThere: Bool) throws(ColumnFileError) -> ArraySlice<UInt8> {
        let start = if let end { end } else { try first() }
        let end = try offsets.number(offsetSize)
        self.end = end
        guard end >= start, let length = Int(exactly: end - start) else {
            throw .malformed("the offsets of a column of texts do not ascend")
        }
        guard isThere else {
            try bytes.skip(length)
            return []
        }
        guard length <= Self.lengthLimit else { throw Self.tooLong(length) }
        return try bytes.take(length)
    }

    /// A batch that is a part of a larger one may begin after 0.
    private mutating func first() throws(ColumnFileError) -> UInt64 {
        let start = try offsets.number(offsetSize)
        try bytes.skip(Int(clamping: start))
        return start
    }

    static func tooLong(_ length: Int) -> ColumnFileError {
        .unsupported(
            "a text has \(length) bytes, and at most \(lengthLimit >> 20) MiB are read",
            remedies: [.advice("cut it into chunks")])
    }
}
