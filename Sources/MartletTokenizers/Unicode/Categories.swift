/// General categories and the classes `\s` and `\w`, as patterns of tokenizers see them.
final class Categories: Sendable {
    /// A set of general categories, one bit each by the index in `UnicodeData.categoryNames`, and of classes
    /// in the bits above.
    struct Mask: OptionSet, Sendable {
        let rawValue: UInt64
        static let letter = Mask(named: "L")
        static let number = Mask(named: "N")
        static let mark = Mask(named: "M")
        static let space = Mask(rawValue: 1 << 32)
        static let word = Mask(rawValue: 1 << 33)

        init(rawValue: UInt64) { self.rawValue = rawValue }

        /// The categories whose names begin with `name`: `Lu`, or `L` for all letters.
        init(named name: String) {
            var mask: UInt64 = 0
            for (index, category) in UnicodeData.categoryNames.split(separator: " ").enumerated()
            where category.hasPrefix(name) {
                mask |= 1 << UInt64(index)
            }
            rawValue = mask
        }
    }

    static let shared = Categories()

    /// Block of each 256 code points.
    private let blocks: [UInt16]
    private let values: [UInt8]

    private init() {
        var blocks = [UInt16](repeating: 0, count: 0x1100)
        var values = [UInt8](repeating: 0, count: 256)
        values.reserveCapacity(256 * 1024)
        // Blocks of one value share one table.
        var uniform: [UInt8: UInt16] = [0: 0]
        let runs = UnicodeData.categories
        for index in stride(from: 0, to: runs.count, by: 3) {
            let value = UInt8(truncatingIfNeeded: runs[index + 2])
            var point = Int(runs[index])
            let last = Int(runs[index + 1])
            while point <= last {
                if point & 255 == 0, point + 255 <= last {
                    if let block = uniform[value] {
                        blocks[point >> 8] = block
                    } else {
                        uniform[value] = UInt16(values.count >> 8)
                        blocks[point >> 8] = UInt16(values.count >> 8)
                        values.append(contentsOf: repeatElement(value, count: 256))
                    }
                    point += 256
                    continue
                }
                if blocks[point >> 8] == 0 {
                    blocks[point >> 8] = UInt16(values.count >> 8)
                    values.append(contentsOf: repeatElement(0, count: 256))
                }
                values[Int(blocks[point >> 8]) << 8 | point & 255] = value
                point += 1
            }
        }
        self.blocks = blocks
        self.values = values
    }

    /// The category of a scalar as one bit, and the bits of its classes.
    @inline(__always)
    func mask(of scalar: UInt32) -> Mask {
        let value = values[Int(blocks[Int(scalar >> 8)]) << 8 | Int(scalar & 255)]
        return Mask(rawValue: 1 << UInt64(value & 31) | UInt64(value >> 5) << 32)
    }
}
