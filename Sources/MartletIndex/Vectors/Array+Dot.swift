internal import MartletCompute

extension [Float] {
    /// The dot product with a vector of as many dimensions.
    func dot(_ other: [Float]) -> Float {
        withUnsafeBufferPointer { a in
            other.withUnsafeBufferPointer { b in
                guard let first = a.baseAddress, let second = b.baseAddress else { return 0 }
                return Kernels.best.dot(first, second, count: Swift.min(a.count, b.count))
            }
        }
    }
}
