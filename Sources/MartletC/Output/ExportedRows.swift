import CMartlet
import Martlet
import MartletSystem

/// Collects rows of different lengths and hands them to the caller.
struct ExportedRows {
    private var offsets: [Int64] = [0]
    private var ids: [Int64] = []
    private var values: [Float] = []
    private let width: Int

    /// - Parameter width: Values of an entry.
    init(width: Int) { self.width = width }

    mutating func append(_ vector: SparseEmbedding) {
        ids += vector.indices.lazy.map(Int64.init)
        values += vector.values
        offsets.append(Int64(ids.count))
    }

    mutating func append(_ vectors: MultiVectorEmbedding) {
        ids += vectors.ids.lazy.map(Int64.init)
        values += vectors.vectors.floats
        offsets.append(Int64(ids.count))
    }

    /// The rows of several texts.
    mutating func append(_ block: TokenVectorBlock) {
        for ids in block.ids {
            self.ids += ids.lazy.map(Int64.init)
            offsets.append(Int64(self.ids.count))
        }
        values += block.floats
    }

    /// The rows in memory for `martlet_rows_free`: one piece, with the structure first.
    func exported() throws(CallError) -> UnsafeMutablePointer<martlet_rows> {
        let header = MemoryLayout<martlet_rows>.size
        let (offsetBytes, idBytes, valueBytes) = (
            offsets.count * 8, ids.count * 8, values.count * MemoryLayout<Float>.size
        )
        guard let memory = malloc(header + offsetBytes + idBytes + valueBytes) else {
            throw CallError(.io, "no_memory", "no memory for \(ids.count) entries")
        }
        let (offsetPlace, idPlace) = (memory + header, memory + header + offsetBytes)
        let valuePlace = idPlace + idBytes
        for (place, bytes) in [(offsetPlace, offsets), (idPlace, ids)] {
            bytes.withUnsafeBytes {
                if let start = $0.baseAddress, $0.count > 0 {
                    place.copyMemory(from: start, byteCount: $0.count)
                }
            }
        }
        values.withUnsafeBytes {
            if let start = $0.baseAddress, $0.count > 0 {
                valuePlace.copyMemory(from: start, byteCount: $0.count)
            }
        }
        let rows = memory.bindMemory(to: martlet_rows.self, capacity: 1)
        rows.initialize(
            to: martlet_rows(
                count: offsets.count - 1, width: width,
                offsets: UnsafePointer(offsetPlace.bindMemory(to: Int64.self, capacity: offsets.count)),
                ids: UnsafePointer(idPlace.bindMemory(to: Int64.self, capacity: ids.count)),
                values: UnsafePointer(valuePlace.bindMemory(to: Float.self, capacity: values.count))))
        return rows
    }
}

@_cdecl("martlet_rows_free")
public func martlet_rows_free(_ rows: UnsafeMutablePointer<martlet_rows>?) { free(rows) }
