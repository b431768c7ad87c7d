internal import MartletJSON
internal import MartletWeights

extension DenseLayer {
    /// The `Dense` module in a subfolder.
    /// - Parameter level: What the module reads and writes: vectors of texts or of tokens, as
    ///   sentence-transformers calls them.
    init(_ folder: ModelFolder, _ path: String, level: String = "sentence_embedding") throws(MartletError) {
        let config = try folder.requireConfig(
            path.isEmpty ? "config.json" : path + "/config.json", for: "the sizes of a dense layer")
        try config.requireKnownMembers(in: ConfigurationMembers.dense)
        try config.requireModule(level: level)
        let inputs = try config.requireSize("in_features")
        let outputs = try config.requireSize("out_features")
        // A file without the key means the default of the class, Tanh.
        let className = try config.string("activation_function") ?? "torch.nn.modules.activation.Tanh"
        guard let activation = DenseActivation(className: className) else {
            let known = DenseActivation.allCases.map(\.rawValue).joined(separator: ", ")
            throw .unsupported(
                config.path,
                "\"activation_function\" \(className.quotedForMessage) is not one of PyTorch's \(known)")
        }
        let weights = try folder.weights(ofModule: path)
        func floats(_ name: String, _ shape: [Int]) throws(MartletError) -> [Float] {
            try wrapping { () throws(WeightError) in try weights.require(name, shape: shape).floats() }
        }
        let isResidual = try config.bool("use_residual") ?? false
        try self.init(
            inputs: inputs, outputs: outputs, weight: try floats("linear.weight", [outputs, inputs]),
            bias: try config.bool("bias") ?? true ? try floats("linear.bias", [outputs]) : nil,
            activation: activation,
            residual: isResidual,
            residualWeight: isResidual && inputs != outputs
                ? try floats("residual.weight", [outputs, inputs]) : nil,
            file: weights.location)
    }
}

extension ConfigFile {
    /// An error where a module reads or writes something else.
    func requireModule(level: String) throws(MartletError) {
        for key in ["module_input_name", "module_output_name"] {
            guard let name = try string(key), name != level else { continue }
            throw .unsupported(
                path, "\"\(key)\" is \(name.quotedForMessage); only \(level.quotedForMessage) is supported")
        }
    }
}

extension ModelFolder {
    /// The weights of the module in a subfolder.
    func weights(ofModule module: String) throws(MartletError) -> any WeightSource {
        let names = ["model.safetensors", "pytorch_model.bin"].map { module.isEmpty ? $0 : module + "/" + $0 }
        guard let name = names.first(where: contains) else {
            throw MartletError(
                .missingFile,
                "\(path(of: names[0])) is missing: it holds the weights of module \(module.quotedForMessage)",
                file: path(of: names[0]))
        }
        return try wrapping { () throws(WeightError) -> any WeightSource in
            name.hasSuffix(".bin")
                ? try WeightSources.open(path: path(of: name)) : try SafetensorsFile(path: path(of: name))
        }
    }
}
