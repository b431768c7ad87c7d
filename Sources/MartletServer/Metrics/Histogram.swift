#if Server

/// Counts of values by upper bounds, as Prometheus has them.
struct Histogram: Sendable {
    let bounds: [Double]
    private(set) var counts: [Int]
    private(set) var sum = 0.0
    private(set) var count = 0

    init(bounds: [Double]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count)
    }

    mutating func observe(_ value: Double) {
        sum += value
        count += 1
        if let bucket = bounds.firstIndex(where: { value <= $0 }) { counts[bucket] += 1 }
    }

    /// From 0.1 ms to 60 s.
    static var seconds: Histogram {
        Histogram(bounds: [
            0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
            30, 60,
        ])
    }
    static var tokens: Histogram { Histogram(bounds: (0...14).map { Double(1 << $0) }) }
    static var texts: Histogram { Histogram(bounds: (0...10).map { Double(1 << $0) }) }
    static var fill: Histogram { Histogram(bounds: [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 1]) }
}

#endif
