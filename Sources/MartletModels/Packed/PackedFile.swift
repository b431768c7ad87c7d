internal import MartletCompute
internal import MartletSystem
internal import MartletWeights

/// A file of packed matrices, mapped: processes that run the same model share its pages.
///
/// Layout, little-endian: "MARTPACK", then as u64 the version, where the index begins, its bytes, its
/// checksum and the bytes of the file; from 4096 on the parts, each from a multiple of 64 on and with 64
/// bytes after it. The index: the key, the number of parts, and for each its name, rows, columns, begin,
/// bytes and checksum; texts have their length first. The key is followed by the origin. The file is one
/// machine's own: it is never copied to another.
struct PackedFile: Sendable {
    static let version = 1
    static let magic = Array("MARTPACK".utf8)
    /// Where parts begin.
    static let start = 4096
    static let alignment = 64

    struct Part: Sendable {
        let rows: Int
        let columns: Int
        /// With the slack after it.
        let region: MemoryRegion
        let checksum: UInt64

        /// Without the slack.
        var bytes: MemoryRegion? { region.subregion(offset: 0, count: region.count - PackedLayout.slack) }
        var isWhole: Bool { bytes.map { $0.withUnsafeBytes(Checksum.xxh64) == checksum } ?? false }
    }

    /// What else the parts depend on, known later than the key.
    let origin: String
    private let parts: [String: Part]

    /// nil if the file is of another version or for another key, or if any byte is not as it was written.
    init?(_ file: MappedFile, key: PackedKey, pool: WorkerPool) {
        guard let (origin, parts) = file.region.withUnsafeBytes({ Self.index($0, file.region, key) }) else {
            return nil
        }
        let all = Array(parts.values)
        let whole = pool.map(all.count) { all[$0].isWhole }
        guard whole.allSatisfy({ $0 }) else { return nil }
        self.origin = origin
        self.parts = parts
    }

    /// nil if there is no such matrix.
    func matrix(_ name: String, _ shape: MatrixShape, precision: ComputePrecision, kernels: Kernels)
        -> PackedMatrix?
    {
        guard let part = parts[name], part.rows == shape.outputs, part.columns == shape.inputs else {
            return nil
        }
        return PackedMatrix(
            packed: part.region, outputs: shape.outputs, inputs: shape.inputs, hasBias: shape.hasBias,
            precision: precision,
            kernels: kernels)
    }

    /// [rows × columns]; nil if there are no such numbers.
    func floats(_ name: String, rows: Int, columns: Int) -> [Float]? {
        guard let part = parts[name], part.rows == rows, part.columns == columns, let bytes = part.bytes,
            bytes.count == rows * columns * 4
        else { return nil }
        return bytes.withUnsafeBytes { Array($0.assumingMemoryBound(to: Float.self)) }
    }

    private static func index(_ bytes: UnsafeRawBufferPointer, _ region: MemoryRegion, _ key: PackedKey) -> (
        String, [String: Part]
    )? {
        var header = ByteCursor(bytes)
        guard let magic = header.readBytes(magic.count), magic.elementsEqual(Self.magic),
            header.readCount() == version,
            let indexStart = header.readCount(), let indexCount = header.readCount(),
            let checksum = header.read(UInt64.self),
            header.readCount() == bytes.count,
            let index = region.subregion(offset: indexStart, count: indexCount)
        else { return nil }
        return index.withUnsafeBytes { index in
            guard Checksum.xxh64(index) == checksum else { return nil }
            var cursor = ByteCursor(index)
            guard let text = cursor.readString(), text.elementsEqual(key.text.utf8),
                let origin = cursor.readString(),
                let count = cursor.readCount()
            else { return nil }
            var parts: [String: Part] = [:]
            for _ in 0..<count {
                guard let name = cursor.readString(), let rows = cursor.readCount(),
                    let columns = cursor.readCount(),
                    let offset = cursor.readCount(), let size = cursor.readCount(),
                    let checksum = cursor.read(UInt64.self),
                    offset % alignment == 0, size <= bytes.count,
                    let part = region.subregion(offset: offset, count: size + PackedLayout.slack)
                else { return nil }
                parts[String(decoding: name, as: UTF8.self)] = Part(
                    rows: rows, columns: columns, region: part, checksum: checksum)
            }
            return (String(decoding: origin, as: UTF8.self), parts)
        }
    }
}
