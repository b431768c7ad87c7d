#if Server

internal import HTTPTypes
internal import Hummingbird

/// Lets scripts of other origins call the server, as https://fetch.spec.whatwg.org/#http-cors-protocol has
/// it.
struct CORS: Sendable {
    let origins: [OriginPattern]

    /// What to answer an origin that may call; nil if it may not, or if the request is no script's of another
    /// origin.
    func allowed(_ request: Request) -> String? {
        guard let origin = request.headers[.origin] else { return nil }
        if origins.contains(where: \.matchesAll) { return "*" }
        return origins.contains { $0.matches(origin) } ? origin : nil
    }

    func allow(_ origin: String, _ fields: inout HTTPFields) {
        fields[.accessControlAllowOrigin] = origin
        fields[.accessControlExposeHeaders] =
            "x-request-id, x-truncated-inputs, x-martlet-notes, retry-after, traceresponse"
        if origin != "*" { fields[.vary] = "origin" }
    }

    /// The answer to a browser that asks first.
    func preflight(_ origin: String, _ request: Request) -> Response {
        var fields = HTTPFields()
        allow(origin, &fields)
        fields[.accessControlAllowMethods] = "GET, POST, DELETE, HEAD, OPTIONS"
        // Clients have headers of their own, as OpenAI's x-stainless-lang: whose origin may call may send
        // them.
        let asked = request.headers[.accessControlRequestHeaders]
        fields[.accessControlAllowHeaders] =
            asked ?? "accept, authorization, content-type, x-api-key, x-request-id, x-priority"
        fields[.accessControlMaxAge] = "600"
        fields[.vary] =
            origin == "*" ? "access-control-request-headers" : "origin, access-control-request-headers"
        return Response(status: .noContent, headers: fields)
    }
}

#endif
