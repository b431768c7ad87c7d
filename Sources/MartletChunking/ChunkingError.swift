/// Why a document could not be cut into chunks.
public struct ChunkingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of error, for code that reacts to it.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// The size or the overlap does not fit the model.
        case invalidSize = "invalid_size"
        /// An option has a value that is not allowed, or is missing.
        case invalidOption = "invalid_option"
        /// A single Unicode scalar has more tokens than a chunk may have.
        case indivisible
        /// The model cannot do what was asked.
        case unsupportedModel = "unsupported_model"
    }

    /// The kind of error.
    public let code: Code
    /// One sentence for people.
    public let message: String
    /// The byte of the document at fault; nil if no place is.
    public let offset: Int?

    /// The same as ``message``.
    public var description: String { message }

    init(_ code: Code, _ message: String, offset: Int? = nil) {
        self.code = code
        self.message = message
        self.offset = offset
    }
}
