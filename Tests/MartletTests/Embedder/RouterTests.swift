import MartletJSON
import Testing

@testable import Martlet

/// Models whose queries and documents go through modules of their own, see Scripts/router-goldens.py.
@Suite("Routers")
struct RouterTests {
    private static func path(_ name: String) -> String { Goldens.path("routers/" + name) }

    private static func role(_ task: String?) -> TextRole? {
        switch task {
        case nil: nil
        case "query"?: .query
        case "document"?: .document
        case .some(let name): TextRole(promptName: name)
        }
    }

    private func embedder(_ name: String, threads: Int = 1) throws -> Embedder {
        try Embedder(
            modelAt: Self.path(name), configuration: .init(threads: threads, precision: .f32))
    }

    @Test(arguments: ["static-query", "two-encoders", "one-encoder", "mappings"])
    func vectors(_ name: String) throws {
        let rows = try SparseGolden.lines(Self.path(name) + "/goldens.jsonl")
        let embedder = try embedder(name)
        for task in Set(rows.map { $0["task"]?.string }) {
            let own = rows.filter { $0["task"]?.string == task }
            let found = try embedder.embedBlocking(
                own.map { try $0.string("text") }, as: Self.role(task))
            for (vector, row) in zip(found, own) {
                let expected = try Embedding(row.floats("embedding"))
                // Of a blank text a static model gives zeros.
                if expected.values.allSatisfy({ $0 == 0 }) {
                    #expect(vector.values.allSatisfy { $0 == 0 })
                    continue
                }
                let cosine = try vector.cosineSimilarity(to: expected)
                #expect(cosine >= 0.99999, "\(name) \(task ?? "none"): \(cosine)")
            }
        }
        #expect(embedder.hasRoutes && embedder.model.kind == .embedder)
    }

    @Test func aRoleWithoutARoute() throws {
        let embedder = try embedder("one-encoder")
        for role in [nil, TextRole.document] {
            let error = #expect(throws: MartletError.self) { try embedder.embedBlocking(["a"], as: role) }
            #expect(error?.message.contains("\"query\", \"doc\"") == true, "\(error?.message ?? "")")
            #expect(error?.code == .invalidOption)
        }
    }

    @Test func whatIsKnownOfIt() throws {
        let embedder = try embedder("static-query")
        let manifest = try ModelManifest.read(from: .path(Self.path("static-query")))
        #expect(manifest.kind == .embedder && manifest.pooling == [.mean])
        #expect(manifest.modules.map(\.name) == ["Router", "Normalize"])
        #expect(embedder.model.pipeline.contains("query: ") && embedder.model.pipeline.contains("document: "))
        #expect(embedder.model.normalizes && embedder.model.dimensions == 36)
        // The texts of each role have its own prompt and limit.
        let (query, document) = (try embedder.engine(for: .query), try embedder.engine(for: .document))
        #expect(query.engine.info.maxTokens > document.engine.info.maxTokens)
        #expect(document.engine === embedder.engine)
        // Both encoders' weights are part of what the model is.
        let other = try self.embedder("two-encoders")
        #expect(other.identity.space.weights != embedder.identity.space.weights)
        #expect(embedder.identity.space.weights.hasPrefix("sha256:"))
        #expect(embedder.model.parameters > embedder.engine.info.parameters)
    }

    /// Two routes over one encoder load it once.
    @Test func oneEncoderIsLoadedOnce() throws {
        let embedder = try embedder("one-encoder")
        let query = try embedder.engine(for: .query).engine
        let other = try embedder.engine(for: TextRole(promptName: "doc")).engine
        #expect(query !== other && embedder.model.parameters == query.info.parameters)
    }
}
