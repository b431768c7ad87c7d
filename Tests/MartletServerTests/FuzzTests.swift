#if Server

import HTTPTypes
import MartletJSON
import MartletTestSupport
import Testing

@testable import MartletServer

/// Bodies that no client should send: every answer is a client's error or a result, in the route's own form,
/// and the server goes on.
@Suite struct FuzzTests {
    private static let keys = [
        "input", "inputs", "model", "dimensions", "encoding_format", "truncate", "truncation_direction",
        "normalize", "prompt",
        "prompt_name", "input_type", "query", "texts", "documents", "top_n", "return_documents", "raw_scores",
        "source_sentence",
        "sentences", "parameters", "ids", "tokens", "content", "keep_alive", "options", "add_special_tokens",
        "user", "name",
    ]
    private static let words = [
        "", "a cat", "all-minilm", "float", "base64", "left", "query", "5m", "\u{0}", "é\u{301}🙂", "NaN",
    ]

    private func value(_ random: inout SplitMix64, depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth > 2 ? 8 : 10), using: &random) {
        case 0: .null
        case 1: .bool(.random(using: &random))
        case 2:
            .integer(
                [0, 1, -1, 3, 101, 30521, 30522, 1 << 40, .max, .min].randomElement(using: &random) ?? 0)
        case 3: .number([0.5, -1e300, 1e-300, 1e19].randomElement(using: &random) ?? 0)
        case 4...6: .string(Self.words.randomElement(using: &random) ?? "")
        case 7: .array([.integer(.random(in: 0..<40_000, using: &random)), .integer(102)])
        case 8:
            .array((0..<Int.random(in: 0..<4, using: &random)).map { _ in value(&random, depth: depth + 1) })
        default: object(&random, depth: depth + 1)
        }
    }

    private func object(_ random: inout SplitMix64, depth: Int) -> JSONValue {
        let count = Int.random(in: 0..<6, using: &random)
        return .object(
            JSONObject(
                (0..<count).map { _ in
                    .init(
                        key: Self.keys.randomElement(using: &random) ?? "",
                        value: value(&random, depth: depth))
                }))
    }

    @Test(arguments: [TestServer.shared, TestServer.heads]) func noBodyIsTheServersFault(
        server: Result<TestServer, any Error>
    ) async throws {
        let server = try server.get()
        let routes = server.core.routes.filter { $0.method == .post && !$0.path.contains("{") }
        var random = SplitMix64(state: 5)
        var good = 0
        for route in routes {
            for round in 0..<40 {
                var bytes = object(&random, depth: 0).bytes
                if route.operation != nil, round % 2 == 0, case .object(let body) = object(&random, depth: 0)
                {
                    // Likely to get past the first check.
                    let more = ["input", "inputs", "query", "documents", "ids"].map {
                        JSONObject.Member(key: $0, value: value(&random, depth: 1))
                    }
                    bytes =
                        JSONValue.object(
                            JSONObject(body.members + more + [.init(key: "model", value: .null)])
                        ).bytes
                }
                switch round % 5 {
                case 3: bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
                case 4 where !bytes.isEmpty:
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
                        in: 0...255, using: &random)
                default: break
                }
                let answer = try await server.send(.post, route.path, bytes: bytes)
                let shown =
                    "\(route.path) \(String(decoding: bytes, as: UTF8.self)) → \(answer.status) \(answer.text.prefix(200))"
                #expect([200, 400, 403, 404, 422].contains(answer.status), "\(shown)")
                #expect(!answer.json.isNull, "\(shown)")
                if answer.status == 200 { good += 1 }
            }
        }
        #expect(good > 0)
        #expect(try await server.send(.get, "/metrics").status == 200)
    }
}

#endif
