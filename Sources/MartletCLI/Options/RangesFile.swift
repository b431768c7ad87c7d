#if Command

import Martlet
import MartletData
import MartletJSON

/// Ranges for quantisation from a float32 `.npy` file of rows: the least and the greatest value of each
/// column. A file of two rows, all minima and all maxima, is a special case.
enum RangesFile {
    private static let limit = 1 << 30

    /// The model whose vectors the file has, from the companion that `martlet embed` writes; nil: there is
    /// none.
    private static func identity(of path: String) throws -> ModelIdentity? {
        let companion = "\(path).meta.json"
        guard System.exists(companion) else { return nil }
        let text = String(decoding: try NPYArray.bytes(companion, limit: limit), as: UTF8.self)
        guard let member = try? JSONValue.parse(utf8: text)["identity"] else { return nil }
        var bytes: [UInt8] = []
        JSONText.append(member, to: &bytes)
        guard let identity = ModelIdentity(json: String(decoding: bytes, as: UTF8.self)) else {
            throw CommandError(
                "\(companion): \"identity\" is not that of a model; embed the texts of the ranges again")
        }
        return identity
    }

    static func read(_ path: String) throws -> QuantizationRanges {
        let array = try NPYArray(reading: path, limit: limit)
        guard array.rows >= 2 else {
            throw CommandError(
                "\(path): \(Format.count(array.rows, "row")), expected at least two to know a range; embed more texts"
            )
        }
        var minimum = Array(array.values[..<array.columns])
        var maximum = minimum
        for row in 1..<array.rows {
            for column in 0..<array.columns {
                let value = array.values[row * array.columns + column]
                guard value.isFinite else {
                    throw CommandError(
                        "\(path): row \(row), column \(column) is \(value), expected a finite number")
                }
                minimum[column] = min(minimum[column], value)
                maximum[column] = max(maximum[column], value)
            }
        }
        return try QuantizationRanges(minimum: minimum, maximum: maximum, identity: try identity(of: path))
    }
}

/// A two-dimensional float32 array in NumPy's format, version 1.0 to 3.0.
struct NPYArray {
    let rows: Int
    let columns: Int
    /// Row after row.
    let values: [Float]

    init(reading path: String, limit: Int) throws {
        try self.init(try Self.bytes(path, limit: limit), name: path)
    }

    init(_ bytes: [UInt8], name: String) throws(CommandError) {
        let wrong = CommandError(
            "\(name): not a NumPy array of float32 with two dimensions; martlet embed --format npy writes one"
        )
        guard bytes.count >= 12, bytes.starts(with: [0x93] + Array("NUMPY".utf8)) else { throw wrong }
        let isShort = bytes[6] == 1
        let length =
            isShort
            ? Int(bytes[8]) | Int(bytes[9]) << 8
            : Int(bytes[8]) | Int(bytes[9]) << 8 | Int(bytes[10]) << 16 | Int(bytes[11]) << 24
        let start = (isShort ? 10 : 12) + length
        guard start <= bytes.count else { throw wrong }
        let header = String(decoding: bytes[(isShort ? 10 : 12)..<start], as: UTF8.self).filter { $0 != " " }
        guard header.contains("'descr':'<f4'"), header.contains("'fortran_order':False"),
            let open = header.firstIndex(of: "("),
            let close = header[open...].firstIndex(of: ")")
        else { throw wrong }
        let shape = header[header.index(after: open)..<close].split(separator: ",").map { Int($0) }
        guard shape.count == 2, let rows = shape[0], let columns = shape[1], rows >= 0, columns > 0 else {
            throw wrong
        }
        let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
        guard !overflow, count <= (bytes.count - start) / 4 else {
            throw CommandError(
                "\(name): the header says \(rows) × \(columns), the file holds fewer numbers; it may be cut off"
            )
        }
        self.rows = rows
        self.columns = columns
        values = bytes.withUnsafeBytes { raw in
            (0..<count).map {
                Float(
                    bitPattern: UInt32(
                        littleEndian: raw.loadUnaligned(fromByteOffset: start + $0 * 4, as: UInt32.self)))
            }
        }
    }

    static func bytes(_ path: String, limit: Int) throws -> [UInt8] {
        let source = try ByteSource.file(path)
        guard let size = source.size, size <= limit else {
            throw CommandError(
                "\(path): not a file of at most \(Format.bytes(limit)); a few thousand rows are enough")
        }
        var bytes = [UInt8](repeating: 0, count: size)
        var done = 0
        while done < size {
            let count = try bytes.withUnsafeMutableBytes {
                try source.read(UnsafeMutableRawBufferPointer(rebasing: $0[done...]))
            }
            if count == 0 { break }
            done += count
        }
        bytes.removeLast(size - done)
        return bytes
    }
}

#endif
