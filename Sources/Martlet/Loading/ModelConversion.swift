internal import MartletCompute
internal import MartletJSON
internal import MartletModels
internal import MartletSystem
internal import MartletTokenizers
internal import MartletWeights

/// Writes a model folder as one GGUF file, with its tokenizer and its pipeline, that llama.cpp reads too.
public enum ModelConversion {
    /// Element types that weights can be stored as.
    public static var types: [String] { ElementType.writable.map(\.rawValue) }

    /// What a conversion wrote.
    public struct Report: Sendable, Hashable {
        /// Tensors of each element type, and the bytes they take.
        public let tensors: [String: Int]
        /// Bytes of the file.
        public let bytes: Int
    }

    /// What a conversion is doing.
    public enum Step: Sendable, Hashable {
        /// Measures the scales that int8 uses, by a forward pass of plain C kernels: the longer part for a
        /// large model.
        case measuring
        /// Quantises and writes, with `written` tensors of `all` done.
        case writing(written: Int, all: Int)
    }

    /// Converts a model folder.
    ///
    /// Matrices and tables are stored as `type`; biases, norms, positions and token types as f32. Below 16
    /// bits the value projections stay in f16: on all-MiniLM-L6-v2 they cost 0.8 MB and take away a third of
    /// the error. A matrix whose rows are no multiple of the type's block is stored as f16.
    /// - Parameters:
    ///   - folder: A model folder as sentence-transformers saves it.
    ///   - target: The file to write; it appears when it is complete.
    ///   - type: One of ``types``.
    ///   - name: The model's name in the file; nil: the folder's.
    ///   - progress: Called at the beginning of each step.
    /// - Throws: ``MartletError`` if the folder cannot be read, or the file not written.
    @discardableResult
    public static func convert(
        from folder: String, to target: String, type: String, name: String? = nil,
        progress: (Step) -> Void = { _ in }
    ) throws(MartletError) -> Report {
        guard let element = ElementType(rawValue: type), ElementType.writable.contains(element) else {
            throw MartletError(
                .invalidOption,
                "type \(type.quotedForMessage) is unknown; expected \(types.joined(separator: ", "))")
        }
        let root = ModelFolder(path: folder)
        guard root.isFolder else {
            throw MartletError(
                .invalidOption,
                "\(folder) is not a folder; conversion starts from a model folder with config.json",
                file: folder)
        }
        let files = try FolderConfiguration(root)
        var pipeline = try PipelineDescription(files)
        let inner =
            pipeline.encoderFolder.isEmpty ? root : ModelFolder(path: root.path(of: pipeline.encoderFolder))
        let config = try files.requireEncoder()
        guard files.adapter == nil else {
            throw .unsupported(
                inner.path(of: AdapterConfiguration.fileName),
                "a model with an adapter is not converted: merge the adapter into the model (merge_and_unload of PEFT) and save the whole"
            )
        }
        let weightFile = try ModelLoader.weights(in: inner)
        let source = try wrapping { () throws(WeightError) in
            try WeightSources.open(path: weightFile, configuration: .object(config.object), file: config.path)
        }
        try pipeline.addPublishedProjection(config, source)
        let blueprint = try wrapping { () throws(ModelError) in
            try ArchitectureRegistry.blueprint(configuration: .object(config.object), file: config.path)
        }
        let description = blueprint.description
        let tensors = try wrapping { () throws(ModelError) in
            try Checkpoint(source, layouts: blueprint.layouts, file: weightFile)
        }
        let form = try wrapping { () throws(ModelError) in try GGUFForm(description, tensors) }
        let whole = try TokenizerFiles.tokenizer(folder: inner, config: files.tokenizer, encoder: config)
        let vocabulary = try TokenizerFiles.metadata(
            whole, rows: description.vocabularySize, folder: inner.path)

        var writer = GGUFWriter(path: target)
        var counts: [String: Int] = [:]
        try wrapping { () throws(WeightError) in
            let title = name ?? root.path.split(separator: "/").last.map(String.init) ?? "model"
            try add(general: &writer, form.architecture, element, title)
            try add(encoder: &writer, form, description, pipeline)
            for (key, value) in vocabulary { try writer.add(key, value) }
            if whole.cutsStart { try writer.add(TokenizerFiles.Keys.cutsStart, .bool(true)) }
            // llama.cpp asks for one at least.
            try writer.add(
                "tokenizer.ggml.token_type_count", .uint32(UInt32(max(1, description.embeddings.types))))
        }
        try addPadding(form, description, tensors, to: &writer)
        progress(.measuring)
        let smoothing = try wrapping { () throws(ModelError) in
            // Measured by the scalar kernels, so that a conversion gives the same file on every machine.
            try Transformer.smoothing(
                description, tensors,
                Calibration(before: whole.specialTokens.before, after: whole.specialTokens.after),
                kernels: Kernels.reference, pool: WorkerPool())
        }
        try wrapping { () throws(WeightError) in
            try writer.add(Smoothing.metadataKey, .float32s(smoothing.flat))
        }
        for (name, target) in form.names {
            let tensor = try wrapping { () throws(ModelError) in try tensors.tensor(name) }
            let stored = storedType(of: tensor, named: target, element)
            counts[stored.rawValue, default: 0] += 1
            try wrapping { () throws(WeightError) in
                try add(tensor, target, stored, from: form.droppedRows[target] ?? 0, to: &writer)
            }
        }
        for tensor in pipeline.tensors {
            counts["f32", default: 0] += 1
            try wrapping { () throws(WeightError) in
                try writer.add(tensor.name, shape: tensor.shape, as: .f32) {
                    (rows, buffer) throws(WeightError) in
                    let width = tensor.shape.last ?? 1
                    for index in 0..<rows.count * width {
                        buffer[index] = tensor.values[rows.lowerBound * width + index]
                    }
                }
            }
        }
        try wrapping { () throws(WeightError) in try writer.write { progress(.writing(written: $0, all: $1)) }
        }
        return Report(tensors: counts, bytes: try fileSize(target))
    }

    /// What tells a padding token inside a text, which has a row of its own among those that are not written.
    private static func addPadding(
        _ form: GGUFForm, _ description: TransformerDescription, _ tensors: Checkpoint,
        to writer: inout GGUFWriter
    ) throws(MartletError) {
        guard let padding = description.embeddings.positions?.padding,
            let name = form.names.first(where: { form.droppedRows[$0.gguf] != nil })?.source
        else { return }
        let table = try wrapping { () throws(ModelError) in try tensors.tensor(name) }
        var row = [Float](repeating: 0, count: table.rowLength)
        row.withUnsafeMutableBufferPointer { table.readRows(padding..<padding + 1, into: $0) }
        try wrapping { () throws(WeightError) in
            try writer.add(BertConfiguration.paddingKey, .uint32(UInt32(padding)))
            try writer.add(BertConfiguration.paddingRowKey, .float32s(row))
        }
    }

    /// Without its first rows, `start` of them.
    private static func add(
        _ tensor: TensorView, _ name: String, _ type: ElementType, from start: Int,
        to writer: inout GGUFWriter
    ) throws(WeightError) {
        guard start > 0 else { return try writer.add(tensor, name: name, as: type) }
        try writer.add(name, shape: [tensor.rowCount - start, tensor.rowLength], as: type) {
            (rows, buffer) throws(WeightError) in
            tensor.takeRows(rows.lowerBound + start..<rows.upperBound + start, into: buffer)
        }
    }

    private static func fileSize(_ path: String) throws(MartletError) -> Int {
        do throws(FileError) {
            return try MappedFile(path: path).region.count
        } catch {
            throw MartletError(.io, error.message, file: path)
        }
    }

    private static func storedType(of tensor: TensorView, named name: String, _ element: ElementType)
        -> ElementType
    {
        let isTable = name.hasPrefix("position_embd") || name.hasPrefix("token_types")
        if tensor.shape.count < 2 || isTable { return .f32 }
        guard element.blockSize > 1 else { return element }
        if name.holds(".attn_v.") || tensor.shape[1] % element.blockSize != 0 { return .f16 }
        return element
    }

    private static func add(
        general writer: inout GGUFWriter, _ architecture: String, _ element: ElementType, _ name: String
    )
        throws(WeightError)
    {
        // llama.cpp's LLAMA_FTYPE numbers.
        let fileTypes: [ElementType: UInt32] = [
            .f32: 0, .f16: 1, .q4_0: 2, .q4_1: 3, .q8_0: 7, .q5_0: 8, .q5_1: 9, .bf16: 32,
        ]
        try writer.add("general.architecture", .string(architecture))
        try writer.add("general.type", .string("model"))
        try writer.add("general.name", .string(name))
        try writer.add("general.file_type", .uint32(fileTypes[element] ?? 0))
        try writer.add("general.quantization_version", .uint32(2))
    }

    private static func add(
        encoder writer: inout GGUFWriter, _ form: GGUFForm, _ description: TransformerDescription,
        _ pipeline: PipelineDescription
    ) throws(WeightError) {
        for (key, value) in form.metadata { try writer.add("\(form.architecture).\(key)", value) }
        if form.architecture == "bert" {
            try writer.add(
                BertConfiguration.activationKey, .string(description.feedForward.activation.rawValue))
        }
        for (key, value) in pipeline.metadata(architecture: form.architecture) {
            switch value {
            case .string(let text): try writer.add(key, .string(text))
            case .integer(let number): try writer.add(key, .uint32(UInt32(clamping: number)))
            case .bool(let flag): try writer.add(key, .bool(flag))
            case .strings(let list): try writer.add(key, .strings(list))
            }
        }
    }
}
