import Testing

@testable import MartletIndex

/// Collections whose rows are ordered by lists.
@Suite struct ListTests {
    private let path = Made.path()

    private func recall(_ collection: SearchCollection, _ probes: Int?, _ questions: [[Float]]) throws
        -> Double
    {
        var (found, wanted) = (0, 0)
        for vector in questions {
            var request = SearchRequest(vector: vector)
            request.probes = probes
            let ids = Set(try collection.search(request).map(\.id))
            request.probes = nil
            request.isExact = true
            let exact = try collection.search(request).map(\.id)
            found += ids.intersection(exact).count
            wanted += exact.count
        }
        return Double(found) / Double(wanted)
    }

    /// A sample takes 300 MB at most, whatever the dimensions, but has a vector for each list.
    @Test func theSampleIsBounded() {
        func count(_ lists: Int, _ rows: Int, _ dimensions: Int) -> Int {
            ListTraining.sampleCount(lists: lists, rows: rows, dimensions: dimensions)
        }
        #expect(count(60, 6000, 96) == 2400)
        #expect(count(60, 600, 96) == 600)
        #expect(count(10_000, 25_000_000, 384) == 200_000)
        #expect(count(10_000, 25_000_000, 4096) * 4096 * 4 <= 300 << 20)
        #expect(count(60_000, 25_000_000, 4096) == 60_000)
    }

    @Test func aFewListsHaveMostNeighbours() throws {
        let collection = try SearchCollection.create(at: path, settings: Made.settings(96))
        let writer = try collection.writer()
        let records = Made.records(6000)
        try writer.add(Array(records[..<3000]), identity: Made.identity)
        try writer.add(Array(records[3000...]), identity: Made.identity)
        try writer.remove(ids: ["r5", "r4000"])
        let questions = Array(Made.vectors(6040, 96, seed: 8).suffix(40))
        var request = SearchRequest(vector: questions[0], filter: try Filter("year > 2010"))
        let filtered = try collection.search(request).map(\.id)
        var words = SearchRequest(text: "pasta water")
        words.mode = .words
        let byWords = try collection.search(words).map(\.score)
        #expect(throws: IndexError.self) {
            request.probes = 4
            _ = try collection.search(request)
        }
        request.probes = nil

        try writer.optimize(lists: 60)
        #expect(writer.snapshot.listCount == 60 && writer.snapshot.count == 5998)
        #expect(try collection.check().isEmpty)
        // Every list: the same as all rows.
        #expect(try recall(collection, nil, questions) > 0.99)
        #expect(try recall(collection, 60, questions) > 0.99)
        #expect(try recall(collection, 12, questions) > 0.6)
        #expect(try collection.search(request).map(\.id) == filtered)
        let scores = try collection.search(words).map(\.score)
        #expect(scores.count == byWords.count && zip(scores, byWords).allSatisfy { abs($0 - $1) < 0.05 })
        for index in [0, 17, 2999, 3001, 5999] {
            let record = try collection.snapshot().record(id: "r\(index)")
            #expect(record?.text == records[index].text && record?.fields == records[index].fields)
        }
        // What comes later is in no list, and found.
        try writer.add(
            [Record(id: "new", text: "new", vector: questions[3])], identity: Made.identity)
        var near = SearchRequest(vector: questions[3])
        near.probes = 1
        #expect(try SearchCollection(opening: path).search(near).first?.id == "new")
        // A merge gives up the lists.
        try writer.compact()
        #expect(writer.snapshot.listCount == 0 && writer.snapshot.count == 5999)
    }
}
