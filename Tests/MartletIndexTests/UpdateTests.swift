import MartletIndex
import MartletTestSupport
import Testing

@Suite struct UpdateTests {
    @Test func onlyWhatChangedIsNamed() throws {
        let collection = try SearchCollection.create(at: Made.path(), settings: Made.settings(96))
        let writer = try collection.writer()
        let records = Made.records(400)
        try writer.add(Array(records[..<350]), identity: Made.identity)
        try writer.add(Array(records[350...]), identity: Made.identity)
        try writer.remove(ids: ["r9"])
        var update = IncrementalUpdate(of: try collection.snapshot())
        var (new, changed): ([String], [String]) = ([], [])
        for (index, record) in records.enumerated() where index != 17 && index != 360 {
            var record = record
            if index == 5 { record.text += " more" }
            if index == 355 { record.fields["year"] = .integer(1) }
            switch try update.state(id: record.id, text: record.text, fields: record.fields) {
            case .new: new.append(record.id)
            case .changed: changed.append(record.id)
            case .unchanged: break
            }
        }
        #expect(new == ["r9"])
        #expect(changed == ["r5", "r355"])
        #expect(try update.unseen { _ in true } == ["r17", "r360"])
        #expect(try update.unseen { $0["tag"] == "none" }.isEmpty)
    }

    @Test func aQueryAddsWhatIsMissing() throws {
        let collection = try SearchCollection.create(at: Made.path(), settings: Made.settings(96))
        let writer = try collection.writer()
        let vectors = Made.vectors(2, 96, seed: 3)
        let first = try writer.query(
            "one", vector: vectors[0], threshold: 0.9, identity: Made.identity, fields: ["n": 1])
        #expect(first.hits.isEmpty)
        #expect(first.added != nil)
        let again = try writer.query(
            "one, again", vector: vectors[0], threshold: 0.9, identity: Made.identity)
        #expect(again.hits.map(\.text) == ["one"])
        #expect(again.hits.first?.fields == ["n": 1])
        #expect(again.added == nil)
        #expect(try collection.snapshot().count == 1)
        let id = try #require(first.added)
        let taken = #expect(throws: IndexError.self) {
            try writer.query(
                "two", vector: vectors[1], threshold: 0.9, identity: Made.identity, id: id)
        }
        #expect(taken?.code == .invalidRecord && taken?.message.contains("already") == true)
        #expect(try collection.snapshot().count == 1)
        let error = #expect(throws: IndexError.self) {
            try writer.query(
                "two", vector: vectors[1], threshold: 0.9,
                identity: CollectionIdentity(model: "x", fingerprint: "y"))
        }
        #expect(error?.code == .identityMismatch)
    }

    /// The collection has the bytes that were given last.
    @Test func anotherFormOfALetterIsAChange() throws {
        let collection = try SearchCollection.create(at: Made.path(), settings: Made.settings(96))
        var record = Made.records(1)[0]
        record.fields = ["title": "caf\u{E9}"]
        try collection.writer().add([record], identity: Made.identity)
        var update = IncrementalUpdate(of: try collection.snapshot())
        let other: [String: FieldValue] = ["title": "cafe\u{301}"]
        #expect(try update.state(id: record.id, text: record.text, fields: other) == .changed)
        #expect(try update.state(id: record.id, text: record.text, fields: record.fields) == .unchanged)
    }

    @Test func likeQueriesAtTheSameTimeAddOneRecord() async throws {
        let collection = try SearchCollection.create(at: Made.path(), settings: Made.settings(96))
        let writer = try collection.writer()
        let vectors = Made.vectors(5, 96, seed: 3)
        let added = try await withThrowingTaskGroup(of: Int.self) { group in
            for index in 0..<40 {
                group.addTask {
                    let answer = try writer.query(
                        "text \(index)", vector: vectors[index % 5], threshold: 0.95, identity: Made.identity)
                    return answer.added == nil ? 0 : 1
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(added == 5)
        #expect(try collection.snapshot().count == 5)
    }
}
