import Testing

@testable import MartletCompute

/// A step that a product takes along gives the bits that it gives by itself.
@Suite("What a product does to whole rows") struct RowStepTests {
    /// More rows than one block of any kernels, and few enough for tiles over several panels; columns that
    /// fill no panel.
    static let rows = [1, 2, 5, 17, 300]
    static let (inputs, outputs) = (40, 75)

    /// A product's output and what a step makes of it.
    private struct Target {
        let c: OperandRows
        let narrow: OperandRows
        let step: RowStep?
        let rows: Int
        private var weights: NormWeights?

        init(norm weights: NormWeights, narrow form: OperandRows.Form, rows: Int) {
            self.rows = rows
            self.weights = weights
            c = OperandRows(form: .f32, rows: rows, width: outputs)
            narrow = OperandRows(form: form, rows: rows, width: outputs)
            step = narrow.norming(c.f32, stride: c.stride, output: c.f32, first: 0, rows: rows, weights)
        }
        init(quantised form: OperandRows.Form, rows: Int) {
            self.rows = rows
            c = OperandRows(.init(form: form, rows: rows, width: outputs, areQuantised: true))
            narrow = c
            step = c.quantising(rows: rows)
        }

        var bits: [UInt8] { c.operand().bits(rows: rows) + narrow.operand().bits(rows: rows) }
    }

    private static func matrix(_ precision: ComputePrecision, _ kernels: Kernels) -> PackedMatrix {
        var numbers = Numbers(outputs)
        return PackedMatrix(
            outputs: outputs, inputs: inputs, bias: numbers.array(outputs), precision: precision,
            kernels: kernels
        ) {
            rows, destination in
            for (index, value) in numbers.array(rows.count * inputs).enumerated() {
                destination[index] = value
            }
        }
    }

    private static func operand(_ precision: ComputePrecision, rows: Int, _ kernels: Kernels) -> OperandRows {
        var numbers = Numbers(rows)
        let source = OperandRows(form: .f32, rows: rows, width: inputs)
        let operand = OperandRows(
            form: precision == .f32 ? .f32 : precision == .bf16 ? .bf16 : .u8, rows: rows, width: inputs)
        for row in 0..<rows {
            for (column, value) in numbers.array(inputs).enumerated() {
                source.f32[row * source.stride + column] = value
                if precision == .f32 { operand.f32[row * operand.stride + column] = value }
                if precision == .bf16 { operand.bf16[row * operand.stride + column] = bf16(value) }
            }
        }
        if precision.roundsInputs { operand.quantise(source, from: 0, rows: rows, kernels) }
        return operand
    }

    private static func targets(rows: Int) -> [Target] {
        var numbers = Numbers(3)
        let (gamma, beta) = (numbers.array(outputs), numbers.array(outputs))
        let norm = NormWeights(gamma: gamma, beta: beta, epsilon: 1e-6)
        let scaled = NormWeights(gamma: gamma, beta: nil, epsilon: 1e-6, isRMS: true, u8Factor: beta)
        return [
            Target(norm: norm, narrow: .f32, rows: rows), Target(norm: norm, narrow: .bf16, rows: rows),
            Target(norm: norm, narrow: .u8, rows: rows), Target(norm: scaled, narrow: .u8, rows: rows),
            Target(quantised: .f32, rows: rows), Target(quantised: .bf16, rows: rows),
        ]
    }

    @Test(arguments: Kernels.available, ComputePrecision.allCases)
    func isTheStepByItself(_ kernels: Kernels, _ precision: ComputePrecision) throws {
        let matrix = Self.matrix(precision, kernels)
        for rows in Self.rows {
            let operand = Self.operand(precision, rows: rows, kernels)
            for (alone, along) in zip(Self.targets(rows: rows), Self.targets(rows: rows)) {
                matrix.apply(operand.operand(), rows: rows, to: alone.c.output(), activation: .gelu)
                let before = alone.bits
                try #require(alone.step).run(kernels)
                matrix.apply(
                    operand.operand(), rows: rows, to: along.c.output(), activation: .gelu, then: along.step)
                let same = along.bits == alone.bits
                #expect(same, "\(kernels.name) \(precision), \(rows) rows")
                let differs = alone.bits != before
                #expect(differs)
            }
        }
    }

    @Test(arguments: ComputePrecision.allCases, [2, 3])
    func isSharedByATeam(_ precision: ComputePrecision, _ size: Int) throws {
        let kernels = Kernels.best
        let matrix = Self.matrix(precision, kernels)
        for rows in Self.rows {
            let operand = Self.operand(precision, rows: rows, kernels)
            for (alone, team) in zip(Self.targets(rows: rows), Self.targets(rows: rows)) {
                matrix.apply(operand.operand(), rows: rows, to: alone.c.output(), then: alone.step)
                nonisolated(unsafe) let (a, target) = (operand.operand(), team)
                WorkerPool(width: 3).runTeam(size) { member in
                    matrix.apply(a, rows: rows, to: target.c.output(), then: target.step, member)
                }
                let same = team.bits == alone.bits
                #expect(same, "\(precision), \(rows) rows")
            }
        }
    }
}

extension PackedMatrix.Operand {
    /// Every byte of the rows, and their scales and shifts.
    fileprivate func bits(rows: Int) -> [UInt8] {
        func bytes(_ start: UnsafeRawPointer?, _ count: Int) -> [UInt8] {
            Array(UnsafeRawBufferPointer(start: start, count: count))
        }
        let values = bytes(values, rows * byteStride)
        return scale == nil ? values : values + bytes(scale, rows * 4) + bytes(shift, rows * 4)
    }
}
