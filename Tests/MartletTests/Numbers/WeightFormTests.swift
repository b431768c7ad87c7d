import Testing

@testable import Martlet

/// One model in the forms that folders have it in.
@Suite("Forms of weights")
struct WeightFormTests {
    private static let texts = ["balo tuka", "", "zupe fani, miro"]

    private func bits(_ path: String, _ published: PublishedFacts? = nil) throws -> (
        bits: [UInt32], notes: [String]
    ) {
        var source = ModelSource.path(path)
        source.published = published
        let embedder = try Embedder(source, configuration: .init(threads: 1, precision: .f32))
        return (try embedder.embedBlocking(Self.texts).bits, embedder.model.notes)
    }

    /// What torch.save wrote gives the bits of safetensors; where both are there, safetensors is read.
    @Test func torchFiles() throws {
        let copy = try ModelCopy(of: "bert-narrow", without: ["model.safetensors"])
        let expected = try bits(Goldens.path("models/bert-narrow")).bits
        #expect(try bits(copy.path).bits == expected && !expected.isEmpty)
        try copy.write("onnx/model.onnx", [1, 2, 3])
        #expect(try bits(copy.path).bits == expected)
        // A pickle of before PyTorch 1.6 is not read, so the export goes before it.
        let old = try ModelCopy(of: "bert-narrow", without: ["model.safetensors"])
        try old.write("pytorch_model.bin", [0x80, 2])
        try old.write("onnx/model.onnx", [1, 2, 3])
        #expect(
            #expect(throws: MartletError.self) { try bits(old.path) }?.file?.hasSuffix("/onnx/model.onnx")
                == true)
        try copy.write("model.safetensors", [1, 2, 3])
        let error = #expect(throws: MartletError.self) { try bits(copy.path) }
        #expect(error?.file?.hasSuffix("/model.safetensors") == true)
    }

    /// What is published of a model counts where its folder has no modules, and is told.
    @Test func publishedPooling() throws {
        let copy = try ModelCopy(of: "bert-narrow", without: ["modules.json", "pytorch_model.bin"])
        #expect(throws: MartletError.self) { try bits(copy.path) }
        let facts = PublishedFacts(name: "org/export", queryPrompt: nil, documentPrompt: nil, pooling: .mean)
        let found = try bits(copy.path, facts)
        let embedder = try Embedder(
            .path(copy.path), configuration: .init(threads: 1, precision: .f32, pooling: .mean))
        #expect(try found.bits == embedder.embedBlocking(Self.texts).bits)
        #expect(found.notes.contains { $0.contains("mean is the published pooling of org/export") })
        // What the files say is what counts.
        let folder = Goldens.path("models/bert-narrow")
        let whole = try bits(folder, .init(name: "x", queryPrompt: nil, documentPrompt: nil, pooling: .cls))
        #expect(
            try whole.bits == bits(folder).bits && !whole.notes.contains { $0.contains("published pooling") })
    }
}
