#if Server

import Martlet
import MartletJSON
import MartletMiniLM
import MartletTestSupport
import Testing

@testable import MartletServer

/// Sparse vectors of many texts, which come in parts.
@Suite struct SparseRoutesTests {
    /// Each pass takes more time than a request may wait. A text of many tokens has no finite vector.
    private struct SlowReader: SparseReader {
        var identity: ModelIdentity? { nil }
        let engine: Engine
        let clock: FakeClock

        func prepare(_ text: String, _ role: TextRole?, _ options: EmbedOptions) throws(MartletError)
            -> SparseText
        {
            if text == "static" {
                return .row(try SparseEmbedding(indices: [7], values: [0.5]), tokens: 1, isTruncated: false)
            }
            return .tokens(try engine.tokenized(text, role: role, options))
        }

        func rows(of texts: [TokenizedText], on worker: Worker) -> [SparseEmbedding?] {
            clock.advance(61_000_000_000)
            return texts.map { text -> SparseEmbedding? in
                text.ids.count > 8 ? nil : try? SparseEmbedding(indices: [Int(text.ids[1])], values: [1])
            }
        }
    }

    private func server(_ change: (inout ServerConfiguration) -> Void = { _ in }) throws -> TestServer {
        let clock = FakeClock()
        return try TestServer(
            {
                $0.models = [ModelEntry(name: "sparse", source: .miniLM)]
                $0.requestTimeout = 60
                change(&$0)
            },
            loader: { (entry: ModelEntry) throws(MartletError) -> ServedModel in
                let embedder = try Embedder(entry.source, configuration: .init(threads: 1, precision: .f32))
                return ServedModel(
                    name: entry.name, info: embedder.model, engine: embedder.engine,
                    part: .sparse(SlowReader(engine: embedder.engine, clock: clock)), threads: 2,
                    loadDuration: 1)
            }, clock: clock.clock)
    }

    private func body(_ texts: [String]) -> String {
        #"{"inputs":[\#(texts.map { "\"\($0)\"" }.joined(separator: ","))]}"#
    }

    @Test func partsAfterTheFirstHaveNoDeadline() async throws {
        let answer = try await server().post("/embed_sparse", body((0..<300).map { "\($0)" }))
        #expect(answer.status == 200 && answer.json.array?.count == 300, "\(answer.text)")
    }

    @Test func errorsNameThePlaceInTheRequest() async throws {
        var texts = (0..<300).map { "\($0)" }
        texts[3] = "static"
        texts[270] = "a b c d e f g h"
        let answer = try await server().post("/embed_sparse", body(texts))
        #expect(
            answer.status == 424 && answer["error"]?.string?.hasPrefix("text 270 gives") == true,
            "\(answer.text)")
    }

    /// The queue has room for all parts before the first begins.
    @Test func aFullQueueRefusesAllParts() async throws {
        let server = try server {
            $0.maxQueue = 300
            $0.maxClientBatch = 300
        }
        try await server.core.store.load(nil)
        let model = try #require(server.core.store.loadedModels.first)
        server.holdTexts()
        let queue = server.core.queue
        _ = try queue.submit([text(1000, count: 2)], to: model, FakeModel.reading)
        async let answer = server.post("/embed_sparse", body((0..<300).map { "\($0)" }))
        // Refused, or in the queue, which goes on then.
        while server.metric("te_request_failure{err=\"overloaded\"}") != 1, queue.depth.waitingTexts == 1 {
            await Task.yield()
        }
        #expect(queue.depth.waitingTexts == 1)
        queue.close()
        while let turn = queue.nextAssignment(thread: 0) { queue.perform(turn) }
        let refused = try await answer
        #expect(refused.status == 429, "\(refused.text)")
    }
}

#endif
