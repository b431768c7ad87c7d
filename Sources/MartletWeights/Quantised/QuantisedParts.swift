internal import MartletJSON
internal import MartletSystem

/// Finds what a module's matrix is stored as, by the names and the types of its tensors, and puts it together.
struct QuantisedParts {
    /// A matrix, and the names of the module's tensors that it is made of.
    typealias Matrix = (view: TensorView, names: [String])

    let source: any WeightSource
    let quantisation: Quantisation

    init(_ source: any WeightSource, _ quantisation: Quantisation) {
        self.source = source
        self.quantisation = quantisation
    }

    /// nil: the module's weight is stored as it is, or is none.
    func matrix(_ module: String) throws(WeightError) -> Matrix? {
        let (weight, packed) = (module + ".weight", module + ".weight_packed")
        if source.has(module + ".scales") || source.raw(named: module + ".scales") != nil {
            return try grouped(module)
        }
        if let codes = source.raw(named: packed) { return try packedMatrix(module, codes) }
        if let raw = source.raw(named: weight) {
            if raw.type == "U8", source.has(module + ".weight_scale_2") {
                return try floats4(
                    module, raw, global: "weight_scale_2", isDivisor: false, "weight")
            }
            if raw.type == "I8", source.has(module + ".weight_scale") { return try integers8(module, raw) }
            return nil
        }
        let names = ["weight_scale_inv", "weight_scale"]
        guard let type = source.elements(of: weight)?.type, [.f8_e4m3, .f8_e5m2].contains(type),
            let view = source.tensor(named: weight),
            let scale = names.first(where: { source.has(module + "." + $0) })
        else { return nil }
        return try floats8(module, view, scale)
    }

    // MARK: floats of 8 bits

    /// One scale for the matrix, for each row, or for each block.
    private func floats8(_ module: String, _ codes: TensorView, _ name: String) throws(WeightError) -> Matrix
    {
        let (rows, columns) = try size(codes.name, codes.shape, codes.file)
        let (scales, rowGroup, columnGroup) = try scales(module, name, rows, columns)
        let decoder = ScaledRows(
            codes: .elements(codes), columns: columns, scales: scales, rowsPerScale: rowGroup,
            columnsPerScale: columnGroup)
        return (view(codes, module, [rows, columns], decoder), ["weight", name])
    }

    /// The scales as a matrix, and how many rows and columns share one.
    private func scales(_ module: String, _ name: String, _ rows: Int, _ columns: Int) throws(WeightError)
        -> (TensorView, Int, Int)
    {
        let stored = try source.require(module + "." + name)
        let count = stored.elementCount
        func shaped(_ shape: [Int]) -> TensorView {
            TensorView(
                name: stored.name, type: stored.type, shape: shape, bytes: stored.bytes, file: stored.file)
        }
        if count == 1 { return (shaped([1, 1]), max(rows, 1), columns) }
        if count == rows, stored.shape.count == 1 || stored.shape.last == 1 {
            return (shaped([rows, 1]), 1, columns)
        }
        let block = quantisation.block ?? [128, 128]
        let blocks = [(rows + block[0] - 1) / block[0], (columns + block[1] - 1) / block[1]]
        guard stored.shape == blocks else {
            throw wrong(
                stored.name, stored.file,
                "has shape \(stored.shape) for a matrix of \(rows) × \(columns), in blocks of \(block[0]) × \(block[1])"
            )
        }
        return (stored, block[0], block[1])
    }

    // MARK: integers of 8 bits

    private func integers8(_ module: String, _ raw: RawTensor) throws(WeightError) -> Matrix? {
        let zeroPoint = module + ".weight_zero_point"
        if source.raw(named: zeroPoint) != nil {
            throw WeightError(
                .unsupported,
                "\(raw.file): tensor \(zeroPoint.quotedForMessage) makes the codes asymmetric, which is not supported",
                file: raw.file, tensor: zeroPoint)
        }
        guard let codes = raw.view(.i8) else { return nil }
        return try floats8(module, codes, "weight_scale")
    }

    // MARK: packed codes

    private func packedMatrix(_ module: String, _ raw: RawTensor) throws(WeightError) -> Matrix? {
        let scale = module + ".weight_scale"
        if raw.type == "U8", source.raw(named: scale)?.type == "U8" {
            return try microscaled(module, raw, scales: "weight_scale", "weight_packed")
        }
        if raw.type == "U8", source.has(module + ".weight_global_scale") {
            return try floats4(
                module, raw, global: "weight_global_scale", isDivisor: true, "weight_packed")
        }
        guard raw.type == "I32", let shape = source.raw(named: module + ".weight_shape"),
            let sizes = shape.integers, sizes.count == 2, raw.shape.count == 2, sizes[0] == raw.shape[0],
            sizes[1] > 0, 32 * raw.shape[1] % sizes[1] == 0
        else { return nil }
        let bits = 32 * raw.shape[1] / sizes[1]
        guard [2, 4, 8].contains(bits) else { return nil }
        let scales = try source.require(scale)
        guard scales.shape.count == 2, scales.shape[0] == sizes[0], scales.shape[1] > 0,
            sizes[1] % scales.shape[1] == 0
        else {
            throw wrong(scales.name, scales.file, "has shape \(scales.shape) for a matrix of \(sizes)")
        }
        let decoder = ScaledRows(
            codes: .packed(raw.bytes, bits: bits, offset: Float(1 << (bits - 1))), columns: sizes[1],
            scales: scales, columnsPerScale: sizes[1] / scales.shape[1])
        return (
            view(raw, module, sizes, bits == 8 ? .i8 : .q4_0, decoder),
            ["weight_packed", "weight_scale", "weight_shape"]
        )
    }

    /// NVFP4: a scale of 8 bits for each 16 elements, and one for all.
    private func floats4(
        _ module: String, _ raw: RawTensor, global name: String, isDivisor: Bool, _ weight: String
    ) throws(WeightError) -> Matrix {
        let (rows, half) = try size(raw.name, raw.shape, raw.file)
        let global = try source.require(module + "." + name).floats()
        let scales = try source.require(module + ".weight_scale", shape: [rows, half / 8])
        guard let factor = global.first, global.count == 1, factor != 0, half % 8 == 0,
            let codes = raw.view(.f4_e2m1, shape: [rows, 2 * half])
        else {
            throw wrong(raw.name, raw.file, "and its scales do not fit together")
        }
        let decoder = ScaledRows(
            codes: .elements(codes), columns: 2 * half, scales: scales, columnsPerScale: 16,
            factor: isDivisor ? 1 / factor : factor)
        return (
            view(codes, module, [rows, 2 * half], decoder), [weight, "weight_scale", name]
        )
    }

    /// MXFP4: a power of two for each 32 elements.
    private func microscaled(_ module: String, _ raw: RawTensor, scales name: String, _ weight: String)
        throws(WeightError) -> Matrix
    {
        let (rows, half) = try size(raw.name, raw.shape, raw.file)
        guard half % 16 == 0, let codes = raw.view(.f4_e2m1, shape: [rows, 2 * half]),
            let scales = source.raw(named: module + "." + name)?.view(.e8m0, shape: [rows, half / 16])
        else { throw wrong(raw.name, raw.file, "and its scales do not fit together") }
        let decoder = ScaledRows(
            codes: .elements(codes), columns: 2 * half, scales: scales, columnsPerScale: 32)
        return (view(codes, module, [rows, 2 * half], decoder), [weight, name])
    }

    // MARK: MLX

    /// MLX: words of 32 bits, a scale for each group, and a shift where the mode is affine.
    private func grouped(_ module: String) throws(WeightError) -> Matrix? {
        guard let raw = source.raw(named: module + ".weight"), raw.type == "U32", raw.shape.count == 2 else {
            return nil
        }
        guard let groups = quantisation.groups(of: module) else {
            throw wrong(
                raw.name, raw.file,
                "is quantised in groups, and config.json has no \"quantization\" that says how")
        }
        let (rows, columns) = (raw.shape[0], raw.shape[1] * 32 / groups.bits)
        guard raw.shape[1] * 32 % groups.bits == 0, columns % groups.size == 0 else {
            throw wrong(
                raw.name, raw.file,
                "has shape \(raw.shape), which is not one of \(groups.bits) bits in groups of \(groups.size)")
        }
        let shape = [rows, columns / groups.size]
        if groups.mode != "affine" {
            let (codes, scales): (ElementType, ElementType) =
                switch groups.mode {
                case "mxfp4": (.f4_e2m1, .e8m0)
                case "mxfp8": (.f8_e4m3, .e8m0)
                default: (.f4_e2m1, .f8_e4m3)
                }
            guard let elements = raw.view(codes, shape: [rows, columns]),
                let factors = source.raw(named: module + ".scales")?.view(scales, shape: shape)
            else { throw wrong(raw.name, raw.file, "and its scales do not fit together") }
            let decoder = ScaledRows(
                codes: .elements(elements), columns: columns, scales: factors, columnsPerScale: groups.size)
            return (view(elements, module, [rows, columns], decoder), ["weight", "scales"])
        }
        let scales = try source.require(module + ".scales", shape: shape)
        let shifts = try source.require(module + ".biases", shape: shape)
        let decoder = ScaledRows(
            codes: .packed(raw.bytes, bits: groups.bits, offset: 0), columns: columns, scales: scales,
            shifts: shifts, columnsPerScale: groups.size)
        return (
            view(raw, module, [rows, columns], groups.bits > 4 ? .i8 : .q4_1, decoder),
            ["weight", "scales", "biases"]
        )
    }

    // MARK: parts

    private func view(_ codes: TensorView, _ module: String, _ shape: [Int], _ decoder: any RowDecoder)
        -> TensorView
    {
        TensorView(
            name: module + ".weight", type: codes.type, shape: shape, bytes: codes.bytes, file: codes.file,
            decoder: decoder)
    }

    private func view(
        _ raw: RawTensor, _ module: String, _ shape: [Int], _ type: ElementType, _ decoder: any RowDecoder
    ) -> TensorView {
        TensorView(
            name: module + ".weight", type: type, shape: shape, bytes: raw.bytes, file: raw.file,
            decoder: decoder)
    }

    private func size(_ name: String, _ shape: [Int], _ file: String) throws(WeightError) -> (Int, Int) {
        guard shape.count == 2, shape[1] > 0 else {
            throw wrong(name, file, "has shape \(shape), expected a matrix")
        }
        return (shape[0], shape[1])
    }

    private func wrong(_ name: String, _ file: String, _ reason: String) -> WeightError {
        .malformed(file, "tensor \(name.quotedForMessage) \(reason)", tensor: name)
    }
}
