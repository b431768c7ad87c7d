#if Server

import NIOCore
import Synchronization
import Testing

@testable import MartletServer

/// HTTP/1.1 and HTTP/1.0 on a real connection, by the sections of RFC 9110 (semantics) and RFC 9112
/// (messages).
@Suite struct MessageTests {
    /// What is sent, and what must come back.
    struct Case: Sendable {
        let rule: String
        let sent: [String]
        let status: Int
        /// Whether a second request on the connection is answered.
        let isKept: Bool
        var isHead = false
        var fields: [String: String?] = [:]

        init(
            _ rule: String, _ sent: String..., status: Int, isKept: Bool, isHead: Bool = false,
            fields: [String: String?] = [:]
        ) {
            self.rule = rule
            self.sent = sent
            self.status = status
            self.isKept = isKept
            self.isHead = isHead
            self.fields = fields
        }
    }

    private static let body = #"{"inputs":"a","dimensions":1}"#
    private static func post(_ version: String = "1.1", _ fields: String = "", body: String = body) -> String
    {
        "POST /embed HTTP/\(version)\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
    }
    private static let huge = String(repeating: "a", count: 20_000)

    static let cases: [Case] = [
        // RFC 9112, 9.3: persistence.
        Case("1.1 keeps the connection", post(), status: 200, isKept: true, fields: ["connection": nil]),
        Case(
            "close", post("1.1", "Connection: close\r\n"), status: 200, isKept: false,
            fields: ["connection": "close"]),
        Case(
            "close in any case, in a list", post("1.1", "Connection: TE, Close\r\n"), status: 200,
            isKept: false),
        Case(
            "1.0 closes", post("1.0"), status: 200, isKept: false,
            fields: ["connection": "close", "transfer-encoding": nil]),
        Case(
            "1.0 keep-alive", post("1.0", "Connection: Keep-Alive\r\n"), status: 200, isKept: true,
            fields: ["connection": "keep-alive"]),
        Case("1.0 needs no Host", "GET /ping HTTP/1.0\r\n\r\n", status: 200, isKept: false),
        // RFC 9110, 7.8: offers to upgrade can be ignored.
        Case(
            "upgrade to h2c",
            post(
                "1.1", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"),
            status: 200, isKept: true),
        Case(
            "upgrade without a body",
            "GET /ping HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
            status: 200, isKept: true),
        Case(
            "upgrade of a body in chunks",
            "POST /embed HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\n\r\n",
            "1d\r\n\(body)\r\n", "0\r\n\r\n", status: 200, isKept: true),
        Case(
            "upgrade and close", post("1.1", "Connection: Upgrade, close\r\nUpgrade: h2c\r\n"), status: 200,
            isKept: false),
        Case("upgrade without Connection", post("1.1", "Upgrade: h2c\r\n"), status: 200, isKept: true),
        // RFC 9112, 6: bodies.
        Case(
            "chunks", "POST /embed HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n",
            "5\r\n\(body.prefix(5))\r\n",
            "18;a=b\r\n\(body.dropFirst(5))\r\n0\r\nTrailer: x\r\n\r\n", status: 200, isKept: true),
        Case("no length: no body", "POST /embed HTTP/1.1\r\nHost: a\r\n\r\n", status: 400, isKept: true),
        Case(
            "a body of GET", "GET /ping HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", status: 200,
            isKept: true),
        Case(
            "a body of GET in chunks",
            "GET /ping HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
            status: 200, isKept: true),
        Case(
            "two framings",
            "POST /embed HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            status: 400, isKept: false),
        Case(
            "two lengths",
            "POST /embed HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
            status: 400,
            isKept: false),
        Case(
            "a length that is no number", "POST /embed HTTP/1.1\r\nHost: a\r\nContent-Length: 1x\r\n\r\na",
            status: 400, isKept: false),
        Case(
            "a length below zero", "POST /embed HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
            status: 400, isKept: false),
        Case(
            "chunks in 1.0", "POST /embed HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            status: 400, isKept: false),
        Case(
            "an unknown coding",
            "POST /embed HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            status: 501,
            isKept: false),
        Case(
            "the last coding is not chunked",
            "POST /embed HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", status: 400,
            isKept: false),
        Case(
            "a chunk without a size",
            "POST /embed HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{", status: 400,
            isKept: false),
        // RFC 9112, 3: request lines.
        Case("no Host", "GET /ping HTTP/1.1\r\n\r\n", status: 400, isKept: false),
        Case("two Hosts", "GET /ping HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", status: 400, isKept: false),
        Case("a Host that is none", "GET /ping HTTP/1.1\r\nHost: a b\r\n\r\n", status: 400, isKept: false),
        Case("an empty Host", "GET /ping HTTP/1.1\r\nHost:\r\n\r\n", status: 200, isKept: true),
        Case(
            "absolute form", "GET http://localhost:1/ping?x=1 HTTP/1.1\r\nHost: other\r\n\r\n", status: 200,
            isKept: true),
        Case(
            "absolute form without a path", "OPTIONS http://localhost HTTP/1.1\r\nHost: localhost\r\n\r\n",
            status: 204, isKept: true),
        Case(
            "asterisk form", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", status: 204, isKept: true,
            fields: ["content-length": nil]),
        Case("asterisk form of GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", status: 400, isKept: false),
        Case(
            "authority form", "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\n", status: 501,
            isKept: false),
        Case("a target without a slash", "GET ping HTTP/1.1\r\nHost: a\r\n\r\n", status: 400, isKept: false),
        Case("a long target", "GET /\(huge) HTTP/1.1\r\nHost: a\r\n\r\n", status: 414, isKept: false),
        Case(
            "large fields",
            "GET /ping HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: huge, count: 5))\r\n\r\n", status: 431,
            isKept: false),
        Case("HTTP/2.0", "GET /ping HTTP/2.0\r\nHost: a\r\n\r\n", status: 505, isKept: false),
        Case("no HTTP", "hello\r\n\r\n", status: 501, isKept: false),
        Case(
            "a space before the colon", "GET /ping HTTP/1.1\r\nHost : a\r\n\r\n", status: 400, isKept: false),
        Case(
            "a folded line", "GET /ping HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", status: 400, isKept: false
        ),
        // RFC 9112, 2.2: an empty line before the request line is ignored.
        Case("an empty line first", "\r\nGET /ping HTTP/1.1\r\nHost: a\r\n\r\n", status: 200, isKept: true),
        // RFC 9110, 9: methods.
        Case("an unknown method", "BREW /ping HTTP/1.1\r\nHost: a\r\n\r\n", status: 501, isKept: false),
        Case(
            "a method that the path does not take",
            "PUT /embed HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", status: 405,
            isKept: true, fields: ["allow": "OPTIONS, POST"]),
        Case("TRACE", "TRACE /ping HTTP/1.1\r\nHost: a\r\n\r\n", status: 405, isKept: true),
        Case(
            "OPTIONS", "OPTIONS /ping HTTP/1.1\r\nHost: a\r\n\r\n", status: 204, isKept: true,
            fields: ["allow": "GET, HEAD, OPTIONS"]),
        // RFC 9110, 9.3.2: HEAD has the fields of GET and no content, whatever the status.
        Case(
            "HEAD", "HEAD /api/version HTTP/1.1\r\nHost: a\r\n\r\n", status: 200, isKept: true, isHead: true,
            fields: ["content-length": "19"]),
        Case(
            "HEAD of no route", "HEAD /none HTTP/1.1\r\nHost: a\r\n\r\n", status: 404, isKept: true,
            isHead: true),
        Case(
            "HEAD of POST's", "HEAD /embed HTTP/1.1\r\nHost: a\r\n\r\n", status: 405, isKept: true,
            isHead: true),
        Case("HEAD refused", "HEAD /ping HTTP/1.1\r\n\r\n", status: 400, isKept: false, isHead: true),
        // RFC 9110, 10.1.1: expectations.
        Case("another expectation", post("1.1", "Expect: magic\r\n"), status: 417, isKept: false),
        Case(
            "100-continue with its body", post("1.1", "Expect: 100-Continue\r\n"), status: 200, isKept: true),
        Case("100-continue in 1.0", post("1.0", "Expect: 100-continue\r\n"), status: 200, isKept: false),
        // RFC 9110, 15.5.14: too large, told before the body comes.
        Case(
            "a body too large", "POST /embed HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\r\n",
            status: 413, isKept: false),
        Case(
            "too large for one that asked first",
            "POST /embed HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 999999999\r\n\r\n",
            status: 413, isKept: false),
        // RFC 9110, 15.5.16.
        Case(
            "an unknown content encoding", post("1.1", "Content-Encoding: br\r\n"), status: 415, isKept: true,
            fields: ["accept-encoding": "gzip, deflate"]),
        Case("gzip that is none", post("1.1", "Content-Encoding: gzip\r\n"), status: 400, isKept: false),
    ]

    @Test func rules() async throws {
        let server = try TestServer.shared.get()
        try await server.core.store.load(nil)
        try await server.withPort { port in
            for rule in Self.cases { try await Self.check(rule, port: port) }
        }
    }

    private static func check(_ rule: Case, port: Int) async throws {
        let client = try await RawClient(port: port)
        for part in rule.sent { try await client.send(part) }
        let heads: Set<Int> = rule.isHead ? [0] : []
        while RawResponse.all(in: client.text, heads: heads).first.map({ !$0.isWhole }) ?? true,
            !client.isEnded
        {
            try await Task.sleep(for: .milliseconds(2))
        }
        let first = try #require(
            RawResponse.all(in: client.text, heads: heads).first, "\(rule.rule): \(client.text)")
        #expect(first.status == rule.status, "\(rule.rule): \(client.text)")
        #expect(first.fields["date"] != nil, "\(rule.rule)")
        for (name, value) in rule.fields {
            #expect(first.fields[name] == value, "\(rule.rule): \(name) of \(client.text)")
        }
        #expect((first.fields["connection"] == "close") == !rule.isKept, "\(rule.rule): \(client.text)")
        #expect(
            !client.text.hasPrefix("HTTP/1.1 100") || rule.status == 200,
            "\(rule.rule): asked for a body that it does not take")
        // A connection that is kept answers the next request; one that is not ends.
        try? await client.send("GET /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        try await client.end()
        let all = RawResponse.all(in: client.text, heads: heads)
        #expect(
            all.map(\.status) == (rule.isKept ? [rule.status, 200] : [rule.status]),
            "\(rule.rule): \(client.text)")
        client.close()
    }

    @Test func oneSegmentMayHoldSeveralRequests() async throws {
        let server = try TestServer.shared.get()
        try await server.withPort { port in
            let client = try await RawClient(port: port)
            let upgrade = Self.post("1.1", "Connection: Upgrade\r\nUpgrade: h2c\r\n")
            try await client.send(
                Self.post() + upgrade + upgrade + Self.post()
                    + "GET /v1/models HTTP/1.1\r\nHost: a\r\n\r\nbad\r\n\r\n")
            try await client.end()
            #expect(client.responses.map(\.status) == [200, 200, 200, 200, 200, 501], "\(client.text)")
        }
    }

    /// Field report: a client that closes its sending side after the request got 499.
    @Test func aClientThatClosesItsSendingSideGetsItsAnswer() async throws {
        let server = try TestServer.shared.get()
        try await server.withPort { port in
            let client = try await RawClient(port: port)
            try await client.send(Self.post())
            try await client.closeSending()
            try await client.end()
            #expect(client.responses.map(\.status) == [200], "\(client.text)")
        }
    }

    @Test func oneThatAskedFirstIsTold() async throws {
        let server = try TestServer.shared.get()
        try await server.withPort { port in
            let client = try await RawClient(port: port)
            try await client.send(
                "POST /embed HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: \(Self.body.utf8.count)\r\n\r\n"
            )
            while !client.text.hasPrefix("HTTP/1.1 100 Continue\r\n\r\n") {
                try await Task.sleep(for: .milliseconds(2))
            }
            try await client.send(Self.body)
            #expect(try await client.answers(1).map(\.status) == [200])
            client.close()
        }
    }

    /// Slow bodies take no place of those that are whole, and end.
    @Test func aBodyThatDoesNotComeEnds() async throws {
        let server = try TestServer { $0.maxConcurrentRequests = 1 }
        try await server.withPort(body: .seconds(1)) { port in
            let slow = try await RawClient(port: port)
            try await slow.send("POST /v1/embeddings HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{")
            // On a busy machine the slow request may be over before this task runs again.
            while server.core.openRequests.load(ordering: .relaxed) == 0, slow.responses.isEmpty {
                try await Task.sleep(for: .milliseconds(2))
            }
            let other = try await RawClient(port: port)
            try await other.send(Self.post())
            #expect(try await other.answers(1).map(\.status) == [200])
            try await slow.end()
            #expect(
                slow.responses.map(\.status) == [408] && slow.text.contains("body-timeout"), "\(slow.text)")
            other.close()
        }
    }

    @Test func compressedBodiesAreReadAndBounded() async throws {
        let server = try TestServer { $0.maxRequestBytes = 10_000 }
        try await server.withPort { port in
            // {"inputs":"a","dimensions":1} by gzip.
            let small: [UInt8] = Gzip.stored(Array(Self.body.utf8))
            for (bytes, status) in [(small, 200), (Gzip.zeros, 413), (Array(small.dropLast(9)), 400)] {
                let client = try await RawClient(port: port)
                try await client.send(
                    bytes: Array(
                        "POST /embed HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: \(bytes.count)\r\n\r\n"
                            .utf8)
                        + bytes)
                #expect(try await client.answers(1).map(\.status) == [status], "\(client.text)")
                client.close()
            }
        }
    }
}

/// Streams of RFC 1952.
private enum Gzip {
    private static let head: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]

    /// Bytes as they are.
    static func stored(_ bytes: [UInt8]) -> [UInt8] {
        let count = UInt16(bytes.count)
        func two(_ value: UInt16) -> [UInt8] { [UInt8(value & 255), UInt8(value >> 8)] }
        func four(_ value: UInt32) -> [UInt8] { two(UInt16(value & 0xFFFF)) + two(UInt16(value >> 16)) }
        return head + [1] + two(count) + two(~count) + bytes + four(crc(bytes)) + four(UInt32(count))
    }

    /// A million zeros in a thousandth of that: fixed codes, a zero and then repeats of 258 at distance 1.
    static let zeros: [UInt8] = {
        var bits: [Bool] = [true, true, false]
        func code(_ value: Int, _ count: Int) {
            for shift in (0..<count).reversed() { bits.append(value >> shift & 1 == 1) }
        }
        code(0x30, 8)
        for _ in 0..<3876 {
            code(0b1100_0101, 8)
            code(0, 5)
        }
        code(0, 7)
        var bytes = head
        for start in stride(from: 0, to: bits.count, by: 8) {
            bytes.append(
                bits[start..<min(start + 8, bits.count)].enumerated().reduce(0) {
                    $0 | ($1.element ? 1 << UInt8($1.offset) : 0)
                })
        }
        return bytes + [0, 0, 0, 0, 0, 0, 0, 0]
    }()

    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        var crc = UInt32.max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }
}

#endif
