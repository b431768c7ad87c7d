import MartletSystem
import Synchronization
import Testing

@testable import MartletCompute

@Suite("A team of threads")
struct TeamTests {
    /// Each member once, at the same time: each waits for what the others wrote before, a thousand times
    /// over.
    @Test(arguments: [1, 2, 3, 5])
    func membersWaitForEachOther(_ size: Int) {
        let pool = WorkerPool(width: 5)
        let steps = 1000
        let written = AlignedBuffer<Int>(count: size * 16)
        nonisolated(unsafe) let values = written.pointer
        let late = Atomic<Int>(0)
        let members = Mutex(Set<Int>())
        pool.runTeam(size) { member in
            _ = members.withLock { $0.insert(member.index) }
            for step in 1...steps {
                values[member.index * 16] = step
                member.sync()
                for other in 0..<size where values[other * 16] != step { late.add(1, ordering: .relaxed) }
                member.sync()
            }
        }
        #expect(late.load(ordering: .relaxed) == 0)
        #expect(members.withLock { $0 } == Set(0..<size))
    }

    /// The threads look for a job for a while and then sleep: a team gets its members in both states and
    /// between them.
    @Test(arguments: [2, 3, 5])
    func findsItsMembersAwakeOrAsleep(_ size: Int) {
        let pool = WorkerPool(width: 5)
        let calls = Atomic<Int>(0)
        let jobs = 400
        for job in 0..<jobs {
            usleep(UInt32(job % 100))
            pool.runTeam(size) { member in
                member.sync()
                calls.add(1, ordering: .relaxed)
                member.sync()
            }
        }
        #expect(calls.load(ordering: .relaxed) == jobs * size)
    }

    @Test(arguments: [(10, 1), (384, 32), (100, 32), (1, 1), (0, 4), (33, 32)])
    func sharesCoverAllOnce(_ total: Int, _ unit: Int) {
        for size in [1, 2, 3, 7] {
            let pool = WorkerPool(width: 7)
            let shares = Mutex([Int: Range<Int>]())
            pool.runTeam(size) { member in
                shares.withLock { $0[member.index] = member.share(of: total, unit: unit) }
            }
            let found = shares.withLock { shares in (0..<size).compactMap { shares[$0] } }
            #expect(found.flatMap(Array.init) == Array(0..<total))
            #expect(found.allSatisfy { $0.lowerBound % unit == 0 || $0.isEmpty })
        }
    }

    /// A product's columns shared out have the bits of the whole, whatever the form of its rows.
    @Test(arguments: ComputePrecision.allCases, [1, 2, 3])
    func productsByColumns(_ precision: ComputePrecision, _ size: Int) {
        let kernels = Kernels.best
        let (rows, outputs, inputs) = (5, 3 * kernels.panelWidth + 7, 64)
        let matrix = PackedMatrix(
            outputs: outputs, inputs: inputs, bias: (0..<outputs).map { Float($0) / 7 }, precision: precision,
            kernels: kernels
        ) { range, destination in
            for index in 0..<range.count * inputs {
                destination[index] = Float((range.lowerBound * inputs + index) % 23) / 11 - 1
            }
        }
        let source = OperandRows(form: .f32, rows: rows, width: inputs)
        for index in 0..<rows * source.stride { source.f32[index] = Float(index % 17) / 8 - 1 }
        let operand: PackedMatrix.Operand
        let narrow = OperandRows(form: precision.roundsInputs ? .u8 : .bf16, rows: rows, width: inputs)
        switch precision {
        case .f32: operand = source.operand()
        case .bf16:
            for index in 0..<rows * narrow.stride {
                narrow.bf16[index] = UInt16(source.f32[index].bitPattern >> 16)
            }
            operand = narrow.operand()
        case .int8, .int4:
            narrow.quantise(source, from: 0, rows: rows, kernels)
            operand = narrow.operand()
        }
        let whole = AlignedBuffer<Float>(count: rows * outputs)
        let shared = AlignedBuffer<Float>(count: rows * outputs)
        let residual = AlignedBuffer<Float>(copying: (0..<rows * outputs).map(Float.init))
        matrix.apply(
            operand, rows: rows, to: .init(f32: whole.pointer, stride: outputs), activation: .gelu,
            residual: residual.pointer,
            residualStride: outputs)
        nonisolated(unsafe) let (result, a, added) = (shared.pointer, operand, residual.pointer)
        WorkerPool(width: 3).runTeam(size) { member in
            matrix.apply(
                a, rows: rows, to: .init(f32: result, stride: outputs), activation: .gelu, residual: added,
                residualStride: outputs,
                member)
        }
        #expect(shared.buffer.map(\.bitPattern) == whole.buffer.map(\.bitPattern))
        #expect(whole.buffer.contains { $0 != 0 })
    }
}
