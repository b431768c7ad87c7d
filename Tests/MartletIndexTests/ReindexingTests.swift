import MartletIndex
import MartletSystem
import Testing

@Suite struct ReindexingTests {
    private let path = Made.path()
    private static let other = CollectionIdentity(model: "other", fingerprint: "2")
    private let records = Made.records(300)

    private func settings() -> CollectionSettings {
        CollectionSettings(identity: Self.other, dimensions: 64, store: .f32)
    }

    private func made() throws -> SearchCollection {
        let collection = try SearchCollection.create(at: path, settings: Made.settings(96))
        let writer = try collection.writer()
        try writer.add(Array(records[..<250]), identity: Made.identity)
        try writer.add(Array(records[250...]), identity: Made.identity)
        try writer.remove(ids: ["r7", "r290"])
        return collection
    }

    private func vectors(_ records: [Record]) -> [[Float]] {
        records.map { record in Made.vectors(1, 64, seed: UInt64(record.id.dropFirst()) ?? 0)[0] }
    }

    @Test func vectorsAreReplacedInOneCommit() throws {
        let collection = try made()
        let before = try collection.snapshot()
        do {
            let reindexing = try Reindexing(collection, settings: settings())
            #expect(reindexing.count == 298)
            #expect(throws: IndexError.self) { try collection.writer() }
            #expect(throws: IndexError.self) { try reindexing.swap() }
            while let batch = try reindexing.next(64) {
                try reindexing.add(vectors(batch))
                #expect(try collection.snapshot().settings.identity == Made.identity)
            }
            try reindexing.swap()
        }
        let after = try collection.snapshot()
        #expect(after.settings.identity == Self.other && after.settings.dimensions == 64)
        #expect(after.settings.store == .f32 && after.count == 298 && after.fields == before.fields)
        #expect(try collection.check().isEmpty)
        let question = vectors([records[5]])[0]
        #expect(try collection.search(SearchRequest(vector: question)).first?.id == "r5")
        let kept = try after.record(id: "r5")
        #expect(kept?.text == records[5].text && kept?.fields == records[5].fields)
        // A snapshot from before reads what it read before.
        #expect(try before.search(SearchRequest(vector: records[5].vector)).first?.id == "r5")
        #expect(access(path + "/reindex", F_OK) != 0)
        let writer = try SearchCollection(opening: path).writer()
        try writer.add(
            [Record(id: "new", text: "new", vector: question)], identity: Self.other)
        #expect(writer.snapshot.count == 299)
    }

    /// A record whose fields have changed since an unfinished run is not taken from it.
    @Test func changedFieldsAreKept() throws {
        let collection = try made()
        do {
            let reindexing = try Reindexing(collection, settings: settings())
            let batch = try #require(try reindexing.next(64))
            try reindexing.add(vectors(batch))
        }
        var changed = records[5]
        changed.fields["round"] = .integer(2)
        try collection.writer().add([changed], identity: Made.identity)
        let reindexing = try Reindexing(collection, settings: settings())
        while let batch = try reindexing.next(64) { try reindexing.add(vectors(batch)) }
        #expect(reindexing.resumed == 63)
        try reindexing.swap()
        #expect(try collection.snapshot().record(id: "r5")?.fields == changed.fields)
    }

    @Test func aRunThatEndedEarlyGoesOn() throws {
        let collection = try made()
        do {
            let first = try Reindexing(collection, settings: settings())
            let batch = try #require(try first.next(100))
            try first.add(vectors(batch))
        }
        // Meanwhile one record changes, and one leaves.
        do {
            let writer = try collection.writer()
            var changed = records[3]
            changed.text = "another text"
            try writer.add([changed], identity: Made.identity)
            try writer.remove(ids: ["r4"])
        }
        let second = try Reindexing(collection, settings: settings())
        var done = 0
        while let batch = try second.next(1000) {
            try second.add(vectors(batch))
            done += batch.count
        }
        #expect(second.resumed == 98 && done == 199)
        try second.swap()
        #expect(try collection.snapshot().count == 297)
        #expect(try collection.snapshot().record(id: "r3")?.text == "another text")
        #expect(try collection.snapshot().record(id: "r4") == nil)
        #expect(try collection.check().isEmpty)
    }

    @Test func theUnfinishedRunOfAnotherModelIsDropped() throws {
        let collection = try made()
        do {
            let first = try Reindexing(collection, settings: settings())
            try first.add(vectors(try #require(try first.next(100))))
        }
        let third = CollectionIdentity(model: "third", fingerprint: "3")
        let reindexing = try Reindexing(
            collection, settings: CollectionSettings(identity: third, dimensions: 64))
        while let batch = try reindexing.next(1000) { try reindexing.add(vectors(batch)) }
        #expect(reindexing.resumed == 0)
        try reindexing.swap()
        #expect(try collection.snapshot().settings.identity == third)
        #expect(try collection.snapshot().count == 298)
    }

    @Test func textsThatMovedKeepTheirVectors() throws {
        let collection = try made()
        var update = IncrementalUpdate(of: try collection.snapshot())
        for record in [records[3], records[299]] {
            let vector = try #require(try update.vector(ofText: record.text))
            let stored = try collection.snapshot().record(id: record.id)?.vector
            #expect(vector == stored)
            // The same bytes again, not scaled once more.
            try collection.writer().add(
                [Record(id: "moved", text: record.text, vector: vector)], identity: Made.identity)
            #expect(try collection.snapshot().record(id: "moved")?.vector == stored)
        }
        #expect(try update.vector(ofText: "a text that nobody has") == nil)
    }
}
