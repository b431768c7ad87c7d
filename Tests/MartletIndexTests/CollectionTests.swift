import MartletIndex
import MartletTestSupport
import Testing

@Suite struct CollectionTests {
    @Test func aRecordIsFoundAtOnceAndAfterReopening() throws {
        let path = Made.path()
        let collection = try SearchCollection.create(at: path, settings: Made.settings(96))
        #expect(try collection.search(SearchRequest(text: "pasta")).isEmpty)
        let records = Made.records(3)
        try collection.writer().add(records, identity: Made.identity)
        for reader in [collection, try SearchCollection(opening: path)] {
            let hits = try reader.search(SearchRequest(text: records[1].text, vector: records[1].vector))
            #expect(hits.first?.id == "r1")
            #expect(hits.first?.text == records[1].text)
            #expect(hits.first?.fields == records[1].fields)
            #expect(abs((hits.first?.similarity ?? 0) - 1) < 0.001)
        }
    }

    /// A type that was said when the collection was made stays, also after it was opened again; one that a
    /// value gave follows the values.
    @Test(arguments: [true, false]) func declaredTypesAreKept(isDeclared: Bool) throws {
        let path = Made.path()
        var settings = Made.settings(96)
        if isDeclared { settings.fields = FieldSchema(["n": .integer]) }
        var records = Made.records(2)
        records[0].fields = ["n": .integer(1)]
        records[1].fields = ["n": .float(0.5)]
        do {
            let made = try SearchCollection.create(at: path, settings: settings)
            try made.writer().add([records[0]], identity: Made.identity)
        }
        let opened = try SearchCollection(opening: path)
        if isDeclared {
            #expect(throws: IndexError.self) {
                try opened.writer().add([records[1]], identity: Made.identity)
            }
        } else {
            try opened.writer().add([records[1]], identity: Made.identity)
        }
        #expect(try opened.snapshot().fields.types["n"] == (isDeclared ? .integer : .float))
    }

    @Test(arguments: [VectorStore.f32, .f16, .int8]) func recordsComeBackAsTheyWere(store: VectorStore) throws
    {
        let path = Made.path()
        let collection = try SearchCollection.create(at: path, settings: Made.settings(100, store: store))
        let records = Made.records(700, 100)
        try collection.writer().add(records, identity: Made.identity)
        let snapshot = try SearchCollection(opening: path).snapshot()
        #expect(snapshot.count == 700)
        for record in records {
            let found = try #require(try snapshot.record(id: record.id))
            #expect(found.text == record.text)
            #expect(found.fields == record.fields)
            #expect(cosine(Made.unit(found.vector), record.vector) > (store == .int8 ? 0.9998 : 0.999999))
        }
        #expect(try snapshot.record(id: "r700") == nil)
    }

    @Test func aRecordReplacesTheOneWithItsID() throws {
        let collection = try SearchCollection.create(at: Made.path(), settings: Made.settings(96))
        let writer = try collection.writer()
        var records = Made.records(300)
        try writer.add(records, identity: Made.identity)
        // Once into the log over a segment, once into the log over the log, once into a segment over both.
        for round in 1...3 {
            records[5].text = "round \(round) zebra"
            records[5].fields = ["round": .integer(round)]
            let changed = round == 3 ? Array(records[0..<200]) : [records[5]]
            try writer.add(changed, identity: Made.identity)
            let snapshot = try collection.snapshot()
            #expect(snapshot.count == 300)
            #expect(try snapshot.record(id: "r5")?.text == "round \(round) zebra")
            #expect(try collection.search(SearchRequest(text: "zebra")).map(\.id) == ["r5"])
        }
    }

    @Test func removedRecordsAreNotFound() throws {
        let path = Made.path()
        let collection = try SearchCollection.create(at: path, settings: Made.settings(96))
        let writer = try collection.writer()
        let records = Made.records(500)
        try writer.add(records, identity: Made.identity)
        #expect(try writer.remove(ids: ["r3", "r4", "absent"]) == 2)
        #expect(try writer.remove(ids: (10..<300).map { "r\($0)" }) == 290)
        for reader in [collection, try SearchCollection(opening: path)] {
            let snapshot = try reader.snapshot()
            #expect(snapshot.count == 208)
            #expect(try snapshot.record(id: "r3") == nil)
            #expect(
                try snapshot.search(SearchRequest(vector: records[3].vector)).allSatisfy { $0.id != "r3" })
            #expect(try snapshot.search(SearchRequest(vector: records[400].vector)).first?.id == "r400")
        }
    }

    @Test func compactingKeepsWhatIsFoundAndGivesSpaceBack() throws {
        let path = Made.path()
        let collection = try SearchCollection.create(at: path, settings: Made.settings(96))
        let writer = try collection.writer()
        let records = Made.records(2000)
        for start in stride(from: 0, to: 2000, by: 500) {
            try writer.add(Array(records[start..<start + 500]), identity: Made.identity)
        }
        try writer.remove(ids: (0..<2000).filter { $0 % 2 == 1 }.map { "r\($0)" })
        try writer.waitForMerges()
        let old = try collection.snapshot()
        let questions = records.prefix(20).map {
            SearchRequest(text: $0.text, vector: $0.vector, filter: nil)
        }
        let before = try questions.map { try old.search($0).map(\.id) }
        try writer.compact()
        let snapshot = try collection.snapshot()
        #expect(snapshot.count == 1000)
        // Statistics of words count dead rows before, so ties may fall otherwise: vectors alone must not
        // change.
        for (question, ids) in zip(questions, before) {
            var vectors = question
            vectors.mode = .vectors
            #expect(try snapshot.search(vectors).map(\.id) == old.search(vectors).map(\.id))
            #expect(try snapshot.search(question).first?.id == ids.first)
        }
        let fresh = try SearchCollection.create(at: Made.path(), settings: Made.settings(96))
        try fresh.writer().add(
            records.enumerated().filter { $0.offset % 2 == 0 }.map(\.element), identity: Made.identity)
        #expect(try collection.check().isEmpty)
        #expect(try Double(collection.snapshot().bytesOnDisk) <= 1.1 * Double(fresh.snapshot().bytesOnDisk))
    }

    @Test func vectorsOfAnotherModelAreRefused() throws {
        let collection = try SearchCollection.create(at: Made.path(), settings: Made.settings(96))
        let writer = try collection.writer()
        let other = CollectionIdentity(model: "other", fingerprint: "2")
        let records = Made.records(2)
        let added = #expect(throws: IndexError.self) { try writer.add(records, identity: other) }
        #expect(added?.code == .identityMismatch)
        try writer.add(records, identity: Made.identity)
        var request = SearchRequest(vector: records[0].vector)
        request.identity = other
        let searched = #expect(throws: IndexError.self) { try collection.search(request) }
        #expect(searched?.code == .identityMismatch)
        #expect(try collection.snapshot().count == 2)
    }

    @Test func aRecordThatCannotBeStoredChangesNothing() throws {
        let collection = try SearchCollection.create(at: Made.path(), settings: Made.settings(96))
        let writer = try collection.writer()
        let good = Made.records(3)
        var bad = good
        bad[1].vector[5] = .nan
        var short = good
        short[2].vector.removeLast()
        var unnamed = good
        unnamed[0].id = ""
        var zero = good
        zero[1].vector = [Float](repeating: 0, count: 96)
        var mixed = good
        mixed[2].fields["tag"] = .boolean(true)
        for (records, index) in [(bad, 1), (short, 2), (unnamed, 0), (zero, 1), (mixed, 2)] {
            let error = #expect(throws: IndexError.self) { try writer.add(records, identity: Made.identity) }
            #expect(error?.code == .invalidRecord)
            #expect(error?.position == index)
        }
        #expect(try collection.snapshot().count == 0)
        try writer.add(good, identity: Made.identity)
        #expect(try collection.snapshot().count == 3)
    }

    @Test func thereIsOneWriter() throws {
        let path = Made.path()
        let collection = try SearchCollection.create(at: path, settings: Made.settings(96))
        var writer: CollectionWriter? = try collection.writer()
        let other = try SearchCollection(opening: path)
        let error = #expect(throws: IndexError.self) { try other.writer() }
        #expect(error?.code == .locked)
        withExtendedLifetime(writer) {}
        writer = nil
        _ = try other.writer()
    }

    @Test func aReaderSeesCommitsOfAnother() throws {
        let path = Made.path()
        let writer = try SearchCollection.create(at: path, settings: Made.settings(96)).writer()
        let reader = try SearchCollection(opening: path)
        let records = Made.records(1200)
        let empty = try reader.snapshot()
        try writer.add([records[0]], identity: Made.identity)
        #expect(try reader.snapshot().count == 1)
        try writer.add(records, identity: Made.identity)
        let full = try reader.snapshot()
        #expect(full.count == 1200)
        try writer.remove(ids: (0..<600).map { "r\($0)" })
        try writer.compact()
        #expect(try reader.snapshot().count == 600)
        // Earlier snapshots stay as they were.
        #expect(empty.count == 0)
        #expect(try full.search(SearchRequest(vector: records[3].vector)).first?.id == "r3")
    }

    @Test func aFolderWithOtherFilesIsRefused() throws {
        let path = Made.path()
        _ = try SearchCollection.create(at: path, settings: Made.settings(8))
        let again = #expect(throws: IndexError.self) {
            try SearchCollection.create(at: path, settings: Made.settings(8))
        }
        #expect(again?.code == .alreadyExists)
        let missing = #expect(throws: IndexError.self) { try SearchCollection(opening: path + "x") }
        #expect(missing?.code == .notFound)
    }
}
