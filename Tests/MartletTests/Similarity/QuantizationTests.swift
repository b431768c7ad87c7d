import MartletJSON
import MartletSystem
import Testing

@testable import Martlet

@Suite("Quantised vectors are those of sentence_transformers.quantization")
struct QuantizationTests {
    @Test func seededBlock() throws {
        let goldens = try Goldens.json("pooling.json")
        var floats = Goldens.values(6 * 19, seed: 6)
        for row in 0..<6 { (floats[row * 19 + 3], floats[row * 19 + 4]) = (0.25, 0) }
        floats[2 * 19 + 5] = -0.0
        let block = try Embeddings(floats: floats, dimensions: 19)
        let cases = try #require(goldens["quantize"]?.array)
        #expect(cases.count == 6)
        for golden in cases {
            let precision = try #require(OutputPrecision(rawValue: try golden.string("precision")))
            let given = golden["ranges"]?.array.map {
                $0.map { ($0.array ?? []).map { Float($0.double ?? .nan) } }
            }
            let ranges = try given.map { try QuantizationRanges(minimum: $0[0], maximum: $0[1]) }
            let found = try block.quantized(to: precision, ranges: ranges)
            #expect(
                (0..<6).flatMap { found.integers(at: $0) ?? [] } == (try golden.ints("expected")),
                "\(precision)")
            #expect(found.bytesPerVector == (try golden.ints("shape")[1]))
        }
    }

    @Test(
        arguments: ["bert-mini", "hand-made"].flatMap { set in
            ["int8-given", "int8-computed", "uint8-given", "uint8-computed", "binary", "ubinary"].map {
                "quantize-\(set)-\($0).json"
            }
        })
    func blocksOfFiles(_ name: String) throws {
        let golden = try Goldens.json(name)
        let rows = try #require(golden["embeddings"]?.array).map {
            ($0.array ?? []).map { Float($0.double ?? .nan) }
        }
        let block = try Embeddings(rows.map { Embedding($0) })
        let precision = try #require(OutputPrecision(rawValue: try golden.string("precision")))
        let isGiven = golden["ranges"]?.string == "given"
        let ranges =
            isGiven
            ? try QuantizationRanges(minimum: golden.floats("minimum"), maximum: golden.floats("maximum"))
            : nil
        let found = try block.quantized(to: precision, ranges: ranges)
        let expected = try #require(golden["expected"]?.array).map { ($0.array ?? []).map { $0.int ?? .min } }
        #expect(expected.count == block.count)
        for index in block.indices {
            #expect(found.integers(at: index) == expected[index], "\(name), row \(index)")
        }
    }

    @Test func halfPrecisionRoundsAsNumPy() throws {
        let golden = try #require(try Goldens.json("pooling.json")["float16"])
        let inputs = try golden.ints("bits32").map { Float(bitPattern: UInt32($0)) }
        let expected = try golden.ints("bits16")
        for (input, bits) in zip(inputs, expected) {
            #expect(Int(HalfPrecision.bits(input)) == bits, "\(input)")
        }
        #expect(HalfPrecision.bits(.nan) & 0x7C00 == 0x7C00 && HalfPrecision.bits(.nan) & 0x3FF != 0)
        let bytes = try Embeddings(floats: [1, -2.5], dimensions: 2).quantized(to: .float16).bytes
        #expect(bytes == [0x00, 0x3C, 0x00, 0xC1])
        #expect(
            try Embeddings(floats: [1], dimensions: 1).quantized(to: .float32).bytes == [0, 0, 0x80, 0x3F])
    }

    @Test func everyHalfPrecisionNumberStaysItself() {
        // Exact values of all finite binary16 numbers, from the definition of the format.
        for bits in UInt16(0)..<0x7C00 {
            let (exponent, fraction) = (Int(bits >> 10), Float(bits & 0x3FF))
            let unit = Float(sign: .plus, exponent: exponent - 15, significand: 1)
            let value = exponent == 0 ? fraction / 16_777_216 : (1 + fraction / 1024) * unit
            if HalfPrecision.bits(value) != bits || HalfPrecision.bits(-value) != bits | 0x8000 {
                Issue.record("binary16 \(bits) is not kept")
            }
        }
    }

    @Test func rangesThatCannotBe() throws {
        let block = try Embeddings(floats: [1, 2], dimensions: 2)
        let single = #expect(throws: MartletError.self) { try block.quantized(to: .int8) }
        #expect(single?.code == .invalidOption)
        let three = try QuantizationRanges(minimum: [0, 0, 0], maximum: [1, 1, 1])
        let other = #expect(throws: MartletError.self) { try block.quantized(to: .uint8, ranges: three) }
        #expect(other?.message.contains("3 dimensions, the vectors have 2") == true)
        for (low, high) in [([0], [1, 2]), ([2], [1]), ([.nan], [1]), ([0], [.infinity])]
            as [([Float], [Float])]
        {
            #expect(throws: MartletError.self) { try QuantizationRanges(minimum: low, maximum: high) }
        }
        #expect(throws: MartletError.self) { try QuantizationRanges(calibration: try Embeddings([])) }
        let broken = try Embeddings(floats: [1, 2, .nan, 4], dimensions: 2)
        for precision in [OutputPrecision.int8, .binary] {
            let error = #expect(throws: MartletError.self) { try broken.quantized(to: precision) }
            #expect(error?.code == .nonFinite && error?.inputIndex == 1)
        }
        #expect(try Embeddings([]).quantized(to: .int8).bytes.isEmpty)
    }
}
