internal import MartletJSON
internal import MartletSystem

/// A matrix that GPTQ or AWQ stored as words of codes, turned: [inputs, outputs].
struct WordMatrix: Sendable {
    /// The endings of the module's tensors.
    static let parts = [".qweight", ".qzeros", ".scales", ".g_idx"]

    let rows: Int
    let columns: Int
    private let module: String
    private let order: WordPacking.Order
    private let bits: Int
    private let zeroShift: UInt32
    /// Codes, as elements of four bytes.
    private let words: TensorView
    /// [groups, words]
    private let zeros: TensorView
    /// [groups, outputs]
    private let scales: TensorView
    /// The group of each input.
    private let groups: [Int]

    /// What comes nearest to how the elements are stored.
    var type: ElementType { bits > 4 ? .i8 : .q4_1 }

    /// nil: the module has no words.
    init?(_ module: String, in source: any WeightSource, _ packing: WordPacking?) throws(WeightError) {
        let (wordsName, zerosName, groupsName) = (
            module + ".qweight", module + ".qzeros", module + ".g_idx"
        )
        guard let raw = source.raw(named: wordsName) else { return nil }
        func wrong(_ name: String, _ reason: String) -> WeightError {
            .malformed(raw.file, "tensor \(name.quotedForMessage) \(reason)", tensor: name)
        }
        guard let packing else {
            throw wrong(
                wordsName,
                "is quantised, and config.json has no \"quantization_config\" with the \"quant_method\" that says how"
            )
        }
        func words(_ name: String) throws(WeightError) -> TensorView {
            guard let raw = source.raw(named: name) else {
                let other = try source.require(name).type.rawValue
                throw wrong(name, "is stored as \(other), expected a matrix of I32")
            }
            guard raw.type == "I32", raw.shape.count == 2, !raw.shape.contains(0), let view = raw.view(.f32)
            else {
                throw wrong(name, "is stored as \(raw.type) of shape \(raw.shape), expected a matrix of I32")
            }
            return view
        }
        self.module = module
        order = packing.order
        zeroShift = packing.zeroShift
        self.words = try words(wordsName)
        zeros = try words(zerosName)
        scales = try source.require(module + ".scales")

        let stored = self.words.shape
        rows = order == .gptq ? stored[1] : stored[1] * 8
        guard scales.shape.count == 2, scales.shape[0] > 0, scales.shape[1] == rows else {
            throw wrong(scales.name, "has shape \(scales.shape) for a matrix of \(rows) rows")
        }
        guard zeros.shape[0] == scales.shape[0], 32 * zeros.shape[1] % rows == 0,
            (order == .gptq ? [2, 3, 4, 8] : [4]).contains(32 * zeros.shape[1] / rows)
        else {
            throw wrong(zerosName, "has shape \(zeros.shape) for scales of \(scales.shape)")
        }
        bits = 32 * zeros.shape[1] / rows
        if let expected = packing.bits, bits != expected {
            throw wrong(zerosName, "has codes of \(bits) bits, but \"bits\" in config.json is \(expected)")
        }
        columns = order == .gptq ? stored[0] * 32 / bits : stored[0]
        guard order == .awq || stored[0] * 32 % bits == 0 else {
            throw wrong(wordsName, "has shape \(stored), which holds no whole codes of \(bits) bits")
        }
        let count = scales.shape[0]
        if let raw = source.raw(named: groupsName) {
            guard let places = raw.integers, places.count == columns,
                places.allSatisfy({ (0..<count).contains($0) })
            else {
                throw wrong(groupsName, "does not give each of \(columns) inputs one of \(count) groups")
            }
            groups = places
            return
        }
        let stated = packing.groupSize ?? columns
        // A module with settings of its own may have another size, which its scales tell where they divide it.
        let isOwn =
            packing.bits == nil && (columns - 1) / stated + 1 != count && columns.isMultiple(of: count)
        let size = isOwn ? columns / count : stated
        guard !(packing.isReordered && order == .gptq), (columns - 1) / size + 1 == count else {
            throw wrong(
                scales.name,
                "has \(count) groups for \(columns) inputs, \(size) in a group, and there is no tensor \(groupsName.quotedForMessage) that says which"
            )
        }
        groups = (0..<columns).map { $0 / size }
    }

    /// The matrix with its rows in order: the words are turned now, in memory of the view's own.
    func view() -> TensorView {
        let count = scales.shape[0]
        var (factors, shifts) = (
            [Float](repeating: 0, count: rows * count), [Float](repeating: 0, count: rows * count)
        )
        var line = [Float](repeating: 0, count: rows)
        let mask = (UInt32(1) << UInt32(bits)) - 1
        zeros.bytes.withUnsafeBytes { bytes in
            for group in 0..<count {
                line.withUnsafeMutableBufferPointer { scales.readRows(group..<group + 1, into: $0) }
                let words = UnsafeRawBufferPointer(
                    rebasing: bytes[group * zeros.rowBytes..<(group + 1) * zeros.rowBytes])
                for row in 0..<rows {
                    let bit = WordPacking.bit(of: row, order, bits: bits)
                    let zero = (WordPacking.code(at: bit, bits: bits, in: words) + zeroShift) & mask
                    factors[row * count + group] = line[row]
                    shifts[row * count + group] = Float(zero)
                }
            }
        }
        let decoder = WordRows(
            words: words.turned(), order: order, bits: bits, scales: factors, zeros: shifts, groups: groups,
            groupCount: count)
        return TensorView(
            name: module + ".weight", type: type, shape: [rows, columns], bytes: words.bytes,
            file: words.file,
            decoder: decoder)
    }
}
