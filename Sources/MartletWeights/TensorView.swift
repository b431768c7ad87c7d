package import MartletSystem

/// A named tensor inside a weight file, not copied: `bytes` lie in the file's mapping and keep it open.
package struct TensorView: Sendable {
    package let name: String
    package let type: ElementType
    /// Row-major, outermost dimension first, as PyTorch prints it.
    package let shape: [Int]
    package let bytes: MemoryRegion
    /// The file that holds the tensor, for messages.
    package let file: String
    /// What makes the rows, where the bytes alone do not.
    let decoder: (any RowDecoder)?

    /// `bytes` must have exactly the size that the type and the shape ask for.
    package init(name: String, type: ElementType, shape: [Int], bytes: MemoryRegion, file: String) {
        precondition(type.byteCount(shape: shape) == bytes.count, "the bytes of \(name) do not fit its shape")
        self.name = name
        self.type = type
        self.shape = shape
        self.bytes = bytes
        self.file = file
        decoder = nil
    }

    /// - Parameters:
    ///   - type: What comes nearest to how the elements are stored.
    ///   - bytes: The largest part of what the rows are made of: whole bytes for each row.
    init(
        name: String, type: ElementType, shape: [Int], bytes: MemoryRegion, file: String,
        decoder: any RowDecoder
    ) {
        self.name = name
        self.type = type
        self.shape = shape
        self.bytes = bytes
        self.file = file
        self.decoder = decoder
    }

    /// Whether the bytes are the elements of `type`.
    package var isPlain: Bool { decoder == nil }

    /// The elements of one row: the last dimension.
    package var rowLength: Int { shape.last ?? 1 }

    /// The product of all dimensions but the last.
    package var rowCount: Int { shape.dropLast().reduce(1, *) }

    package var elementCount: Int { shape.reduce(1, *) }

    /// The stored bytes of one row.
    package var rowBytes: Int {
        isPlain ? rowLength / type.blockSize * type.blockBytes : bytes.count / max(rowCount, 1)
    }
}
