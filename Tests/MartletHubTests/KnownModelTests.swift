#if Hub

import MartletModels
import MartletSystem
import Testing

@testable import MartletHub

/// The list of known models agrees with itself and with what the engine reads.
@Suite struct KnownModelTests {
    @Test func `there are models of every kind`() {
        #expect(KnownModels.all.count >= 60)
        for kind in ModelKind.allCases { #expect(KnownModels.all.contains { $0.kind == kind }, "\(kind)") }
    }

    @Test func `every name means one model`() {
        var owners: [String: String] = [:]
        for model in KnownModels.all {
            for name in Set(([model.repository, model.name] + model.aliases).map { $0.lowercased() }) {
                #expect(owners[name] == nil, "\(name) is \(owners[name] ?? "") and \(model.repository)")
                owners[name] = model.repository
                #expect(KnownModels.named(name) == model)
                #expect(KnownModels.named(name.uppercased()) == model)
            }
        }
    }

    @Test(arguments: KnownModels.all)
    func `a row is one that can be run`(model: KnownModel) {
        #expect(ModelReference.isRepository(model.repository))
        #expect(model.repository.contains("/"))
        #expect(!model.name.contains("/"))
        #expect(
            model.kind == .static || ArchitectureRegistry.reads(modelType: model.family), "\(model.family)")
        #expect((1...50_000).contains(model.millions))
        #expect((128...131_072).contains(model.maxTokens))
        #expect(model.license == model.license.lowercased() && !model.license.isEmpty)
        let givesVectors = [.dense, .static, .multiVector].contains(model.kind)
        #expect((model.dimensions != nil) == givesVectors)
        if let dimensions = model.dimensions { #expect((32...8192).contains(dimensions)) }
        #expect((model.pooling != nil) == [.dense, .static].contains(model.kind))
        #expect(model.queryPrompt != "" && model.documentPrompt != "")
    }

    /// Every model is in the table of Scripts/published_models.py, whose files and members are tested, or the
    /// table says which goldens have its form.
    @Test func `what is published of every model is tested`() throws {
        func text(_ name: String) throws -> String {
            let file = try MappedFile(path: Fixtures.path("published/" + name))
            return file.region.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        }
        let texts = try [text("models.jsonl"), text("elsewhere.json")]
        for model in KnownModels.all {
            #expect(texts.contains { $0.contains("\"\(model.repository)\"") }, "\(model.repository)")
        }
    }

    /// Names that people type because other programs taught them to.
    static let taught = [
        "nomic-embed-text", "mxbai-embed-large", "all-minilm", "all-minilm:l6-v2", "bge-m3",
        "snowflake-arctic-embed:m",
        "snowflake-arctic-embed2", "paraphrase-multilingual", "granite-embedding:278m",
        "qwen3-embedding:0.6b", "embeddinggemma",
        "BAAI/bge-small-en-v1.5", "snowflake/snowflake-arctic-embed-m-long",
        "sentence-transformers/all-MiniLM-L6-v2",
        "Xenova/ms-marco-MiniLM-L-6-v2", "jinaai/jina-embeddings-v2-base-en", "colbert-ir/colbertv2.0",
    ]

    @Test(arguments: taught) func `names of Ollama, fastembed and Hugging Face`(name: String) {
        #expect(KnownModels.named(name) != nil)
    }
}

#endif
