import CMartletKernels

/// Weights of 4 bits, by their definition: of two factors and three zeros around a part's range, those that lose
/// least. In Float, operation by operation, since a tie decides for other codes.
enum Int4Reference {
    static func rounded(_ row: [Float]) -> [Double] {
        stride(from: 0, to: row.count, by: MK_INT8_GROUP).flatMap { first in
            group(Array(row[first..<min(first + MK_INT8_GROUP, row.count)]))
        }
    }

    private static func group(_ numbers: [Float]) -> [Double] {
        let whole = (numbers.count + MK_INT4_PART - 1) / MK_INT4_PART * MK_INT4_PART
        let padded = numbers + [Float](repeating: 0, count: whole - numbers.count)
        let parts = stride(from: 0, to: whole, by: MK_INT4_PART).map { padded[$0..<$0 + MK_INT4_PART] }
        let ranges = parts.map { (low: min($0.min() ?? 0, 0), high: max($0.max() ?? 0, 0)) }
        let largest = ranges.map { max(-$0.low, $0.high) }.max() ?? 0
        let widest = ranges.map { $0.high - $0.low }.max() ?? 0
        guard largest > 0 else { return numbers.map { _ in 0 } }
        let scale = max(largest / 127, widest / Float(15 * MK_INT4_FACTORS))
        let inverse = 1 / scale
        let codes = parts.indices.flatMap { index in
            Self.part(
                parts[index].map { $0 * inverse }, ranges[index].low * inverse, ranges[index].high * inverse,
                isFilled: (index + 1) * MK_INT4_PART > numbers.count)
        }
        return codes.prefix(numbers.count).map { Double($0) * Double(scale) }
    }

    /// A part that zeros fill up has a zero that is one of its steps.
    private static func part(_ numbers: [Float], _ low: Float, _ high: Float, isFilled: Bool) -> [Int] {
        guard low < high else { return numbers.map { _ in 0 } }
        let widest = Int(((high - low) / 15).rounded(.up))
        var best: (lost: Float, codes: [Int]) = (.infinity, [])
        for factor in (widest - 1)...widest where (1...MK_INT4_FACTORS).contains(factor) {
            for shift in -1...1 {
                let f = Float(factor)
                let centre = 7.5 * f - (low + high) / 2 + 0.25 * f * Float(shift)
                let step = isFilled ? factor : 1
                let allowed = stride(from: 0, through: min(128, isFilled ? 15 * factor : 128), by: step)
                    .filter { 15 * factor - $0 <= 127 }
                let rounded = Int((centre / Float(step) + 0.5).rounded(.down)) * step
                let zero = min(max(rounded, allowed.first ?? 0), allowed.last ?? 0)
                let steps = numbers.map {
                    min(max((($0 + Float(zero)) * (1 / f)).rounded(.toNearestOrEven), 0), 15)
                }
                let squares = zip(numbers, steps).map { number, step in
                    let off = number - (step * f - Float(zero))
                    return off * off
                }
                let lanes = (0..<8).map { lane in
                    stride(from: lane, to: squares.count, by: 8).reduce(Float(0)) { $0 + squares[$1] }
                }
                let lost =
                    ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5]))
                    + ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]))
                if lost < best.lost { best = (lost, steps.map { Int($0) * factor - zero }) }
            }
        }
        return best.codes
    }
}
