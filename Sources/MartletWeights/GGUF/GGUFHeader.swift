internal import MartletJSON
internal import MartletSystem

/// Everything before the data section of a GGUF file.
struct GGUFHeader {
    /// A tensor's entry; nothing in it has been compared with the data section.
    struct TensorInfo {
        let name: String
        /// Outermost dimension first.
        let shape: [Int]
        let type: UInt32
        /// From the start of the data section.
        let offset: Int
    }

    let version: Int
    private(set) var metadata = GGUFMetadata()
    private(set) var infos: [TensorInfo] = []
    let alignment: Int
    /// Where the data section starts in the file.
    let dataOffset: Int

    init(_ bytes: UnsafeRawBufferPointer, region: MemoryRegion, file: String) throws(WeightError) {
        func broken(_ reason: String) -> WeightError { .malformed(file, reason) }
        var cursor = ByteCursor(bytes)
        guard let magic = cursor.readBytes(4), magic.elementsEqual("GGUF".utf8) else {
            throw broken("not a GGUF file: it does not start with the letters GGUF")
        }
        guard let version = cursor.read(UInt32.self), let tensorCount = cursor.readCount(),
            let valueCount = cursor.readCount()
        else {
            throw broken(
                "the file ends inside the GGUF header, or counts more tensors or values than a file can hold")
        }
        guard version == 2 || version == 3 else { throw GGUFHeader.unsupported(version, file) }
        self.version = Int(version)
        // The least a value takes is 13 bytes, and a tensor's entry 24: a count beyond that is wrong,
        // whatever follows.
        guard valueCount <= cursor.remaining / 13, tensorCount <= cursor.remaining / 24 else {
            throw broken(
                "the header counts \(valueCount) metadata values and \(tensorCount) tensors, more than fit \(bytes.count) bytes"
            )
        }
        for index in 0..<valueCount {
            try metadata.readEntry(index, of: valueCount, &cursor, region, file)
        }
        infos.reserveCapacity(tensorCount)
        for index in 0..<tensorCount {
            infos.append(try TensorInfo(index, of: tensorCount, &cursor, file))
        }
        alignment = try GGUFHeader.alignment(metadata, file)
        // Past the end if the file has no tensors and no padding; placing a tensor compares with the real
        // size.
        let (padded, overflow) = cursor.offset.addingReportingOverflow(alignment - 1)
        guard !overflow else { throw broken("general.alignment \(alignment) is too large") }
        dataOffset = padded & ~(alignment - 1)
    }

    private static func unsupported(_ version: UInt32, _ file: String) -> WeightError {
        let reason =
            version & 0xffff == 0 && version != 0
            ? "the GGUF file is big-endian; only little-endian files are read"
            : "GGUF version \(version) is not supported; versions 2 and 3 are: convert the model again with a current tool"
        return WeightError(.unsupported, "\(file): \(reason)", file: file)
    }

    private static func alignment(_ metadata: GGUFMetadata, _ file: String) throws(WeightError) -> Int {
        guard let value = metadata["general.alignment"] else { return 32 }
        guard case .uint32(let alignment) = value, alignment > 0, alignment & (alignment - 1) == 0 else {
            throw .malformed(file, "general.alignment must be a power of two of type uint32, and is \(value)")
        }
        return Int(alignment)
    }
}

extension GGUFMetadata {
    fileprivate mutating func readEntry(
        _ index: Int, of count: Int, _ cursor: inout ByteCursor, _ region: MemoryRegion, _ file: String
    ) throws(WeightError) {
        guard let keyBytes = cursor.readString(), let rawType = cursor.read(UInt32.self) else {
            throw .malformed(file, "the file ends inside metadata value \(index + 1) of \(count)")
        }
        guard let key = String(validating: keyBytes.bindMemory(to: UInt8.self), as: UTF8.self) else {
            throw .malformed(file, "the key of metadata value \(index + 1) of \(count) is not UTF-8")
        }
        guard let type = GGUFValueType(rawValue: rawType) else {
            throw .malformed(
                file, "metadata \(key.quotedForMessage) has type \(rawType), which GGUF does not define")
        }
        guard let value = cursor.readValue(type, in: region) else {
            throw .malformed(
                file,
                "metadata \(key.quotedForMessage) of type \(type) does not fit the file, or is nested too deep"
            )
        }
        guard insert(value, for: key) else {
            throw .malformed(file, "metadata \(key.quotedForMessage) is given twice")
        }
    }
}

extension GGUFHeader.TensorInfo {
    /// ggml tensors have at most four dimensions (GGML_MAX_DIMS).
    static let dimensionLimit = 4

    fileprivate init(_ index: Int, of count: Int, _ cursor: inout ByteCursor, _ file: String)
        throws(WeightError)
    {
        guard let nameBytes = cursor.readString(), let rank = cursor.read(UInt32.self) else {
            throw .malformed(file, "the file ends inside the entry of tensor \(index + 1) of \(count)")
        }
        guard let name = String(validating: nameBytes.bindMemory(to: UInt8.self), as: UTF8.self) else {
            throw .malformed(file, "the name of tensor \(index + 1) of \(count) is not UTF-8")
        }
        guard rank <= Self.dimensionLimit else {
            throw .malformed(
                file,
                "tensor \(name.quotedForMessage) has \(rank) dimensions; at most \(Self.dimensionLimit) are allowed",
                tensor: name)
        }
        var shape: [Int] = []
        for _ in 0..<rank {
            guard let dimension = cursor.readCount() else {
                throw .malformed(
                    file, "the dimensions of tensor \(name.quotedForMessage) are cut off or too large",
                    tensor: name)
            }
            shape.append(dimension)
        }
        guard let type = cursor.read(UInt32.self), let offset = cursor.readCount() else {
            throw .malformed(
                file, "the entry of tensor \(name.quotedForMessage) is cut off, or its offset is too large",
                tensor: name)
        }
        self.init(name: name, shape: shape.reversed(), type: type, offset: offset)
    }
}
