internal import MartletSystem

/// A matrix that onnxruntime's dynamic quantisation stored as whole numbers of 8 bits, `NAME_quantized`, with
/// `NAME_scale` and `NAME_zero_point`: a number is scale · (code − zero point).
struct ONNXQuantised: Sendable {
    /// The matrix's own name in the graph.
    let name: String
    let isSigned: Bool
    /// One for all, or one for each column of the stored matrix.
    let scales: [Float]
    let zeros: [Int]

    private static let ending = "_quantized"

    /// Those of a graph, by the names of their codes.
    static func all(of constants: [ONNXGraph.Constant], in region: MemoryRegion) -> [String: ONNXQuantised] {
        var byName: [String: ONNXGraph.Constant] = [:]
        for constant in constants { byName[constant.name] = constant }
        var found: [String: ONNXQuantised] = [:]
        for constant in constants where constant.name.hasSuffix(ending) && [2, 3].contains(constant.type) {
            let name = String(constant.name.dropLast(ending.count))
            guard let scale = byName[name + "_scale"], let zero = byName[name + "_zero_point"],
                scale.type == 1, zero.type == constant.type, constant.shape.count == 2,
                let scales = floats(scale, region), let codes = bytes(zero, region),
                scales.count == codes.count, [1, constant.shape[1]].contains(scales.count)
            else { continue }
            let isSigned = constant.type == 3
            found[constant.name] = ONNXQuantised(
                name: name, isSigned: isSigned, scales: scales,
                zeros: codes.map { isSigned ? Int(Int8(bitPattern: $0)) : Int($0) })
        }
        return found
    }

    /// The numbers of codes that may have been turned, so that columns are rows.
    func decoded(_ codes: TensorView, isTurned: Bool) -> TensorView {
        TensorView(
            name: codes.name, type: .i8, shape: codes.shape, bytes: codes.bytes, file: codes.file,
            decoder: Rows(codes: codes, form: self, isByRow: isTurned))
    }

    private struct Rows: RowDecoder {
        let codes: TensorView
        let form: ONNXQuantised
        /// Scales are those of rows.
        let isByRow: Bool

        func read(_ rows: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>) {
            let columns = codes.rowLength
            codes.bytes.withUnsafeBytes { bytes in
                for (index, row) in rows.enumerated() {
                    for column in 0..<columns {
                        let byte = bytes[row * columns + column]
                        let code = form.isSigned ? Int(Int8(bitPattern: byte)) : Int(byte)
                        let place = form.scales.count == 1 ? 0 : isByRow ? row : column
                        destination[index * columns + column] =
                            Float(code - form.zeros[place]) * form.scales[place]
                    }
                }
            }
        }
    }

    private static func floats(_ constant: ONNXGraph.Constant, _ region: MemoryRegion) -> [Float]? {
        guard case .inside(let range) = constant.content, range.count % 4 == 0, range.count > 0,
            let part = region.subregion(offset: range.lowerBound, count: range.count)
        else { return nil }
        return part.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        }
    }

    private static func bytes(_ constant: ONNXGraph.Constant, _ region: MemoryRegion) -> [UInt8]? {
        if !constant.integers.isEmpty { return constant.integers.map { UInt8(truncatingIfNeeded: $0) } }
        guard case .inside(let range) = constant.content, range.count > 0 else { return nil }
        return region.subregion(offset: range.lowerBound, count: range.count)?.withUnsafeBytes { Array($0) }
    }
}

extension ONNXGraph.Operation {
    /// A product of whole numbers as the product of the matrix that it stands for, whose result has the name
    /// that the exporter gave it.
    var withoutQuantisation: ONNXGraph.Operation {
        guard kind == "MatMulInteger", inputs.count > 1 else { return self }
        var plain = self
        func cut(_ text: String, _ ending: String) -> String {
            text.hasSuffix(ending) ? String(text.dropLast(ending.count)) : text
        }
        plain.kind = "MatMul"
        plain.name = cut(name, "_quant")
        plain.inputs[1] = cut(inputs[1], "_quantized")
        plain.outputs = outputs.map { cut($0, "_output_quantized") }
        return plain
    }
}
