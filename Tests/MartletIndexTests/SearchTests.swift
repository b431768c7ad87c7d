import MartletIndex
import MartletTestSupport
import Testing

@Suite struct SearchTests {
    private static func filled(_ records: [Record], store: VectorStore = .f16) throws -> SearchCollection {
        let collection = try SearchCollection.create(
            at: Made.path(), settings: Made.settings(records[0].vector.count, store: store))
        try collection.writer().add(records, identity: Made.identity)
        return collection
    }

    private static func nearest(_ records: [Record], _ vector: [Float], _ count: Int) -> [String] {
        let scored = records.map { ($0.id, cosine($0.vector, vector)) }
        return scored.sorted { $0.1 > $1.1 }.prefix(count).map(\.0)
    }

    @Test(arguments: [64, 96, 100, 384]) func codesFindTheNearestVectors(dimensions: Int) throws {
        let records = Made.records(2020, dimensions)
        let (kept, questions) = (Array(records[..<2000]), records[2000...])
        let collection = try Self.filled(kept)
        var found = 0
        for question in questions {
            let hits = try collection.search(SearchRequest(vector: question.vector)).map(\.id)
            found += Set(hits).intersection(Self.nearest(kept, question.vector, 10)).count
        }
        #expect(found >= 198)
    }

    @Test func exactSearchGivesTheOrderOfCosines() throws {
        let records = Made.records(700)
        let collection = try Self.filled(records, store: .f32)
        for query in Made.vectors(5, 96, seed: 5) {
            var request = SearchRequest(vector: query)
            request.isExact = true
            #expect(try collection.search(request).map(\.id) == Self.nearest(records, query, 10))
        }
    }

    @Test(arguments: [
        "year >= 2012", "year < 2003 and tag = \"food\"", "tag in (\"art\", 'travel') and not year = 2010",
        "labels contains \"new\"",
        "labels = \"old\" or price > 100.5", "price exists", "not price exists", "tag contains \"oo\"",
        "year = 2024 and tag != \"art\"",
    ]) func filteredSearchIsExact(text: String) throws {
        let records = Made.records(1000)
        let collection = try Self.filled(records)
        let writer = try collection.writer()
        // The last ones are in the log.
        let recent = Made.records(50, seed: 77, prefix: "x")
        try writer.add(recent, identity: Made.identity)
        func allowed(_ record: Record) -> Bool {
            guard case .integer(let year)? = record.fields["year"],
                case .string(let tag)? = record.fields["tag"]
            else { return false }
            var labels: [String] = []
            if case .strings(let list)? = record.fields["labels"] { labels = list }
            var price: Double?
            if case .float(let number)? = record.fields["price"] { price = number }
            switch text {
            case "year >= 2012": return year >= 2012
            case "year < 2003 and tag = \"food\"": return year < 2003 && tag == "food"
            case "tag in (\"art\", 'travel') and not year = 2010": return tag != "food" && year != 2010
            case "labels contains \"new\"": return labels.contains("new")
            case "labels = \"old\" or price > 100.5":
                return labels.contains("old") || price.map { $0 > 100.5 } == true
            case "price exists": return price != nil
            case "not price exists": return price == nil
            case "tag contains \"oo\"": return tag == "food"
            default: return year == 2024 && tag != "art"
            }
        }
        let rest = (records + recent).filter(allowed)
        var found = 0
        for query in Made.vectors(3, 96, seed: 9) {
            let hits = try collection.search(SearchRequest(vector: query, count: 10, filter: Filter(text)))
                .map(\.id)
            let expected = Self.nearest(rest, query, 10)
            #expect(hits.count == expected.count)
            #expect(Set(hits).isSubset(of: rest.map(\.id)))
            found += Set(hits).intersection(expected).count
        }
        #expect(found >= 29)
    }

    @Test func severalQuestionsShareOneSearch() throws {
        let records = Made.records(2000)
        let collection = try Self.filled(records)
        var request = SearchRequest(questions: [
            .init(vector: records[3].vector), .init(vector: records[9].vector),
        ])
        request.fusion = .ranks
        let ids = try collection.search(request).map(\.id)
        #expect(Set(ids.prefix(2)) == ["r3", "r9"] || Set(ids).isSuperset(of: ["r3", "r9"]))
    }

    @Test func hitsExplainThemselves() throws {
        var records = Made.records(1000)
        records[7].text = "the xylophone orchestra plays"
        let collection = try Self.filled(records)
        let hits = try collection.search(SearchRequest(text: "xylophones play", vector: records[7].vector))
        let hit = try #require(hits.first)
        #expect(hit.id == "r7")
        #expect(hit.vectorRank == 1)
        #expect(hit.wordRank == 1)
        #expect(hit.terms.map(\.term) == ["xylophon", "play"])
        #expect(abs((hit.wordScore ?? 0) - hit.terms.reduce(0) { $0 + $1.score }) < 1e-6)
    }

    /// A list in which all candidates are alike, as where there is one, gives them its best score.
    @Test func theOnlyCandidateHasTheBestScore() throws {
        let collection = try SearchCollection.create(at: Made.path(), settings: Made.settings(96))
        let records = Made.records(3)
        try collection.writer().add([records[0]], identity: Made.identity)
        let hits = try collection.search(SearchRequest(text: records[0].text, vector: records[1].vector))
        #expect(hits.map(\.score) == [1] && hits[0].wordRank == 1 && hits[0].vectorRank == 1)
    }

    @Test func groupsAndDiversity() throws {
        let records = Made.records(1000)
        let collection = try Self.filled(records)
        var request = SearchRequest(vector: records[0].vector, count: 3)
        request.group = "tag"
        let hits = try collection.search(request)
        #expect(Set(hits.map { $0.fields["tag"] }).count == hits.count)
        request.group = nil
        request.count = 10
        let alike = try collection.search(request)
        request.diversity = 0.7
        let varied = try collection.search(request)
        #expect(varied.first?.id == alike.first?.id)
        func likeness(_ hits: [Hit]) throws -> Float {
            let vectors = try hits.compactMap { try collection.snapshot().record(id: $0.id)?.vector }
            var sum: Float = 0
            for a in vectors { for b in vectors { sum += cosine(a, b) } }
            return sum
        }
        #expect(try likeness(varied) < likeness(alike))
    }

    @Test(arguments: [
        ("year >", 6), ("year = \"x\"", 7), ("missing = 1", 0), ("(year = 1", 9), ("year = 1 or", 11),
        ("tag contains 3", 13),
        ("year contains \"2\"", 0), ("tag = \"open", 6), ("= 3", 0), ("year = 1 year = 2", 9),
    ]) func filtersThatCannotBeUnderstoodNameThePlace(text: String, position: Int) throws {
        let collection = try Self.filled(Made.records(200))
        let error = #expect(throws: IndexError.self) {
            try collection.search(SearchRequest(text: "pasta", filter: Filter(text)))
        }
        #expect(error?.code == .invalidFilter)
        #expect(error?.position == position, "\(error?.message ?? "")")
    }
}
