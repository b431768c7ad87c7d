internal import MartletSystem

/// Why weights could not be read or written. `message` is one sentence that names the file and, where there
/// is one, the tensor.
package struct WeightError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable {
        /// The system refused to open, map or write a file.
        case io
        /// The bytes contradict the format.
        case malformed
        /// The format or the type is a known one, but is not read here.
        case unsupported
        case missingTensor
        /// A tensor has another shape than the model needs.
        case shapeMismatch
        /// A value that the chosen element type cannot hold.
        case invalidValue
    }

    package let code: Code
    package let message: String
    package let file: String
    package let tensor: String?
    package var description: String { message }

    package init(_ code: Code, _ message: String, file: String, tensor: String? = nil) {
        self.code = code
        self.message = message
        self.file = file
        self.tensor = tensor
    }

    init(_ error: FileError) {
        self.init(.io, error.message, file: error.path)
    }

    /// "FILE: REASON" with the code for broken bytes.
    static func malformed(_ file: String, _ reason: String, tensor: String? = nil) -> WeightError {
        WeightError(.malformed, "\(file): \(reason)", file: file, tensor: tensor)
    }
}

extension MappedFile {
    static func opened(_ path: String) throws(WeightError) -> MappedFile {
        try wrapping { () throws(FileError) in try MappedFile(path: path) }
    }
}

/// What `body` gives; what the system refused it becomes an error of weights.
func wrapping<R>(_ body: () throws(FileError) -> R) throws(WeightError) -> R {
    do throws(FileError) {
        return try body()
    } catch {
        throw WeightError(error)
    }
}
