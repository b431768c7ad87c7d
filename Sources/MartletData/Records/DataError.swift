/// What is wrong with an input or an output, where, and what can be done.
public struct DataError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of error, for code that reacts to it.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// The system refused to open, read or write.
        case io
        /// The reader of a pipe has gone.
        case closedPipe
        /// Bytes that are no text in the encoding of the input.
        case encoding
        /// Bytes that are not in the format that was expected.
        case malformed
        /// A member or column is missing, is named twice, or holds values of another type.
        case field
        /// A record or a page is larger than the limit.
        case tooLong
        /// A well-formed input or an option that is not implemented.
        case unsupported
        /// The model refused a text.
        case text
        /// The input is not the one that a checkpoint belongs to.
        case changedInput
    }

    /// What went wrong, for programs.
    public let code: Code
    /// The file, `FILE:LINE`, or the name of a stream.
    public let place: String
    /// What was expected and what was found.
    public let reason: String
    /// What can be done about it.
    public let remedies: [Remedy]
    /// Whether the records after this one can still be read.
    public let isRecoverable: Bool

    /// An error of a source or a sink of your own.
    public init(
        _ code: Code, at place: String, _ reason: String, remedies: [Remedy] = [], isRecoverable: Bool = false
    ) {
        self.code = code
        self.place = place
        self.reason = reason
        self.remedies = remedies
        self.isRecoverable = isRecoverable
    }

    /// `PLACE: REASON; REMEDY, or REMEDY`.
    public var description: String { message { $0.description } }

    /// The message with remedies in the words of a front end.
    public func message(_ words: (Remedy) -> String?) -> String {
        let advice = remedies.compactMap(words).joined(separator: ", or ")
        return "\(place): \(reason)" + (advice.isEmpty ? "" : "; \(advice)")
    }
}
