#if Hub

import Testing

@testable import MartletHTTP

/// What is said of servers whose certificates are not trusted.
@Suite struct AuthoritiesTests {
    @Test func `a certificate that is not trusted is met with a remedy`() {
        let error =
            "handshakeFailed(NIOSSL.BoringSSLError.sslError([Error: 268435581 error:1000007d:SSL routines:"
            + "OPENSSL_internal:CERTIFICATE_VERIFY_FAILED at handshake.cc:298]))"
        #expect(Authorities.untrusted(error)?.contains("with SSL_CERT_FILE") == true)
        #expect(Authorities.untrusted("handshakeFailed(EOF during handshake)") == nil)
    }
}

#endif
