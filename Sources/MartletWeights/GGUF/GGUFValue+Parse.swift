internal import MartletSystem

/// Arrays inside arrays deeper than this are refused: no writer makes them, and each level is a level of
/// recursion here.
private let depthLimit = 8

extension ByteCursor {
    /// The next metadata value, or nil if it does not fit the bytes, has an unknown element type or nests too
    /// deep. `region` is what this cursor reads from.
    mutating func readValue(_ type: GGUFValueType, in region: MemoryRegion) -> GGUFValue? {
        switch type {
        case .uint8: read(UInt8.self).map { .uint8($0) }
        case .int8: read(Int8.self).map { .int8($0) }
        case .uint16: read(UInt16.self).map { .uint16($0) }
        case .int16: read(Int16.self).map { .int16($0) }
        case .uint32: read(UInt32.self).map { .uint32($0) }
        case .int32: read(Int32.self).map { .int32($0) }
        case .float32: read(UInt32.self).map { .float32(Float(bitPattern: $0)) }
        case .bool: read(UInt8.self).map { .bool($0 != 0) }
        case .string: readString().map { .string(String(decoding: $0, as: UTF8.self)) }
        case .array: readArray(in: region).map { .array($0) }
        case .uint64: read(UInt64.self).map { .uint64($0) }
        case .int64: read(Int64.self).map { .int64($0) }
        case .float64: read(UInt64.self).map { .float64(Double(bitPattern: $0)) }
        }
    }

    private mutating func readArray(in region: MemoryRegion) -> GGUFArray? {
        guard let (type, count) = readArrayHeader() else { return nil }
        let start = offset
        guard skipElements(type, count, depth: 1),
            let bytes = region.subregion(offset: start, count: offset - start)
        else { return nil }
        return GGUFArray(elementType: type, count: count, bytes: bytes)
    }

    private mutating func readArrayHeader() -> (GGUFValueType, Int)? {
        guard let raw = read(UInt32.self), let type = GGUFValueType(rawValue: raw), let count = readCount()
        else { return nil }
        return (type, count)
    }

    /// Steps over the elements of an array. An element takes at least a byte, so a count from the file cannot
    /// make this run long.
    private mutating func skipElements(_ type: GGUFValueType, _ count: Int, depth: Int) -> Bool {
        if let size = type.fixedSize {
            let (length, overflow) = count.multipliedReportingOverflow(by: size)
            return !overflow && skip(length)
        }
        if type == .string {
            for _ in 0..<count {
                guard let length = readCount(), skip(length) else { return false }
            }
            return true
        }
        guard depth < depthLimit else { return false }
        for _ in 0..<count {
            guard let (inner, innerCount) = readArrayHeader(),
                skipElements(inner, innerCount, depth: depth + 1)
            else { return false }
        }
        return true
    }
}
