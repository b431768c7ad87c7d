import Testing

@testable import Martlet

/// Promise 4: truncation and blank texts are counted, and an error names the input at fault.
@Suite("Never silent")
struct NeverSilentTests {
    private static let long = String(repeating: "zopa turi ", count: 40)

    @Test func truncationIsReported() throws {
        let embedder = try embedder("bert-odd")
        let texts = (0..<100).map { $0 % 33 == 5 ? Self.long : "zopa turi \($0)" }
        for truncation in [TruncationPolicy.end, .start] {
            let usage = try embedder.embedBlocking(texts, options: .init(truncation: truncation)).usage
            #expect(usage.truncatedInputs == [5, 38, 71] && usage.blankInputs == 0)
        }
        let start = try embedder.tokenize("balo " + Self.long, options: .init(truncation: .start))
        let whole = try embedder.tokenizeWhole("balo " + Self.long)
        #expect(
            start.isTruncated && start.ids.count == 48 && start.total == whole.ids.count && !whole.isTruncated
        )
        #expect(start.ids.dropFirst() == whole.ids.suffix(47) && start.ids.first == whole.ids.first)
    }

    @Test func truncationMayBeAnError() throws {
        let embedder = try embedder("bert-odd")
        let texts = (0..<100).map { $0 >= 67 ? Self.long : "zopa" }
        let error = #expect(throws: MartletError.self) {
            try embedder.embedBlocking(texts, options: .init(truncation: .error))
        }
        #expect(error?.code == .inputTooLong && error?.inputIndex == 67)
        #expect(
            error?.message.hasPrefix("text 67 has ") == true
                && error?.message.contains("the model takes 48") == true)
        #expect(
            try embedder.embedBlocking(Array(texts[..<67]), options: .init(truncation: .error)).count == 67)
        #expect(throws: MartletError.self) {
            try embedder.tokenize(Self.long, options: .init(truncation: .error))
        }
    }

    @Test func blankTextsAreCountedAndHaveAVector() throws {
        let embedder = try embedder("bert-mini")
        let texts = ["", " ", "\t\r\n ", "zopa", "\u{3000}\u{a0}", ".", "\u{2028}"]
        let found = try embedder.embedBlocking(texts)
        #expect(found.usage.blankInputs == 5 && found.usage.truncatedInputs.isEmpty)
        #expect(Array(found).bits[0] == Array(found).bits[1] && Array(found).bits[0] != Array(found).bits[3])
        // A prompt before a blank text does not make it any fuller.
        #expect(
            try embedder.embedBlocking(["", "a"], options: .init(prompt: "teki: ")).usage.blankInputs == 1)
    }

    /// One damaged row of the word table: only texts with that word are at fault.
    @Test(arguments: [Float.nan, .infinity, -.infinity], [Precision.f32, .bf16, .int8, .int4])
    func aResultThatIsNotFinite(_ value: Float, _ precision: Precision) throws {
        let folder = try ModelCopy(of: "bert-mini")
        let word = try #require(try embedder("bert-mini").tokenize("zopa").ids.dropFirst().first)
        try folder.overwrite(tensor: "embeddings.word_embeddings.weight", at: word * 32 + 3, with: value)
        for isa in InstructionSet.here {
            let embedder = try Embedder(
                modelAt: folder.path,
                configuration: .init(threads: 2, precision: precision, instructionSet: isa))
            let error = #expect(throws: MartletError.self, "\(isa)") {
                try embedder.embedBlocking(["turi", "made", "zopa", "turi zopa"])
            }
            #expect(
                error?.code == .nonFinite && error?.inputIndex == 2
                    && error?.message.contains("text 2") == true, "\(isa)")
            #expect(try embedder.embedBlocking(["turi", "made"]).floats.allSatisfy(\.isFinite), "\(isa)")
        }
    }

    /// A damaged matrix or norm spoils every text: the model is refused.
    @Test(arguments: [Float.nan, .infinity], [Precision.f32, .bf16, .int8, .int4])
    func aMatrixThatIsNotFinite(_ value: Float, _ precision: Precision) throws {
        for tensor in [
            "intermediate.dense.weight", "attention.self.query.weight", "attention.output.LayerNorm.weight",
        ] {
            let folder = try ModelCopy(of: "bert-mini")
            try folder.overwrite(tensor: "encoder.layer.1.\(tensor)", at: 5, with: value)
            for isa in InstructionSet.here {
                let error = #expect(throws: MartletError.self, "\(tensor), \(isa)") {
                    try Embedder(
                        modelAt: folder.path,
                        configuration: .init(threads: 2, precision: precision, instructionSet: isa))
                }
                #expect(error?.code == .invalidModel && error?.file?.hasSuffix("model.safetensors") == true)
                #expect(
                    error?.message.contains("encoder.layer.1.\(tensor) holds \(value) at element 5") == true,
                    "\(error?.message ?? "")")
            }
        }
    }

    /// Weights near the end of the float range give an error or finite numbers, and never a crash.
    @Test(arguments: [Precision.f32, .bf16, .int8, .int4])
    func hugeWeights(_ precision: Precision) throws {
        let folder = try ModelCopy(of: "bert-mini")
        for index in 0..<32 {
            try folder.overwrite(tensor: "encoder.layer.0.intermediate.dense.weight", at: index, with: 3e38)
        }
        for isa in InstructionSet.here {
            let embedder = try Embedder(
                modelAt: folder.path,
                configuration: .init(threads: 2, precision: precision, instructionSet: isa))
            do {
                #expect(try embedder.embedBlocking(["turi zopa"]).floats.allSatisfy(\.isFinite))
            } catch {
                #expect(error.code == .nonFinite && error.inputIndex == 0)
            }
        }
    }

    @Test func precisionAndPoolingAreToldOf() throws {
        let embedder = try Embedder(
            modelAt: Goldens.path("models/bert-odd"),
            configuration: .init(threads: 1, precision: .int8, instructionSet: .scalar, pooling: .max))
        #expect(
            embedder.model.precision == "int8" && embedder.model.instructionSet == "scalar"
                && embedder.model.pooling == [.max])
        #expect(embedder.model.pipeline.contains("→ max"))
    }
}
