/// A page of a column chunk, decompressed.
struct ParquetPage {
    enum Kind { case dictionary, data }

    let kind: Kind
    let valueCount: Int
    let encoding: Int
    /// Which values are there, where some may be missing; nil: all are.
    let definitions: HybridDecoder?
    let values: ArraySlice<UInt8>

    /// Larger pages are refused, whatever a header says.
    private static let sizeLimit = 256 << 20
    /// Values, which take far more memory than bytes of a page that is compressed well.
    private static let dictionaryLimit = 4 << 20
    private static let headerLimit = 16 << 20

    /// Reads the page at `offset`, which must end before `end`; nil for pages that hold no values. Moves
    /// `offset` past it.
    static func read(
        _ source: ByteSource, _ offset: inout Int, end: Int, _ codec: ParquetCodec,
        _ column: ParquetFooter.Column
    ) throws(ColumnFileError) -> ParquetPage? {
        let (header, length) = try header(source, at: offset, end: end)
        guard let type = header[1]?.int, let size = header[2]?.int, let compressed = header[3]?.int,
            (0...sizeLimit).contains(size), (0...sizeLimit).contains(compressed),
            compressed <= end - offset - length
        else { throw .malformed("a page header is damaged, or a page is larger than \(sizeLimit >> 20) MiB") }
        let bytes = try source.bytes(at: offset + length, count: compressed)
        offset += length + compressed
        switch type {
        case 0:
            guard let data = header[5], let count = data[1]?.int, count >= 0, let encoding = data[2]?.int
            else { break }
            var values = try codec.decompress(bytes, size: size)
            var definitions: HybridDecoder?
            if column.definitionLevels > 0 {
                guard data[3]?.int == 3 else {
                    throw .unsupported("its definition levels have an old encoding")
                }
                guard values.count >= 4 else { break }
                let start = values.startIndex
                let length = (0..<4).reduce(0) { $0 | Int(values[start + $1]) << (8 * $1) }
                guard length <= values.count - 4 else { break }
                definitions = HybridDecoder(
                    values[start + 4..<start + 4 + length], width: column.definitionLevels.bitWidthOfValue)
                values = values[(start + 4 + length)...]
            }
            return ParquetPage(
                kind: .data, valueCount: count, encoding: encoding, definitions: definitions, values: values)
        case 3:
            guard let data = header[8], let count = data[1]?.int, count >= 0, let encoding = data[4]?.int,
                let definitionLength = data[5]?.int, let repetitionLength = data[6]?.int,
                definitionLength >= 0, repetitionLength >= 0,
                definitionLength <= bytes.count, repetitionLength <= bytes.count - definitionLength
            else { break }
            let levels = bytes.startIndex + repetitionLength
            let body = bytes[(levels + definitionLength)...]
            let rest = size - repetitionLength - definitionLength
            guard rest >= 0 else { break }
            let values = data[7]?.bool == false ? body : try codec.decompress(body, size: rest)
            let definitions =
                column.definitionLevels > 0
                ? HybridDecoder(
                    bytes[levels..<levels + definitionLength], width: column.definitionLevels.bitWidthOfValue)
                : nil
            return ParquetPage(
                kind: .data, valueCount: count, encoding: encoding, definitions: definitions, values: values)
        case 2:
            guard let data = header[7], let count = data[1]?.int, count >= 0, let encoding = data[2]?.int
            else { break }
            guard count <= dictionaryLimit else {
                throw .malformed("a dictionary has \(count) values, more than \(dictionaryLimit)")
            }
            return ParquetPage(
                kind: .dictionary, valueCount: count, encoding: encoding, definitions: nil,
                values: try codec.decompress(bytes, size: size))
        default: return nil
        }
        throw .malformed("a page header is damaged")
    }

    /// The header and its length, which is known only when it is read.
    private static func header(
        _ source: ByteSource, at offset: Int, end: Int
    ) throws(ColumnFileError) -> (ThriftValue, length: Int) {
        var size = 512
        while true {
            let count = min(size, end - offset)
            guard count > 0 else { throw .malformed("a column chunk ends before its values do") }
            let bytes = try source.bytes(at: offset, count: count)
            var reader = ThriftReader(bytes)
            do throws(ThriftError) {
                let header = try reader.structure()
                return (header, reader.position)
            } catch {
                guard error == .ends, count == size, size < headerLimit else {
                    throw .malformed("a page header is damaged")
                }
                size *= 8
            }
        }
    }
}

extension Int {
    /// Bits that hold every value from 0 to this one.
    var bitWidthOfValue: Int { Int.bitWidth - leadingZeroBitCount }
}
