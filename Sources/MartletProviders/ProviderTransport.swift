/// How requests reach a provider: HTTP, or a script in tests.
package protocol ProviderTransport: Sendable {
    /// Sends one request with a JSON body.
    /// - Throws: ``TransportFailure`` if there was no whole answer; `CancellationError`.
    func post(_ request: ProviderRequest) async throws -> ProviderAnswer
}

package struct ProviderRequest: Sendable, Equatable {
    package var url: String
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package static func == (a: ProviderRequest, b: ProviderRequest) -> Bool {
        a.url == b.url && a.body == b.body && a.headers.elementsEqual(b.headers) { $0 == $1 }
    }
}

package struct ProviderAnswer: Sendable {
    package var status: Int
    /// What the server asks to wait.
    package var retryAfter: Duration?
    package var body: [UInt8]

    package init(status: Int, retryAfter: Duration? = nil, body: [UInt8]) {
        self.status = status
        self.retryAfter = retryAfter
        self.body = body
    }
}

/// No whole answer came. It may go away by itself.
package struct TransportFailure: Error {
    package let reason: String
    package init(_ reason: String) { self.reason = reason }
}
