/// Why a tokenizer cannot be made from a file.
package struct TokenizerError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        case invalidJSON, invalidField, unsupportedType, invalidVocabulary, missingToken
    }

    package let code: Code
    package let message: String
    package let file: String
    package var description: String { message }

    init(_ code: Code, _ message: String, file: String) {
        self.code = code
        self.message = "\(file): \(message)"
        self.file = file
    }
}
