internal import MartletJSON
internal import MartletSystem

/// How GPTQ and AWQ pack a matrix into words of 32 bits: codes of a few bits, a scale and a zero point for each
/// group of inputs (Frantar et al. 2022, Lin et al. 2023).
struct WordPacking: Sendable, Equatable {
    enum Order: String, Sendable, CaseIterable {
        /// A word holds neighbouring inputs of one output: [inputs · bits / 32, outputs].
        case gptq
        /// A word holds eight neighbouring outputs of one input: [inputs, outputs / 8].
        case awq
    }

    let order: Order
    /// nil: modules have bits and groups of their own, which their shapes tell.
    let bits: Int?
    /// Inputs that share a scale; nil: all of them.
    let groupSize: Int?
    /// Added to a stored zero point: GPTQ's first form stores them less 1.
    let zeroShift: UInt32
    /// Inputs are grouped in the order in which they were quantised, so that the file must say their groups.
    let isReordered: Bool

    init(_ json: JSONValue, _ order: Order, file: String) throws(WeightError) {
        self.order = order
        let method = order.rawValue
        let isDynamic = !(json["dynamic"]?.object?.isEmpty ?? true)
        let bits = json["bits"]?.int ?? json["w_bit"]?.int
        guard let bits, (order == .gptq ? [2, 3, 4, 8] : [4]).contains(bits) else {
            let read = order == .gptq ? "2, 3, 4 or 8" : "4"
            throw Quantisation.unsupported(file, "\"bits\" of \(method.quotedForMessage) must be \(read)")
        }
        let size = json["group_size"]?.int ?? json["q_group_size"]?.int ?? 128
        guard size > 0 || size == -1 else {
            throw .malformed(file, "\"group_size\" of \(method.quotedForMessage) must be positive, or -1")
        }
        let names =
            order == .gptq ? ["checkpoint_format", "format"] : ["version", "checkpoint_format", "format"]
        let form = names.lazy.compactMap { json[$0]?.string }.first?.lowercased()
        let forms = order == .gptq ? ["gptq", "gptq_v2"] : ["gemm"]
        guard forms.contains(form ?? forms[0]) else {
            throw Quantisation.unsupported(
                file,
                "the weights of \(method.quotedForMessage) are packed in the form \((form ?? "").quotedForMessage)"
            )
        }
        for name in ["rotation", "adapter"] where json[name].map({ $0 != .null }) ?? false {
            throw Quantisation.unsupported(
                file, "\(name.quotedForMessage) of \(method.quotedForMessage) is not read")
        }
        if json["is_marlin_format"]?.bool == true
            || json["pack_dtype"]?.string.map({ $0 != "int32" }) ?? false
        {
            throw Quantisation.unsupported(
                file, "the weights are not packed into words of 32 bits in their order")
        }
        self.bits = isDynamic ? nil : bits
        groupSize = size == -1 ? nil : size
        zeroShift = order == .gptq && form != "gptq_v2" ? 1 : 0
        isReordered = json["desc_act"]?.bool ?? false
    }

    /// Where the lowest bit of a code is, counted from the first of a line of words; a line of AWQ's has the
    /// outputs 0, 2, 4, 6, 1, 3, 5, 7 of each eight in this order.
    static func bit(of index: Int, _ order: Order, bits: Int) -> Int {
        switch order {
        case .gptq: index * bits
        case .awq: index / 8 * 32 + (index % 8 / 2 + index % 2 * 4) * bits
        }
    }

    /// The code of at most 8 bits that begins at a bit of a line.
    static func code(at bit: Int, bits: Int, in line: UnsafeRawBufferPointer) -> UInt32 {
        let (byte, shift) = (bit / 8, bit % 8)
        // It is in one byte or in two.
        let second = shift + bits > 8 ? UInt32(line[byte + 1]) << 8 : 0
        return (UInt32(line[byte]) | second) >> UInt32(shift) & ((1 << UInt32(bits)) - 1)
    }
}
