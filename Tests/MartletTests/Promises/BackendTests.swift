import MartletCompute
import MartletMiniLM
import MartletModels
import MartletSystem
import MartletWeights
import Testing

@testable import Martlet

/// An encoder of another device: nothing above the seam knows where rows are computed.
@Suite("A backend that returns rows")
struct BackendTests {
    /// Gives each token a row from its id, and pools by itself.
    private struct RowEncoder: Encoder {
        let shape: EncoderShape
        let runs: Locked<[Reduction]>
        var weightBytes: Int { 0 }
        var givesAttentionOfFirstToken: Bool { false }
        func makeSession(for largest: BatchLimit) -> any EncoderSession { RowSession(self, largest) }
        func sessionBytes(for largest: BatchLimit) -> Int { largest.tokens * shape.hiddenSize * 4 }
        func memberBytes(longest: Int) -> Int { 0 }
        func hidesTokens(ofTextsUpTo tokens: Int) -> Bool { false }
        func value(_ id: Int32, _ column: Int) -> Float { Float((Int(id) * 31 + column * 7) % 101) - 50 }
    }

    private final class RowSession: EncoderSession {
        let encoder: RowEncoder
        let rows: UnsafeMutableBufferPointer<Float>
        init(_ encoder: RowEncoder, _ largest: BatchLimit) {
            self.encoder = encoder
            rows = .allocate(capacity: largest.tokens * encoder.shape.hiddenSize)
        }
        deinit { rows.deallocate() }
        var bytes: Int { rows.count * 4 }

        func run(_ batch: PackedBatch, _ reduction: Reduction, team: Team?) -> EncodedRows {
            encoder.runs.withLock { $0.append(reduction) }
            let width = encoder.shape.hiddenSize
            guard let base = rows.baseAddress else { preconditionFailure("no memory") }
            if case .pooled(let modes, let skip) = reduction, modes == [.mean] {
                for text in 0..<batch.sequences {
                    let ids = batch.ids[batch.text(of: text)].dropFirst(skip)
                    for column in 0..<width {
                        var sum: Float = 0
                        for id in ids { sum += encoder.value(id, column) }
                        base[text * width + column] = sum / Float(ids.count)
                    }
                }
                return EncodedRows(base: base, stride: width, width: width)
            }
            for (token, id) in batch.ids.enumerated() {
                for column in 0..<width { base[token * width + column] = encoder.value(id, column) }
            }
            return EncodedRows(base: base, stride: width, width: width, offsets: batch.offsets)
        }
    }

    @Test func vectorsAndTokensComeFromItsRows() throws {
        let model = try Embedder(.miniLM, configuration: .init(threads: 2)).engine
        var shape = model.encoder.shape
        shape.hiddenSize = 384
        let encoder = RowEncoder(shape: shape, runs: Locked([]))
        let file = Goldens.path("models/bert-mini/model.safetensors")
        let parts = ModelParts(
            files: ModelFiles(weights: try WeightSources.open(path: file), weightFile: file),
            encoder: encoder, tokenizer: model.tokenizer, pipeline: model.pipeline, info: model.info)
        let engine = Engine(parts, pool: WorkerPool(width: 2), maxBatchTokens: 64)
        let texts = (0..<40).map { String(repeating: "word \($0) ", count: 1 + $0 % 5) }
        let found = try engine.embed(texts, role: nil, .init(normalize: false))
        #expect(encoder.runs.withLock { $0.allSatisfy { $0 == .pooled([.mean], skip: 0) } })
        for (index, text) in texts.enumerated() {
            let ids = try engine.tokenized(text, role: nil, .init()).ids
            let expected = (0..<384).map { column in
                ids.reduce(Float(0)) { $0 + encoder.value($1, column) } / Float(ids.count)
            }
            #expect(Array(found[index]) == expected)
        }
        let tokens = try engine.tokenVectors(["one text"], role: nil, .init())
        #expect(Array(tokens.floats.prefix(3)) == [0, 1, 2].map { encoder.value(101, $0) })
        #expect(encoder.runs.withLock { $0.last } == .tokens)
    }
}
