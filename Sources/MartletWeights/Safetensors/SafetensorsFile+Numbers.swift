internal import MartletSystem
internal import MartletJSON

extension SafetensorsFile {
    /// The elements of a vector of 32- or 64-bit integers; nil where there is no such tensor.
    package func integers(named name: String) throws(WeightError) -> [Int]? {
        guard let raw = raw(named: name) else { return try refuseTable(name, "integers") }
        switch raw.type {
        case "I64":
            return try elements(raw, name, of: Int64.self).map {
                Int(truncatingIfNeeded: Int64(littleEndian: $0))
            }
        case "I32": return try elements(raw, name, of: Int32.self).map { Int(Int32(littleEndian: $0)) }
        case "U32": return try elements(raw, name, of: UInt32.self).map { Int(UInt32(littleEndian: $0)) }
        default: throw wrongType(name, raw.type, "I64, I32 or U32")
        }
    }

    /// The elements of a vector of numbers, 64-bit floats included; nil where there is no such tensor.
    package func numbers(named name: String) throws(WeightError) -> [Float]? {
        if let tensor = tensor(named: name) {
            guard tensor.shape.count == 1 else {
                throw wrongType(name, "of shape \(tensor.shape)", "a vector")
            }
            return try tensor.floats()
        }
        guard let raw = raw(named: name) else { return nil }
        guard raw.type == "F64" else { throw wrongType(name, raw.type, "F64, F32, F16 or BF16") }
        return try elements(raw, name, of: UInt64.self).map {
            Float(Double(bitPattern: UInt64(littleEndian: $0)))
        }
    }

    private func refuseTable(_ name: String, _ kind: String) throws(WeightError) -> [Int]? {
        guard let tensor = tensor(named: name) else { return nil }
        throw wrongType(name, "\(tensor.type)", kind)
    }

    private func wrongType(_ name: String, _ found: String, _ expected: String) -> WeightError {
        .malformed(
            location, "tensor \(name.quotedForMessage) is \(found), expected \(expected)", tensor: name)
    }

    private func elements<Element: BitwiseCopyable>(_ raw: RawTensor, _ name: String, of: Element.Type)
        throws(WeightError) -> [Element]
    {
        let size = MemoryLayout<Element>.size
        guard raw.shape.count == 1, raw.bytes.count.isMultiple(of: size),
            raw.shape[0] == raw.bytes.count / size
        else {
            throw .malformed(
                location,
                "tensor \(name.quotedForMessage) of shape \(raw.shape) and \(raw.bytes.count) bytes, expected a vector",
                tensor: name)
        }
        return raw.bytes.withUnsafeBytes { bytes in
            (0..<raw.shape[0]).map { bytes.loadUnaligned(fromByteOffset: $0 * size, as: Element.self) }
        }
    }
}
