#if Server

import Hummingbird
import HummingbirdTesting
import NIOCore
import Synchronization
import Testing

@testable import MartletServer

/// Which connections make room for new ones when the most that may be open are.
@Suite struct SheddingTests {
    typealias Wait = Connection.Wait

    /// Seconds, as waits count them.
    private static func at(_ seconds: UInt64) -> UInt64 { seconds * 1_000_000_000 }

    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        let waits: [Wait]
        let chosen: [Int]
        var testDescription: String { rule }
    }

    /// At 100 s, two idle ones at a time, with a patience of 5 s.
    static let cases: [Case] = [
        Case(rule: "nothing waits", waits: [], chosen: []),
        Case(
            rule: "the longest idle",
            waits: [.request(since: at(90)), .request(since: at(80)), .request(since: at(85))],
            chosen: [1, 2]),
        Case(rule: "idle for a moment", waits: [.request(since: at(100))], chosen: [0]),
        Case(rule: "one that has just connected", waits: [.first(since: at(96))], chosen: []),
        Case(
            rule: "one that connected and sent nothing",
            waits: [.request(since: at(99)), .first(since: at(95))], chosen: [1, 0]),
        Case(
            rule: "idle ones before bodies", waits: [.body(since: at(10)), .request(since: at(99))],
            chosen: [1]),
        Case(
            rule: "the longest silent body, alone",
            waits: [.body(since: at(60)), .body(since: at(50)), .body(since: at(55))], chosen: [1]),
        Case(rule: "a body that is silent for 5 s", waits: [.body(since: at(95))], chosen: [0]),
        Case(
            rule: "slow bodies that still arrive",
            waits: [.body(since: at(96)), .body(since: at(100)), .first(since: at(98))], chosen: []),
        Case(
            rule: "a silent body, rather than one that has just connected",
            waits: [.first(since: at(99)), .body(since: at(94))], chosen: [1]),
        // Loops read their clocks at different moments.
        Case(rule: "a time that is still to come", waits: [.body(since: at(101))], chosen: []),
    ]

    @Test(arguments: cases) func choice(_ rule: Case) {
        #expect(Shedding(idle: 2).chosen(of: rule.waits, now: Self.at(100)) == rule.chosen)
    }

    private static let body = #"{"inputs":"a","dimensions":1}"#
    private static let head =
        "POST /embed HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n"

    /// Clients that send a part of a body and then nothing hold every connection.
    @Test func halfSentBodiesMakeRoom() async throws {
        let server = try TestServer()
        try await server.core.store.load(nil)
        let clock = Clock()
        let application = server.live(most: 3) { clock.now }
        try await application.test(.live) { client in
            let port = try #require(client.port)
            // The test's own connection is idle from here on, and the first to go.
            _ = try await client.execute(uri: "/ping", method: .get)
            var slow: [RawClient] = []
            for count in 1...3 {
                let next = try await RawClient(port: port)
                try await next.send(Self.head + Self.body.prefix(7))
                while server.core.openRequests.load(ordering: .relaxed) < count {
                    try await Task.sleep(for: .milliseconds(2))
                }
                slow.append(next)
            }
            clock.isLate.store(true, ordering: .relaxed)
            try await slow[0].end()
            clock.isLate.store(false, ordering: .relaxed)
            #expect(slow[0].responses.map(\.status) == [408], "\(slow[0].text)")
            #expect(
                slow[0].text.contains("the body stopped arriving")
                    && slow[0].text.contains("send the request again"))
            let new = try await RawClient(port: port)
            try await new.send(Self.head + Self.body)
            #expect(try await new.answers(1).map(\.status) == [200], "\(new.text)")
            // One at a time: the others go on where they were.
            for other in slow[1...] {
                try await other.send(String(Self.body.dropFirst(7)))
                #expect(try await other.answers(1).map(\.status) == [200], "\(other.text)")
            }
            for client in slow + [new] { client.close() }
        }
        #expect(server.metric(#"martlet_http_requests_total{route="/embed",status="408"}"#) == 1)
    }

    /// What it is for whoever gives connections up: no time at all, or ten seconds after what is.
    private final class Clock: Sendable {
        let isLate = Atomic(false)
        var now: UInt64 {
            isLate.load(ordering: .relaxed) ? NIODeadline.now().uptimeNanoseconds + SheddingTests.at(10) : 0
        }
    }
}

#endif
