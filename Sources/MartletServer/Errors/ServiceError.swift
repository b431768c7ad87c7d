#if Server

internal import Martlet
internal import MartletJSON

/// Why a request has no result, before any dialect puts it into words of its own.
struct ServiceError: Error, Sendable {
    enum Kind: Sendable, Equatable {
        /// The body is not JSON.
        case syntax
        /// A member is missing or has a value that it cannot have.
        case invalid
        /// No text at all.
        case empty
        /// More texts than a request may have.
        case batchTooLarge
        /// A text has more tokens than the model takes, and the caller does not want it cut.
        case tooLong
        case bodyTooLarge
        /// The body did not arrive in time.
        case bodyTimeout
        /// The body is in an encoding that the server does not read.
        case unsupportedEncoding
        case unauthorized
        /// The server is not set up to allow it.
        case forbidden
        case notFound
        /// What the request asks for contradicts what is there.
        case conflict
        case methodNotAllowed
        case modelNotFound
        /// The model cannot do what the route does.
        case wrongModel
        case overloaded(retryAfter: Int)
        case deadline
        /// The caller went away.
        case cancelled
        /// The model cannot be loaded, or the server is starting or stopping.
        case unavailable
        /// The model gave no finite numbers.
        case inference
        /// The disk, or what is on it, is at fault.
        case storage
        case notImplemented
    }

    let kind: Kind
    let message: String
    /// The member of the request at fault.
    let parameter: String?
    /// The text at fault, from 0.
    let inputIndex: Int?
    /// The name of a model that was not found, and what there is, for dialects with words of their own.
    var missing: (name: String, remedy: String)?

    init(_ kind: Kind, _ message: String, parameter: String? = nil, inputIndex: Int? = nil) {
        self.kind = kind
        self.message = message
        self.parameter = parameter
        self.inputIndex = inputIndex
    }

    static func invalid(_ parameter: String, _ message: String, index: Int? = nil) -> ServiceError {
        ServiceError(.invalid, message, parameter: parameter, inputIndex: index)
    }

    static func modelNotFound(_ name: String, known: [String]) -> ServiceError {
        let list = known.isEmpty ? "no model" : known.map(\.quotedForMessage).joined(separator: ", ")
        let remedy = "this server has \(list)"
        var error = ServiceError(
            .modelNotFound, "model \(name.quotedForMessage) not found; \(remedy)", parameter: "model")
        error.missing = (name, remedy)
        return error
    }

    static func loadFailed(_ name: String, _ error: MartletError) -> ServiceError {
        ServiceError(
            .unavailable, "model \(name.quotedForMessage) cannot be loaded: \(error.message)",
            parameter: "model")
    }

    /// What the library says about a request.
    init(_ error: MartletError, parameter: String? = nil) {
        let kind: Kind =
            switch error.code {
            case .invalidOption, .invalidInput, .differentSpaces, .dimensionMismatch: .invalid
            case .inputTooLong: .tooLong
            case .nonFinite, .invalidOutput: .inference
            case .unsupportedModel: .wrongModel
            case .invalidModel, .missingFile, .io: .unavailable
            }
        self.init(kind, error.message, parameter: parameter, inputIndex: error.inputIndex)
    }

    init(_ error: SchedulingError) {
        switch error {
        case .full(let seconds):
            self.init(.overloaded(retryAfter: seconds), "the queue is full; try again in \(seconds) s")
        case .deadline:
            self.init(.deadline, "the request waited for longer than the server allows (request-timeout)")
        case .cancelled:
            self.init(.cancelled, "the caller went away")
        case .notFinite(let index):
            self.init(
                .inference,
                "text \(index) gives a result that is not finite; the model's weights may be damaged",
                inputIndex: index)
        case .closed:
            self.init(.unavailable, "the server is stopping")
        }
    }

    /// Seconds for the header Retry-After.
    var retryAfter: Int? {
        guard case .overloaded(let seconds) = kind else { return nil }
        return seconds
    }
}

#endif
