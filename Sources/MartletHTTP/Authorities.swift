#if Hub

package import AsyncHTTPClient
import MartletSystem
internal import NIOPosix
internal import NIOSSL

/// Whose certificates are trusted: the system's authorities, or those of the file that `SSL_CERT_FILE` names,
/// as for OpenSSL, Python and Go.
package enum Authorities {
    static let variable = "SSL_CERT_FILE"

    /// The file that the environment names; nil: the system's.
    package static var file: String? {
        getenv(variable).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// What is wrong with a server's certificate, or with the authorities, and what to do; nil: nothing.
    static func problem(_ error: any Error) -> String? {
        switch error {
        case let error as NIOConnectionError:
            error.connectionErrors.lazy.compactMap { problem($0.error) }.first
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            "its certificate is for another name; check the address"
        case NIOSSLError.noSuchFilesystemObject: "the file that \(variable) names is not there"
        case is BoringSSLError:
            "no authorities to trust were found; install the system's (ca-certificates), or name a file "
                + "of them with \(variable)"
        case NIOSSLError.handshakeFailed: untrusted(String(describing: error))
        default: nil
        }
    }

    /// - Parameter error: BoringSSL's errors, one after the other.
    static func untrusted(_ error: String) -> String? {
        guard error.contains("CERTIFICATE_VERIFY_FAILED") else { return nil }
        return "its certificate is not trusted; if an authority of your own or a proxy signed it, name "
            + "the file of that authority with \(variable)"
    }
}

extension HTTPClient.Configuration {
    /// Trusts the authorities of a file in place of the system's.
    package mutating func trust(_ file: String?) {
        guard let file else { return }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file(file)
        tlsConfiguration = configuration
    }
}

#endif
