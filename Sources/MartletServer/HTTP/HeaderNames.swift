#if Server

internal import HTTPTypes

extension HTTPField.Name {
    static let requestID = own("x-request-id")
    static let priorityLane = own("x-priority")
    static let truncatedInputs = own("x-truncated-inputs")
    static let computeType = own("x-compute-type")
    static let computeTime = own("x-compute-time")
    static let computeCharacters = own("x-compute-characters")
    static let computeTokens = own("x-compute-tokens")
    static let totalTime = own("x-total-time")
    static let tokenizationTime = own("x-tokenization-time")
    static let queueTime = own("x-queue-time")
    static let inferenceTime = own("x-inference-time")
    /// W3C's headers of traces: the caller's, and the answer's.
    static let traceparent = own("traceparent")
    static let traceresponse = own("traceresponse")
    /// Anthropic's and others' header for keys.
    static let apiKey = own("x-api-key")
    /// What browsers say of where a request comes from.
    static let fetchSite = own("sec-fetch-site")
    /// Azure's.
    static let azureKey = own("api-key")
    /// What the server made of a request that its client may not expect.
    static let notes = own("x-martlet-notes")

    /// The names above are all well formed; one that is not would read as `via`.
    private static func own(_ name: String) -> HTTPField.Name { HTTPField.Name(name) ?? .via }
}

#endif
