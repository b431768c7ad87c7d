internal import CMartletKernels
internal import MartletSystem

extension GGUFWriter {
    /// Floats that are quantised at a time.
    private static let chunk = 1 << 18

    /// Writes the file. It appears under its name when it is complete; an error leaves no trace of it.
    /// - Parameter progress: Called before each tensor with the number of those written, and of all.
    package func write(progress: (_ written: Int, _ all: Int) -> Void = { _, _ in }) throws(WeightError) {
        let file = try wrapping { () throws(FileError) in try AtomicFile(replacing: path) }
        let header = try header()
        try wrapping { () throws(FileError) in
            try file.write(header)
            try file.pad(to: Self.alignment)
        }
        for (index, entry) in entries.enumerated() {
            progress(index, entries.count)
            switch entry.source {
            case .bytes(let view):
                try wrapping { () throws(FileError) in
                    try view.bytes.withUnsafeBytes { (bytes) throws(FileError) in try file.write(bytes) }
                }
                view.bytes.adviseNotNeeded()
            case .rows(let read):
                try write(entry, from: read, to: file)
            }
            // After the last tensor too: ggml takes the data section as the sum of padded sizes.
            try wrapping { () throws(FileError) in try file.pad(to: Self.alignment) }
        }
        try wrapping { () throws(FileError) in try file.finish() }
    }

    private func header() throws(WeightError) -> [UInt8] {
        var bytes = Array("GGUF".utf8)
        bytes.append(UInt32(3))
        bytes.append(UInt64(entries.count))
        bytes.append(UInt64(values.count))
        for (key, value) in values {
            bytes.append(string: key)
            value.append(to: &bytes)
        }
        var offset = 0
        for entry in entries {
            bytes.append(string: entry.name)
            bytes.append(UInt32(entry.shape.count))
            for dimension in entry.shape.reversed() { bytes.append(UInt64(dimension)) }
            bytes.append(entry.type.ggmlType)
            bytes.append(UInt64(offset))
            let (end, overflow) = offset.addingReportingOverflow(entry.byteCount)
            guard !overflow, end <= Int.max - Self.alignment else {
                throw WeightError(.unsupported, "\(path): the tensors are too large for one file", file: path)
            }
            offset = (end + Self.alignment - 1) & ~(Self.alignment - 1)
        }
        return bytes
    }

    private func write(_ entry: Entry, from read: RowReader, to file: AtomicFile) throws(WeightError) {
        let rowLength = entry.shape.last ?? 1
        let rowBytes = rowLength / entry.type.blockSize * entry.type.blockBytes
        let rowCount = entry.byteCount / rowBytes
        let step = max(1, Self.chunk / rowLength)
        var floats = [Float](repeating: 0, count: min(step, rowCount) * rowLength)
        var stored = [UInt8](repeating: 0, count: min(step, rowCount) * rowBytes)
        for first in stride(from: 0, to: rowCount, by: step) {
            let rows = first..<min(first + step, rowCount)
            let count = rows.count * rowLength
            try floats.withUnsafeMutableBufferPointer { (buffer) throws(WeightError) in
                try read(rows, UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            }
            try entry.type.check(
                floats[..<count], firstElement: first * rowLength, tensor: entry.name, file: path)
            entry.type.quantise(floats[..<count], into: &stored)
            try wrapping { () throws(FileError) in
                try stored.withUnsafeBufferPointer { (bytes) throws(FileError) in
                    try file.write(
                        UnsafeRawBufferPointer(
                            UnsafeBufferPointer(rebasing: bytes[..<(rows.count * rowBytes)])))
                }
            }
        }
    }
}

extension GGUFWriter.Value {
    fileprivate func append(to bytes: inout [UInt8]) {
        switch self {
        case .uint8(let value): bytes.append(.uint8, value)
        case .int8(let value): bytes.append(.int8, value)
        case .uint16(let value): bytes.append(.uint16, value)
        case .int16(let value): bytes.append(.int16, value)
        case .uint32(let value): bytes.append(.uint32, value)
        case .int32(let value): bytes.append(.int32, value)
        case .float32(let value): bytes.append(.float32, value.bitPattern)
        case .bool(let value): bytes.append(.bool, UInt8(value ? 1 : 0))
        case .uint64(let value): bytes.append(.uint64, value)
        case .int64(let value): bytes.append(.int64, value)
        case .float64(let value): bytes.append(.float64, value.bitPattern)
        case .string(let value):
            bytes.append(GGUFValueType.string.rawValue)
            bytes.append(string: value)
        case .strings(let values):
            bytes.append(arrayOf: .string, count: values.count)
            for value in values { bytes.append(string: value) }
        case .uint8s(let values): bytes.append(arrayOf: .uint8, values)
        case .int32s(let values): bytes.append(arrayOf: .int32, values)
        case .uint32s(let values): bytes.append(arrayOf: .uint32, values)
        case .float32s(let values): bytes.append(arrayOf: .float32, values.map(\.bitPattern))
        case .bools(let values): bytes.append(arrayOf: .bool, values.map { UInt8($0 ? 1 : 0) })
        case .copied(let value): value.writable.map { $0.append(to: &bytes) } ?? bytes.append(array: value)
        }
    }
}

extension GGUFValue {
    /// The same value as one to write; nil for an array, which is copied as bytes.
    fileprivate var writable: GGUFWriter.Value? {
        switch self {
        case .uint8(let value): .uint8(value)
        case .int8(let value): .int8(value)
        case .uint16(let value): .uint16(value)
        case .int16(let value): .int16(value)
        case .uint32(let value): .uint32(value)
        case .int32(let value): .int32(value)
        case .float32(let value): .float32(value)
        case .bool(let value): .bool(value)
        case .string(let value): .string(value)
        case .uint64(let value): .uint64(value)
        case .int64(let value): .int64(value)
        case .float64(let value): .float64(value)
        case .array: nil
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    fileprivate mutating func append<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: GGUFValueType, _ value: T
    ) {
        append(type.rawValue)
        append(value)
    }

    fileprivate mutating func append(string: String) {
        append(UInt64(string.utf8.count))
        append(contentsOf: string.utf8)
    }

    fileprivate mutating func append(arrayOf type: GGUFValueType, count: Int) {
        append(GGUFValueType.array.rawValue)
        append(type.rawValue)
        append(UInt64(count))
    }

    fileprivate mutating func append<T: FixedWidthInteger & BitwiseCopyable>(
        arrayOf type: GGUFValueType, _ values: [T]
    ) {
        append(arrayOf: type, count: values.count)
        for value in values { append(value) }
    }

    fileprivate mutating func append(array value: GGUFValue) {
        guard let array = value.array else { return }
        append(arrayOf: array.elementType, count: array.count)
        array.bytes.withUnsafeBytes { append(contentsOf: $0) }
    }
}
