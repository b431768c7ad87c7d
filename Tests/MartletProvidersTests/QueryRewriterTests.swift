import Martlet
import MartletHTTP
import MartletJSON
import Testing

@testable import MartletProviders

@Suite struct QueryRewriterTests {
    private struct Script: HTTPTransport {
        let status: Int
        let body: String
        func send(_ request: HTTPRequest) async throws -> HTTPAnswer {
            HTTPAnswer(status: status, body: Array(body.utf8))
        }
    }

    private func rewriter(_ status: Int, _ body: String) -> QueryRewriter {
        var retries = QueryRewriter.patience
        retries.sleep = { _ in }
        return QueryRewriter(
            address: "localhost:1/v1", model: "m", key: "secret",
            transport: Script(status: status, body: body),
            retries: retries)
    }

    @Test(arguments: [
        ("one\ntwo", ["one", "two"]), ("1. one\n2) two\n", ["one", "two"]),
        ("- one\n* \"two\"\n\n", ["one", "two"]), ("a\nQ\nA\nb", ["a", "b"]),
        ("<think>hm\nwell</think>\none", ["one"]), ("2024 in review", ["2024 in review"]),
        ("a\nb\nc\nd\ne", ["a", "b", "c", "d"]), (" \n", []),
    ])
    func wordingsAreTheLinesOfAnAnswer(_ content: String, _ expected: [String]) {
        #expect(QueryRewriter.wordings(in: content, of: "q") == expected)
    }

    @Test func anAnswerIsRead() async throws {
        let answer = #"{"choices":[{"message":{"role":"assistant","content":"other words"}}]}"#
        #expect(try await rewriter(200, answer).wordings(of: "words") == ["other words"])
    }

    @Test(arguments: [
        (401, "{}"), (200, "{}"), (200, #"{"choices":[{"message":{"content":"q"}}]}"#), (500, "secret"),
    ])
    func whatIsNoAnswerIsAnError(_ status: Int, _ body: String) async throws {
        let error = await #expect(throws: MartletError.self) {
            try await rewriter(status, body).wordings(of: "q")
        }
        #expect(error?.message.contains("http://localhost:1/v1/chat/completions") == true)
        #expect(error?.message.contains("secret") == false)
    }
}
