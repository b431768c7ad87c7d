#if Hub

internal import AsyncHTTPClient
import MartletJSON
import MartletSystem
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Why a request got no answer.
package struct ConnectionFailure: Sendable {
    /// In plain words, without the server's name.
    package let reason: String
    /// Whether no connection was made.
    package let isUnreachable: Bool
    /// Whether another attempt ends in the same way: the server's certificate is not accepted.
    package let isFinal: Bool

    /// - Throws: `CancellationError`, if the request was cancelled.
    package init(_ error: any Error) throws {
        try Task.checkCancellation()
        if error is CancellationError || error as? HTTPClientError == .cancelled { throw CancellationError() }
        let problem = Authorities.problem(error)
        isFinal = problem != nil
        reason = problem ?? Self.reason(error)
        isUnreachable =
            switch error {
            case _ where problem != nil: true
            case is NIOConnectionError: true
            case let error as HTTPClientError: error == .connectTimeout
            case let error as IOError:
                [ECONNREFUSED, ENETUNREACH, EHOSTUNREACH, ENETDOWN].contains(error.errnoCode)
            default: false
            }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError where error == .connectTimeout: "no connection in time"
        case let error as HTTPClientError where error == .readTimeout || error == .deadlineExceeded:
            "no answer in time"
        case let error as HTTPClientError where error == .remoteConnectionClosed: "the connection was closed"
        // The whole description would show the value of a header that is not allowed, which may be a key.
        case let error as HTTPClientError: error.shortDescription
        case NIOSSLError.handshakeFailed: "the TLS handshake failed; does the server answer https?"
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first {
                reason(first.error)
            } else if error.dnsAError != nil || error.dnsAAAAError != nil {
                "the name is not known; is there a network?"
            } else {
                "no connection"
            }
        default: String(String(describing: error).quotedForMessage.dropFirst().dropLast())
        }
    }
}

#endif
