import MartletIndex
import MartletTestSupport
import Testing

/// Groups, thresholds and long filters.
@Suite struct SearchOptionTests {
    private func filled(_ records: [Record], store: VectorStore = .f16) throws -> SearchCollection {
        let collection = try SearchCollection.create(
            at: Made.path(), settings: Made.settings(records[0].vector.count, store: store))
        try collection.writer().add(records, identity: Made.identity)
        return collection
    }

    /// One long document does not hide the others.
    @Test func groupsBeyondTheBestAreFound() throws {
        var records = Made.records(2000)
        let query = Made.vectors(1, 96, seed: 5)[0]
        let ordered = records.sorted { cosine($0.vector, query) < cosine($1.vector, query) }
        let far = Set(ordered.prefix(10).map(\.id))
        for index in records.indices {
            records[index].fields["group"] = far.contains(records[index].id) ? .string("g\(index)") : "big"
        }
        var request = SearchRequest(vector: query, count: 5)
        request.group = "group"
        let hits = try filled(records).search(request)
        #expect(hits.count == 5 && hits.first?.fields["group"] == "big")
        #expect(Set(hits.map { $0.fields["group"] }).count == 5)
        request.diversity = 0.4
        let varied = try filled(records).search(request)
        #expect(Set(varied.map { $0.fields["group"] }).count == 5)
    }

    /// Groups are told apart as filters tell values apart.
    @Test func groupsHaveTheValuesOfFilters() throws {
        let collection = try SearchCollection.create(at: Made.path(), settings: Made.settings(96))
        let writer = try collection.writer()
        var records = Made.records(7)
        let values: [FieldValue] = [2, 2.0, 2.5, 2.5, 3, 3.0, 4]
        let lists: [FieldValue] = [[], [], ["a", "b"], ["b", "a"], ["a"], ["a"], ["é"]]
        for index in records.indices {
            records[index].fields = ["n": values[index], "l": lists[index]]
        }
        try writer.add(Array(records[..<1]), identity: Made.identity)
        try writer.add(Array(records[1...]), identity: Made.identity)
        for _ in 0..<2 {
            var request = SearchRequest(vector: records[0].vector)
            request.group = "n"
            #expect(try collection.search(request).count == 4)
            request.group = "l"
            #expect(try collection.search(request).count == 5)
            try writer.compact()
        }
    }

    /// Of several questions, one has to be near.
    @Test func aThresholdIsASimilarity() throws {
        let records = Made.records(500)
        let collection = try filled(records, store: .f32)
        var request = SearchRequest(
            questions: [.init(vector: records[3].vector), .init(vector: records[9].vector)], mode: .vectors)
        request.threshold = 0.98
        let hits = try collection.search(request)
        #expect(Set(hits.map(\.id)) == ["r3", "r9"])
        #expect(hits.allSatisfy { ($0.similarity ?? 0) >= 0.98 })
        request.threshold = 1.5
        #expect(try collection.search(request).isEmpty)
        request.mode = .hybrid
        #expect(throws: IndexError.self) { try collection.search(request) }
    }

    @Test func longFiltersAreNoDeeperThanTheirParentheses() throws {
        let collection = try filled(Made.records(300))
        let count = 50_000
        for (text, isEmpty) in [
            (Array(repeating: "year = 2010", count: count).joined(separator: " or "), false),
            (Array(repeating: "year = 2010", count: count).joined(separator: " and "), false),
            ("year in (" + Array(repeating: "1", count: count).joined(separator: ", ") + ")", true),
        ] {
            let hits = try collection.search(SearchRequest(text: "pasta", filter: Filter(text)))
            #expect(hits.isEmpty == isEmpty)
            #expect(hits.allSatisfy { $0.fields["year"] == 2010 })
        }
        var joined = try Filter("year = 2010")
        for _ in 0..<count / 50 { joined = joined.and(try Filter("year > 2000")) }
        #expect(try !collection.search(SearchRequest(text: "pasta", filter: joined)).isEmpty)
    }
}
