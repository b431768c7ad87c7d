/// Rows of dense vectors as the columns of one record batch: `id`, `index`, `truncated`, `embedding`.
struct ArrowBatch {
    private static let alignment = 64
    private(set) var count = 0
    private var missingIDs = 0
    private var hasID = BitList()
    private var idEnds: [Int32] = [0]
    private var ids: [UInt8] = []
    private var indices: [UInt8] = []
    private var truncated = BitList()
    private var values: [UInt8] = []

    /// Bytes of the columns.
    var byteCount: Int { ids.count + values.count + count * 13 }

    mutating func append(_ record: Record, isTruncated: Bool, _ rows: DenseRows, row: Int) {
        count += 1
        switch record.id {
        case .none, .null:
            missingIDs += 1
            hasID.append(false)
        case .text(let id), .literal(let id):
            hasID.append(true)
            ids += id.utf8
        }
        // A batch ends at some 8 MB, and an id is shorter than a record.
        idEnds.append(Int32(truncatingIfNeeded: ids.count))
        withUnsafeBytes(of: Int64(record.index).littleEndian) { indices.append(contentsOf: $0) }
        truncated.append(isTruncated)
        rows.appendBytes(row: row, to: &values)
    }

    /// The message of the batch and its body.
    /// - Parameter width: Elements of a vector.
    func encoded(width: Int) -> (metadata: [UInt8], body: [UInt8]) {
        var body: [UInt8] = []
        body.reserveCapacity(byteCount + 8 * Self.alignment)
        var places: [Int64] = []
        func put(_ bytes: [UInt8]) {
            places += [Int64(body.count), Int64(bytes.count)]
            body += bytes
            let rest = body.count % Self.alignment
            if rest > 0 { body += [UInt8](repeating: 0, count: Self.alignment - rest) }
        }
        // Of each column in the order of the schema its validity, which only ids have, and its values. Every
        // platform of Swift is little-endian.
        put(missingIDs > 0 ? hasID.bytes : [])
        put(idEnds.withUnsafeBytes { Array($0) })
        put(ids)
        put([])
        put(indices)
        put([])
        put(truncated.bytes)
        put([])
        put([])
        put(values)
        let rows = Int64(count)
        var buffer = FlatBufferWriter()
        let buffers = buffer.structs(places, longsOfEach: 2)
        let nodes = buffer.structs(
            [rows, Int64(missingIDs), rows, 0, rows, 0, rows, 0, rows * Int64(width), 0], longsOfEach: 2)
        let header = buffer.table([(0, .long(rows)), (1, .offset(nodes)), (2, .offset(buffers))])
        let message = ArrowMessage.finished(
            &buffer, kind: ArrowMessage.recordBatch, header: header, bodyLength: body.count)
        return (ArrowMessage.encapsulated(message), body)
    }
}

/// Bits, the first in the lowest place.
private struct BitList {
    private(set) var bytes: [UInt8] = []
    private var count = 0

    mutating func append(_ bit: Bool) {
        if count & 7 == 0 { bytes.append(0) }
        if bit { bytes[count >> 3] |= 1 << UInt8(count & 7) }
        count += 1
    }
}
