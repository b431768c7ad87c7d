import Martlet
import MartletJSON
import Testing

@Suite struct ModelIdentityJSONTests {
    private let identity = ModelIdentity(
        space: VectorSpace(
            model: "a \"quoted\" name", weights: "sha256:01", tokenizer: "sha256:02",
            configuration: "sha256:03", kind: .dense,
            dimensions: 8, pooling: ["mean", "cls"], isNormalized: true,
            prompts: ["query": "find: ", "document": ""],
            task: "retrieval", adapter: "sha256:04", context: "sha256:05"),
        computation: Computation(precision: "int8", device: "cpu"))

    @Test func anIdentityReadsBackAsItWas() throws {
        let read = try #require(ModelIdentity(json: identity.json))
        #expect(read == identity)
        #expect(read.space.model == identity.space.model)
        #expect(read.space.fingerprint == identity.space.fingerprint)
    }

    @Test(arguments: ["weights", "kind", "dimensions", "pooling", "normalized", "prompts"])
    func aMissingMemberIsNoIdentity(name: String) throws {
        let text = identity.json.replacing("\"\(name)\":", with: "\"x\":")
        #expect(text != identity.json)
        #expect(ModelIdentity(json: text) == nil)
    }
}
