#if Server

internal import NIOHTTP1

/// What HTTP asks of a request's head before any route sees it: RFC 9110 (semantics) and RFC 9112 (HTTP/1.1
/// messages).
enum MessageRules {
    /// An answer to a request that is not well formed; the connection ends after it.
    struct Refusal: Error, Equatable {
        let status: Int
        let reason: String

        init(_ status: Int, _ reason: String) {
            self.status = status
            self.reason = reason
        }
    }

    /// RFC 9112, 3: a server should take at least 8000 octets of a request line.
    static let longestTarget = 16 << 10

    /// Checks a head and brings its target into origin form: `/path`, or `*` for OPTIONS.
    static func checked(_ head: HTTPRequestHead) throws(Refusal) -> HTTPRequestHead {
        var head = head
        try checkHost(head)
        try checkFraming(head)
        if head.uri.utf8.count > longestTarget {
            throw Refusal(414, "the target is longer than \(longestTarget) bytes")
        }
        try normalizeTarget(&head)
        for expectation in head.headers[canonicalForm: "expect"]
        where expectation.lowercased() != "100-continue" {
            throw Refusal(417, "the expectation \(expectation) is not known; 100-continue is")
        }
        return head
    }

    /// RFC 9112, 3.2: one valid Host, which HTTP/1.0 may leave out.
    private static func checkHost(_ head: HTTPRequestHead) throws(Refusal) {
        let hosts = head.headers["host"]
        if hosts.count > 1 { throw Refusal(400, "the request has \(hosts.count) Host fields; send one") }
        guard let host = hosts.first else {
            if head.version.minor > 0 {
                throw Refusal(400, "the request has no Host field, which HTTP/1.1 requires")
            }
            return
        }
        guard host.isEmpty || HostName(authority: host) != nil else {
            throw Refusal(400, "the Host field is not a host name with an optional port")
        }
    }

    /// RFC 9112, 6.1 and 6.3: how long the body is must not be ambiguous.
    private static func checkFraming(_ head: HTTPRequestHead) throws(Refusal) {
        let codings = head.headers[canonicalForm: "transfer-encoding"].map { $0.lowercased() }
        guard let last = codings.last else { return }
        if head.version.minor == 0 {
            throw Refusal(400, "HTTP/1.0 has no Transfer-Encoding; send Content-Length")
        }
        if head.headers.contains(name: "content-length") {
            throw Refusal(400, "the request has both Transfer-Encoding and Content-Length; send one of them")
        }
        if last != "chunked" { throw Refusal(400, "the last transfer coding is \(last), expected chunked") }
        if codings.count > 1 {
            throw Refusal(501, "the transfer coding \(codings[0]) is not implemented; send chunked alone")
        }
    }

    /// RFC 9112, 3.2: origin form, absolute form (whose authority takes the place of Host), `*` for OPTIONS
    /// alone.
    private static func normalizeTarget(_ head: inout HTTPRequestHead) throws(Refusal) {
        if head.uri.hasPrefix("/") { return }
        if head.uri == "*", head.method == .OPTIONS { return }
        if head.method == .CONNECT {
            throw Refusal(501, "CONNECT is not implemented: this server is no proxy")
        }
        let lower = head.uri.prefix(8).lowercased()
        guard let scheme = ["http://", "https://"].first(where: { lower.hasPrefix($0) }) else {
            throw Refusal(400, "the target is neither a path nor an http or https URL")
        }
        let rest = head.uri.dropFirst(scheme.count)
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        guard HostName(authority: String(rest[..<end])) != nil else {
            throw Refusal(400, "the target's host is not valid")
        }
        head.headers.replaceOrAdd(name: "host", value: String(rest[..<end]))
        let path = rest[end...]
        head.uri = path.hasPrefix("/") ? String(path) : "/" + path
    }

    /// What the parser's errors mean to the client.
    static func refusal(_ error: HTTPParserError) -> Refusal {
        switch error {
        case .invalidVersion: Refusal(505, "this server speaks HTTP/1.1 and HTTP/1.0")
        case .invalidMethod: Refusal(501, "the method is not known")
        case .headerOverflow: Refusal(431, "the header fields are too large")
        default: Refusal(400, "the request is not well-formed HTTP: \(error)")
        }
    }

    /// RFC 9112, 9.3: HTTP/1.1 keeps a connection unless told not to, HTTP/1.0 only if told to.
    static func keepsConnection(_ head: HTTPRequestHead) -> Bool {
        let options = head.headers[canonicalForm: "connection"].map { $0.lowercased() }
        if options.contains("close") { return false }
        return head.version.minor > 0 || options.contains("keep-alive")
    }

    /// RFC 9110, 6.4.1: answers to HEAD, 1xx, 204 and 304 have no content.
    static func hasContent(_ status: HTTPResponseStatus, to method: HTTPMethod) -> Bool {
        method != .HEAD && status.code >= 200 && status != .noContent && status != .notModified
    }
}

#endif
