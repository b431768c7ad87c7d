import CMartletKernels
import MartletJSON
import MartletSystem
import Testing

@testable import MartletIndex

/// Against what Scripts/index-goldens.py computed with bm25s and numpy.
@Suite struct GoldenTests {
    private static func golden(_ name: String) throws -> JSONValue {
        let path = try #require(goldenPath(name))
        let bytes = try MappedFile(path: path).region.withUnsafeBytes { Array($0) }
        return try JSONValue.parse(bytes)
    }

    private static func goldenPath(_ name: String) -> String? {
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
            separator: "/")
        return "\(folder)/Goldens/\(name)"
    }

    @Test func scoresOfWordsEqualTheFormula() throws {
        let golden = try Self.golden("bm25.json")
        let texts = try #require(golden["texts"]?.array).compactMap(\.string)
        var settings = Made.settings(8)
        settings.language = .none
        let collection = try SearchCollection.create(at: Made.path(), settings: settings)
        let writer = try collection.writer()
        let records = texts.enumerated().map {
            Record(id: "\($0.offset)", text: $0.element, vector: [Float](repeating: 1, count: 8))
        }
        // Two segments, and the rest in the log: statistics are those of all.
        try writer.add(Array(records[..<200]), identity: Made.identity)
        try writer.add(Array(records[200..<350]), identity: Made.identity)
        try writer.add(Array(records[350...]), identity: Made.identity)
        for _ in 0..<2 {
            for (query, best) in zip(
                try #require(golden["queries"]?.array), try #require(golden["best"]?.array))
            {
                var request = SearchRequest(text: query.string, count: 20)
                request.mode = .words
                let hits = try collection.search(request)
                let expected = try #require(best.array)
                #expect(hits.count == expected.count)
                for (hit, pair) in zip(hits, expected) {
                    let score = try #require(pair[0]?.double)
                    #expect(abs(Double(hit.score) - score) < 1e-4 * max(1, score))
                    #expect(abs(Double(hit.wordScore ?? 0) - score) < 1e-4 * max(1, score))
                }
            }
            try writer.compact()
        }
    }

    @Test(arguments: 0..<3) func estimatesEqualTheFormula(place: Int) throws {
        let golden = try #require(try Self.golden("rabitq.json")[place])
        let dimensions = try #require(golden["dimensions"]?.int)
        let floats = { (value: JSONValue?) in (value?.array ?? []).compactMap { $0.double.map(Float.init) } }
        let vectors = (golden["vectors"]?.array ?? []).map { floats($0) }
        let rotation = Rotation(dimensions: dimensions, seed: UInt64(try #require(golden["seed"]?.int)))
        let query = floats(golden["query"])
        for (found, expected) in zip(rotation.rotated(query), floats(golden["rotatedQuery"])) {
            #expect(abs(found - expected) < 1e-4)
        }
        let estimates = VectorQuery(query, rotation: rotation).estimates(of: vectors, rotation: rotation)
        let step = VectorQuery(query, rotation: rotation).step
        #expect(estimates.count == vectors.count)
        for ((found, expected), factor) in zip(
            zip(estimates, floats(golden["estimates"])), floats(golden["factors"]))
        {
            // Each of padded / 4 entries is rounded by half a step at most; together they stay near its
            // standard deviation.
            let deviation = factor * step * (Float(rotation.padded) / 48).squareRoot()
            #expect(abs(found - expected) < 4 * deviation + 1e-4)
        }
        // The estimates are of use: they go with the exact products.
        let exact = floats(golden["exact"])
        let errors = zip(estimates, exact).map { $0 - $1 }
        let spread = exact.map { $0 * $0 }.reduce(0, +)
        #expect(errors.map { $0 * $0 }.reduce(0, +) < spread)
    }
}

extension VectorQuery {
    /// The estimates of products with vectors, as a scan of their codes has them.
    fileprivate func estimates(of vectors: [[Float]], rotation: Rotation) -> [Float] {
        let dimensions = vector.count
        let mean = (0..<dimensions).map { index in vectors.reduce(0) { $0 + $1[index] } / Float(vectors.count)
        }
        let base = zip(mean, vector).reduce(Float(0)) { $0 + $1.0 * $1.1 }
        let scratch = UnsafeMutablePointer<Float>.allocate(capacity: 64 * rotation.padded)
        let block = UnsafeMutablePointer<UInt8>.allocate(capacity: rotation.blockBytes)
        defer {
            scratch.deallocate()
            block.deallocate()
        }
        let best = BestRows(wanted: vectors.count)
        for start in stride(from: 0, to: vectors.count, by: 64) {
            let rows = Array(vectors[start..<min(start + 64, vectors.count)])
            mk_code_block(
                Array(rows.joined()), Int64(rows.count), Int64(dimensions), Int64(rotation.padded), mean,
                rotation.signs, block, scratch)
            var query = mk_scan_query(
                tables: tables.pointer, step: step, offset: offset, base: base, best: best.pointer)
            var scan = mk_scan(
                blocks: block, first: 0, end: 1, groups: Int64(rotation.padded / 8), rows: Int64(rows.count),
                mask: nil,
                first_row: UInt32(start), is_far: 0)
            IndexKernels.best.scan(&scan, &query, 1)
        }
        return best.sorted().sorted { $0.row < $1.row }.map(\.score)
    }
}
