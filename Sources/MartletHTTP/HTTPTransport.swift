/// How requests reach a server: the network, or a script in tests.
package protocol HTTPTransport: Sendable {
    /// Sends one request.
    /// - Throws: ``TransportFailure`` if no whole answer came; `CancellationError`.
    func send(_ request: HTTPRequest) async throws -> HTTPAnswer
}

package struct HTTPRequest: Sendable, Equatable {
    package var method: String
    package var url: String
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(
        method: String = "POST", url: String, headers: [(name: String, value: String)] = [],
        body: [UInt8] = []
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    package static func == (a: HTTPRequest, b: HTTPRequest) -> Bool {
        a.method == b.method && a.url == b.url && a.body == b.body
            && a.headers.elementsEqual(b.headers) { $0 == $1 }
    }
}

package struct HTTPAnswer: Sendable {
    package var status: Int
    /// What the server asks to wait.
    package var retryAfter: Duration?
    package var body: [UInt8]

    package init(status: Int, retryAfter: Duration? = nil, body: [UInt8] = []) {
        self.status = status
        self.retryAfter = retryAfter
        self.body = body
    }
}

/// No whole answer came. A later attempt may succeed.
package struct TransportFailure: Error {
    package let reason: String
    /// Whether no connection was made.
    package let isUnreachable: Bool

    package init(_ reason: String, isUnreachable: Bool = false) {
        self.reason = reason
        self.isUnreachable = isUnreachable
    }
}
