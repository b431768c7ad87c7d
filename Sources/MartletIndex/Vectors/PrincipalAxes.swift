internal import MartletCompute

/// The two directions of most variance among vectors, by power iteration from a fixed start.
struct PrincipalAxes {
    private let mean: [Float]
    private var axes: [[Float]] = []
    /// Of the variance, from 0 to 1.
    private(set) var share: Float = 1

    private static let mostSteps = 200

    init(_ vectors: [[Float]]) {
        let width = vectors.first?.count ?? 0
        var mean = [Float](repeating: 0, count: width)
        for vector in vectors { Self.add(vector, times: 1 / Float(vectors.count), to: &mean) }
        self.mean = mean
        let centred = vectors.map { vector in zip(vector, mean).map { $0 - $1 } }
        let total = centred.reduce(Float(0)) { $0 + $1.dot($1) }
        var explained: Float = 0
        for number in 0..<2 {
            let axis = Self.axis(of: centred, orthogonalTo: axes, start: number)
            explained += centred.reduce(Float(0)) { sum, vector in
                let place = vector.dot(axis)
                return sum + place * place
            }
            axes.append(axis)
        }
        if total > 0 { share = min(1, explained / total) }
    }

    /// Where a vector is on both axes.
    func place(of vector: [Float]) -> (x: Float, y: Float) {
        let centred = zip(vector, mean).map { $0 - $1 }
        return (centred.dot(axes[0]), centred.dot(axes[1]))
    }

    /// Zeros where no variance is left.
    private static func axis(of rows: [[Float]], orthogonalTo others: [[Float]], start: Int) -> [Float] {
        let width = rows.first?.count ?? 0
        // No axis of real vectors is orthogonal to this.
        var axis = (0..<width).map { Float(($0 * 7919 + start * 31 + 11) % 101) - 50 }
        for _ in 0..<mostSteps {
            var next = [Float](repeating: 0, count: width)
            for row in rows { add(row, times: row.dot(axis), to: &next) }
            for other in others { add(other, times: -next.dot(other), to: &next) }
            let length = next.dot(next).squareRoot()
            guard length > 1e-12 else { return [Float](repeating: 0, count: width) }
            next = next.map { $0 / length }
            let isDone = abs(1 - abs(next.dot(axis))) < 1e-7
            axis = next
            if isDone { break }
        }
        // One of both directions, the same in every run: that of the farthest row.
        let far = rows.map { $0.dot(axis) }.max { abs($0) < abs($1) } ?? 0
        return far < 0 ? axis.map { -$0 } : axis
    }

    private static func add(_ a: [Float], times factor: Float, to sum: inout [Float]) {
        a.withUnsafeBufferPointer { a in
            sum.withUnsafeMutableBufferPointer { sum in
                guard let row = a.baseAddress, let base = sum.baseAddress else { return }
                Kernels.best.add(row, scaledBy: factor, to: base, count: min(a.count, sum.count))
            }
        }
    }
}
