#if Server

import HTTPTypes
import Testing

@testable import MartletServer

/// Which hosts and pages are answered.
@Suite struct HostRulesTests {
    struct Case: Sendable {
        let host: String
        var origin: String?
        var agent: String?
        var isGet = false
        var listensOn = "127.0.0.1"
        var listed: [String] = []
        var pages: [String] = []
        let isAnswered: Bool
    }

    static let cases: [Case] = [
        Case(host: "localhost:8080", isAnswered: true),
        Case(host: "127.0.0.1:8080", isAnswered: true),
        Case(host: "[::1]:8080", isAnswered: true),
        Case(host: "a.localhost", isAnswered: true),
        Case(host: "192.168.1.7:8080", isAnswered: true),
        Case(host: "LOCALHOST.:8080", isAnswered: true),
        // A name that leads here (DNS rebinding): the page's origin is the same.
        Case(host: "evil:8080", origin: "http://evil:8080", isAnswered: false),
        Case(host: "evil.example:8080", origin: "http://evil.example:8080", isAnswered: false),
        Case(host: "evil.example", isAnswered: false),
        Case(host: "evil.example", agent: "Mozilla/5.0", isGet: true, isAnswered: false),
        Case(host: "evil", agent: "Mozilla/5.0", isGet: true, isAnswered: false),
        Case(host: "127.0.0.1.evil.example", isAnswered: false),
        Case(host: "localhost.evil.example", isAnswered: false),
        Case(
            host: "evil.example:8080", origin: "http://evil.example:8080", listensOn: "0.0.0.0",
            isAnswered: false),
        // Services of a network call each other by its names.
        Case(host: "martlet", isAnswered: true),
        Case(host: "martlet.default.svc.cluster.local", listensOn: "0.0.0.0", isAnswered: true),
        Case(host: "martlet.default.svc.cluster.local", isAnswered: false),
        // Listed names.
        Case(host: "embeddings.example.com", listed: ["embeddings.example.com"], isAnswered: true),
        Case(host: "a.example.com", listed: ["*.example.com"], isAnswered: true),
        Case(host: "example.com", listed: ["*.example.com"], isAnswered: false),
        Case(host: "any.example", origin: "http://any.example", listed: ["*"], isAnswered: true),
        Case(
            host: "other.example", listensOn: "0.0.0.0", listed: ["embeddings.example.com"], isAnswered: false
        ),
        Case(host: "127.0.0.1", listed: ["embeddings.example.com"], isAnswered: true),
        // Behind a proxy: its name, with TLS ended in front or on another port.
        Case(host: "e.example", origin: "https://e.example", listed: ["e.example"], isAnswered: true),
        Case(host: "e.example", origin: "https://e.example:8443", listed: ["e.example"], isAnswered: true),
        Case(host: "127.0.0.1:8080", origin: "https://e.example", listed: ["e.example"], isAnswered: true),
        Case(host: "127.0.0.1:8080", origin: "https://e.example", isAnswered: false),
        Case(host: "e.example", origin: "https://f.example", listed: ["e.example"], isAnswered: false),
        Case(host: "any.example", origin: "http://f.example", listed: ["*"], isAnswered: false),
        // Pages.
        Case(host: "localhost:8080", origin: "http://localhost:8080", isAnswered: true),
        Case(host: "localhost:8080", origin: "http://localhost:3000", isAnswered: false),
        Case(host: "localhost:8080", origin: "http://localhost:3000", isGet: true, isAnswered: true),
        Case(host: "localhost:8080", origin: "null", isAnswered: false),
        Case(host: "localhost:8080", origin: "app://obsidian.md", isAnswered: false),
        Case(host: "localhost:8080", origin: "app://obsidian.md", pages: ["app://*"], isAnswered: true),
        Case(
            host: "localhost:8080", origin: "http://localhost:3000", pages: ["http://localhost:*"],
            isAnswered: true),
        Case(
            host: "localhost:8080", origin: "https://localhost.evil.example", pages: ["http://localhost:*"],
            isAnswered: false),
        Case(host: "localhost:8080", origin: "https://evil.example", pages: ["*"], isAnswered: true),
        Case(
            host: "evil.example:8080", origin: "http://evil.example:8080", pages: ["app://*"],
            isAnswered: false),
    ]

    @Test(arguments: cases) func host(_ given: Case) {
        var configuration = ServerConfiguration()
        configuration.host = given.listensOn
        configuration.allowedHosts = given.listed
        configuration.corsOrigins = given.pages
        var fields = HTTPFields()
        fields[.origin] = given.origin
        fields[.userAgent] = given.agent
        let method: HTTPRequest.Method = given.isGet ? .get : .delete
        let request = HTTPRequest(
            method: method, scheme: "http", authority: given.host, path: "/api/delete", headerFields: fields)
        var isAnswered = true
        do throws(ServiceError) { try HostRules(configuration).check(request) } catch { isAnswered = false }
        #expect(isAnswered == given.isAnswered)
    }

    @Test(
        arguments: [
            ("a", "a"), ("A.b:80", "a.b"), ("a:", "a"), ("[::1]", "[::1]"), ("[fe80::1]:9", "[fe80::1]"),
            ("1.2.3.4:5", "1.2.3.4"),
            ("a_b", "a_b"),
            ("", nil), (":80", nil), ("a b", nil), ("a/b", nil), ("a:b", nil), ("a:1:2", nil), ("[::1", nil),
            ("[x]", nil), ("a@b", nil),
            ("a:123456", nil), ("é", nil),
        ] as [(String, String?)])
    func names(authority: String, name: String?) {
        #expect(HostName(authority: authority)?.name == name)
    }

    @Test func aRefusalSaysWhatToDoInTheClientsForm() async throws {
        let server = try TestServer.shared.get()
        try await server.withPort { port in
            let client = try await RawClient(port: port)
            let body = #"{"model":"a"}"#
            for (path, member) in [
                ("/api/delete", #"{"error":"this server does not answer to the host"#),
                ("/v1/embeddings", #""message":"#),
            ] {
                try await client.send(
                    "DELETE \(path) HTTP/1.1\r\nHost: evil:1\r\nOrigin: http://evil:1\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                )
                let answer = try #require(try await client.answers(path == "/api/delete" ? 1 : 2).last)
                #expect(
                    answer.status == 403 && answer.body.contains(member)
                        && answer.body.contains("allowed-host"), "\(answer.body)")
            }
            client.close()
        }
    }
}

#endif
