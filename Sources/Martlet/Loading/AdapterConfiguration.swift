internal import MartletJSON
internal import MartletModels
internal import MartletWeights

/// What the adapter_config.json of PEFT says.
struct AdapterConfiguration {
    let file: ConfigFile
    /// What the adapter was trained on: a path, or a name on a hub; nil: it does not say.
    let base: String?
    private let scaling: LowRankAdapter.Scaling

    static let fileName = "adapter_config.json"
    static let weights = ["adapter_model.safetensors", "adapter_model.bin"]

    /// Ways to begin that change the base model's weights, too.
    private static let changingBase = ["pissa", "olora", "loftq", "corda", "lora_ga"]
    /// Members whose values other than null, false and nothing change what is computed in ways that are not
    /// supported.
    static let refused = [
        "use_qalora", "layer_replication", "trainable_token_indices", "target_parameters",
        "alora_invocation_tokens", "arrow_config", "use_bdlora", "velora_config", "kasa_config",
    ]

    init(_ file: ConfigFile) throws(MartletError) {
        self.file = file
        let type = try file.string("peft_type") ?? ""
        guard type == "LORA" else {
            throw .unsupported(
                file.path,
                "the adapter is of the type \(type.quotedForMessage); only LORA is supported: merge it into the model (merge_and_unload of PEFT) and save the whole"
            )
        }
        for key in Self.refused where !Self.isOff(file[key]) {
            throw .unsupported(
                file.path,
                "\"\(key)\" is set, which is not supported for an adapter: merge it into the model (merge_and_unload of PEFT) and save the whole"
            )
        }
        if let kind = file["init_lora_weights"]?.string,
            Self.changingBase.contains(where: kind.lowercased().hasPrefix)
        {
            throw .unsupported(
                file.path,
                "\"init_lora_weights\" is \(kind.quotedForMessage), which changes the base model's weights and is not supported"
            )
        }
        try file.requireKnownMembers(in: ConfigurationMembers.adapter)
        base = try file.string("base_model_name_or_path")
        let rank = try file.requireSize("r")
        guard let alpha = file["lora_alpha"]?.double, alpha.isFinite else {
            throw .malformed(file.path, "\"lora_alpha\" must be a number")
        }
        var scaling = LowRankAdapter.Scaling(rank: rank, alpha: alpha)
        scaling.isRankStabilised = try file.bool("use_rslora") ?? false
        scaling.hasLengths = try file.bool("use_dora") ?? false
        scaling.hasBiases = try file.bool("lora_bias") ?? false
        scaling.hasRanks = !(file["rank_pattern"]?.object?.isEmpty ?? true)
        for member in file["alpha_pattern"]?.object?.members ?? [] {
            guard let alpha = member.value.double, alpha.isFinite,
                member.key.utf8.allSatisfy({
                    $0 != 0x2a && $0 != 0x5e && $0 != 0x5b && $0 != 0x5c && $0 != 0x7c
                })
            else {
                throw .unsupported(
                    file.path,
                    "\"alpha_pattern\" has \(member.key.quotedForMessage); ends of modules' names with numbers are supported"
                )
            }
            scaling.alphas.append(.init(ofModulesEndingIn: member.key, alpha))
        }
        self.scaling = scaling
    }

    private static func isOff(_ value: JSONValue?) -> Bool {
        guard let value, !value.isNull else { return true }
        return value.bool == false || value.array?.isEmpty == true || value.object?.isEmpty == true
    }

    /// The adapter with its matrices, which are in the same folder.
    func load(_ folder: ModelFolder) throws(MartletError) -> LowRankAdapter {
        guard let name = Self.weights.first(where: folder.contains) else {
            throw MartletError(
                .missingFile,
                "\(folder.path(of: Self.weights[0])) is missing: it holds the adapter's matrices",
                file: folder.path(of: Self.weights[0]))
        }
        let path = folder.path(of: name)
        let source = try wrapping { () throws(WeightError) in try WeightSources.open(path: path) }
        return LowRankAdapter(source, file: path, scaling)
    }

    /// The folder of the base model, where the adapter's own folder holds none.
    func baseFolder(beside folder: ModelFolder) throws(MartletError) -> ModelFolder {
        let name = base ?? ""
        let places = name.hasPrefix("/") ? [name] : [folder.path(of: name), name]
        for place in name.isEmpty ? [] : places {
            let found = ModelFolder(path: place)
            if found.isFolder, found.contains("config.json") { return found }
        }
        throw .unsupported(
            file.path,
            "the folder holds an adapter\(base.map { " of \($0)" } ?? "") and no model; put config.json and the weights of the base model beside it, "
                + "or make \"base_model_name_or_path\" the path of the base model's folder")
    }
}
