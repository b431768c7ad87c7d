internal import CMartletKernels
internal import MartletSystem

extension Kernels {
    /// Whether a pass in int8 is faster than one in f32: by the instructions that these kernels have or,
    /// where int8 has none of its own, by a trial of 2 ms, once in a process.
    ///
    /// Without such an instruction it depends on the CPU: bytes are multiplied as pairs of 16 bits, which
    /// some take as fast as an f32 vector of as many bits and some at half that speed.
    package var hasFastInt8: Bool {
        if hasInt8Dot { return true }
        // Plain C is for comparison, and slow.
        guard name != Kernels.reference.name else { return false }
        return Int8Trial.results.withLock { results in
            if let known = results[name] { return known }
            let result = Int8Trial(self).int8IsFaster()
            results[name] = result
            return result
        }
    }
}

/// The same product in f32 and in int8, timed in turn.
struct Int8Trial {
    /// By the name of the kernels.
    fileprivate static let results = Locked<[String: Bool]>([:])
    /// int8 must win by this factor, or an f32 pass, which is more exact, is as good.
    private static let margin = 1.1
    private static let rounds = 9
    // Whole tiles of every set of kernels, and a matrix that fits a core's cache.
    private static let rows = 24
    private static let width = 384

    private let kernels: Kernels

    init(_ kernels: Kernels) { self.kernels = kernels }

    /// By the least time that each takes: other processes only add to it.
    func int8IsFaster() -> Bool {
        let (f32, int8) = leastNanoseconds()
        return Double(int8) * Int8Trial.margin < Double(f32)
    }

    /// The least time of each product, quantising included.
    func leastNanoseconds() -> (f32: Int, int8: Int) {
        let (rows, width) = (Int8Trial.rows, Int8Trial.width)
        let source = OperandRows(form: .f32, rows: rows, width: width)
        for i in 0..<rows * source.stride { source.f32[i] = Float(i % 61 - 30) / 32 }
        let narrow = OperandRows(form: .u8, rows: rows, width: width)
        let output = OperandRows(form: .f32, rows: rows, width: width)
        let (f32, int8) = (matrix(.f32), matrix(.int8))
        var least = (f32: Int.max, int8: Int.max)
        for _ in 0..<Int8Trial.rounds {
            let start = Int8Trial.nanoseconds()
            f32.apply(source.operand(), rows: rows, to: output.output())
            let between = Int8Trial.nanoseconds()
            narrow.quantise(source, from: 0, rows: rows, kernels)
            int8.apply(narrow.operand(), rows: rows, to: output.output())
            let end = Int8Trial.nanoseconds()
            least = (min(least.f32, between - start), min(least.int8, end - between))
        }
        return least
    }

    private func matrix(_ precision: ComputePrecision) -> PackedMatrix {
        PackedMatrix(
            outputs: Int8Trial.width, inputs: Int8Trial.width, bias: nil, precision: precision,
            kernels: kernels
        ) { range, to in
            for i in to.indices { to[i] = Float((range.lowerBound + i) % 59 - 29) / 32 }
        }
    }

    /// Time that this thread has run.
    private static func nanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
    }
}
