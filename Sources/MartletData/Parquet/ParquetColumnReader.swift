/// Gives the values of a column chunk one after the other, a page in memory at a time.
struct ParquetColumnReader {
    private let source: ByteSource
    private let column: ParquetFooter.Column
    private let codec: ParquetCodec
    private var offset: Int
    private let end: Int
    /// Values of the chunk, and of the page, that are still to come.
    private var leftInChunk: Int
    private var leftInPage = 0
    private var definitions: HybridDecoder?
    private var dictionary: [ColumnValue] = []
    private var values = Values.plain([], 0)

    /// How the values of the page are stored.
    private enum Values {
        case plain(ArraySlice<UInt8>, Int)
        case indices(HybridDecoder)
        case bits(HybridDecoder)
    }

    init(_ source: ByteSource, _ column: ParquetFooter.Column, _ chunk: ParquetFooter.Chunk)
        throws(ColumnFileError)
    {
        self.source = source
        self.column = column
        codec = try ParquetCodec(chunk.codec)
        (offset, end) = (chunk.range.lowerBound, chunk.range.upperBound)
        leftInChunk = chunk.valueCount
    }

    mutating func next() throws(ColumnFileError) -> ColumnValue {
        while leftInPage == 0 {
            guard leftInChunk > 0 else {
                throw .malformed("column \(column.name.quoted) has fewer values than rows")
            }
            try nextPage()
        }
        leftInPage -= 1
        leftInChunk -= 1
        if definitions != nil {
            guard let level = definitions?.next() else { throw short }
            if level < column.definitionLevels { return .null }
        }
        return try nextValue()
    }

    private var short: ColumnFileError {
        .malformed("a page of column \(column.name.quoted) has fewer values than its header says")
    }

    private mutating func nextPage() throws(ColumnFileError) {
        guard let page = try ParquetPage.read(source, &offset, end: end, codec, column) else { return }
        switch page.kind {
        case .dictionary:
            guard page.encoding == 0 || page.encoding == 2 else { throw unknown(page.encoding) }
            // A value takes a bit at least.
            guard page.valueCount <= page.values.count * 8 else { throw short }
            var rest = page.values
            dictionary.removeAll()
            for _ in 0..<page.valueCount { dictionary.append(try plain(&rest)) }
        case .data:
            guard page.valueCount <= leftInChunk else {
                throw .malformed("column \(column.name.quoted) has more values than its row group")
            }
            leftInPage = page.valueCount
            definitions = page.definitions
            values = try values(of: page)
        }
    }

    private func values(of page: ParquetPage) throws(ColumnFileError) -> Values {
        switch page.encoding {
        case 0: return .plain(page.values, 0)
        case 2, 8:
            guard let width = page.values.first else { return .plain([], 0) }  // all values are missing
            guard width <= 32 else { throw .malformed("a page of column \(column.name.quoted) is damaged") }
            return .indices(HybridDecoder(page.values.dropFirst(), width: Int(width)))
        case 3 where column.type == .boolean: return .bits(HybridDecoder(page.values.dropFirst(4), width: 1))
        default: throw unknown(page.encoding)
        }
    }

    private func unknown(_ encoding: Int) -> ColumnFileError {
        let names = [
            4: "BIT_PACKED", 5: "DELTA_BINARY_PACKED", 6: "DELTA_LENGTH_BYTE_ARRAY", 7: "DELTA_BYTE_ARRAY",
            9: "BYTE_STREAM_SPLIT",
        ]
        return .unsupported(
            "column \(column.name.quoted) has the encoding \(names[encoding] ?? "\(encoding)"), which is not read",
            remedies: [
                .advice(
                    "write it again with PLAIN or dictionary encoding: DuckDB with PARQUET_VERSION V1, pyarrow and pandas "
                        + "without column_encoding, Spark with parquet.writer.version v1")
            ])
    }

    private mutating func nextValue() throws(ColumnFileError) -> ColumnValue {
        switch values {
        case .plain(var rest, let bit):
            if column.type == .boolean {
                guard let byte = rest.first else { throw short }
                values = bit == 7 ? .plain(rest.dropFirst(), 0) : .plain(rest, bit + 1)
                return .bool(byte >> UInt8(bit) & 1 == 1)
            }
            let value = try plain(&rest)
            values = .plain(rest, 0)
            return value
        case .indices(var decoder):
            guard let index = decoder.next() else { throw short }
            values = .indices(decoder)
            guard dictionary.indices.contains(index) else {
                throw .malformed(
                    "column \(column.name.quoted) names value \(index) of a dictionary of \(dictionary.count)"
                )
            }
            return dictionary[index]
        case .bits(var decoder):
            guard let bit = decoder.next() else { throw short }
            values = .bits(decoder)
            return .bool(bit == 1)
        }
    }

    /// Takes one value in the encoding PLAIN off the front.
    private func plain(_ bytes: inout ArraySlice<UInt8>) throws(ColumnFileError) -> ColumnValue {
        switch column.type {
        case .byteArray:
            let count = Int(try integer(&bytes, 4))
            guard count <= bytes.count else { throw short }
            defer { bytes = bytes.dropFirst(count) }
            return .bytes(bytes.prefix(count))
        case .int32:
            let value = UInt32(truncatingIfNeeded: try integer(&bytes, 4))
            return .integer(column.isUnsigned ? Int64(value) : Int64(Int32(bitPattern: value)))
        case .int64:
            let value = try integer(&bytes, 8)
            return column.isUnsigned ? .unsigned(value) : .integer(Int64(bitPattern: value))
        case .float:
            return .number(Double(Float(bitPattern: UInt32(truncatingIfNeeded: try integer(&bytes, 4)))))
        case .double: return .number(Double(bitPattern: try integer(&bytes, 8)))
        case .boolean, .int96, .fixedLengthByteArray:
            throw .unsupported("column \(column.name.quoted) has a type that holds neither texts nor ids")
        }
    }

    private func integer(_ bytes: inout ArraySlice<UInt8>, _ size: Int) throws(ColumnFileError) -> UInt64 {
        guard bytes.count >= size else { throw short }
        let start = bytes.startIndex
        var value: UInt64 = 0
        for index in 0..<size { value |= UInt64(bytes[start + index]) << UInt64(8 * index) }
        bytes = bytes.dropFirst(size)
        return value
    }
}

extension ParquetFooter.Column: NamedColumn {
    /// UINT_8, UINT_16, UINT_32 and UINT_64.
    var isUnsigned: Bool { (11...14).contains(convertedType ?? -1) }

    var reasonAgainstReading: String? { isRepeated ? "is inside a list, which is not read" : nil }

    var holdsTexts: Bool { type == .byteArray && convertedType != 5 }

    var reasonAgainstID: String? {
        switch (type, convertedType) {
        case (.int32, nil), (.int64, nil): return hasLogicalType ? "has a logical type" : nil
        case (.int32, .some(11...18)), (.int64, .some(11...18)): return nil
        case (.int32, _), (.int64, _): return "is a date, a time or a decimal"
        case (.byteArray, 5): return "is a decimal"
        case (.byteArray, _), (.boolean, nil), (.float, nil), (.double, nil): return nil
        default: return "has a type that cannot be written as an id"
        }
    }
}
