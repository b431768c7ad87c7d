import MartletJSON
import MartletTestSupport
import Testing

@testable import MartletData

/// As many tokens as characters, each with a vector of two numbers; takes a few texts a call.
private struct FakeTokenModel: TextProcessor {
    let most: Int

    func count(ofFirst records: ArraySlice<Record>) -> Int { min(most, records.count) }

    func process(_ texts: [String]) async throws -> Processed<VectorRows> {
        #expect((1...most).contains(texts.count))
        if let bad = texts.firstIndex(where: { $0.hasPrefix("bad") }) {
            throw TextError(index: bad, message: "too bad")
        }
        let tokens = texts.map { $0.map { String($0) } }
        let rows = MultiVectorRows(
            tokens: tokens, dimensions: 2, vectors: tokens.flatMap { $0.indices.flatMap { [Float($0), 1] } })
        return Processed(
            .multiVector(rows), tokens: tokens.reduce(0) { $0 + $1.count },
            truncated: texts.indices.filter { texts[$0].hasPrefix("long") }, blank: texts.count { $0 == " " })
    }
}

@Suite struct TokenPipelineTests {
    @Test(arguments: [1, 5], [false, true])
    func `an engine gets as many texts as it takes, and all come out in order`(most: Int, withBadTexts: Bool)
        async throws
    {
        let folder = try TemporaryFolder()
        let texts = (0..<3000).map {
            withBadTexts && $0 % 3 == 0 ? "bad" : $0 % 7 == 0 ? " " : $0 % 11 == 0 ? "long" : "\($0)"
        }
        let path = try folder.file("in.txt", texts.map { $0 + "\n" }.joined())
        let (size, policy) = (BatchSize(), withBadTexts ? BadRecordPolicy.skip : .stop)
        var sink = OutputFormat.jsonl.open(try .file("\(folder.path)/out"))
        _ = try await sink.begin(VectorSchema(kind: .multiVector, width: 2))
        let counts = try await RecordPipeline(
            FileSource([.file(path, .lines)], badRecords: policy, batchSize: size),
            processor: FakeTokenModel(most: most),
            batchSize: size, badRecords: policy
        ).run(into: SinkWriter(sink))

        let good = texts.indices.filter { texts[$0] != "bad" }
        #expect(counts.texts == good.count)
        #expect(counts.skipped == texts.count - good.count)
        #expect(counts.tokens == good.reduce(0) { $0 + texts[$1].count })
        #expect(counts.blank == texts.count { $0 == " " })
        #expect(counts.truncated == texts.count { $0 == "long" })
        #expect(counts.firstTruncated == texts.firstIndex(of: "long").map { "\(path):\($0 + 1)" })
        let lines = try folder.text("out").split(separator: "\n")
        #expect(lines.count == good.count)
        for (line, index) in zip(lines, good) {
            let object = try JSONValue.parse(utf8: String(line))
            try #require(object["index"]?.int == index)
            try #require(object["tokens"]?.array?.compactMap(\.string) == texts[index].map { String($0) })
            try #require(
                object["embedding"]?.array?.compactMap { $0[0]?.double }
                    == (0..<texts[index].count).map(Double.init))
        }
    }
}
