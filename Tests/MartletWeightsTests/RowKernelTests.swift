import CMartletKernels
import MartletSystem
import Testing

@testable import MartletWeights

/// The row kernels against the `gguf` package, bit for bit.
@Suite struct RowKernelTests {
    @Test(arguments: ElementType.allCases) func decodesAsTheReference(type: ElementType) throws {
        let stored = try Goldens.bytes("\(type.golden).stored")
        let view = TensorView(
            name: "x", type: type, shape: type.goldenShape, bytes: region(stored), file: "golden")
        #expect(sameBits(try view.floats(), try Goldens.floats("\(type.golden).f32")))
    }

    @Test(arguments: ElementType.writable) func encodesAsTheReference(type: ElementType) throws {
        #expect(
            type.quantised(try Goldens.floats("values.f32")) == (try Goldens.bytes("\(type.golden).stored")))
    }

    @Test(arguments: ElementType.allCases.filter { $0.blockSize < 256 }) func readsRowsOfUnalignedBytes(
        type: ElementType
    ) throws {
        let bytes = region([0xff] + (try Goldens.bytes("\(type.golden).stored")))
        let shifted = try #require(bytes.subregion(offset: 1, count: bytes.count - 1))
        let view = TensorView(name: "x", type: type, shape: [3, 4, 64], bytes: shifted, file: "golden")
        #expect(view.rowCount == 12)
        var rows = [Float](repeating: .nan, count: 3 * 64 + 1)
        rows.withUnsafeMutableBufferPointer { view.readRows(5..<8, into: $0) }
        #expect(
            sameBits(Array(rows.dropLast()), Array(try Goldens.floats("\(type.golden).f32")[5 * 64..<8 * 64]))
        )
        #expect(rows[3 * 64].isNaN)
    }

    @Test(arguments: ElementType.allCases.filter { $0.blockSize == 256 })
    func readsRowsOfUnalignedSuperblocks(type: ElementType) throws {
        let bytes = region([0xff] + (try Goldens.bytes("\(type.golden).stored")))
        let shifted = try #require(bytes.subregion(offset: 1, count: bytes.count - 1))
        let view = TensorView(name: "x", type: type, shape: [3, 256], bytes: shifted, file: "golden")
        var rows = [Float](repeating: .nan, count: 2 * 256 + 1)
        rows.withUnsafeMutableBufferPointer { view.readRows(1..<3, into: $0) }
        #expect(sameBits(Array(rows.dropLast()), Array(try Goldens.floats("\(type.golden).f32")[256...])))
        #expect(rows[2 * 256].isNaN)
    }

    /// Every half there is, by the definition of the format.
    @Test func decodesEveryHalf() {
        let halves = (0...UInt16.max).map { $0 }
        var floats = [Float](repeating: 0, count: halves.count)
        #expect(mk_dequantise_row(Int32(ElementType.f16.ggmlType), halves, halves.count, &floats) == 0)
        for (half, float) in zip(halves, floats) {
            let exponent = Int(half >> 10 & 31)
            let fraction = Float(half & 0x3ff)
            var expected: Float =
                switch exponent {
                case 0: fraction * 0x1p-24
                case 31: fraction == 0 ? .infinity : .nan
                default: (1024 + fraction) * Float(sign: .plus, exponent: exponent - 25, significand: 1)
                }
            if half & 0x8000 != 0 { expected = -expected }
            #expect(float.isNaN && expected.isNaN || float.bitPattern == expected.bitPattern, "half \(half)")
            var back: [UInt16] = [0]
            #expect(mk_quantise_row(Int32(ElementType.f16.ggmlType), [float], 1, &back) == 0)
            if !float.isNaN { #expect(back == [half]) }
        }
    }

    @Test func roundsToTheNearestEvenHalf() {
        let cases: [(Float, UInt16)] = [
            (1 + 0x1p-11, 0x3c00), (1 + 0x3p-11, 0x3c02), (0x1p-25, 0), (0x1.8p-25, 1), (0x3p-25, 2),
            (65519, 0x7bff), (65520, 0x7c00),
            (.infinity, 0x7c00), (-.infinity, 0xfc00), (0x1p-14, 0x0400), (-0.0, 0x8000), (.nan, 0x7e00),
            (0x1p-149, 0),
        ]
        for (float, half) in cases {
            var stored: [UInt16] = [1]
            #expect(mk_quantise_row(Int32(ElementType.f16.ggmlType), [float], 1, &stored) == 0)
            #expect(stored == [half], "\(float)")
        }
    }

    @Test func refusesRowsThatAreNoWholeBlocks() {
        var floats = [Float](repeating: 7, count: 32)
        #expect(mk_dequantise_row(8, [UInt8](repeating: 0, count: 34), 31, &floats) == -1)
        #expect(mk_dequantise_row(12, [UInt8](repeating: 0, count: 144), 32, &floats) == -1)
        #expect(mk_dequantise_row(9, [UInt8](repeating: 0, count: 144), 32, &floats) == -1)
        #expect(mk_dequantise_row(16, [UInt8](repeating: 0, count: 144), 32, &floats) == -1)
        #expect(mk_dequantise_row(40, [UInt8](repeating: 0, count: 144), 32, &floats) == -1)
        var blocks = [UInt8](repeating: 7, count: 144)
        #expect(mk_quantise_row(12, [Float](repeating: 0, count: 256), 256, &blocks) == -1)
        #expect(blocks == [UInt8](repeating: 7, count: 144))
        #expect(floats == [Float](repeating: 7, count: 32))
    }

    @Test func findsTheLargestMagnitude() {
        #expect(mk_largest_magnitude([1, -3, 2], 3) == 3)
        #expect(mk_largest_magnitude([1, .nan, 2], 3) == .infinity)
        #expect(mk_largest_magnitude([-.infinity], 1) == .infinity)
        #expect(mk_largest_magnitude([], 0) == 0)
    }

    @Test func sizesDoNotOverflow() {
        #expect(ElementType.q8_0.byteCount(shape: [2, 64]) == 136)
        #expect(ElementType.q8_0.byteCount(shape: [64, 2]) == nil)
        #expect(ElementType.f32.byteCount(shape: []) == 4)
        #expect(ElementType.f32.byteCount(shape: [3, 0]) == 0)
        #expect(ElementType.f32.byteCount(shape: [1 << 31, 1 << 31]) == nil)
        #expect(ElementType.f32.byteCount(shape: [0, Int.max, Int.max]) == nil)
        #expect(ElementType.f32.byteCount(shape: [0, Int.max]) == nil)
        #expect(ElementType.f32.byteCount(shape: [0, 1 << 40]) == 0)
        #expect(ElementType.f32.byteCount(shape: [-1]) == nil)
        #expect(ElementType.q6_K.byteCount(shape: [3, 512]) == 1260)
        #expect(ElementType.q6_K.byteCount(shape: [3, 384]) == nil)
        #expect(ElementType.q2_K.byteCount(shape: [1 << 40, 1 << 30]) == nil)
    }
}
