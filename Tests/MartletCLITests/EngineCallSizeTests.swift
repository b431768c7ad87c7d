#if Command

import Martlet
import MartletData
import Testing

@testable import MartletCLI

/// What one call gives is bounded in bytes, whatever the number of texts.
@Suite struct CallSizeTests {
    /// 32 dimensions, 224 tokens.
    private let model = "\(ProcessTests.fixtures)/models/bert-mini"

    private func records(_ count: Int, _ text: String) -> ArraySlice<Record> {
        ArraySlice(repeating: Record(text: text, index: 0, source: "in", line: 1), count: count)
    }

    @Test func `vectors of texts go in even parts of at most 8 MiB`() throws {
        let embedder = try Embedder(modelAt: model, configuration: .init(threads: 1))
        let quantizer = RowQuantizer(precision: .float32, ranges: nil)
        let engine = DenseEngine(embedder: embedder, role: nil, options: .init(), quantizer: quantizer)
        #expect(engine.count(ofFirst: records(1, "a")) == 1)
        #expect(engine.count(ofFirst: records(65_536, "a")) == 65_536)
        #expect(engine.count(ofFirst: records(65_537, "a")) == 32_769)
        #expect(engine.count(ofFirst: records(65_537, "a").dropFirst(32_769)) == 32_768)
    }

    @Test func `vectors of tokens go by a guess of their number`() throws {
        let engine = TokenEngine(
            embedder: try Embedder(modelAt: model, configuration: .init(threads: 1)), role: nil,
            options: .init())
        #expect(engine.count(ofFirst: records(1000, "ab")) == 1000)
        let long = String(repeating: "ab ", count: 1000)
        #expect(engine.count(ofFirst: records(1000, long)) == 65_536 / 224)
        #expect(engine.count(ofFirst: records(1000, long).dropFirst(900)) == 100)
        #expect(engine.count(ofFirst: records(1, long)) == 1)
    }
}

#endif
