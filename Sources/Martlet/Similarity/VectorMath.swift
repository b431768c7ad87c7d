#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Sums over vectors. The order of every sum depends on the length alone, so a result has the same bits wherever it is computed.
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

    /// The length of a vector. In 64 bits, so that the squares of large values do not overflow.
    static func norm(_ a: UnsafePointer<Float>, _ count: Int) -> Double {
        squaredDistance(a, nil, count).squareRoot()
    }

    /// The sum of (a − b)², with b = 0 if it is nil, in four partial sums of 64 bits.
    static func squaredDistance(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>?, _ count: Int) -> Double {
        var sums = SIMD4<Double>()
        for index in 0..<count {
            let difference = Double(a[index]) - (b.map { Double($0[index]) } ?? 0)
            sums[index & 3] += difference * difference
        }
        return (sums[0] + sums[1]) + (sums[2] + sums[3])
    }

    static func manhattanDistance(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Double {
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
