internal import MartletJSON
internal import MartletSystem
internal import MartletTokenizers

extension TokenizerFiles {
    /// What tokenizer_config.json, special_tokens_map.json and added_tokens.json change of tokenizer.json.
    static func settings(_ folder: ModelFolder, _ config: ConfigFile?, encoder: ConfigFile?)
        throws(MartletError) -> TokenizerSettings
    {
        try settings(folder, config, as: TokenizerClass.of(config, encoder: encoder))
    }

    /// What these files say to a class; nil: to one that takes tokenizer.json as it is.
    static func settings(_ folder: ModelFolder, _ config: ConfigFile?, as kind: TokenizerClass?)
        throws(MartletError) -> TokenizerSettings
    {
        try config?.checkTokenizerMembers()
        var isByteLevel = false
        if kind == .llama {
            isByteLevel = try folder.text(ModelFileNames.tokenizer)?.holds("\"ByteLevel\"") ?? false
        }
        let listed = config?["added_tokens_decoder"]?.object
        // Older folders keep special tokens in a file of their own, which counts unless the newer list is
        // there.
        let map = try listed == nil ? folder.config("special_tokens_map.json") : nil
        var whole = config
        if let map {
            let members = (config?.object.members ?? []) + map.object.members
            whole = ConfigFile(path: config?.path ?? map.path, object: JSONObject(members))
        }
        let built = try kind?.settings(whole, isByteLevel: isByteLevel)
        var settings = built ?? TokenizerSettings()
        settings.replacesAdded = built != nil && listed != nil
        // With this flag the classes keep the file's parts, and only what they set afterwards is theirs.
        if try config?.bool("trust_remote_code") == true, folder.contains(ModelFileNames.tokenizer) {
            settings = TokenizerSettings()
            if kind?.framesLast == true { settings.frame = built?.frame }
        }
        for member in (listed?.members ?? []).sorted(by: { (Int($0.key) ?? 0) < (Int($1.key) ?? 0) }) {
            guard let token = TokenizerSettings.Token(member.value) else {
                throw .malformed(
                    config?.path ?? "", "\"added_tokens_decoder\": token \(member.key) has no \"content\"")
            }
            settings.added.append(token)
        }
        let specials = try specialTokens(in: config, map: map, for: kind)
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

    /// With the special tokens that a class has where the folder names no other.
    static func complete(
        _ settings: inout TokenizerSettings, for kind: TokenizerClass, _ folder: ModelFolder,
        _ config: ConfigFile?
    ) throws(MartletError) {
        let hasList = config?["added_tokens_decoder"]?.object != nil
        let map = try hasList ? nil : folder.config("special_tokens_map.json")
        for (key, token) in kind.specialTokens ?? []
        where config?.token(key) == nil && map?.token(key) == nil {
            settings.added.append(token)
        }
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
        try requireKnownMembers(in: ConfigurationMembers.tokenizer, orWhere: \.isOwnToken)
    }
}
