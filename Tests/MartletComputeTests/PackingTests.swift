import CMartletKernels
import Testing

@testable import MartletCompute

struct PackingTests {
    /// Scales are applied as rows are packed: the panels are those of the products.
    @Test(arguments: Kernels.available, ComputePrecision.allCases)
    func columnScalesAreMultipliedInto(_ kernels: Kernels, _ precision: ComputePrecision) {
        // Neither whole panels nor whole vectors, and more than one group of int8.
        let (outputs, inputs) = (kernels.panelWidth + 3, 2 * Int(MK_INT8_GROUP) + 21)
        var numbers = Numbers(17)
        let (weights, scales) = (numbers.array(outputs * inputs), numbers.array(inputs))
        func outcome(_ columnScales: [Float]?, _ weight: (Int) -> Float) -> [Float] {
            let matrix = PackedMatrix(
                outputs: outputs, inputs: inputs, bias: nil, columnScales: columnScales, precision: precision,
                kernels: kernels
            ) { rows, destination in
                for index in 0..<rows.count * inputs {
                    destination[index] = weight(rows.lowerBound * inputs + index)
                }
            }
            let source = OperandRows(form: .f32, rows: 1, width: inputs)
            for k in 0..<inputs { source.f32[k] = Float(k % 9) / 4 - 1 }
            let narrow = OperandRows(form: precision.roundsInputs ? .u8 : .bf16, rows: 1, width: inputs)
            for k in 0..<inputs where precision == .bf16 { narrow.bf16[k] = bf16(source.f32[k]) }
            if precision.roundsInputs { narrow.quantise(source, from: 0, rows: 1, kernels) }
            let c = AlignedBuffer<Float>(count: outputs)
            matrix.apply(
                precision == .f32 ? source.operand() : narrow.operand(), rows: 1,
                to: .init(f32: c.pointer, stride: outputs))
            return Array(c.buffer)
        }
        let scaled = outcome(scales) { weights[$0] }
        #expect(scaled == outcome(nil) { weights[$0] * scales[$0 % inputs] })
        #expect(scaled != outcome(nil) { weights[$0] })
    }

    /// Slices hold zeros, do not overlap, and live as long as they are held, be the memory gone or full.
    @Test func slicesOfMemory() {
        let sizes = [
            1, 5000, 100_000, 1 << 20, 7 << 20, 9 << 20, 100_000, 8 << 20, 7 << 20, 7 << 20, 100_000,
        ]
        var slices: [WeightMemory.Slice] = []
        do {
            let memory = WeightMemory()
            for bytes in sizes { slices.append(memory.slice(bytes: bytes)) }
        }
        for (index, slice) in slices.enumerated() {
            #expect(slice.count == sizes[index] && UInt(bitPattern: slice.pointer) % 64 == 0)
            let bytes = UnsafeMutableBufferPointer(start: slice.pointer, count: slice.count)
            #expect(bytes.allSatisfy { $0 == 0 }, "slice \(index)")
            bytes.update(repeating: UInt8(index + 1))
        }
        for (index, slice) in slices.enumerated() {
            let bytes = UnsafeBufferPointer(start: slice.pointer, count: slice.count)
            #expect(bytes.allSatisfy { $0 == UInt8(index + 1) }, "slice \(index)")
            let slack = UnsafeBufferPointer(start: slice.pointer + slice.count, count: 64)
            #expect(slack.allSatisfy { $0 == 0 }, "slice \(index)")
        }
    }

    struct Refusal: Error, Equatable { let reason: Int }

    @Test(arguments: [true, false]) func aValueWorkedOutBeside(onThread: Bool) throws {
        let value = Concurrent(onThread: onThread) { () throws(Refusal) in [1, 2, 3] }
        #expect(try value.value() == [1, 2, 3])
        #expect(try value.value() == [1, 2, 3])
        let refusal = Concurrent<Int, Refusal>(onThread: onThread) { () throws(Refusal) in
            throw Refusal(reason: 7)
        }
        for _ in 0..<2 { #expect(throws: Refusal(reason: 7)) { try refusal.value() } }
        // One that none asks for.
        _ = Concurrent<Int, Refusal>(onThread: onThread) { () throws(Refusal) in 1 }
    }
}
