internal import MartletJSON

/// The JSON header of a safetensors file, compared with the size of the file.
struct SafetensorsHeader {
    struct Entry {
        let name: String
        /// The data type's name in the file, such as "F32" or "I64".
        let type: String
        let shape: [Int]
        /// The bytes in the data section; they lie inside it.
        let begin: Int
        let end: Int

        var elementType: ElementType? {
            switch type {
            case "F32": .f32
            case "F16": .f16
            case "BF16": .bf16
            case "F64": .f64
            case "F8_E4M3": .f8_e4m3
            case "F8_E5M2": .f8_e5m2
            default: nil
            }
        }
    }

    /// In the order of the data section.
    let entries: [Entry]
    let metadata: [String: String]
    /// Where the data section starts in the file.
    let dataOffset: Int

    /// The limit of the reference implementation.
    static let lengthLimit = 100_000_000

    init(_ bytes: UnsafeRawBufferPointer, file: String) throws(WeightError) {
        var cursor = ByteCursor(bytes)
        guard let length = cursor.readCount(), length <= Self.lengthLimit, let text = cursor.readBytes(length)
        else {
            throw .malformed(
                file,
                "the header is longer than the file (\(bytes.count) bytes) or than \(Self.lengthLimit) bytes")
        }
        guard let header = try Self.parse(text, file).object else {
            throw .malformed(file, "the header must be a JSON object")
        }
        dataOffset = cursor.offset
        var entries: [Entry] = []
        var metadata: [String: String] = [:]
        var seen = Set<String>()
        for member in header.members {
            guard seen.insert(member.key).inserted else {
                throw .malformed(
                    file, "\(member.key.quotedForMessage) is listed twice in the header", tensor: member.key)
            }
            if member.key == "__metadata__" {
                for item in member.value.object?.members ?? [] { metadata[item.key] = item.value.string }
            } else {
                entries.append(try Entry(member.key, member.value, dataCount: cursor.remaining, file))
            }
        }
        entries.sort { ($0.begin, $0.end) < ($1.begin, $1.end) }
        var extents = TensorExtents()
        for entry in entries { extents.add(entry.name, entry.begin, count: entry.end - entry.begin) }
        try extents.check(file)
        self.entries = entries
        self.metadata = metadata
    }

    private static func parse(_ text: UnsafeRawBufferPointer, _ file: String) throws(WeightError) -> JSONValue
    {
        do throws(JSONError) {
            return try JSONValue.parse(text)
        } catch {
            throw .malformed(file, "the header is not valid JSON: \(error.message)")
        }
    }
}

extension SafetensorsHeader.Entry {
    fileprivate init(_ name: String, _ value: JSONValue, dataCount: Int, _ file: String) throws(WeightError) {
        func broken(_ reason: String) -> WeightError {
            .malformed(file, "tensor \(name.quotedForMessage) \(reason)", tensor: name)
        }
        guard let type = value["dtype"]?.string, let shape = value["shape"]?.array,
            let offsets = value["data_offsets"]?.array
        else {
            throw broken("must have dtype (a string), shape and data_offsets (arrays)")
        }
        var dimensions: [Int] = []
        for dimension in shape {
            guard let size = dimension.int, size >= 0 else {
                throw broken("has a dimension that is no whole number from 0 on")
            }
            dimensions.append(size)
        }
        guard offsets.count == 2, let begin = offsets[0].int, let end = offsets[1].int, begin >= 0,
            begin <= end, end <= dataCount
        else {
            throw broken(
                "has data_offsets that are not [begin, end] inside the data section of \(dataCount) bytes; is the file complete?"
            )
        }
        self.init(name: name, type: type, shape: dimensions, begin: begin, end: end)
    }
}
