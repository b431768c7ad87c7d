internal import CMartletKernels

/// Finds the centroids of lists, and the list of each vector.
///
/// Spherical k-means over a sample (Dhillon, Modha 2001). The nearest centroid is found as a search finds rows: by
/// one-bit codes of the centroids first, and by the centroids of the best eight.
struct ListTraining {
    private let rotation: Rotation
    private let dimensions: Int
    private(set) var centroids: [[Float]]
    private var codes: CentroidCodes

    private static let rounds = 6
    private static let rowsOfList = 40
    private static let mostRows = 200_000
    private static let mostBytes = 300 << 20

    /// - Parameter sample: Vectors that are spread over all rows, at least as many as lists.
    init(_ sample: [[Float]], lists: Int, rotation: Rotation) {
        self.rotation = rotation
        dimensions = sample.first?.count ?? 0
        // Distinct rows, spread evenly, are the first centroids.
        centroids = (0..<lists).map { sample[$0 * sample.count / lists] }
        codes = CentroidCodes(centroids, rotation)
        for _ in 0..<Self.rounds {
            var sums = [[Float]](repeating: [Float](repeating: 0, count: dimensions), count: lists)
            var counts = [Int](repeating: 0, count: lists)
            for vector in sample {
                let list = nearest(vector)
                counts[list] += 1
                for index in 0..<dimensions { sums[list][index] += vector[index] }
            }
            for list in 0..<lists where counts[list] > 0 {
                let length = sums[list].reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
                if length > 0 { centroids[list] = sums[list].map { $0 / length } }
            }
            codes = CentroidCodes(centroids, rotation)
        }
    }

    /// Rows of the sample: at least one for each list.
    static func sampleCount(lists: Int, rows: Int, dimensions: Int) -> Int {
        let fitting = mostBytes / (dimensions * MemoryLayout<Float>.stride)
        return min(rows, max(lists, min(mostRows, lists * rowsOfList, fitting)))
    }

    func nearest(_ vector: [Float]) -> Int { codes.nearest(vector, rotation) }
}

/// Centroids with their one-bit codes.
private final class CentroidCodes {
    private let blocks: UnsafeMutablePointer<UInt8>
    private let mean: [Float]
    private let flat: [Float]
    private let count: Int
    private static let candidates = 8

    init(_ centroids: [[Float]], _ rotation: Rotation) {
        count = centroids.count
        let dimensions = centroids.first?.count ?? 0
        flat = Array(centroids.joined())
        var mean = [Float](repeating: 0, count: dimensions)
        for centroid in centroids {
            for index in 0..<dimensions { mean[index] += centroid[index] / Float(centroids.count) }
        }
        self.mean = mean
        let size = rotation.blockBytes
        blocks = .allocate(capacity: (count + 63) / 64 * size)
        let scratch = UnsafeMutablePointer<Float>.allocate(capacity: 64 * rotation.padded)
        defer { scratch.deallocate() }
        for start in stride(from: 0, to: count, by: 64) {
            let rows = min(64, count - start)
            mk_code_block(
                Array(flat[start * dimensions..<(start + rows) * dimensions]), Int64(rows), Int64(dimensions),
                Int64(rotation.padded), mean, rotation.signs, blocks + start / 64 * size, scratch)
        }
    }

    deinit { blocks.deallocate() }

    func nearest(_ vector: [Float], _ rotation: Rotation) -> Int {
        let query = VectorQuery(vector, rotation: rotation)
        let best = BestRows(wanted: Self.candidates)
        var prepared = mk_scan_query(
            tables: query.tables.pointer, step: query.step, offset: query.offset,
            base: zip(mean, vector).reduce(Float(0)) { $0 + $1.0 * $1.1 }, best: best.pointer)
        var scan = mk_scan(
            blocks: blocks, first: 0, end: Int64((count + 63) / 64), groups: Int64(rotation.padded / 8),
            rows: Int64(count), mask: nil, first_row: 0, is_far: 0)
        withExtendedLifetime((query, best)) { IndexKernels.best.scan(&scan, &prepared, 1) }
        let numbers = best.sorted().map { UInt32($0.row) }
        let scores = flat.withUnsafeBytes { bytes -> [Float] in
            guard let base = bytes.baseAddress else { return [] }
            return IndexKernels.scores(
                vector, store: .f32, rows: base, scales: nil, numbers: numbers, count: numbers.count)
        }
        let winner = scores.indices.max { scores[$0] < scores[$1] } ?? 0
        return numbers.isEmpty ? 0 : Int(numbers[winner])
    }
}
