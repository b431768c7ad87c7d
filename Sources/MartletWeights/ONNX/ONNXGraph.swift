internal import MartletJSON

/// What an ONNX model's graph holds (onnx/onnx.proto): constants, and what each operation reads. Inner graphs
/// are left alone.
struct ONNXGraph {
    /// A constant tensor. Where its bytes lie is not compared with its shape here.
    struct Constant {
        var name = ""
        var shape: [Int] = []
        /// TensorProto.DataType
        var type: UInt64 = 0
        var content = Content.none
        /// The elements of a short tensor of whole numbers that is stored one number a field.
        var integers: [Int] = []
    }

    enum Content {
        case none
        /// In the model file.
        case inside(Range<Int>)
        /// In a file beside it.
        case outside(file: String, offset: Int, count: Int?)
        /// In a form that is not read, such as one number a field.
        case scattered
    }

    struct Operation {
        var name = ""
        var kind = ""
        /// Empty for ONNX's own.
        var domain = ""
        var inputs: [String] = []
        var outputs: [String] = []
        /// Whole numbers by the name of their attribute.
        var numbers: [String: [Int]] = [:]
        /// Single floats by the name of their attribute.
        var floats: [String: Float] = [:]
        var constant: Constant?
    }

    private(set) var constants: [Constant] = []
    private(set) var operations: [Operation] = []

    init(_ bytes: UnsafeRawBufferPointer, file: String) throws(WeightError) {
        let reader = Reader(bytes: bytes, file: file)
        var graph: Range<Int>?
        try reader.each(0..<bytes.count, "the model") { (number, value) throws(WeightError) in
            if number == 7 { graph = value.bytes }
        }
        guard let graph else { throw .malformed(file, "the file is no ONNX model: it has no graph") }
        var constants: [Constant] = []
        var operations: [Operation] = []
        try reader.each(graph, "the graph") { (number, value) throws(WeightError) in
            guard let range = value.bytes else { return }
            if number == 1 { operations.append(try reader.operation(range)) }
            if number == 5 { constants.append(try reader.constant(range)) }
        }
        (self.constants, self.operations) = (constants, operations)
    }
}

private struct Reader {
    let bytes: UnsafeRawBufferPointer
    let file: String

    func each(
        _ range: Range<Int>, _ what: String,
        _ body: (UInt64, ProtobufFields.Value) throws(WeightError) -> Void
    ) throws(WeightError) {
        var fields = ProtobufFields(bytes, range)
        while let (number, value) = fields.next() { try body(number, value) }
        guard !fields.isBroken else {
            throw .malformed(file, "\(what) is cut off or damaged; is the file complete?")
        }
    }

    func text(_ value: ProtobufFields.Value) -> String {
        value.bytes.map { String(decoding: UnsafeRawBufferPointer(rebasing: bytes[$0]), as: UTF8.self) } ?? ""
    }

    /// The most dimensions that a tensor is read with, and the most numbers of an attribute; what is asked
    /// for here has a few.
    private static let (mostDimensions, longestList) = (64, 1 << 16)

    /// A repeated number: packed, or one a field.
    func numbers(_ value: ProtobufFields.Value, into list: inout [Int], atMost limit: Int, _ what: String)
        throws(WeightError)
    {
        func append(_ number: UInt64) throws(WeightError) {
            guard list.count < limit else {
                throw .malformed(file, "\(what) has more than \(limit) numbers")
            }
            list.append(Int(Int64(bitPattern: number)))
        }
        if let number = value.number { try append(number) }
        guard let range = value.bytes else { return }
        var packed = ProtobufFields(bytes, range)
        while packed.offset < range.upperBound {
            guard let number = packed.varint() else { throw .malformed(file, "\(what) is cut off") }
            try append(number)
        }
    }

    /// TensorProto
    func constant(_ range: Range<Int>) throws(WeightError) -> ONNXGraph.Constant {
        var result = ONNXGraph.Constant()
        var (isOutside, pieces) = (false, 0)
        var place: [String: String] = [:]
        try each(range, "a tensor") { (number, value) throws(WeightError) in
            switch number {
            case 1:
                try numbers(value, into: &result.shape, atMost: Self.mostDimensions, "the shape of a tensor")
            case 2: result.type = value.number ?? 0
            case 8: result.name = text(value)
            case 9:
                guard let range = value.bytes else { return }
                (result.content, pieces) = (.inside(range), pieces + 1)
            case 4, 5, 6, 7, 10, 11:
                // Floats in a row are the bytes of the tensor.
                if number == 4, let range = value.bytes, result.type <= 1 {
                    result.content = .inside(range)
                } else {
                    result.content = .scattered
                }
                if number == 5, value.bytes.map({ $0.count <= Self.longestList }) ?? true {
                    try numbers(
                        value, into: &result.integers, atMost: Self.longestList, "a tensor of whole numbers")
                }
                pieces += 1
            case 13:
                guard let range = value.bytes else { return }
                var entry = (key: "", value: "")
                try each(range, "a tensor's place") { (number, value) throws(WeightError) in
                    if number == 1 { entry.key = text(value) }
                    if number == 2 { entry.value = text(value) }
                }
                place[entry.key] = entry.value
            case 14: isOutside = value.number == 1
            default: break
            }
        }
        if pieces > 1 { result.content = .scattered }
        if isOutside {
            guard let name = place["location"], let offset = Int(place["offset"] ?? "0"), offset >= 0,
                place["length"].map({ Int($0) ?? -1 >= 0 }) ?? true
            else {
                throw .malformed(
                    file,
                    "tensor \(result.name.quotedForMessage) lies in another file, and the entry for it is damaged"
                )
            }
            result.content = .outside(file: name, offset: offset, count: place["length"].flatMap { Int($0) })
        }
        return result
    }

    /// NodeProto
    func operation(_ range: Range<Int>) throws(WeightError) -> ONNXGraph.Operation {
        var result = ONNXGraph.Operation()
        try each(range, "an operation") { (number, value) throws(WeightError) in
            switch number {
            case 1: result.inputs.append(text(value))
            case 2: result.outputs.append(text(value))
            case 3: result.name = text(value)
            case 4: result.kind = text(value)
            case 5: if let range = value.bytes { try attribute(range, of: &result) }
            case 7: result.domain = text(value)
            default: break
            }
        }
        return result
    }

    /// AttributeProto
    private func attribute(_ range: Range<Int>, of operation: inout ONNXGraph.Operation) throws(WeightError) {
        var name = ""
        var list: [Int] = []
        var float: Float?
        var constant: ONNXGraph.Constant?
        try each(range, "an attribute") { (number, value) throws(WeightError) in
            switch number {
            case 1: name = text(value)
            case 2:
                if case .fixed(let bits) = value, bits <= UInt64(UInt32.max) {
                    float = Float(bitPattern: UInt32(bits))
                }
            case 3, 8: try numbers(value, into: &list, atMost: Self.longestList, "an attribute")
            case 5: if let range = value.bytes { constant = try self.constant(range) }
            default: break
            }
        }
        if !list.isEmpty { operation.numbers[name] = list }
        if let float { operation.floats[name] = float }
        if name == "value" { operation.constant = constant }
    }
}
