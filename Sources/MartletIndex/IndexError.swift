/// What went wrong in a collection: a code for programs and one sentence for people.
public struct IndexError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of error.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// The system refused to read or write a file.
        case io
        /// The bytes of a file contradict its checksum or the format.
        case damaged
        /// The folder holds no collection.
        case notFound = "not_found"
        /// The folder already holds a collection, or other files.
        case alreadyExists = "already_exists"
        /// Another process or another object writes to the collection.
        case locked
        /// A later version of the format.
        case unsupportedVersion = "unsupported_version"
        /// The vectors come from another model, or from another configuration of it.
        case identityMismatch = "identity_mismatch"
        /// A record that cannot be stored.
        case invalidRecord = "invalid_record"
        /// A filter that cannot be parsed, or that contradicts the fields' types.
        case invalidFilter = "invalid_filter"
        /// A setting or an argument with a value that is not allowed.
        case invalidOption = "invalid_option"
    }

    /// What went wrong, for programs.
    public let code: Code
    /// What was expected, what was found, and what to do.
    public let message: String
    /// The file at fault; nil if no file is.
    public let path: String?
    /// The position at fault: a record's index in the call, or a filter's character, both from 0.
    public let position: Int?
    public var description: String { message }

    /// - Parameters:
    ///   - code: What went wrong.
    ///   - message: The same for people.
    ///   - path: The file at fault.
    ///   - position: The place in a filter, or the record.
    public init(_ code: Code, _ message: String, path: String? = nil, position: Int? = nil) {
        self.code = code
        self.message = message
        self.path = path
        self.position = position
    }

    /// A segment would have more of something than its file can count.
    static func tooLarge(_ what: String, _ limit: Int) -> IndexError {
        IndexError(
            .invalidOption,
            "one segment would have more than \(limit) \(what); leave the segments as they are, or "
                + "split the collection")
    }

    static func damaged(_ path: String, _ reason: String) -> IndexError {
        IndexError(
            .damaged,
            "\(path) is damaged: \(reason); restore the file from a backup, or index the sources again",
            path: path)
    }
}
