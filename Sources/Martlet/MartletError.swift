/// What went wrong, in one sentence that names the file, tensor or input, what was expected, what was found
/// and what to do.
///
/// Every throwing function of this module throws this type, except for `CancellationError` from a cancelled
/// task.
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
        /// An input has more tokens than the model takes, and the truncation policy is
        /// ``TruncationPolicy/error``.
        case inputTooLong = "input_too_long"
        /// An input is not text that can be embedded.
        case invalidInput = "invalid_input"
        /// A result is not a finite number.
        case nonFinite = "non_finite"
        /// An option has a value that this model does not allow.
        case invalidOption = "invalid_option"
        /// Vectors of different models, tasks, prompts or contexts were to be compared or put together.
        case differentSpaces = "different_spaces"
        /// Vectors of different numbers of dimensions were to be compared or put together.
        case dimensionMismatch = "dimension_mismatch"
        /// A model returned something that does not fit its input, such as another number of vectors.
        case invalidOutput = "invalid_output"
    }

    /// The kind of error.
    public let code: Code
    /// What is wrong and what to do, without the place of the input: "has 300 tokens and the model takes 256;
    /// shorten it".
    public let reason: String
    /// What stands at ``inputIndex``; nil: ``reason`` is a whole sentence.
    private let subject: Subject?
    /// The position, from 0, of the input at fault in the call that threw; nil if no single input is at
    /// fault.
    public let inputIndex: Int?
    /// The path of the file at fault; nil if no file is.
    public let file: String?
    /// What the caller can do, where that is known.
    public let remedy: Remedy?

    /// What an index counts.
    enum Subject: Sendable {
        case text, sampledDocument

        func name(at index: Int) -> String {
            switch self {
            case .text: "text \(index)"
            case .sampledDocument: "document \(index) of the sample"
            }
        }
    }

    /// One sentence for people, with the place of the input.
    public var message: String {
        guard let subject, let inputIndex else { return reason }
        return "\(subject.name(at: inputIndex)) \(reason)"
    }

    /// The sentence for somebody who knows the input by another name than its place in the call.
    /// - Parameter name: Such as "the text", for a caller that says file and line before it.
    public func message(calling name: String) -> String { subject == nil ? reason : "\(name) \(reason)" }

    /// The same as ``message``.
    public var description: String { message }

    /// An error with its place.
    /// - Parameters:
    ///   - code: The kind of error.
    ///   - message: One sentence: expected, found, what to do.
    ///   - inputIndex: The input at fault, from 0.
    ///   - file: The path of the file at fault.
    ///   - remedy: What the caller can do.
    public init(
        _ code: Code, _ message: String, inputIndex: Int? = nil, file: String? = nil, remedy: Remedy? = nil
    ) {
        self.init(code, reason: message, of: nil, inputIndex: inputIndex, file: file, remedy: remedy)
    }

    private init(
        _ code: Code, reason: String, of subject: Subject?, inputIndex: Int?, file: String?, remedy: Remedy?
    ) {
        self.code = code
        self.reason = reason
        self.subject = subject
        self.inputIndex = inputIndex
        self.file = file
        self.remedy = remedy
    }

    /// An error of one text of a call.
    /// - Parameters:
    ///   - code: The kind of error.
    ///   - index: The place of the text in the call, from 0.
    ///   - reason: What is wrong with it, from the verb on: "has 300 tokens and the model takes 256; shorten
    ///     it".
    public init(_ code: Code, text index: Int, _ reason: String) {
        self.init(code, reason: reason, of: .text, inputIndex: index, file: nil, remedy: nil)
    }
}

extension MartletError {
    static func malformed(_ file: String, _ reason: String, remedy: Remedy? = nil) -> MartletError {
        MartletError(.invalidModel, "\(file): \(reason)", file: file, remedy: remedy)
    }

    static func unsupported(_ file: String, _ reason: String, remedy: Remedy? = nil) -> MartletError {
        MartletError(.unsupportedModel, "\(file): \(reason)", file: file, remedy: remedy)
    }

    /// - Parameter index: The place of the vector at fault.
    static func differentWidths(_ first: Int, _ second: Int, index: Int? = nil) -> MartletError {
        MartletError(
            .dimensionMismatch,
            "\(index.map { "vector \($0): " } ?? "")vectors of \(first) and \(second) dimensions cannot be compared",
            inputIndex: index)
    }

    /// The same error where the call's texts are part of a sequence.
    /// - Parameter count: Texts of the sequence before those of the call.
    func counting(from count: Int) -> MartletError {
        inputIndex.map { about(subject, at: $0 + count) } ?? self
    }

    /// The same error about another place.
    func about(_ subject: Subject?, at index: Int) -> MartletError {
        MartletError(code, reason: reason, of: subject, inputIndex: index, file: file, remedy: remedy)
    }
}
