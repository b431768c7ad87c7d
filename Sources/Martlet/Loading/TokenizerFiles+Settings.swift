internal import MartletJSON
internal import MartletSystem
internal import MartletTokenizers

extension TokenizerFiles {
    /// What tokenizer_config.json, special_tokens_map.json and added_tokens.json change of tokenizer.json.
    static func settings(_ folder: ModelFolder, _ config: ConfigFile?, encoder: ConfigFile?)
        throws(MartletError) -> TokenizerSettings
    {
        try config?.checkTokenizerMembers()
        var isByteLevel = false
        let kind = try TokenizerClass.of(config, encoder: encoder)
        if kind == .llama {
            isByteLevel = try folder.text(ModelFileNames.tokenizer)?.holds("\"ByteLevel\"") ?? false
        }
        var config = config
        let listed = config?["added_tokens_decoder"]?.object
        // Older folders keep special tokens in a file of their own, which counts unless the newer list is
        // there.
        if listed == nil, let map = try folder.config("special_tokens_map.json") {
            let members = (config?.object.members ?? []) + map.object.members
            config = ConfigFile(path: config?.path ?? map.path, object: JSONObject(members))
        }
        let built = try kind?.settings(config, isByteLevel: isByteLevel)
        var settings = built ?? TokenizerSettings()
        settings.replacesAdded = built != nil && listed != nil
        for member in (listed?.members ?? []).sorted(by: { (Int($0.key) ?? 0) < (Int($1.key) ?? 0) }) {
            guard let token = TokenizerSettings.Token(member.value) else {
                throw .malformed(
                    config?.path ?? "", "\"added_tokens_decoder\": token \(member.key) has no \"content\"")
            }
            settings.added.append(token)
        }
        let specials = config?.specialTokens ?? []
        if listed == nil, let file = try folder.config("added_tokens.json") {
            let tokens = file.object.members.sorted { ($0.value.int ?? 0) < ($1.value.int ?? 0) }
            for member in tokens {
                var token = TokenizerSettings.Token(member.key)
                token.isSpecial = specials.contains { $0.content == member.key }
                token.isNormalized = !token.isSpecial
                token.replaces = false
                settings.added.append(token)
            }
        }
        settings.added += specials
        return settings
    }
}

extension TokenizerSettings.Token {
    /// A token as tokenizer_config.json describes it; nil: it has no content.
    init?(_ json: JSONValue) {
        guard let content = json["content"]?.string else { return nil }
        self.init(content)
        isSpecial = json["special"]?.bool ?? false
        isSingleWord = json["single_word"]?.bool ?? false
        stripsLeft = json["lstrip"]?.bool ?? false
        stripsRight = json["rstrip"]?.bool ?? false
        isNormalized = json["normalized"]?.bool ?? !isSpecial
    }
}

extension ConfigFile {
    /// The special tokens that the configuration names; a token that the tokenizer has already keeps its
    /// flags.
    fileprivate var specialTokens: [TokenizerSettings.Token] {
        let named = [
            "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
        ].compactMap { self[$0] }
        let more = (self["extra_special_tokens"] ?? self["additional_special_tokens"])?.array ?? []
        return (named + more).compactMap { value in
            var token = value.string.map { TokenizerSettings.Token($0) } ?? TokenizerSettings.Token(value)
            token?.isSpecial = true
            token?.replaces = false
            return token
        }
    }

    /// Refuses members of tokenizer_config.json that may change ids and are not known.
    fileprivate func checkTokenizerMembers() throws(MartletError) {
        if try bool("split_special_tokens") ?? false {
            throw .unsupported(
                path, "\"split_special_tokens\" is true; only special tokens that stay whole are supported")
        }
        if try bool("fix_mistral_regex") ?? false {
            throw .unsupported(path, "\"fix_mistral_regex\" is true, which is not supported")
        }
        if let values = self["sp_model_kwargs"]?.object, !values.isEmpty {
            throw .unsupported(path, "\"sp_model_kwargs\" is not empty; sampling of pieces is not supported")
        }
        try requireKnownMembers(in: ConfigurationMembers.tokenizer)
    }
}
