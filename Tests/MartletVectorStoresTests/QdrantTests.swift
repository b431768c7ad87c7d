import MartletData
import MartletHTTP
import MartletJSON
import Testing

@testable import MartletVectorStores

@Suite struct QdrantTests {
    private let server = FakeServer(FakeQdrant())
    private var store: StoreCase { StoreCase.all[0] }

    private func sink(_ kind: VectorKind = .dense, _ change: (inout StoreSettings) -> Void = { _ in }) throws
        -> StoreSink
    {
        var settings = try store.settings(server, kind: kind)
        change(&settings)
        return StoreSink(QdrantCollection(settings), source: "job \(kind.rawValue)")
    }

    private func body(_ line: String) throws -> String {
        let request = try #require(server.log.last { $0.line == line })
        return String(decoding: request.bytes, as: UTF8.self)
    }

    @Test func `a collection is made with size, distance, a place for sparse vectors and the mark`()
        async throws
    {
        var sink = try sink {
            $0.distance = .dot
            $0.quantizesToBits = true
        }
        _ = try await sink.begin(Sample.schema())
        let mark = String(decoding: DestinationMark(Sample.schema()).value.text, as: UTF8.self)
        #expect(
            try body("PUT /collections/c")
                == "{\"vectors\":{\"dense\":{\"size\":2,\"distance\":\"Dot\",\"datatype\":\"float32\"}},\"sparse_vectors\":{\"sparse\":{}},"
                + "\"quantization_config\":{\"binary\":{\"always_ram\":true}},\"metadata\":{\"martlet_dense\":\(mark)}}"
        )
    }

    @Test func `ids are numbers, UUIDs, or UUIDs that follow from a text`() async throws {
        var sink = try sink()
        _ = try await sink.begin(Sample.schema())
        let ids: [RecordID] = [
            .literal("7"), .text("python.org"), .text("A1B2C3D4-0000-4000-8000-000000000001"), .none,
            .literal("-1"), .literal("true"), .literal("18446744073709551615"),
        ]
        let records = ids.enumerated().map {
            Record(text: "t\"\($0.offset)", id: $0.element, index: 90 + $0.offset, source: "in")
        }
        try await sink.write(Sample.batch(records))
        let points = try #require(
            try JSONValue.parse(utf8: body("PUT /collections/c/points?wait=true"))["points"]?.array)
        #expect(
            points.map { $0["id"]?.idText } == [
                "7", "\"886313e1-3b8a-5372-9b90-0c9aee199e5d\"", "\"a1b2c3d4-0000-4000-8000-000000000001\"",
                "93",
                "\"\(NameUUID(of: "-1").text)\"", "\"\(NameUUID(of: "true").text)\"",
                "\"\(NameUUID(of: "18446744073709551615").text)\"",
            ])
        #expect(
            points.map { $0["payload"]?["id"]?.idText }.prefix(4) == [
                "7", "\"python.org\"", "\"A1B2C3D4-0000-4000-8000-000000000001\"", "93",
            ])
        #expect(points[0]["payload"]?["document"] == .string("t\"0"))
        #expect(points[0]["vector"] == .object([("dense", .array([.number(90), .number(0.5)]))]))
    }

    @Test func `texts are left out where they are not wanted`() async throws {
        var sink = try sink { $0.storesTexts = false }
        _ = try await sink.begin(Sample.schema())
        try await sink.write(Sample.batch(Sample.records(1..<2)))
        #expect(
            try body("PUT /collections/c/points?wait=true")
                == "{\"points\":[{\"id\":1,\"vector\":{\"dense\":[1.0,0.5]},\"payload\":{\"id\":1}}]}")
    }

    @Test func `sparse vectors join dense ones of the same rows, and either can be replaced`() async throws {
        var dense = try sink()
        _ = try await dense.begin(Sample.schema())
        try await dense.write(Sample.batch(Sample.records(0..<3)))
        var sparse = try sink(.sparse) { $0.countsRareness = true }
        let schema = Sample.schema("bm25", width: 0, kind: .sparse)
        #expect(try await sparse.begin(schema) == nil)
        #expect(try body("PATCH /collections/c").contains("martlet_sparse"))
        #expect(server.log.contains { $0.body["sparse_vectors"]?["sparse"]?["modifier"] == .string("idf") })
        let rows = (1..<4).map { SparseRow(indices: [$0, 9], values: [Float($0) / 4, 1], dimensions: 0) }
        try await sparse.write(RowBatch(records: Sample.records(1..<4), rows: .sparse(rows)))
        let first = NameUUID(of: "r0").text
        let second = NameUUID(of: "r2").text
        #expect(
            server.rows
                == [
                    "\"\(second)\": dense 2.0, sparse 0.5 text 2", "\"\(first)\": dense 0.0 text 0",
                    "1: dense 1.0, sparse 0.25 text 1",
                    "3: sparse 0.75 text 3",
                ].sorted())
        var again = try sink()
        _ = try await again.begin(Sample.schema())
        var records = Sample.records(1..<4)
        records[0].text = "new"
        try await again.write(Sample.batch(records) { Float($0.index) + 0.5 })
        #expect(
            server.rows.contains("1: dense 1.5, sparse 0.25 new")
                && server.rows.contains("3: dense 3.5, sparse 0.75 text 3"))
    }

    @Test func `a collection of others is refused, and so is one without a place for the vectors`()
        async throws
    {
        _ = try await server.send(
            HTTPRequest(method: "PUT", url: "http://test:1/collections/c", body: Array("{}".utf8)))
        var sink = try sink()
        let error = await #expect(throws: DataError.self) { _ = try await sink.begin(Sample.schema()) }
        #expect(error?.description.contains("which model made its vectors is not known") == true)
    }

    @Test func `vectors of tokens are compared by their maxima`() async throws {
        var sink = try sink(.multiVector)
        _ = try await sink.begin(Sample.schema(kind: .multiVector))
        #expect(
            try body("PUT /collections/c").contains(
                "\"multi_vector\":{\"size\":2,\"distance\":\"Cosine\",\"multivector_config\":{\"comparator\":\"max_sim\"}}"
            ))
        try await sink.write(
            RowBatch(
                records: Sample.records(1..<2),
                rows: .multiVector(
                    MultiVectorRows(tokens: [["a", "b"]], dimensions: 2, vectors: [1, 2, 3, 4]))))
        #expect(
            try body("PUT /collections/c/points?wait=true").contains(
                "{\"multi_vector\":[[1.0,2.0],[3.0,4.0]]}"))
        var dense = try self.sink()
        let error = await #expect(throws: DataError.self) { _ = try await dense.begin(Sample.schema()) }
        #expect(error?.description.contains("has no place for vectors of the name dense") == true)
    }
}
