internal import MartletCompute
internal import MartletSystem

/// The matrices of all layers, packed, and the scales that they were multiplied by.
struct LayerMatrices: Sendable {
    /// Of each layer's four kinds, in order, one or one for each expert.
    let packed: [[PackedMatrix]]
    /// int8 only.
    let smoothing: Smoothing?

    /// Those that the cache keeps, or those of the checkpoint, which the cache then keeps.
    init(
        kept checkpoint: Checkpoint, _ d: TransformerDescription, smoothing own: Smoothing?,
        _ backend: CPUBackend
    ) throws(ModelError) {
        guard let cache = backend.cache,
            let key = PackedKey(checkpoint, d, smoothing: own, backend)
        else {
            try self.init(checkpoint, d, smoothing: own, backend)
            return
        }
        // The tokenizer, which names the calibration's special tokens, may still be read: it is waited for
        // last.
        let isMeasured = backend.precision.roundsInputs && own == nil
        func origin() -> String { isMeasured ? "\(backend.calibration())" : "" }
        if let file = cache.open(key, pool: backend.pool),
            let kept = LayerMatrices(file, d, smoothing: own, backend), file.origin == origin()
        {
            self = kept
            return
        }
        try self.init(checkpoint, d, smoothing: own, backend)
        cache.keep(key, pool: backend.pool) { writer in
            writer.origin = origin()
            add(to: &writer)
        }
    }

    /// Packs those of a checkpoint on all threads. For int8 and int4 without scales of its own they are measured
    /// first.
    init(
        _ checkpoint: Checkpoint, _ d: TransformerDescription, smoothing own: Smoothing?,
        _ backend: CPUBackend
    ) throws(ModelError) {
        let bytes = d.weightBytes(backend.precision)
        guard AddressSpace.hasRoom(for: bytes) else {
            throw ModelError(
                .noMemory,
                "\(checkpoint.file): packing its weights takes \(bytes >> 20) MiB, and the process may not use as many addresses; "
                    + "raise its limit of address space (ulimit -v)", file: checkpoint.file)
        }
        let isScaled = backend.precision.roundsInputs
        var smoothing = isScaled ? own : nil
        if isScaled, own == nil {
            smoothing = try Transformer.smoothing(
                d, checkpoint, backend.calibration(), kernels: backend.kernels, pool: backend.pool,
                observer: backend.observer)
        }
        let (scales, packing) = (
            InputScales(smoothing, d), Packing(precision: backend.precision, kernels: backend.kernels)
        )
        let (each, count) = (LayerWeights.matrices, d.layers * LayerWeights.matrices)
        let progress = backend.observer.counting(count) { .packing(done: $0, all: $1) }
        packed = try backend.pool.map(count) { index throws(ModelError) in
            try progress.step(checkpoint.file)
            return try checkpoint.matrix(index % each, layer: index / each, d, scales, packing)
        }
        self.smoothing = smoothing
    }

    /// Those of a file; nil if one is not there.
    init?(
        _ file: PackedFile, _ d: TransformerDescription, smoothing own: Smoothing?,
        _ backend: CPUBackend
    ) {
        if backend.precision.roundsInputs {
            let flat = file.floats(Self.scalesName, rows: 2 * d.layers, columns: d.hiddenSize)
            guard
                let scales = own
                    ?? flat.flatMap({ Smoothing(flat: $0, layers: d.layers, hidden: d.hiddenSize) })
            else { return nil }
            smoothing = scales
        } else {
            smoothing = nil
        }
        var packed: [[PackedMatrix]] = []
        for index in 0..<d.layers * LayerWeights.matrices {
            let shapes = d.shapes(
                ofMatrix: index % LayerWeights.matrices, layer: index / LayerWeights.matrices)
            let found = shapes.enumerated().compactMap { each, shape in
                file.matrix(
                    Self.name(index, each), shape, precision: backend.precision, kernels: backend.kernels)
            }
            guard found.count == shapes.count else { return nil }
            packed.append(found)
        }
        self.packed = packed
    }

    func add(to writer: inout PackedFileWriter) {
        for (index, matrices) in packed.enumerated() {
            for (each, matrix) in matrices.enumerated() { writer.add(Self.name(index, each), matrix) }
        }
        guard let scales = smoothing?.scales, let width = scales.first?.count else { return }
        writer.add(Self.scalesName, rows: scales.count, columns: width, scales.flatMap { $0 })
    }

    private static let scalesName = "scales"

    private static func name(_ index: Int, _ expert: Int) -> String {
        "layer \(index / LayerWeights.matrices) matrix \(index % LayerWeights.matrices) \(expert)"
    }
}
