internal import MartletCompute
internal import MartletSystem

/// Writes a file of packed matrices, on all threads.
struct PackedFileWriter {
    /// What the parts depend on besides the key.
    var origin = ""
    private var parts: [Part] = []
    private var end = PackedFile.start

    fileprivate struct Part {
        let name: String
        let rows: Int
        let columns: Int
        let offset: Int
        let count: Int
        let content: Content
    }

    fileprivate enum Content {
        case matrix(PackedMatrix)
        case floats([Float])
    }

    mutating func add(_ name: String, _ matrix: PackedMatrix) {
        let count = matrix.bytes - PackedLayout.slack
        add(
            Part(
                name: name, rows: matrix.outputs, columns: matrix.inputs, offset: end, count: count,
                content: .matrix(matrix)))
    }

    /// - Parameter floats: [rows × columns]
    mutating func add(_ name: String, rows: Int, columns: Int, _ floats: [Float]) {
        precondition(floats.count == rows * columns, "\(floats.count) numbers are not \(rows) × \(columns)")
        add(
            Part(
                name: name, rows: rows, columns: columns, offset: end, count: floats.count * 4,
                content: .floats(floats)))
    }

    private mutating func add(_ part: Part) {
        parts.append(part)
        end =
            (end + part.count + PackedLayout.slack + PackedFile.alignment - 1) / PackedFile.alignment
            * PackedFile.alignment
    }

    /// Bytes of the file, without its index.
    var bytes: Int { end }

    /// Fills `file`, which is not finished by it.
    func write(to file: TemporaryFile, key: PackedKey, pool: WorkerPool) throws(FileError) {
        let checksums = try pool.map(parts.count) { index throws(FileError) in
            let part = parts[index]
            return try part.withBytes { (bytes) throws(FileError) in
                try file.write(bytes, at: part.offset)
                return Checksum.xxh64(bytes)
            }
        }
        let index = index(key, checksums)
        var header = PackedFile.magic
        let sum = index.withUnsafeBytes(Checksum.xxh64)
        let words = [
            UInt64(PackedFile.version), UInt64(end), UInt64(index.count), sum, UInt64(end + index.count),
        ]
        for word in words { header.append(word: word) }
        for (bytes, place) in [(index, end), (header, 0)] {
            try bytes.withUnsafeBufferPointer { (bytes) throws(FileError) in
                try file.write(UnsafeRawBufferPointer(bytes), at: place)
            }
        }
    }

    private func index(_ key: PackedKey, _ checksums: [UInt64]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(text: key.text)
        bytes.append(text: origin)
        bytes.append(word: UInt64(parts.count))
        for (part, checksum) in zip(parts, checksums) {
            bytes.append(text: part.name)
            for number in [part.rows, part.columns, part.offset, part.count] {
                bytes.append(word: UInt64(number))
            }
            bytes.append(word: checksum)
        }
        return bytes
    }
}

extension PackedFileWriter.Part {
    fileprivate func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        switch content {
        case .matrix(let matrix): return try matrix.withPackedBytes(body)
        case .floats(let floats):
            return try floats.withUnsafeBufferPointer { (floats) throws(E) in
                try body(UnsafeRawBufferPointer(floats))
            }
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(word: UInt64) {
        Swift.withUnsafeBytes(of: word.littleEndian) { append(contentsOf: $0) }
    }

    fileprivate mutating func append(text: String) {
        append(word: UInt64(text.utf8.count))
        append(contentsOf: text.utf8)
    }
}
