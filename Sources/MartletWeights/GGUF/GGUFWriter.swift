internal import MartletJSON
internal import MartletSystem

/// Writes GGUF version 3 as ggml does: values and tensors in the order they were added, each tensor's data
/// padded to the alignment.
///
/// Tensors are streamed: their rows are decoded, quantised and written a few at a time, so a model of any
/// size takes little memory.
package struct GGUFWriter {
    /// A metadata value to write.
    package enum Value: Sendable {
        case uint8(UInt8)
        case int8(Int8)
        case uint16(UInt16)
        case int16(Int16)
        case uint32(UInt32)
        case int32(Int32)
        case float32(Float)
        case bool(Bool)
        case string(String)
        case uint64(UInt64)
        case int64(Int64)
        case float64(Double)
        case strings([String])
        case uint8s([UInt8])
        case int32s([Int32])
        case uint32s([UInt32])
        case float32s([Float])
        case bools([Bool])
        /// A value of another file, arrays as they are.
        case copied(GGUFValue)
    }

    /// Fills the buffer with the floats of a range of rows.
    package typealias RowReader = (Range<Int>, UnsafeMutableBufferPointer<Float>) throws(WeightError) -> Void

    enum Source {
        case bytes(TensorView)
        case rows(RowReader)
    }

    struct Entry {
        let name: String
        let type: ElementType
        let shape: [Int]
        let byteCount: Int
        let source: Source
    }

    /// The default of the format, for which no metadata value is needed.
    static let alignment = 32
    /// ggml holds names in 64 bytes with a terminator (GGML_MAX_NAME).
    static let nameLimit = 63

    let path: String
    private(set) var values: [(key: String, value: Value)] = []
    private(set) var entries: [Entry] = []
    private var keys = Set<String>()
    private var names = Set<String>()

    /// A writer for the file at `path`; nothing touches the disk before `write`.
    package init(path: String) {
        self.path = path
    }

    package mutating func add(_ key: String, _ value: Value) throws(WeightError) {
        guard keys.insert(key).inserted else {
            throw WeightError(
                .malformed, "\(path): metadata \(key.quotedForMessage) is given twice", file: path)
        }
        guard key != "general.alignment" else {
            throw WeightError(.unsupported, "\(path): the alignment is always \(Self.alignment)", file: path)
        }
        values.append((key, value))
    }

    /// Adds a tensor under `name` (its own by default), stored as `type` (its own by default: then the bytes
    /// are copied).
    package mutating func add(_ view: TensorView, name: String? = nil, as type: ElementType? = nil)
        throws(WeightError)
    {
        let isCopy = view.isPlain && (type == nil || type == view.type)
        if !isCopy { try requireWritable(type ?? view.type, name ?? view.name) }
        try add(
            name ?? view.name, type ?? view.type, view.shape,
            isCopy
                ? .bytes(view)
                : .rows { (rows, buffer) throws(WeightError) in view.takeRows(rows, into: buffer) })
    }

    /// Adds a tensor of `shape` (outermost dimension first) whose rows come from `rows`, called in order
    /// while the file is written.
    package mutating func add(
        _ name: String, shape: [Int], as type: ElementType, rows: @escaping RowReader
    ) throws(WeightError) {
        try requireWritable(type, name)
        try add(name, type, shape, .rows(rows))
    }

    private func requireWritable(_ type: ElementType, _ name: String) throws(WeightError) {
        guard ElementType.writable.contains(type) else {
            let types = ElementType.writable.map(\.rawValue).joined(separator: ", ")
            throw WeightError(
                .unsupported,
                "\(path): tensor \(name.quotedForMessage) cannot be stored as \(type.rawValue); \(types) are written",
                file: path, tensor: name)
        }
    }

    private mutating func add(_ name: String, _ type: ElementType, _ shape: [Int], _ source: Source)
        throws(WeightError)
    {
        func refused(_ reason: String) -> WeightError {
            WeightError(
                .unsupported, "\(path): tensor \(name.quotedForMessage) \(reason)", file: path, tensor: name)
        }
        guard !name.isEmpty, name.utf8.count <= Self.nameLimit else {
            throw refused("needs a name of 1 to \(Self.nameLimit) bytes")
        }
        guard names.insert(name).inserted else { throw refused("is given twice") }
        guard shape.count <= GGUFHeader.TensorInfo.dimensionLimit else {
            throw refused(
                "has \(shape.count) dimensions; GGUF allows \(GGUFHeader.TensorInfo.dimensionLimit)")
        }
        guard let byteCount = type.byteCount(shape: shape), byteCount > 0 else {
            throw refused(
                "of shape \(shape) cannot be stored as \(type.rawValue): rows must be multiples of \(type.blockSize), and not empty"
            )
        }
        // ggml has no tensors without dimensions.
        entries.append(
            Entry(
                name: name, type: type, shape: shape.isEmpty ? [1] : shape, byteCount: byteCount,
                source: source))
    }
}
