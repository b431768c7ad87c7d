import MartletJSON
import MartletModels
import Testing

@testable import Martlet

@Suite("Pooling and the modules after it give the numbers of sentence-transformers")
struct PoolerTests {
    private func pool(_ hidden: [Float], tokens: Int, skip: Int = 0, _ modes: [PoolingMode]) -> [Float] {
        var row = [Float](repeating: .nan, count: hidden.count / tokens * modes.count)
        hidden.withUnsafeBufferPointer { hidden in
            row.withUnsafeMutableBufferPointer { row in
                guard let states = hidden.baseAddress else { return }
                Pooler.pool(
                    states, stride: hidden.count / tokens, tokens: tokens, skip: skip, modes: modes, into: row
                )
            }
        }
        return row
    }

    private func finish(_ process: PostProcessing, _ rows: [Float], count: Int) -> [Float] {
        var rows = rows
        var output = [Float](repeating: .nan, count: count * process.dimensions)
        rows.withUnsafeMutableBufferPointer { rows in
            output.withUnsafeMutableBufferPointer { process.finish(rows, count: count, into: $0) }
        }
        return output
    }

    @Test func everyMode() throws {
        let cases = try #require(try Goldens.json("pooling.json")["pooling"]?.array)
        #expect(cases.count == 25)
        for golden in cases {
            let tokens = try golden.int("tokens")
            let hidden = Goldens.values(tokens * (try golden.int("width")), seed: UInt32(tokens))
            let modes = try #require(golden["modes"]?.array).map {
                try #require(PoolingMode(rawValue: $0.string ?? ""))
            }
            let row = pool(hidden, tokens: tokens, skip: try golden.int("skip"), modes)
            expectClose(
                row, try golden.floats("expected"),
                "\(modes) of \(tokens) tokens without \(try golden.int("skip"))")
        }
    }

    @Test func aMaximumKeepsWhatIsNoNumberAndIsMinusInfinityOfNothing() {
        #expect(pool([1, .nan, 3, 2], tokens: 2, [.max])[1].isNaN)
        #expect(pool([1, 2, 3, 4], tokens: 2, skip: 2, [.max]) == [-.infinity, -.infinity])
    }

    @Test func dense() throws {
        let cases = try #require(try Goldens.json("pooling.json")["dense"]?.array)
        #expect(cases.count == 6)
        for golden in cases {
            let (inputs, outputs, rows) = (
                try golden.int("inputs"), try golden.int("outputs"), try golden.int("rows")
            )
            let residual = golden["residual"]?.bool == true
            let layer = try DenseLayer(
                inputs: inputs, outputs: outputs, weight: Goldens.values(inputs * outputs, seed: 1),
                bias: golden["bias"]?.bool == true ? Goldens.values(outputs, seed: 2) : nil,
                activation: try #require(DenseActivation(rawValue: try golden.string("activation"))),
                residual: residual,
                residualWeight: residual && inputs != outputs
                    ? Goldens.values(inputs * outputs, seed: 3) : nil, file: "test")
            #expect(layer.weight == Goldens.values(inputs * outputs, seed: 1))
            var pipeline = PipelineDescription(pooling: [.mean])
            pipeline.stages = [.dense(layer)]
            let process = try PostProcessing(pipeline, hiddenSize: inputs)
            let found = finish(process, Goldens.values(rows * inputs, seed: 4), count: rows)
            expectClose(found, try golden.floats("expected"), pipeline.description)
        }
    }

    @Test func layerNorm() throws {
        let golden = try #require(try Goldens.json("pooling.json")["layer_norm"])
        let width = try golden.int("width")
        var pipeline = PipelineDescription(pooling: [.mean])
        pipeline.stages = [
            .layerNorm(
                try LayerNormLayer(
                    weight: Goldens.values(width, seed: 1), bias: Goldens.values(width, seed: 2), file: "test"
                ))
        ]
        let found = finish(
            try PostProcessing(pipeline, hiddenSize: width), Goldens.values(3 * width, seed: 4), count: 3)
        expectClose(found, try golden.floats("expected"), "layer norm")
    }

    @Test func normalize() throws {
        for golden in try #require(try Goldens.json("pooling.json")["normalize"]?.array) {
            let scale = Float(try #require(golden["scale"]?.double))
            let vector = Embedding(Goldens.values(9, seed: 5).map { $0 * scale })
            expectClose(
                vector.normalized().values, try golden.floats("expected"), "normalized at scale \(scale)")
        }
        #expect(Embedding([3e38, 3e38]).normalized().allSatisfy { abs($0 - 0.70710678) < 1e-6 })
    }

    @Test func theCutComesBeforeTheLastNormalisation() throws {
        var pipeline = PipelineDescription(pooling: [.mean])
        pipeline.stages = [.normalize]
        let rows: [Float] = [3, 4, 12, 0, 0, 5]
        #expect(
            finish(try PostProcessing(pipeline, hiddenSize: 3, dimensions: 2), rows, count: 2) == [
                0.6, 0.8, 0, 0,
            ])
        #expect(finish(try PostProcessing(pipeline, hiddenSize: 3, normalize: false), rows, count: 2) == rows)
        #expect(
            finish(
                try PostProcessing(pipeline, hiddenSize: 3, dimensions: 1, normalize: false), rows, count: 2)
                == [3, 0])
        pipeline.stages = []
        #expect(
            finish(try PostProcessing(pipeline, hiddenSize: 3, dimensions: 2), rows, count: 2) == [
                3, 4, 0, 0,
            ])
        #expect(
            finish(
                try PostProcessing(pipeline, hiddenSize: 3, dimensions: 2, normalize: true), rows, count: 2)
                == [0.6, 0.8, 0, 0])
        pipeline.defaultDimensions = 1
        #expect(try PostProcessing(pipeline, hiddenSize: 3).dimensions == 1)
    }

    /// `truncate_dim`: sentence-transformers cuts what comes out of the last module.
    @Test func theModelsOwnCutComesAfterTheLastNormalisation() throws {
        var pipeline = PipelineDescription(pooling: [.mean])
        pipeline.stages = [.normalize]
        pipeline.defaultDimensions = 2
        let rows: [Float] = [3, 4, 12]
        let own = try PostProcessing(pipeline, hiddenSize: 3)
        expectClose(finish(own, rows, count: 1), [3 / 13, 4 / 13], "own cut")
        #expect(!own.normalizes)
        #expect(
            finish(try PostProcessing(pipeline, hiddenSize: 3, normalize: true), rows, count: 1) == [
                0.6, 0.8,
            ]
        )
        #expect(
            finish(try PostProcessing(pipeline, hiddenSize: 3, normalize: false), rows, count: 1) == [3, 4])
        let given = try PostProcessing(pipeline, hiddenSize: 3, dimensions: 2)
        #expect(finish(given, rows, count: 1) == [0.6, 0.8] && given.normalizes)
        // A cut that leaves all is none.
        pipeline.defaultDimensions = 3
        #expect(try PostProcessing(pipeline, hiddenSize: 3).normalizes)
    }

    /// What a model says of its vectors is so.
    @Test func theModelsOwnCutIsTold() throws {
        let copy = try ModelCopy(of: "bert-mini")
        try copy.write("config_sentence_transformers.json", Array(#"{"truncate_dim": 10}"#.utf8))
        let embedder = try Embedder(modelAt: copy.path, configuration: .init(threads: 1, precision: .f32))
        let found = try embedder.embedBlocking(["zopa balo"])
        #expect(found.dimensions == 10 && embedder.model.dimensions == 10 && !embedder.model.normalizes)
        #expect(found.identity == embedder.identity && embedder.identity.space.dimensions == 10)
        let whole = try Embedder(
            modelAt: Goldens.path("models/bert-mini"), configuration: .init(threads: 1, precision: .f32))
        let full = try whole.embedBlocking(["zopa balo"])
        expectClose(found[0].values, Array(full[0].values.prefix(10)), "the first of all")
        #expect(whole.model.dimensions == 32 && whole.model.normalizes)
    }

    @Test func optionsThatDoNotFit() throws {
        var pipeline = PipelineDescription(pooling: [.mean, .cls])
        for dimensions in [0, -1, 9] {
            let error = #expect(throws: MartletError.self) {
                try PostProcessing(pipeline, hiddenSize: 4, dimensions: dimensions)
            }
            #expect(error?.code == .invalidOption)
            #expect(error?.message.contains("from 1 to 8") == true)
        }
        pipeline.stages = [
            .dense(
                try DenseLayer(
                    inputs: 8, outputs: 1, weight: Goldens.values(8, seed: 1), bias: nil, activation: .tanh,
                    file: "2_Dense/model.safetensors"))
        ]
        #expect(try PostProcessing(pipeline, hiddenSize: 4).dimensions == 1)
        let error = #expect(throws: MartletError.self) {
            try PostProcessing(pipeline, hiddenSize: 4, pooling: .cls)
        }
        #expect(error?.code == .invalidOption)
        #expect(error?.message.contains("takes 8 dimensions but gets 4") == true)
    }

    @Test func theFirstRowThatIsNotFinite() {
        func first(_ rows: [Float]) -> Int? {
            rows.withUnsafeBufferPointer { PostProcessing.firstNonFinite($0, dimensions: 2) }
        }
        #expect(first([1, 2, 3, 4]) == nil)
        #expect(first([1, 2, 3, .nan, .infinity, 0]) == 1)
        #expect(first([-.infinity, 2]) == 0)
    }

    /// In whole SIMD lanes and in the rest of a row alike; large numbers and zeros are finite.
    @Test(arguments: [Float.nan, .signalingNaN, .infinity, -.infinity])
    func finiteRows(_ odd: Float) {
        for count in [1, 7, 8, 11, 384] {
            let finite: [Float] = [
                0, -.greatestFiniteMagnitude, .greatestFiniteMagnitude, .leastNonzeroMagnitude,
            ]
            var row = (0..<count).map { finite[$0 % 4] }
            #expect(VectorMath.isFinite(row, count))
            for place in 0..<count {
                let value = row[place]
                row[place] = odd
                #expect(!VectorMath.isFinite(row, count), "\(odd) at \(place) of \(count)")
                row[place] = value
            }
        }
    }
}
