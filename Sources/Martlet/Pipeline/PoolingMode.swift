internal import MartletJSON
package import MartletModels

extension PoolingMode {
    /// Nil for `.native`, which is no mode but a reference to the model.
    package init?(_ pooling: Pooling) {
        guard pooling != .native else { return nil }
        self.init(rawValue: pooling.rawValue)
    }

    package var pooling: Pooling { Pooling(rawValue: rawValue) ?? .native }

    /// The key of its boolean in configurations before sentence-transformers 5.
    var booleanKey: String {
        switch self {
        case .cls: "pooling_mode_cls_token"
        case .max: "pooling_mode_max_tokens"
        case .mean: "pooling_mode_mean_tokens"
        case .meanSqrtLen: "pooling_mode_mean_sqrt_len_tokens"
        case .weightedMean: "pooling_mode_weightedmean_tokens"
        case .last: "pooling_mode_lasttoken"
        }
    }

    /// Its value of "pooling_mode" in later configurations.
    var configName: String {
        switch self {
        case .cls: "cls"
        case .max: "max"
        case .mean: "mean"
        case .meanSqrtLen: "mean_sqrt_len_tokens"
        case .weightedMean: "weightedmean"
        case .last: "lasttoken"
        }
    }

    init?(configName: String) {
        guard let mode = Self.allCases.first(where: { $0.configName == configName }) else { return nil }
        self = mode
    }
}

extension ConfigFile {
    private static let poolingNames = PoolingMode.allCases.map(\.rawValue).joined(separator: ", ")

    /// The modes of a `Pooling` module's config.json.
    func poolingModes() throws(MartletError) -> [PoolingMode] {
        try requireKnownPooling()
        if let value = self["pooling_mode"] {
            let names = value.array ?? [value]
            guard !names.isEmpty else {
                throw .malformed(path, "\"pooling_mode\" is an empty list; expected at least one mode")
            }
            var modes: [PoolingMode] = []
            for name in names {
                guard let text = name.string else {
                    throw wrongKind("pooling_mode", "a name or a list of names", name)
                }
                guard let mode = PoolingMode(configName: text) else {
                    let known = PoolingMode.allCases.map(\.configName).joined(separator: ", ")
                    throw .unsupported(
                        path, "\"pooling_mode\" \(text.quotedForMessage) is unknown; expected one of \(known)"
                    )
                }
                modes.append(mode)
            }
            return modes
        }
        var modes: [PoolingMode] = []
        var found = false
        for mode in PoolingMode.allCases {
            guard let isOn = try bool(mode.booleanKey) else { continue }
            found = true
            if isOn { modes.append(mode) }
        }
        guard found else {
            throw .malformed(
                path,
                "says no pooling mode; expected \"pooling_mode\", or one of \"pooling_mode_…\" to be true")
        }
        // As sentence-transformers reads a configuration whose modes are all false.
        return modes.isEmpty ? [.mean] : modes
    }

    private func requireKnownPooling() throws(MartletError) {
        for member in object.members where member.key.hasPrefix("pooling_mode_") {
            guard member.value.bool != false,
                !PoolingMode.allCases.contains(where: { $0.booleanKey == member.key })
            else { continue }
            throw .unsupported(
                path, "pooling \(member.key.quotedForMessage) is unknown; choose one of \(Self.poolingNames)",
                remedy: .choosePooling)
        }
        for member in object.members where !member.value.isNull && !member.key.hasPrefix("pooling_mode_") {
            guard !ConfigurationMembers.pooling.members.contains(where: { $0.name == member.key }) else {
                continue
            }
            throw .unsupported(
                path,
                "the member \(member.key.quotedForMessage) is not known and may change the numbers; remove it if it has no effect"
            )
        }
    }
}
