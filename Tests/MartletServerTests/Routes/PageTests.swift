#if Server

import HTTPTypes
import Testing

@testable import MartletServer

/// The page for browsers at `/`, where programs get the server's health.
@Suite struct PageTests {
    private static let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"

    private func server() throws -> TestServer { try TestServer.shared.get() }

    @Test func browsersGetThePage() async throws {
        let answer = try await server().send(.get, "/", headers: ["accept": Self.browser])
        #expect(answer.status == 200 && answer.header("content-type") == "text/html; charset=utf-8")
        #expect(answer.header("cache-control") == "no-cache" && answer.header("vary") == "accept")
        #expect(
            answer.text.hasPrefix("<!doctype html>") && answer.text.hasSuffix("</html>\n")
                && answer.body.count < 72 * 1024)
    }

    @Test func thePolicyForbidsOtherHosts() async throws {
        var nonces: Set<Substring> = []
        for _ in 0..<2 {
            let answer = try await server().send(.get, "/", headers: ["accept": "text/html"])
            let policy = try #require(answer.header("content-security-policy"))
            let nonce = try #require(policy.firstMatch(of: /script-src 'nonce-([A-Za-z0-9+\/]{22}==)';/)?.1)
            nonces.insert(nonce)
            #expect(
                policy.hasPrefix("default-src 'none'; ") && policy.contains("connect-src 'self'")
                    && !policy.contains("http"))
            // The style and the script are what the policy lets run, and there is no third.
            #expect(
                answer.text.contains("<style nonce=\"\(nonce)\">")
                    && answer.text.contains("<script nonce=\"\(nonce)\">"))
            #expect(answer.text.matches(of: /<script|<style/).count == 2 && !answer.text.contains("{nonce}"))
            #expect(!answer.text.contains(/(src|href)="?(https?:)?\/\//) && !answer.text.contains("@import"))
        }
        #expect(nonces.count == 2)
    }

    @Test(arguments: [
        nil, "*/*", "application/json", "text/plain", "text/html;q=0.5, application/json", "text/html;q=0",
    ])
    func programsGetHealth(_ accept: String?) async throws {
        try await server().core.store.load(nil)
        let headers = accept.map { ["accept": $0] } ?? [:]
        let answer = try await server().send(.get, "/", headers: headers)
        #expect(answer.status == 200 && answer.text == "Martlet is running")
        #expect(try await TestServer().send(.get, "/", headers: headers).status == 503)
    }

    @Test(arguments: [
        browser, "TEXT/HTML", "text/html ; q=0.9, application/json;q=0.8", "application/json;q=0.1,text/html",
    ])
    func htmlIsPreferred(_ accept: String) { #expect(Page.prefersHTML(accept)) }

    @Test func thePageNeedsNoKeyAndNoModel() async throws {
        let server = try TestServer { $0.apiKey = "secret" }
        #expect(try await server.send(.get, "/", headers: ["accept": Self.browser]).status == 200)
    }
}

#endif
