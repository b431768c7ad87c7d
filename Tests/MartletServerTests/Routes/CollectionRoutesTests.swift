#if Server

import HTTPTypes
import Martlet
import MartletHTTP
import MartletIndex
import MartletJSON
import MartletTestSupport
import Testing

@testable import MartletServer

@Suite struct CollectionRoutesTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func server(_ change: (inout ServerConfiguration) -> Void = { _ in }) throws -> TestServer {
        try TestServer {
            $0.dataFolder = folder.path
            change(&$0)
        }
    }

    private static let records = #"""
        {"records": [
          {"id": "pasta", "text": "Boil a litre of water for each 100 g of pasta.", "fields": {"tag": "food", "year": 2024}},
          {"id": "roses", "text": "Roses want sun and a deep soil.", "fields": {"tag": "garden", "year": 2022}},
          {"id": "train", "text": "The train to Berlin leaves at nine.", "fields": {"tag": "travel", "year": 2023}}
        ]}
        """#

    private func filled() async throws -> TestServer {
        let server = try server()
        #expect(try await server.post("/v1/collections", #"{"name":"notes"}"#).status == 200)
        let added = try await server.post("/v1/collections/notes/records", Self.records)
        #expect(added.status == 200 && added["records"] == 3 && added["total"] == 3, "\(added.text)")
        return server
    }

    private func ids(_ answer: TestServer.Answer) -> [String]? {
        answer["hits"]?.array?.compactMap { $0["id"]?.string }
    }

    /// Only clients of Martlet call them, so a member that is not known is a mistake.
    @Test(arguments: [
        ("/v1/collections", #"{"name":"a","filds":{"day":"date"}}"#, "filds"),
        ("/v1/collections/notes/search", #"{"query":"pasta","topp":1}"#, "topp"),
        ("/v1/collections/notes/query", #"{"text":"pasta","threshold":0.9,"by":"words"}"#, "by"),
        (
            "/v1/collections/notes/records", #"{"records":[{"id":"a","text":"a"}],"dimensions":3}"#,
            "dimensions"
        ),
        ("/v1/collections/notes/map", #"{"limit":3}"#, "limit"),
        ("/v1/collections/notes/search", #"{"query":"pasta","rerank":{"cuont":5}}"#, "cuont"),
    ])
    func membersThatNoRouteReadsAreRefused(_ path: String, _ body: String, _ name: String) async throws {
        let answer = try await filled().post(path, body)
        #expect(
            answer.status == 400 && answer.text.contains("has no member \\\"\(name)\\\""), "\(answer.text)")
    }

    /// A search in one way does not read what belongs to another.
    @Test(arguments: [
        (#"{"query":"pasta","by":"words","exact":true}"#, "exact"),
        (#"{"query":"pasta","by":"words","vector":[1]}"#, "vector"),
        (#"{"query":"pasta","by":"vectors","fusion":"ranks"}"#, "fusion"),
        (#"{"vector":[1],"by":"vectors"}"#, "vector"),
    ])
    func membersOfOtherSearchesAreRefused(_ body: String, _ name: String) async throws {
        let answer = try await filled().post("/v1/collections/notes/search", body)
        #expect(answer.status == 400 && answer["error"]?["param"]?.string == name, "\(answer.text)")
    }

    /// A type that was said stays; one that the first value gave follows the values.
    @Test func declaredIntegersStayIntegers() async throws {
        let server = try server()
        for (name, fields) in [("said", #","fields":{"n":"integer"}"#), ("found", "")] {
            #expect(
                try await server.post("/v1/collections", "{\"name\":\"\(name)\"\(fields)}").status == 200)
            func add(_ id: String, _ number: String) async throws -> TestServer.Answer {
                try await server.post(
                    "/v1/collections/\(name)/records",
                    "{\"records\":[{\"id\":\"\(id)\",\"text\":\"x\",\"fields\":{\"n\":\(number)}}]}")
            }
            #expect(try await add("a", "9007199254740993").status == 200)
            #expect(try await add("b", "7.0").status == 200)
            let half = try await add("c", "0.5")
            #expect(half.status == (name == "said" ? 400 : 200), "\(half.text)")
            let type = try await server.send(.get, "/v1/collections/\(name)")["fields"]?["n"]
            #expect(type == (name == "said" ? "integer" : "float"))
        }
    }

    @Test func everyRouteOfCollectionsRefusesWhatItDoesNotKnow() throws {
        for route in try server().core.routes {
            #expect(route.refusesUnknown == route.path.hasPrefix("/v1/collections"), "\(route.name)")
        }
        let alias = CollectionRoutes.all[0].alias("/other")
        #expect(alias.refusesUnknown && alias.name == "POST /other")
    }

    /// A sparse model of the server weighs the words of records and of questions.
    @Test func wordsAreWeighedByASparseModel() async throws {
        let path =
            "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
            + "/Tests/Fixtures/sparse/splade-bert"
        let server = try server { $0.models.append(ModelEntry(path: path)) }
        let made = try await server.post("/v1/collections", #"{"name":"notes","words":"splade-bert"}"#)
        #expect(made.status == 200 && made["words"] == "splade-bert", "\(made.text)")
        let added = try await server.post("/v1/collections/notes/records", Self.records)
        #expect(added.status == 200, "\(added.text)")
        let found = try await server.post(
            "/v1/collections/notes/search", #"{"query":"train to Berlin","by":"words","top":3}"#)
        let model = try SparseEmbedder(
            modelAt: path, configuration: .init(threads: 1, precision: .f32))
        let texts = ["train to Berlin", "The train to Berlin leaves at nine."]
        let question = try model.embedBlocking([texts[0]], as: .query)[0]
        let document = try model.embedBlocking([texts[1]], as: .document)[0]
        let weights = Dictionary(uniqueKeysWithValues: zip(document.indices, document.values))
        let expected = zip(question.indices, question.values).reduce(Float(0)) {
            $0 + $1.1 * (weights[$1.0] ?? 0)
        }
        let hit = found["hits"]?.array?.first { $0["id"] == "train" }
        let score = Float(hit?["word_score"]?.double ?? 0)
        #expect(expected > 0 && abs(score - expected) < 0.02 * expected, "\(score) \(expected) \(found.text)")
        let hybrid = try await server.post("/v1/collections/notes/search", #"{"query":"train"}"#)
        #expect(hybrid.status == 200 && ids(hybrid)?.isEmpty == false, "\(hybrid.text)")
        let answer = try await server.post(
            "/v1/collections/notes/query", #"{"text":"something else entirely","threshold":0.99}"#)
        #expect(answer.status == 200 && answer["added"] != .null, "\(answer.text)")
        let wrong = try await server.post(
            "/v1/collections", #"{"name":"x","words":"all-MiniLM-L6-v2"}"#)
        #expect(wrong.status == 400, "\(wrong.text)")

        // A server without that model can search by vectors, and says what is missing for the rest.
        let other = try self.server()
        let words = try await other.post("/v1/collections/notes/search", #"{"query":"train","by":"words"}"#)
        #expect(words.status == 409 && words.text.contains("weighed by splade-bert"), "\(words.text)")
        let vectors = try await other.post(
            "/v1/collections/notes/search", #"{"query":"train","by":"vectors","top":1}"#)
        #expect(ids(vectors) == ["train"], "\(vectors.text)")
    }

    @Test func collectionsAreMadeListedAndDeleted() async throws {
        let server = try server()
        let made = try await server.post(
            "/v1/collections", #"{"name":"a.b-1","fields":{"day":"date"},"store":"f32","dimensions":64}"#)
        #expect(
            made["name"] == "a.b-1" && made["records"] == 0 && made["dimensions"] == 64
                && made["store"] == "f32", "\(made.text)")
        #expect(made["fields"]?["day"] == "date" && made["model"] == "all-MiniLM-L6-v2")
        #expect(try await server.post("/v1/collections", #"{"name":"a.b-1"}"#).status == 409)
        let list = try await server.send(.get, "/v1/collections")
        #expect(list["data"]?.array?.compactMap { $0["name"]?.string } == ["a.b-1"])
        #expect(try await server.send(.get, "/v1/collections/a.b-1").json == made.json)
        #expect(try await server.send(.delete, "/v1/collections/a.b-1")["deleted"] == true)
        #expect(try await server.send(.get, "/v1/collections/a.b-1").status == 404)
        #expect(try await server.send(.get, "/v1/collections")["data"] == [])
        // The name is free again.
        #expect(try await server.post("/v1/collections", #"{"name":"a.b-1"}"#).status == 200)
    }

    @Test func recordsAreAddedReadReplacedAndDeleted() async throws {
        let server = try await filled()
        let one = try await server.send(.get, "/v1/collections/notes/records/roses")
        #expect(
            one["text"] == "Roses want sun and a deep soil." && one["fields"]?["year"] == 2022
                && one["vector"]?.array?.count == 384)
        let replaced = try await server.post(
            "/v1/collections/notes/records", #"{"records":[{"id":"roses","text":"Roses want shade."}]}"#)
        #expect(replaced["total"] == 3)
        #expect(
            try await server.send(.get, "/v1/collections/notes/records/roses")["text"] == "Roses want shade.")
        #expect(try await server.send(.delete, "/v1/collections/notes/records/roses")["deleted"] == 1)
        #expect(try await server.send(.get, "/v1/collections/notes/records/roses").status == 404)
        let deleted = try await server.send(
            .delete, "/v1/collections/notes/records", #"{"ids":["pasta","roses"]}"#)
        #expect(deleted["deleted"] == 1)
        #expect(try await server.send(.get, "/v1/collections/notes")["records"] == 1)
    }

    @Test func questionsFindRecords() async throws {
        let server = try await filled()
        let both = try await server.post(
            "/v1/collections/notes/search", #"{"query":"how do I cook spaghetti in water","top":1}"#)
        #expect(ids(both) == ["pasta"], "\(both.text)")
        #expect(both["hits"]?[0]?["terms"]?["water"] != nil && both["hits"]?[0]?["fields"]?["tag"] == "food")
        let vectors = try await server.post(
            "/v1/collections/notes/search", #"{"query":"flowers","by":"vectors","top":2}"#)
        #expect(ids(vectors)?.first == "roses" && ids(vectors)?.count == 2)
        let expected = try expected(["flowers", "Roses want sun and a deep soil."])
        let cosine = zip(expected[0], expected[1]).reduce(Float(0)) { $0 + $1.0 * $1.1 }
        let found = try #require(vectors["hits"]?[0]?["similarity"]?.double)
        #expect(abs(Float(found) - cosine) < 0.001)
        let words = try await server.post("/v1/collections/notes/search", #"{"query":"berlin","by":"words"}"#)
        #expect(ids(words) == ["train"] && words["hits"]?[0]?["similarity"] == .null)
        let filtered = try await server.post(
            "/v1/collections/notes/search", #"{"query":"pasta","filter":"year < 2024","top":3}"#)
        #expect(Set(ids(filtered) ?? []) == ["roses", "train"])
        let own = "[" + expected[0].map { "\($0)" }.joined(separator: ",") + "]"
        #expect(
            ids(try await server.post("/v1/collections/notes/search", "{\"vector\":\(own),\"top\":1}")) == [
                "roses"
            ])
        let least = try await server.post(
            "/v1/collections/notes/search", #"{"query":"flowers","by":"vectors","threshold":0.95}"#)
        #expect(ids(least) == [])
        let grouped = try await server.post(
            "/v1/collections/notes/search",
            #"{"queries":["pasta","train"],"group":"tag","diversity":0.3,"exact":true,"fusion":"ranks"}"#)
        #expect(Set(ids(grouped) ?? []).isSuperset(of: ["pasta", "train"]), "\(grouped.text)")
    }

    @Test func hitsAreReranked() async throws {
        let path =
            "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
            + "/Tests/Fixtures/classifiers/bert-cross"
        let server = try server { $0.models.append(ModelEntry(path: path, name: "cross")) }
        _ = try await server.post("/v1/collections", #"{"name":"notes"}"#)
        _ = try await server.post("/v1/collections/notes/records", Self.records)
        let answer = try await server.post(
            "/v1/collections/notes/search", #"{"query":"a cat","top":2,"rerank":{"model":"cross","count":3}}"#
        )
        let scores = answer["hits"]?.array?.compactMap { $0["rerank_score"]?.double } ?? []
        #expect(scores.count == 2 && scores == scores.sorted(by: >), "\(answer.text)")
        let texts = answer["hits"]?.array?.compactMap { $0["text"]?.string } ?? []
        let direct = try await server.post(
            "/rerank",
            #"{"query":"a cat","texts":["Boil a litre of water for each 100 g of pasta.","Roses want sun and a deep soil.","The train to Berlin leaves at nine."],"return_text":true}"#
        )
        #expect(direct.json.array?.prefix(2).compactMap { $0["text"]?.string } == texts)
        #expect(direct.json.array?.prefix(2).compactMap { $0["score"]?.double } == scores)
    }

    @Test func lateInteractionReranksInATime() async throws {
        let path =
            "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
            + "/Tests/Fixtures/multi/colbert"
        let server = try server {
            $0.models.append(ModelEntry(path: path, name: "late"))
            $0.compute.precision = .auto
        }
        _ = try await server.post("/v1/collections", #"{"name":"notes"}"#)
        _ = try await server.post("/v1/collections/notes/records", Self.records)
        let answer = try await server.post(
            "/v1/collections/notes/search",
            #"{"query":"a cat","rerank":{"model":"late","budget_ms":60000}}"#)
        let hits = answer["hits"]?.array ?? []
        let library = try MultiVectorEmbedder(modelAt: path, configuration: .init(threads: 1))
        let texts = hits.compactMap { $0["text"]?.string }
        let expected = try await library.scores(of: texts, for: "a cat")
        #expect(
            hits.compactMap { $0["rerank_score"]?.double.map { Float($0) } } == expected, "\(answer.text)")
        #expect(texts.count == 3 && expected == expected.sorted(by: >))
        let wrong = try await server.post(
            "/v1/collections/notes/search", #"{"query":"a","rerank":{"model":"late","budget_ms":0}}"#)
        #expect(wrong.status == 400 && wrong.text.contains("budget_ms is 0"))
    }

    /// A chat model that knows one other wording.
    private struct Chat: HTTPTransport {
        func send(_ request: MartletHTTP.HTTPRequest) async throws -> HTTPAnswer {
            let body = try JSONValue.parse(request.body)
            #expect(request.url == "http://chat/v1/chat/completions" && body["model"]?.string == "small")
            #expect(body["messages"]?[1]?["content"]?.string == "flowers")
            return HTTPAnswer(
                status: 200,
                body: Array(#"{"choices":[{"message":{"content":"1. train to Berlin\n"}}]}"#.utf8))
        }
    }

    @Test func questionsAreRewritten() async throws {
        let folder = folder.path
        let server = try TestServer(
            {
                $0.dataFolder = folder
                $0.rewriteURL = "http://chat/v1/"
                $0.rewriteModel = "small"
            }, transport: Chat())
        _ = try await server.post("/v1/collections", #"{"name":"notes"}"#)
        _ = try await server.post("/v1/collections/notes/records", Self.records)
        let plain = try await server.post(
            "/v1/collections/notes/search", #"{"query":"flowers","by":"words"}"#)
        #expect(ids(plain) == [] && plain["wordings"] == nil, "\(plain.text)")
        let answer = try await server.post(
            "/v1/collections/notes/search", #"{"query":"flowers","by":"words","rewrite":true}"#)
        #expect(ids(answer) == ["train"] && answer["wordings"] == ["train to Berlin"], "\(answer.text)")
        let without = try await self.server().post(
            "/v1/collections/notes/search", #"{"query":"flowers","rewrite":true}"#)
        #expect(without.status == 400 && without.text.contains("rewrite-url"))
        #expect(throws: ServerError.self) { try TestServer { $0.rewriteURL = "http://chat" } }
    }

    @Test func aQueryIsAddedWhereNothingIsNear() async throws {
        let server = try await filled()
        let body = #"{"text":"What is the capital of France?","threshold":0.9,"fields":{"tag":"cache"}}"#
        let first = try await server.post("/v1/collections/notes/query", body)
        let id = try #require(first["added"]?.string, "\(first.text)")
        #expect(first["hits"] == [])
        let second = try await server.post("/v1/collections/notes/query", body)
        #expect(second["added"] == .null && ids(second) == [id])
        // Many at once: one adds, the others find.
        let answers = try await withThrowingTaskGroup(of: TestServer.Answer.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try await server.post(
                        "/v1/collections/notes/query", #"{"text":"How tall is the tower?","threshold":0.9}"#)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count { $0["added"]?.string != nil } == 1)
        #expect(try await server.send(.get, "/v1/collections/notes")["records"] == 5)
    }

    private static let errors: [(String, String, Int, String)] = [
        ("/v1/collections", #"{"name":"../x"}"#, 400, "name is"),
        ("/v1/collections", #"{"name":""}"#, 400, "name is"),
        ("/v1/collections", #"{"name":"n","fields":{"a":"text"}}"#, 400, "fields.a is"),
        ("/v1/collections", #"{"name":"n","dimensions":5000}"#, 400, "5000"),
        ("/v1/collections", "{}", 400, "name: expected"),
        (
            "/v1/collections", #"{"name":"n","language":"turkish"}"#, 400,
            "language: there is no stemmer for \"turkish\"; use none"
        ),
        ("/v1/collections/none/search", #"{"query":"a"}"#, 404, "no collection"),
        ("/v1/collections/notes/search", "{}", 400, "query: expected"),
        ("/v1/collections/notes/search", #"{"query":"a","filter":"yeer = 3"}"#, 400, "yeer"),
        ("/v1/collections/notes/search", #"{"query":"a","filter":"year ="}"#, 400, "filter"),
        ("/v1/collections/notes/search", #"{"query":"a","by":"magic"}"#, 400, "by is"),
        ("/v1/collections/notes/search", #"{"query":"a","group":"none"}"#, 400, "none"),
        ("/v1/collections/notes/search", #"{"vector":[1,2]}"#, 400, "dimensions"),
        ("/v1/collections/notes/search", #"{"query":"a","threshold":0.5}"#, 400, "threshold"),
        ("/v1/collections/notes/search", #"{"query":"a","top":0}"#, 400, "top is 0"),
        ("/v1/collections/notes/search", #"{"query":"a","exact":true,"candidates":9}"#, 400, "candidates"),
        (
            "/v1/collections/notes/search", #"{"query":"a","top":1001,"diversity":0.5}"#, 400,
            "at most 1000 hits"
        ),
        (
            "/v1/collections/notes/records", #"{"records":[{"id":"a","text":"b"},{"id":"a"}]}"#, 400,
            "records[1].text"
        ),
        ("/v1/collections/notes/records", #"{"records":[{"text":"b"}]}"#, 400, "records[0].id"),
        (
            "/v1/collections/notes/records", #"{"records":[{"id":"a","text":"b","tag":"c"}]}"#, 400,
            "put it into"
        ),
        (
            "/v1/collections/notes/records", #"{"records":[{"id":"a","text":"b","fields":{"year":"now"}}]}"#,
            400, "year"
        ),
        (
            "/v1/collections/notes/records", #"{"records":[{"id":"a","text":"b","vector":[1]}]}"#, 400,
            "dimensions"
        ),
        ("/v1/collections/notes/records", #"{"records":[]}"#, 400, "at least one"),
        ("/v1/collections/notes/query", #"{"text":"a"}"#, 400, "threshold: expected"),
    ]

    @Test func errors() async throws {
        let server = try await filled()
        for (path, body, status, message) in Self.errors {
            let answer = try await server.post(path, body)
            #expect(
                answer.status == status && answer["error"]?["message"]?.string?.contains(message) == true,
                "\(answer.text)")
            // Nothing of a refused request is kept.
            #expect(try await server.send(.get, "/v1/collections/notes")["records"] == 3)
        }
    }

    @Test func withoutAFolderThereAreNone() async throws {
        #expect(try await TestServer.shared.get().send(.get, "/v1/collections")["data"] == [])
        let answer = try await TestServer.shared.get().post("/v1/collections", #"{"name":"notes"}"#)
        #expect(answer.status == 403 && answer["error"]?["message"]?.string?.contains("--data") == true)
    }

    /// What `martlet index` has made is served, and a collection of another model is refused, not guessed at.
    @Test func collectionsOfOtherModelsAreRefused() async throws {
        let server = try server()
        let identity = CollectionIdentity(model: "other", fingerprint: "sha256:0")
        let other = try SearchCollection.create(
            at: folder.path + "/old.martlet", settings: .init(identity: identity, dimensions: 384))
        try other.writer().add(
            [Record(id: "a", text: "pasta", vector: Array(repeating: 1, count: 384))], identity: identity)
        let refused = try await server.post("/v1/collections/old/search", #"{"query":"pasta"}"#)
        #expect(
            refused.status == 409
                && refused["error"]?["message"]?.string?.contains("vectors of other") == true,
            "\(refused.text)")
        #expect(
            ids(try await server.post("/v1/collections/old/search", #"{"query":"pasta","by":"words"}"#)) == [
                "a"
            ])
    }

    /// Another process writes: an error that says so, and the next request works.
    @Test func aLockedCollectionSaysSo() async throws {
        let server = try await filled()
        server.core.collections?.releaseWriters(unusedFor: 0)
        let other = try SearchCollection(opening: folder.path + "/notes.martlet")
        var writer: CollectionWriter? = try other.writer()
        let body = #"{"records":[{"id":"b","text":"b"}]}"#
        let refused = try await server.post("/v1/collections/notes/records", body)
        #expect(
            refused.status == 409 && refused["error"]?["message"]?.string?.contains("another writer") == true,
            "\(refused.text)")
        _ = try writer?.remove(ids: ["pasta"])
        writer = nil
        #expect(try await server.post("/v1/collections/notes/records", body).status == 200)
        #expect(try await server.send(.get, "/v1/collections/notes")["records"] == 3)
    }

    private static let identity = CollectionIdentity(model: "made", fingerprint: "1")

    /// JSON has no word for infinity.
    @Test func scoresThatAreNotFiniteAreNull() async throws {
        let server = try server()
        let settings = CollectionSettings(
            identity: Self.identity, dimensions: 2, similarity: .dot, store: .f32)
        try SearchCollection.create(at: folder.path + "/large.martlet", settings: settings).writer()
            .add([Record(id: "a", text: "a", vector: [3e38, 3e38])], identity: Self.identity)
        let found = try await server.post(
            "/v1/collections/large/search", #"{"vector":[3e38,3e38],"by":"vectors"}"#)
        #expect(found.status == 200 && ids(found) == ["a"], "\(found.text)")
        #expect(found["hits"]?[0]?["score"] == .null && found["hits"]?[0]?["similarity"] == .null)
    }

    @Test func moreFieldsThanARecordCanHaveAreRefused() async throws {
        let server = try server()
        _ = try await server.post("/v1/collections", #"{"name":"notes"}"#)
        let fields = (0..<65536).map { "\"f\($0)\":true" }.joined(separator: ",")
        let answer = try await server.post(
            "/v1/collections/notes/records",
            "{\"records\":[{\"id\":\"a\",\"text\":\"a\",\"fields\":{\(fields)}}]}")
        #expect(answer.status == 400 && answer.text.contains("at most 65535"), "\(answer.text.prefix(200))")
    }

    /// Records of a large request are bulk work, those of a small one are not.
    @Test func manyRecordsAreBulk() async throws {
        let server = try server()
        _ = try await server.post("/v1/collections", #"{"name":"notes"}"#)
        let records = (0..<300).map { #"{"id":"\#($0)","text":"number \#($0)"}"# }.joined(separator: ",")
        let added = try await server.post("/v1/collections/notes/records", "{\"records\":[\(records)]}")
        #expect(added["total"] == 300, "\(added.text)")
        let found = try await server.post(
            "/v1/collections/notes/search", #"{"query":"number 217","by":"words","top":1}"#)
        #expect(ids(found) == ["217"])
    }
}

#endif
