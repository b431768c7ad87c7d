#if Server

import HTTPTypes
import MartletJSON
import MartletSystem
import MartletTestSupport
import NIOCore
import Testing

@testable import MartletServer

/// The members that a route's description has are those that the route reads, on every route that computes
/// and on every one that refuses what it does not know.
@Suite struct RouteMembersTests {
    /// A body that a route answers, and the members that its form has; nil: those of the route.
    private struct Form {
        let server: TestServer
        let body: String
        var members: Set<String>?
        var parameters: [String: String] = [:]
    }

    private let folder: TemporaryFolder
    private let vectors: TestServer
    private let heads: TestServer
    private let tokens: TestServer
    private let data: TestServer

    init() throws {
        let folder = try TemporaryFolder()
        let fixtures = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Fixtures"
        self.folder = folder
        vectors = try TestServer.shared.get()
        heads = try TestServer.heads.get()
        tokens = try TestServer { $0.models = [ModelEntry(path: "\(fixtures)/multi/colbert")] }
        data = try TestServer { $0.dataFolder = folder.path }
    }

    /// By the name of their route.
    private func forms() async throws -> [String: [Form]] {
        let llama = TEITokenRoutes.llamaRequest.members
        let documents = RerankRequest.Form.documents.schema.members
        let texts = RerankRoutes.teiRequest.members
        let rerank = Form(server: heads, body: #"{"query":"q","documents":["a"]}"#, members: documents)
        let rerankTexts = Form(server: heads, body: #"{"query":"q","texts":["a"]}"#, members: texts)
        let embed = Form(
            server: vectors, body: #"{"inputs":"a"}"#, members: TEIRoutes.embedRequest.members)
        let predict = Form(
            server: heads, body: #"{"inputs":"a","model":"classifier"}"#,
            members: PredictRoutes.predictRequest.members)
        let sparse = Form(
            server: heads, body: #"{"inputs":["cat"],"model":"sparse"}"#,
            members: PredictRoutes.sparseRequest.members)

        #expect(try await data.post("/v1/collections", #"{"name":"notes"}"#).status == 200)
        let store = try await data.post("/v1/vector_stores", #"{"name":"a"}"#)["id"]?.string ?? ""
        func own(_ body: String) -> [Form] {
            [Form(server: data, body: body, parameters: ["name": "notes", "store": store])]
        }
        return [
            "POST /v1/embeddings": [Form(server: vectors, body: #"{"input":"a"}"#)],
            "POST /embed": [embed], "POST /embed_all": [Form(server: vectors, body: #"{"inputs":"a"}"#)],
            "POST /similarity": [
                Form(
                    server: vectors, body: #"{"inputs":{"source_sentence":"a","sentences":["b"]}}"#)
            ],
            "POST /tokenize": [
                Form(server: vectors, body: #"{"inputs":"a"}"#, members: TEITokenRoutes.teiRequest.members),
                Form(server: vectors, body: #"{"content":"a"}"#, members: llama),
            ],
            "POST /decode": [Form(server: vectors, body: #"{"ids":[101]}"#)],
            "POST /detokenize": [Form(server: vectors, body: #"{"tokens":[101]}"#)],
            "POST /": [embed, predict, sparse, rerankTexts],
            "POST /vertex": [Form(server: vectors, body: #"{"instances":[{"inputs":"a"}]}"#)],
            "POST /predict": [predict], "POST /embed_sparse": [sparse],
            "POST /rerank": [rerank, rerankTexts], "POST /v1/rerank": [rerank], "POST /v2/rerank": [rerank],
            "POST /v1/embed": [Form(server: vectors, body: #"{"texts":["a"]}"#)],
            "POST /v2/embed": [
                Form(server: vectors, body: #"{"texts":["a"]}"#)
            ],
            "POST /v1/multi-vector": [Form(server: tokens, body: #"{"input":"a"}"#)],
            "POST /embedding": [Form(server: vectors, body: #"{"content":"a"}"#)],
            "POST /api/embed": [Form(server: vectors, body: #"{"model":"all-minilm","input":"a"}"#)],
            "POST /api/embeddings": [Form(server: vectors, body: #"{"model":"all-minilm","prompt":"a"}"#)],
            "POST /v1/collections": own(#"{"name":"made"}"#),
            "POST /v1/collections/{name}/records": own(#"{"records":[{"id":"a","text":"a"}]}"#),
            "DELETE /v1/collections/{name}/records": own(#"{"ids":["b"]}"#),
            "POST /v1/collections/{name}/search": own(#"{"query":"a"}"#),
            "POST /v1/collections/{name}/query": own(#"{"text":"a","threshold":0.9}"#),
            "POST /v1/collections/{name}/map": own("{}"),
            "POST /v1/vector_stores/{store}/search": own(#"{"query":"a"}"#),
        ]
    }

    @Test func descriptionsNameWhatRoutesRead() async throws {
        let routes = vectors.core.routes.filter {
            // MCP's messages are JSON-RPC, which other rules describe.
            $0.request != nil && !$0.isAlias && $0.path != "/mcp"
                && ($0.operation != nil || $0.refusesUnknown)
        }
        let names = routes.reduce(into: Set(ResultMembers.all.keys)) { $0.formUnion($1.members) }
        let forms = try await forms()
        for route in routes {
            let known = try #require(forms[route.name], "no form of \(route.name)")
            var read: Set<String> = []
            for form in known {
                let own = try await members(of: names, readBy: route, form)
                let unread = (form.members ?? route.members).subtracting(own)
                #expect(unread.isEmpty, "\(route.name) does not read \(unread.sorted())")
                read.formUnion(own)
            }
            let more = read.subtracting(route.members)
            #expect(more.isEmpty, "\(route.name) reads \(more.sorted()), which its description lacks")
        }
    }

    /// Those that the route refuses a list of lists for, which no member is, where no check refuses them first.
    private func members(of names: Set<String>, readBy route: Route, _ form: Form) async throws
        -> Set<String>
    {
        let declared = form.members ?? route.members
        var read: Set<String> = []
        for name in declared {
            let refusal = try await refusal(of: [name], by: route, names, form)
            if let refusal, words(of: refusal).contains(name) { read.insert(name) }
        }
        // All others at once, until the rest is ignored.
        var rest = names.subtracting(declared)
        while let refusal = try await refusal(of: rest, by: route, names, form) {
            let found = refusal.parameter.map { [$0] }.map { rest.intersection($0) } ?? []
            let named = found.isEmpty ? rest.intersection(words(of: refusal)) : found
            guard !named.isEmpty else {
                Issue.record("\(route.name) \(form.body): \(refusal.message)")
                break
            }
            if !refusal.message.contains("would change the result") { read.formUnion(named) }
            rest.subtract(named)
        }
        return read
    }

    private func words(of error: ServiceError) -> Set<String> {
        Set(error.message.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
    }

    /// What the route says to the form's body with these members, where it is told to know all names.
    private func refusal(of members: Set<String>, by route: Route, _ names: Set<String>, _ form: Form)
        async throws -> ServiceError?
    {
        var open = route
        open.members = names
        open.refusesUnknown = false
        let given = try #require(try JSONValue.parse(utf8: form.body).object).members.filter {
            !members.contains($0.key)
        }
        let wrong = members.sorted().map { JSONObject.Member(key: $0, value: [[true]]) }
        let call = Call(
            server: form.server.core,
            head: HTTPRequest(method: .post, scheme: nil, authority: nil, path: "/"),
            body: ByteBuffer(bytes: JSONValue.object(JSONObject(given + wrong)).bytes),
            parameters: form.parameters, started: form.server.core.clock.now(), record: CallRecord(),
            trace: nil, connection: nil, route: open)
        do {
            _ = try await open.handle(call)
            return nil
        } catch let error as ServiceError {
            return error
        }
    }
}

#endif
