package import MartletJSON

/// What config.json says of the form in which a folder's weights are quantised.
package struct Quantisation: Sendable, Equatable {
    /// MLX: codes of some bits in groups that share a scale.
    struct Groups: Sendable, Equatable {
        var bits: Int
        var size: Int
        /// "affine", or the name of a format of floats.
        var mode = "affine"
    }

    /// Of MLX: of all modules, and of those that differ; nil: not one of MLX's folders.
    private(set) var groups: Groups?
    private(set) var groupsOfModules: [String: Groups] = [:]
    /// Rows and columns of a block that shares a scale, for floats of 8 bits.
    private(set) var block: [Int]?
    /// Of GPTQ and AWQ; nil: the folder is in neither form.
    private(set) var words: WordPacking?

    /// Methods whose tensors say what they are.
    private static let methods = ["fp8", "fbgemm_fp8", "compressed-tensors", "modelopt", "mxfp4"]

    package init() {}

    /// - Parameter file: config.json's path, for messages.
    package init(_ configuration: JSONValue, file: String) throws(WeightError) {
        guard
            let settings = configuration["quantization_config"]?.object
                ?? configuration["compression_config"]?.object ?? configuration["quantization"]?.object
        else { return }
        let json = JSONValue.object(settings)
        guard let method = json["quant_method"]?.string else {
            try readGroups(json, file)
            return
        }
        if let order = WordPacking.Order(rawValue: method) {
            words = try WordPacking(json, order, file: file)
            return
        }
        guard Self.methods.contains(method) else {
            throw Self.unsupported(
                file, "the weights are quantised by \(method.quotedForMessage), which is not read")
        }
        if let format = json["sparsity_config"]?["format"]?.string, format != "dense" {
            throw Self.unsupported(file, "the weights are sparse (\(format.quotedForMessage))")
        }
        if let transforms = json["transform_config"]?.object, !transforms.isEmpty {
            throw Self.unsupported(file, "the weights are rotated (\"transform_config\")")
        }
        if let size = json["weight_block_size"]?.array?.compactMap(\.int) {
            guard size.count == 2, size.allSatisfy({ (1...1 << 20).contains($0) }) else {
                throw .malformed(file, "\"weight_block_size\" must be two numbers from 1 to 1048576")
            }
            block = size
        }
    }

    private mutating func readGroups(_ json: JSONValue, _ file: String) throws(WeightError) {
        groups = try Self.groups(json, file)
        for member in json.object?.members ?? [] where member.value.object != nil {
            groupsOfModules[member.key] = try Self.groups(member.value, file)
        }
    }

    private static func groups(_ json: JSONValue, _ file: String) throws(WeightError) -> Groups {
        let mode = json["mode"]?.string ?? "affine"
        guard ["affine", "mxfp4", "mxfp8", "nvfp4"].contains(mode) else {
            throw unsupported(file, "the weights are quantised in the mode \(mode.quotedForMessage)")
        }
        guard let bits = json["bits"]?.int, let size = json["group_size"]?.int, (2...8).contains(bits),
            bits != 7, size > 0, size <= 1024, size * bits % 8 == 0
        else {
            throw unsupported(
                file,
                "\"quantization\" needs \"bits\" of 2, 3, 4, 5, 6 or 8 and a \"group_size\", or a \"quant_method\" that is read"
            )
        }
        return Groups(bits: bits, size: size, mode: mode)
    }

    /// MLX's groups of a module; nil: none.
    func groups(of module: String) -> Groups? { groupsOfModules[module] ?? groups }

    static func unsupported(_ file: String, _ reason: String) -> WeightError {
        let read = (WordPacking.Order.allCases.map(\.rawValue) + methods).joined(separator: ", ")
        return WeightError(
            .unsupported,
            "\(file): \(reason); read are \(read) and MLX's groups: take the model's original weights, or a GGUF file",
            file: file)
    }
}
