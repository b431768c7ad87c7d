#if Hub

import NIOHTTP1
import Testing

@testable import MartletHTTP

/// How long servers ask to wait.
@Suite struct RetryAfterTests {
    static let pauses: [([(String, String)], Int?)] = [
        ([("Retry-After", "0")], 0), ([("Retry-After", "120")], 120), ([("Retry-After", "-1")], nil),
        ([("Retry-After", "soon")], nil),
        ([], nil),
        (
            [("Date", "Wed, 28 Feb 2024 23:59:59 GMT"), ("Retry-After", "Fri, 01 Mar 2024 00:00:00 GMT")],
            86_401
        ),
        ([("Date", "Tue, 28 Feb 2023 23:59:59 GMT"), ("Retry-After", "Wed, 01 Mar 2023 00:00:00 GMT")], 1),
        ([("Date", "Wed, 01 Mar 2023 00:00:00 GMT"), ("Retry-After", "Tue, 28 Feb 2023 00:00:00 GMT")], 0),
        ([("Retry-After", "Fri, 01 Mar 2024 00:00:00 GMT")], nil),
        ([("Date", "x"), ("Retry-After", "Fri, 99 Mar 2024 00:00:00 GMT")], nil),
        ([("Retry-After", "99999999999999999999")], 1 << 30),
        ([("retry-after-ms", "3000"), ("Retry-After", "4")], 3),
        ([("RateLimit", "\"api\";r=0;t=55")], 55), ([("RateLimit", "\"api\"; r=0; t=0")], 1),
        ([("RateLimit", "\"api\";r=7;t=55")], nil), ([("RateLimit", "\"api\";r=0;t=soon")], nil),
        ([("RateLimit", "\"api\";r=0;t=55"), ("Retry-After", "2")], 2),
    ]

    @Test(arguments: pauses)
    func `how long a server asks to wait`(headers: [(String, String)], seconds: Int?) {
        #expect(RetryAfter.delay(HTTPHeaders(headers)) == seconds.map { .seconds($0) })
    }

    @Test func `dates are counted from 1970`() {
        #expect(RetryAfter.seconds("Thu, 01 Jan 1970 00:00:00 GMT") == 0)
        #expect(RetryAfter.seconds("Sun, 06 Nov 1994 08:49:37 GMT") == 784_111_777)
    }

    @Test func `a fraction of a second counts`() {
        #expect(RetryAfter.delay(HTTPHeaders([("Retry-After", "0.5")])) == .milliseconds(500))
        #expect(RetryAfter.delay(HTTPHeaders([("retry-after-ms", "250")])) == .milliseconds(250))
    }
}

#endif
