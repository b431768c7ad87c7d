import MartletIndex
import MartletJSON
import MartletSystem
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

    /// The log counts fields in 16 bits.
    @Test func aRecordHasAtMost65535Fields() throws {
        let collection = try SearchCollection.create(at: Made.path(), settings: Made.settings(8))
        let writer = try collection.writer()
        var record = Record(id: "a", text: "a", vector: [Float](repeating: 1, count: 8))
        for index in 0..<65536 { record.fields["f\(index)"] = .boolean(true) }
        let error = #expect(throws: IndexError.self) { try writer.add([record], identity: Made.identity) }
        #expect(error?.code == .invalidRecord && error?.position == 0)
        #expect(error?.message.contains("at most 65535") == true)
        record.fields["f0"] = nil
        try writer.add([record], identity: Made.identity)
        #expect(
            try SearchCollection(opening: collection.path).snapshot().record(id: "a")?.fields
                == record.fields)
    }

    /// Nothing that is finite can be scaled to length 1 from there.
    @Test(arguments: VectorStore.allCases) func aVectorTooNearToZeroIsRefused(store: VectorStore) throws {
        let collection = try SearchCollection.create(
            at: Made.path(), settings: Made.settings(8, store: store))
        let writer = try collection.writer()
        let vector = [Float(bitPattern: 7)] + [Float](repeating: 0, count: 7)
        let record = Record(id: "a", text: "a", vector: vector)
        let error = #expect(throws: IndexError.self) { try writer.add([record], identity: Made.identity) }
        #expect(error?.code == .invalidRecord && error?.position == 0)
        #expect(error?.message.contains("too near to zero") == true)
        try writer.add(Made.records(1, 8), identity: Made.identity)
        #expect(throws: IndexError.self) { try collection.search(SearchRequest(vector: vector)) }
    }

    @Test(arguments: VectorStore.allCases) func veryLargeNumbersKeepTheirDirection(store: VectorStore) throws
    {
        let collection = try SearchCollection.create(
            at: Made.path(), settings: Made.settings(4096, store: store))
        let vector = Made.vectors(1, 4096, seed: 2)[0]
        let most = vector.map(\.magnitude).max() ?? 1
        let large = vector.map { $0 / most * Float.greatestFiniteMagnitude }
        try collection.writer().add([Record(id: "a", text: "a", vector: large)], identity: Made.identity)
        let found = try #require(try collection.snapshot().record(id: "a")?.vector)
        #expect(cosine(found, found) > 0.999 && cosine(found, vector) > 0.999)
    }

    /// Of vectors that are compared as they are, the smallest numbers are zeros in a byte.
    @Test func aByteHoldsSmallNumbersAsZeros() throws {
        var settings = Made.settings(8, store: .int8)
        settings.similarity = .dot
        let collection = try SearchCollection.create(at: Made.path(), settings: settings)
        let vector = [Float(bitPattern: 7)] + [Float](repeating: 0, count: 7)
        try collection.writer().add([Record(id: "a", text: "a", vector: vector)], identity: Made.identity)
        let found = try #require(try collection.snapshot().record(id: "a")?.vector)
        #expect(found.allSatisfy { $0.magnitude < .leastNormalMagnitude })
    }

    /// Fields count, too: a log is read whole when a collection is opened.
    @Test func aLogThatWouldBeTooLongBecomesASegment() throws {
        var limits = WriterLimits()
        limits.logBytes = 4096
        let collection = try SearchCollection.create(at: Made.path(), settings: Made.settings(8))
        let writer = try collection.writer(limits: limits)
        var records = Made.records(2, 8)
        try writer.add([records[0]], identity: Made.identity)
        #expect(writer.snapshot.recentCount == 1)
        records[1].fields["long"] = .string(String(repeating: "x", count: 5000))
        try writer.add([records[1]], identity: Made.identity)
        #expect(writer.snapshot.recentCount == 0 && writer.snapshot.count == 2)
        #expect(try collection.snapshot().record(id: "r1")?.fields == records[1].fields)
    }

    /// What a writer that ended early has left behind the last commit is looked at once, not by every search.
    @Test func theRestOfACommitThatWasCutOffIsReadOnce() throws {
        let path = Made.path()
        let records = Made.records(2)
        try SearchCollection.create(at: path, settings: Made.settings(96)).writer()
            .add([records[0]], identity: Made.identity)
        let log = try #require(try Folder.names(in: path).first { $0.hasPrefix("log-") })
        let stream = try #require(fopen("\(path)/\(log)", "a"))
        fputs("the beginning of a commit", stream)
        fclose(stream)
        let reader = try SearchCollection(opening: path)
        let first = try reader.snapshot()
        #expect(first.count == 1)
        #expect(try reader.snapshot() === first && reader.snapshot() === first)
        try SearchCollection(opening: path).writer().add([records[1]], identity: Made.identity)
        #expect(try reader.snapshot().count == 2)
    }

    /// Later than nanoseconds since 1970 fit in 64 bits, where the file system can hold it.
    @Test func aTimeOfAFarYearIsNoProblem() throws {
        let path = Made.path()
        let collection = try SearchCollection.create(at: path, settings: Made.settings(8))
        let time = timespec(tv_sec: 10_413_792_000, tv_nsec: 0)
        #expect(utimensat(AT_FDCWD, "\(path)/manifest", [time, time], 0) == 0)
        #expect(try collection.snapshot().count == 0 && collection.snapshot().count == 0)
    }

    @Test func fieldsAreJSON() throws {
        let fields: [String: FieldValue] = [
            "b": 2, "a": "x", "c": 0.5, "d": true, "e": ["y", "z"], "f": .date(0), "g": .float(.infinity),
        ]
        let text = String(decoding: fields.json.bytes, as: UTF8.self)
        #expect(
            text
                == #"{"a":"x","b":2,"c":0.5,"d":true,"e":["y","z"],"f":"1970-01-01T00:00:00Z","g":null}"#)
        for (name, value) in fields where !["f", "g"].contains(name) {
            #expect(FieldValue(value.json) == value)
        }
        #expect(FieldValue(JSONValue.null) == nil && FieldValue(JSONValue.array([.integer(1)])) == nil)
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
