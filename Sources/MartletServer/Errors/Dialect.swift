#if Server

internal import MartletJSON

/// Whose client a route answers: it decides the words and the statuses of errors.
enum Dialect: String, Sendable, CaseIterable {
    case openAI = "OpenAI"
    case tei = "Text Embeddings Inference"
    case ollama = "Ollama"
    case cohere = "Cohere and Jina"
    case llama = "llama.cpp"
    case voyage = "Voyage"
    case infinity
    case own = "Martlet"

    /// Whose client asks for a path that no route has: Ollama's paths are its alone.
    init(path: String) { self = path.hasPrefix("/api/") ? .ollama : .own }

    /// The one map from errors to statuses.
    func status(_ kind: ServiceError.Kind) -> Int {
        switch kind {
        case .syntax: 400
        case .empty: self == .infinity ? 422 : 400
        case .invalid, .batchTooLarge, .tooLong: self == .tei || self == .infinity ? 422 : 400
        case .bodyTooLarge: 413
        case .bodyTimeout: 408
        case .unsupportedEncoding: 415
        case .unauthorized: 401
        case .forbidden: 403
        case .notFound, .modelNotFound: 404
        case .conflict: 409
        case .methodNotAllowed: 405
        case .wrongModel: self == .tei ? 422 : 400
        case .overloaded: 429
        case .deadline: self == .tei ? 429 : 503
        case .cancelled: 499
        case .unavailable: 503
        case .inference: self == .tei ? 424 : 500
        case .storage: 500
        case .notImplemented: 501
        }
    }

    /// The body of an error.
    func body(_ error: ServiceError) -> JSONValue {
        switch self {
        case .openAI, .own, .infinity:
            .object([
                "error": .object([
                    "message": .string(error.message), "type": .string(Self.openAIType(error.kind)),
                    "param": error.parameter.map { .string($0) } ?? .null,
                    "code": .string(Self.code(error.kind)),
                ])
            ])
        case .tei:
            .object(["error": .string(error.message), "error_type": .string(Self.teiType(error.kind))])
        case .ollama:
            .object(["error": .string(Self.ollamaMessage(error))])
        case .cohere:
            .object(["message": .string(error.message)])
        case .voyage:
            .object(["detail": .string(error.message)])
        case .llama:
            .object([
                "error": .object([
                    "code": .integer(status(error.kind)), "message": .string(error.message),
                    "type": .string(Self.llamaType(error.kind)),
                ])
            ])
        }
    }

    /// Clients of Ollama look for its own words.
    private static func ollamaMessage(_ error: ServiceError) -> String {
        guard let missing = error.missing else { return error.message }
        return "model '\(missing.name)' not found; \(missing.remedy)"
    }

    private static func openAIType(_ kind: ServiceError.Kind) -> String {
        switch kind {
        case .syntax, .empty, .invalid, .batchTooLarge, .tooLong, .bodyTooLarge, .bodyTimeout,
            .unsupportedEncoding, .wrongModel,
            .methodNotAllowed, .conflict:
            "invalid_request_error"
        case .unauthorized: "authentication_error"
        case .forbidden: "permission_error"
        case .notFound, .modelNotFound: "not_found_error"
        case .overloaded: "rate_limit_error"
        case .deadline, .cancelled, .unavailable, .inference, .storage, .notImplemented: "api_error"
        }
    }

    private static func teiType(_ kind: ServiceError.Kind) -> String {
        switch kind {
        case .overloaded, .deadline: "Overloaded"
        case .unavailable, .cancelled: "Unhealthy"
        case .inference, .storage: "Backend"
        case .empty: "Empty"
        default: "Validation"
        }
    }

    private static func llamaType(_ kind: ServiceError.Kind) -> String {
        switch kind {
        case .syntax, .empty, .invalid, .batchTooLarge, .bodyTooLarge, .bodyTimeout, .unsupportedEncoding,
            .methodNotAllowed,
            .conflict:
            "invalid_request_error"
        case .tooLong: "exceed_context_size_error"
        case .unauthorized: "authentication_error"
        case .forbidden: "permission_error"
        case .notFound, .modelNotFound: "not_found_error"
        case .wrongModel, .notImplemented: "not_supported_error"
        case .overloaded, .deadline, .unavailable, .cancelled: "unavailable_error"
        case .inference, .storage: "server_error"
        }
    }

    /// A word for programs, of the OpenAI routes and of the logs.
    static func code(_ kind: ServiceError.Kind) -> String {
        switch kind {
        case .syntax: "invalid_json"
        case .invalid: "invalid_value"
        case .empty: "empty_input"
        case .batchTooLarge: "too_many_inputs"
        case .tooLong: "context_length_exceeded"
        case .bodyTooLarge: "body_too_large"
        case .bodyTimeout: "body_timeout"
        case .unsupportedEncoding: "unsupported_encoding"
        case .unauthorized: "invalid_api_key"
        case .forbidden: "forbidden"
        case .notFound: "not_found"
        case .conflict: "conflict"
        case .methodNotAllowed: "method_not_allowed"
        case .modelNotFound: "model_not_found"
        case .wrongModel: "wrong_model_type"
        case .overloaded: "queue_full"
        case .deadline: "timeout"
        case .cancelled: "client_closed_request"
        case .unavailable: "unavailable"
        case .inference: "inference_failed"
        case .storage: "storage_failed"
        case .notImplemented: "not_implemented"
        }
    }

    /// TEI's label of `te_request_failure`.
    static func failureLabel(_ kind: ServiceError.Kind) -> String {
        switch kind {
        case .batchTooLarge: "batch_size"
        case .tooLong: "tokenization"
        case .overloaded: "overloaded"
        case .wrongModel: "model_type"
        case .inference: "inference"
        case .deadline, .cancelled: "dropped"
        default: "validation"
        }
    }
}

#endif
