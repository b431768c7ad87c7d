internal import MartletJSON
package import MartletSystem

/// A file, or several, of named tensors.
package protocol WeightSource: Sendable {
    /// The tensors that can be read, in the order of the file.
    var tensorNames: [String] { get }
    /// The tensor of that name, or nil if there is none that can be read; `require` says why.
    func tensor(named name: String) -> TensorView?
    /// The type and the number of elements of a tensor that can be read.
    func elements(of name: String) -> (type: ElementType, count: Int)?
    /// What the weights came from, for messages.
    var location: String { get }
    /// The files that the tensors are in; empty for memory.
    var files: [MappedFile] { get }
    /// Tensors that the file holds in a form that is not read here: integer buffers, unknown quantisations.
    var unreadableTensors: [UnreadableTensor] { get }
    /// The tensor of that name, where it is stored in a form that is not read here.
    func unreadable(_ name: String) -> UnreadableTensor?
    /// The bytes of such a tensor; nil: there is none, or they are not known.
    func raw(named name: String) -> RawTensor?
}

/// A tensor that is listed but not read: only an error if a model needs it.
package struct UnreadableTensor: Sendable, Equatable {
    package let name: String
    /// The type's name in the file's own terms: "I64", "Q4_K".
    package let type: String
    /// The file that holds the tensor, for messages.
    package let file: String

    /// Why it is not read, as an error that names the tensor, its type and what to do.
    package var error: WeightError {
        // A file can name a type as it likes.
        let isPlain = type.utf8.count <= 120 && type.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
        return WeightError(
            .unsupported,
            "\(file): tensor \(name.quotedForMessage) is stored as \(isPlain ? type : type.quotedForMessage), which is not read as weights; save it as a dense, contiguous tensor of float32, float16 or bfloat16",
            file: file, tensor: name)
    }
}

extension WeightSource {
    package var location: String { "the weights" }
    package var files: [MappedFile] { [] }
    package var unreadableTensors: [UnreadableTensor] { [] }
    package func raw(named name: String) -> RawTensor? { nil }
    package func elements(of name: String) -> (type: ElementType, count: Int)? {
        tensor(named: name).map { ($0.type, $0.elementCount) }
    }

    /// Whether there is such a tensor, in a form that is read here or in another one, so that what is
    /// optional is never left out because of its form. Reads, and turns, none of it.
    package func has(_ name: String) -> Bool { elements(of: name) != nil || unreadable(name) != nil }

    package func unreadable(_ name: String) -> UnreadableTensor? {
        unreadableTensors.first { $0.name == name }
    }

    /// The tensor of that name and, if given, of that shape, or an error that says what is wrong with it.
    package func require(_ name: String, shape: [Int]? = nil) throws(WeightError) -> TensorView {
        guard let view = tensor(named: name) else {
            if let unreadable = unreadable(name) { throw unreadable.error }
            throw WeightError(
                .missingTensor,
                "\(location): there is no tensor \(name.quotedForMessage) among the \(tensorNames.count) of the file",
                file: location, tensor: name)
        }
        if let shape, shape != view.shape {
            throw WeightError(
                .shapeMismatch,
                "\(view.file): tensor \(name.quotedForMessage) has shape \(view.shape) where the model needs \(shape)",
                file: view.file, tensor: name)
        }
        return view
    }
}
