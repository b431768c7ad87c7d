/// What went wrong, in one sentence that names the file, tensor or input, what was expected, what was found and what to do.
///
/// Every throwing function of this module throws this type, except for `CancellationError` from a cancelled task.
public struct MartletError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of error, for code that reacts to it.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// A model's files contradict each other or their format.
        case invalidModel = "invalid_model"
        /// The model is well formed but uses something that is not implemented.
        case unsupportedModel = "unsupported_model"
        /// A file that the model needs is not there.
        case missingFile = "missing_file"
        /// The system refused to open, read or map a file.
        case io
        /// An input has more tokens than the model takes, and the truncation policy is ``TruncationPolicy/error``.
        case inputTooLong = "input_too_long"
        /// An input is not text that can be embedded.
        case invalidInput = "invalid_input"
        /// A result is not a finite number.
        case nonFinite = "non_finite"
        /// An option has a value that this model does not allow.
        case invalidOption = "invalid_option"
    }

    /// The kind of error.
    public let code: Code
    /// One sentence for people.
    public let message: String
    /// The position, from 0, of the input at fault in the call that threw; nil if no single input is at fault.
    public let inputIndex: Int?
    /// The path of the file at fault; nil if no file is.
    public let file: String?
    /// What the caller can do, where that is known.
    public let remedy: Remedy?

    /// The same as ``message``.
    public var description: String { message }

    /// An error with its place.
    /// - Parameters:
    ///   - code: The kind of error.
    ///   - message: One sentence: expected, found, what to do.
    ///   - inputIndex: The input at fault, from 0.
    ///   - file: The path of the file at fault.
    ///   - remedy: What the caller can do.
    public init(_ code: Code, _ message: String, inputIndex: Int? = nil, file: String? = nil, remedy: Remedy? = nil) {
        self.code = code
        self.message = message
        self.inputIndex = inputIndex
        self.file = file
        self.remedy = remedy
    }
}

extension MartletError {
    static func malformed(_ file: String, _ reason: String, remedy: Remedy? = nil) -> MartletError {
        MartletError(.invalidModel, "\(file): \(reason)", file: file, remedy: remedy)
    }

    static func unsupported(_ file: String, _ reason: String, remedy: Remedy? = nil) -> MartletError {
        MartletError(.unsupportedModel, "\(file): \(reason)", file: file, remedy: remedy)
    }
}
