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

    /// The same bytes as elements of a type; nil: they do not fit the shape.
    func view(_ type: ElementType, shape: [Int]? = nil) -> TensorView? {
        let shape = shape ?? self.shape
        guard type.byteCount(shape: shape) == bytes.count else { return nil }
        return TensorView(name: name, type: type, shape: shape, bytes: bytes, file: file)
    }
}
