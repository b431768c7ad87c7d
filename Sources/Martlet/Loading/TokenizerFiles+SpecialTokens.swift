internal import MartletJSON
internal import MartletSystem
internal import MartletTokenizers

extension TokenizerFiles {
    /// The special tokens that tokenizer_config.json and special_tokens_map.json name, in the order in which
    /// transformers gives ids to new ones; a token that the tokenizer has already keeps its flags.
    /// - Parameters:
    ///   - config: tokenizer_config.json
    ///   - map: special_tokens_map.json, where it counts.
    static func specialTokens(in config: ConfigFile?, map: ConfigFile?, for kind: TokenizerClass?)
        throws(MartletError) -> [TokenizerSettings.Token]
    {
        var tokens: [TokenizerSettings.Token] = []
        for key in named {
            guard let value = map?[key] ?? config?[key], var token = token(value) else { continue }
            if key == "mask_token", value.string != nil, kind?.stripsSpacesBeforeMask == true {
                token.stripsLeft = true
            }
            tokens.append(token)
        }
        for (file, members) in [ownTokens(config), mapTokens(map)].compactMap(\.self) {
            for member in members {
                guard let token = token(member.value) else {
                    throw .malformed(
                        file, "the special token \(member.key.quotedForMessage) has no \"content\"")
                }
                tokens.append(token)
            }
        }
        var more = list("extra_special_tokens", config)
        if more.isEmpty { more = list("additional_special_tokens", config) }
        more += list("extra_special_tokens", map)
        if more.isEmpty { more = list("additional_special_tokens", map) }
        if more.isEmpty, kind == .t5 {
            let count = config?["extra_ids"]?.int ?? 100
            more = (0..<max(0, min(count, 1 << 16))).map { .string("<extra_id_\($0)>") }
        }
        return tokens + more.compactMap(token)
    }

    /// The names that every class has.
    fileprivate static let named = [
        "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
    ]

    private static func token(_ value: JSONValue) -> TokenizerSettings.Token? {
        var token = value.string.map { TokenizerSettings.Token($0) } ?? TokenizerSettings.Token(value)
        token?.isSpecial = true
        token?.replaces = false
        return token
    }

    private static func list(_ key: String, _ file: ConfigFile?) -> [JSONValue] { file?[key]?.array ?? [] }

    /// Tokens of the model's own under names of their own: members whose names end so, and objects of names
    /// and tokens, of which `extra_special_tokens` counts before `model_specific_special_tokens`.
    private static func ownTokens(_ file: ConfigFile?) -> (String, [JSONObject.Member])? {
        guard let file else { return nil }
        let members = file.object.members.filter { $0.isOwnToken } + objects("extra_special_tokens", file)
        return (file.path, members.isEmpty ? objects("model_specific_special_tokens", file) : members)
    }

    private static func mapTokens(_ file: ConfigFile?) -> (String, [JSONObject.Member])? {
        file.map { ($0.path, objects("extra_special_tokens", $0)) }
    }

    private static func objects(_ key: String, _ file: ConfigFile) -> [JSONObject.Member] {
        file[key]?.object?.members ?? []
    }
}

extension JSONObject.Member {
    /// Whether it names a special token that not every class has, such as `image_token`.
    var isOwnToken: Bool {
        key.hasSuffix("_token") && !TokenizerFiles.named.contains(key)
            && (value.string != nil || value["__type"]?.string == "AddedToken")
    }
}
