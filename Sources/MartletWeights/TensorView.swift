package import MartletCompute

/// How a tensor's elements are stored.
package enum ElementType: String, Sendable, CaseIterable {
    case f32, f16, bf16
    case q8_0, q4_0, q4_1, q5_0, q5_1
}

/// A named tensor inside a weight file, not copied: `bytes` lie in the file's mapping and keep it open.
package struct TensorView: Sendable {
    package let name: String
    package let type: ElementType
    /// Row-major, outermost dimension first, as PyTorch prints it.
    package let shape: [Int]
    package let bytes: MemoryRegion
    /// The file that holds the tensor, for messages.
    package let file: String

    package init(name: String, type: ElementType, shape: [Int], bytes: MemoryRegion, file: String) {
        self.name = name
        self.type = type
        self.shape = shape
        self.bytes = bytes
        self.file = file
    }
}

/// A file, or several, of named tensors.
package protocol WeightSource: Sendable {
    var tensorNames: [String] { get }
    /// The tensor of that name, or nil if there is none.
    func tensor(named name: String) -> TensorView?
}
