internal import MartletSystem

/// A two-dimensional float32 array in NumPy's format, version 1.0 to 3.0.
package struct NPYArray: Sendable {
    package let rows: Int
    package let columns: Int
    /// Row after row.
    package let values: [Float]

    /// - Parameters:
    ///   - bytes: The whole file.
    ///   - name: Stands for the file in messages.
    package init(_ bytes: [UInt8], name: String) throws(DataError) {
        let wrong = DataError(
            .malformed, at: name, "not a NumPy array of float32 with two dimensions",
            remedies: [.advice("martlet embed --format npy writes one")])
        guard bytes.count >= 12, bytes.starts(with: [0x93] + Array("NUMPY".utf8)) else { throw wrong }
        let isShort = bytes[6] == 1
        let length =
            isShort
            ? Int(bytes[8]) | Int(bytes[9]) << 8
            : Int(bytes[8]) | Int(bytes[9]) << 8 | Int(bytes[10]) << 16 | Int(bytes[11]) << 24
        let start = (isShort ? 10 : 12) + length
        guard start <= bytes.count else { throw wrong }
        let header = String(decoding: bytes[(isShort ? 10 : 12)..<start], as: UTF8.self).filter { $0 != " " }
        guard header.holds("'descr':'<f4'"), header.holds("'fortran_order':False"),
            let open = header.firstIndex(of: "("),
            let close = header[open...].firstIndex(of: ")")
        else { throw wrong }
        let shape = header[header.index(after: open)..<close].split(separator: ",").map { Int($0) }
        guard shape.count == 2, let rows = shape[0], let columns = shape[1], rows >= 0, columns > 0 else {
            throw wrong
        }
        let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
        guard !overflow, count <= (bytes.count - start) / 4 else {
            throw DataError(
                .malformed, at: name,
                "the header says \(rows) × \(columns), the file holds fewer numbers; it may be cut off")
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
}
