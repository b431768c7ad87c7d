/// A set of scalars as a pattern writes it: a character, a class in brackets, `\p{…}`, `\s`.
struct CharacterSet: Sendable {
    var isNegated = false
    var ranges: [ClosedRange<UInt32>] = []
    var categories: Categories.Mask = []
    /// Each stands for all scalars that are in none of its categories: `\P{…}`, `\S`.
    var otherThan: [Categories.Mask] = []
    var nested: [CharacterSet] = []
    var ignoresCase = false
    /// Which ASCII characters belong to the set, once `prepare` has filled it in.
    private var ascii: (low: UInt64, high: UInt64) = (0, 0)

    init() {}

    init(_ scalar: UInt32) { ranges = [scalar...scalar] }

    @inline(__always)
    func contains(_ scalar: UInt32) -> Bool {
        if scalar < 64 { return ascii.low >> UInt64(scalar) & 1 != 0 }
        if scalar < 128 { return ascii.high >> UInt64(scalar - 64) & 1 != 0 }
        return holds(scalar)
    }

    mutating func prepare() {
        for scalar in UInt32(0)..<128 where holds(scalar) {
            if scalar < 64 {
                ascii.low |= 1 << UInt64(scalar)
            } else {
                ascii.high |= 1 << UInt64(scalar - 64)
            }
        }
    }

    @inline(never)
    private func holds(_ scalar: UInt32) -> Bool {
        let isIn =
            ignoresCase ? CaseFolding.equivalents(of: scalar).contains(where: isListed) : isListed(scalar)
        return isIn != isNegated
    }

    private func isListed(_ scalar: UInt32) -> Bool {
        for range in ranges where range.contains(scalar) { return true }
        let mask = Categories.shared.mask(of: scalar)
        if !mask.isDisjoint(with: categories) { return true }
        for other in otherThan where mask.isDisjoint(with: other) { return true }
        for set in nested where set.holds(scalar) { return true }
        return false
    }
}

/// Scalars that differ only in case, one for one.
enum CaseFolding {
    static func equivalents(of scalar: UInt32) -> [UInt32] {
        var lower = scalar
        var count = 0
        UnicodeTables.shared.forEachLowercase(of: scalar) {
            lower = $0
            count += 1
        }
        if count != 1 { lower = scalar }
        // The long s, the Kelvin sign and the Angstrom sign, whose own lowercase or uppercase is an ordinary
        // letter.
        if lower == 0x17F { lower = 0x73 }
        var all = [lower]
        let runs = UnicodeData.lowercase
        for index in stride(from: 0, to: runs.count, by: 4) where lower >= runs[index + 3] {
            let distance = lower - runs[index + 3]
            if runs[index] + distance <= runs[index + 1], distance % runs[index + 2] == 0 {
                all.append(runs[index] + distance)
            }
        }
        if lower == 0x73 { all.append(0x17F) }
        return all
    }
}
