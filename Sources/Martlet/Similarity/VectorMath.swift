internal import MartletSystem

/// Sums over vectors. The order of every sum depends on the length alone, so a result has the same bits
/// wherever it is computed.
enum VectorMath {
    /// The smallest divisor in `torch.nn.functional.normalize`.
    static let normFloor = 1e-12

    /// In eight partial sums of 32 bits, added up pairwise.
    static func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Float {
        let left = UnsafeRawPointer(a)
        let right = UnsafeRawPointer(b)
        var sums = SIMD8<Float>()
        var index = 0
        while index + 8 <= count {
            let x = left.loadUnaligned(fromByteOffset: index &* 4, as: SIMD8<Float>.self)
            let y = right.loadUnaligned(fromByteOffset: index &* 4, as: SIMD8<Float>.self)
            sums += x * y
            index &+= 8
        }
        var tail: Float = 0
        while index < count {
            tail += a[index] * b[index]
            index &+= 1
        }
        let four = sums.lowHalf + sums.highHalf
        let two = four.lowHalf + four.highHalf
        return two.x + two.y + tail
    }

    /// Whether all values are finite: 0 · x is 0 for those alone, and NaN stays NaN in a sum.
    static func isFinite(_ a: UnsafePointer<Float>, _ count: Int) -> Bool {
        var sums = SIMD8<Float>()
        var index = 0
        while index + 8 <= count {
            sums += UnsafeRawPointer(a + index).loadUnaligned(as: SIMD8<Float>.self) * 0
            index &+= 8
        }
        var sum = sums.sum()
        while index < count {
            sum += a[index] * 0
            index &+= 1
        }
        return sum == 0
    }

    /// The length of a vector. In 64 bits, so that the squares of large values do not overflow.
    static func norm(_ a: UnsafePointer<Float>, _ count: Int) -> Double {
        sumOfSquares(count, four: { four($0, a) }, one: { Double(a[$0]) }).squareRoot()
    }

    /// The sum of (a − b)².
    static func squaredDistance(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Double
    {
        sumOfSquares(count, four: { four($0, a) - four($0, b) }, one: { Double(a[$0]) - Double(b[$0]) })
    }

    /// In four partial sums of 64 bits: value i goes to sum i mod 4.
    @inline(__always)
    private static func sumOfSquares(_ count: Int, four: (Int) -> SIMD4<Double>, one: (Int) -> Double)
        -> Double
    {
        var sums = SIMD4<Double>()
        var index = 0
        while index + 4 <= count {
            let values = four(index)
            sums += values * values
            index &+= 4
        }
        while index < count {
            let value = one(index)
            sums[index & 3] += value * value
            index &+= 1
        }
        return (sums[0] + sums[1]) + (sums[2] + sums[3])
    }

    @inline(__always)
    private static func four(_ index: Int, _ a: UnsafePointer<Float>) -> SIMD4<Double> {
        SIMD4<Double>(UnsafeRawPointer(a + index).loadUnaligned(as: SIMD4<Float>.self))
    }

    static func manhattanDistance(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int)
        -> Double
    {
        var sum = 0.0
        for index in 0..<count { sum += abs(Double(a[index]) - Double(b[index])) }
        return sum
    }

    /// Divides by max(‖x‖, 1e-12), as `torch.nn.functional.normalize`: a vector of zeros stays one.
    static func normalize(_ row: UnsafeMutablePointer<Float>, _ count: Int) {
        let divisor = Float(max(norm(row, count), normFloor))
        guard divisor.isFinite else {
            // A length beyond the range of Float: scale in 64 bits.
            let wide = norm(row, count)
            for index in 0..<count { row[index] = Float(Double(row[index]) / wide) }
            return
        }
        for index in 0..<count { row[index] /= divisor }
    }
}
