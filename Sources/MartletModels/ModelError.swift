internal import MartletWeights

/// Why a model could not be built from its files.
package struct ModelError: Error, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case invalidConfiguration, unsupported, missingTensor, invalidTensor, cancelled
        /// The system has no memory left for the weights.
        case noMemory
    }
    package let code: Code
    /// One sentence that names the file and the key or tensor.
    package let message: String
    package let file: String

    package init(_ code: Code, _ message: String, file: String) {
        self.code = code
        self.message = message
        self.file = file
    }

    package var description: String { message }

    /// That a model needs a tensor which is stored in a form that is not read.
    init(_ tensor: UnreadableTensor) {
        self.init(.unsupported, tensor.error.message, file: tensor.file)
    }
}
