internal import MartletJSON

/// pplx-embed-v1 (2026): Qwen3 in which every token sees all others.
enum PerplexityEmbed {
    static let family = Family(
        modelTypes: ["bidirectional_pplx_qwen3"], classes: ["PPLXQwen3Model"],
        harmless: Decoder.harmless + ["use_bidirectional_attention"], fromFolder: blueprint)

    private static func blueprint(_ reader: ConfigurationReader) throws(ModelError)
        -> ArchitectureRegistry.Blueprint
    {
        try reader.require(
            "use_bidirectional_attention", true, because: "the published model sees in both directions")
        var blueprint = try Decoder.blueprint(reader, as: "qwen3")
        blueprint.description.attention.isCausal = false
        return blueprint
    }
}
