internal import CMartletKernels

/// A field of a segment: its distinct values, sorted, and for each row the number of its value, 0 where it
/// has none.
///
/// The section's bytes: type (u8), width of a code in bytes (u8: 1, 2 or 4), zero (u16), number of values
/// (u32), number of codes (u64), length of the name (u32), the name, zeros up to a multiple of 8; then the
/// values: as i64 or f64, or for text the end of each string (u64) and the strings; zeros up to a multiple of
/// 8; for lists the end of each row's codes (u32, a row more for 0 at the start) and zeros up to a multiple
/// of 8; then the codes. A list of no strings is the same as no list.
struct Column: @unchecked Sendable {
    let name: String
    let type: FieldType
    let valueCount: Int
    private let path: String
    private let rows: Int
    private let width: Int
    private let values: UnsafeRawPointer
    private let text: UnsafeRawBufferPointer
    private let listEnds: UnsafePointer<UInt32>?
    private let codes: UnsafeRawPointer
    private let codeCount: Int

    init(_ bytes: UnsafeRawBufferPointer, rows: Int, path: String) throws(IndexError) {
        var reader = ByteReader(bytes)
        func damaged(_ what: String) -> IndexError { .damaged(path, "a column has \(what)") }
        guard let type = reader.integer(UInt8.self).flatMap(FieldType.init(code:)),
            let width = reader.integer(UInt8.self),
            [1, 2, 4].contains(width), reader.integer(UInt16.self) != nil,
            let count = reader.integer(UInt32.self),
            let codeCount = reader.integer(UInt64.self), codeCount <= UInt64(bytes.count),
            let name = reader.string()
        else { throw damaged("a header that cannot be read") }
        func align() -> Bool { reader.bytes((8 - (bytes.count - reader.count) % 8) % 8) != nil }
        guard align() else { throw damaged("no values") }
        self.name = name
        self.type = type
        self.path = path
        self.rows = rows
        self.width = Int(width)
        self.codeCount = Int(codeCount)
        valueCount = Int(count)
        guard let values = reader.bytes(valueCount * 8), let start = values.baseAddress ?? bytes.baseAddress
        else {
            throw damaged("fewer values than it says")
        }
        self.values = start
        if type.holdsText {
            let size = valueCount == 0 ? 0 : start.load(fromByteOffset: (valueCount - 1) * 8, as: UInt64.self)
            guard size <= UInt64(bytes.count), let text = reader.bytes(Int(size)), align() else {
                throw damaged("text that ends early")
            }
            self.text = text
        } else {
            text = UnsafeRawBufferPointer(start: nil, count: 0)
        }
        if type == .strings {
            guard let ends = reader.bytes((rows + 1) * 4), align() else {
                throw damaged("fewer lists than rows")
            }
            listEnds = ends.bindMemory(to: UInt32.self).baseAddress
        } else {
            guard Int(codeCount) == rows else { throw damaged("\(codeCount) codes for \(rows) rows") }
            listEnds = nil
        }
        guard let codes = reader.bytes(Int(codeCount) * Int(width)) else {
            throw damaged("fewer codes than it says")
        }
        self.codes = codes.baseAddress ?? start
    }

    // MARK: Values

    func textBytes(_ index: Int) throws(IndexError) -> UnsafeRawBufferPointer {
        let ends = values.assumingMemoryBound(to: UInt64.self)
        let (start, end) = (index == 0 ? 0 : ends[index - 1], ends[index])
        guard start <= end, end <= UInt64(text.count) else {
            throw .damaged(path, "column \"\(name)\" has text outside its bounds")
        }
        return UnsafeRawBufferPointer(rebasing: text[Int(start)..<Int(end)])
    }

    func key(_ index: Int) throws(IndexError) -> ColumnKey {
        switch type {
        case .string, .strings: .text(Array(try textBytes(index)))
        case .float: .number(values.load(fromByteOffset: index * 8, as: Double.self))
        case .integer, .date, .boolean: .integer(values.load(fromByteOffset: index * 8, as: Int.self))
        }
    }

    /// The first value that is not below `key`, as a code.
    func lowerBound(_ key: ColumnKey) throws(IndexError) -> Int {
        var (low, high) = (0, valueCount)
        while low < high {
            let middle = (low + high) / 2
            if try self.key(middle) < key { low = middle + 1 } else { high = middle }
        }
        return low + 1
    }

    /// The first value above `key`, as a code.
    func upperBound(_ key: ColumnKey) throws(IndexError) -> Int {
        var (low, high) = (0, valueCount)
        while low < high {
            let middle = (low + high) / 2
            if key < (try self.key(middle)) { high = middle } else { low = middle + 1 }
        }
        return low + 1
    }

    /// The codes of values that are equal to `key`. A damaged column may not be sorted.
    func codes(equalTo key: ColumnKey) throws(IndexError) -> Range<Int> {
        let low = try lowerBound(key)
        return low..<max(low, try upperBound(key))
    }

    // MARK: Rows

    private func code(at index: Int) throws(IndexError) -> Int {
        let code: Int =
            switch width {
            case 1: Int(codes.load(fromByteOffset: index, as: UInt8.self))
            case 2: Int(codes.load(fromByteOffset: index * 2, as: UInt16.self))
            default: Int(codes.load(fromByteOffset: index * 4, as: UInt32.self))
            }
        guard code <= valueCount else {
            throw .damaged(path, "column \"\(name)\" has a code without a value")
        }
        return code
    }

    private func listRange(_ row: Int, _ ends: UnsafePointer<UInt32>) throws(IndexError) -> Range<Int> {
        let (start, end) = (Int(ends[row]), Int(ends[row + 1]))
        guard start <= end, end <= codeCount else {
            throw .damaged(path, "column \"\(name)\" has a list outside its bounds")
        }
        return start..<end
    }

    /// The codes of a row: none, one, or one for each string of a list.
    func codes(ofRow row: Int) throws(IndexError) -> [Int] {
        guard let listEnds else {
            let code = try code(at: row)
            return code == 0 ? [] : [code]
        }
        var codes: [Int] = []
        for index in try listRange(row, listEnds) { codes.append(try code(at: index)) }
        return codes
    }

    func value(ofRow row: Int) throws(IndexError) -> FieldValue? {
        let codes = try codes(ofRow: row)
        guard let first = codes.first, codes.allSatisfy({ $0 > 0 }) else { return nil }
        if type == .strings {
            var texts: [String] = []
            for code in codes { texts.append(String(decoding: try textBytes(code - 1), as: UTF8.self)) }
            return .strings(texts)
        }
        switch try key(first - 1) {
        case .text(let bytes): return .string(String(decoding: bytes, as: UTF8.self))
        case .number(let number): return .float(number)
        case .integer(let number):
            return type == .date ? .date(number) : type == .boolean ? .boolean(number != 0) : .integer(number)
        }
    }

    /// Rows with a code of the range.
    func rows(codes range: Range<Int>) throws(IndexError) -> RowSet {
        var set = RowSet(count: rows)
        guard !range.isEmpty else { return set }
        if let listEnds {
            for row in 0..<rows {
                for index in try listRange(row, listEnds) where range.contains(try code(at: index)) {
                    set.insert(row)
                }
            }
            return set
        }
        set.withWords {
            mk_codes_in_range(
                codes, Int32(width), Int64(rows), UInt32(range.lowerBound), UInt32(range.upperBound), $0)
        }
        return set
    }

    /// Rows with one of the codes.
    func rows(codes wanted: [Int]) throws(IndexError) -> RowSet {
        if wanted.count == 1, let only = wanted.first { return try rows(codes: only..<only + 1) }
        var set = RowSet(count: rows)
        guard !wanted.isEmpty else { return set }
        var flags = RowSet(count: valueCount + 1)
        for code in wanted { flags.insert(code) }
        if let listEnds {
            for row in 0..<rows {
                for index in try listRange(row, listEnds) where flags.contains(try code(at: index)) {
                    set.insert(row)
                }
            }
            return set
        }
        set.withWords { out in
            flags.withWords { mk_codes_in_set(codes, Int32(width), Int64(rows), $0, UInt32(valueCount), out) }
        }
        return set
    }
}
