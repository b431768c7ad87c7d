/// Why a model could not be found, fetched or removed, in one sentence that says what to do.
///
/// Functions of this module throw this type, and `CancellationError` when their task is cancelled.
public struct HubError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of error, for code that reacts to it.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// A name that is neither in the list of known models nor of the form org/repo.
        case invalidName = "invalid_name"
        /// The hub has no such model, revision or file, or the cache does not hold the model.
        case notFound = "not_found"
        /// The hub wants a token, or an agreement to the model's licence.
        case unauthorized
        /// Something would have to be fetched, and the hub was made to work offline.
        case offline
        /// The hub cannot be reached, or the connection broke more often than is tried again.
        case network
        /// The hub answers with an error, or asks to come back later than is waited for.
        case refused
        /// The hub's answer makes no sense, or would lead out of the cache.
        case invalidResponse = "invalid_response"
        /// The bytes of a file are not those that its digest names.
        case wrongDigest = "wrong_digest"
        /// The repository holds no weights that can be read.
        case noWeights = "no_weights"
        /// A download or removal by another process is in the way.
        case busy
        /// The system refused to read or write a file.
        case io
    }

    /// The kind of error.
    public let code: Code
    /// One sentence for people.
    public let message: String
    /// The model at fault, as `org/repo`; nil if none is.
    public let repository: String?

    /// The same as ``message``.
    public var description: String { message }

    /// An error with its place.
    public init(_ code: Code, _ message: String, repository: String? = nil) {
        self.code = code
        self.message = message
        self.repository = repository
    }
}
