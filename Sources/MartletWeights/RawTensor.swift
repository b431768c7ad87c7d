package import MartletSystem

/// A tensor of a type that no weights have by themselves: integers, or numbers that are packed into them.
package struct RawTensor: Sendable {
    package let name: String
    /// The type's name in the file, such as "I64".
    package let type: String
    package let shape: [Int]
    package let bytes: MemoryRegion
    /// The file that holds the tensor, for messages.
    package let file: String

    /// Whether the bytes are those of the shape, as far as the type's size is known here.
    var fitsItsShape: Bool {
        let size: Int
        switch type {
        case "I8", "U8", "BOOL": size = 1
        case "I16", "U16": size = 2
        case "I32", "U32": size = 4
        case "I64", "U64": size = 8
        default: return true
        }
        guard let count = ElementType.elementCount(shape) else { return false }
        let (product, overflow) = count.multipliedReportingOverflow(by: size)
        return !overflow && product == bytes.count
    }

    /// The same bytes as elements of a type; nil: they do not fit the shape.
    func view(_ type: ElementType, shape: [Int]? = nil) -> TensorView? {
        let shape = shape ?? self.shape
        guard type.byteCount(shape: shape) == bytes.count else { return nil }
        return TensorView(name: name, type: type, shape: shape, bytes: bytes, file: file)
    }

    /// A vector of 64-bit or 32-bit integers; nil: the elements are of another type.
    var integers: [Int]? {
        bytes.withUnsafeBytes { bytes in
            switch type {
            case "I64":
                (0..<bytes.count / 8).map {
                    Int(truncatingIfNeeded: bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self))
                }
            case "I32":
                (0..<bytes.count / 4).map { Int(bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self)) }
            default: nil
            }
        }
    }
}
