import MartletCompute
import MartletJSON
import Testing

@testable import MartletModels

/// Members of config.json where what transformers 5.23 does is easily read otherwise.
@Suite("What transformers reads of a configuration")
struct ConfigurationReadingTests {
    private func read(_ text: String) throws -> TransformerDescription {
        try ArchitectureRegistry.blueprint(configuration: JSONValue.parse(utf8: text), file: "config.json")
            .description
    }

    /// A model with BERT's names of its sizes, and further members.
    private func model(_ type: String, _ members: String = "") throws -> TransformerDescription {
        try read(
            #"{"model_type": "\#(type)", "vocab_size": 50, "hidden_size": 64, "num_hidden_layers": 3, "#
                + #""num_attention_heads": 4, "intermediate_size": 96\#(members.isEmpty ? "" : ", ")\#(members)}"#
        )
    }

    private func decoder(_ type: String, _ members: String) throws -> TransformerDescription {
        try model(type, #""num_key_value_heads": 2, "# + members)
    }

    private func t5(_ members: String) throws -> TransformerDescription {
        try read(
            #"{"model_type": "t5", "vocab_size": 50, "d_model": 64, "d_kv": 16, "d_ff": 96, "num_layers": 2, "#
                + #""num_heads": 4, \#(members)}"#)
    }

    private func refusal(_ body: () throws -> TransformerDescription) -> String {
        let error = #expect(throws: ModelError.self) { try body() }
        return error?.message ?? ""
    }

    @Test func activationOfNomicBert() throws {
        #expect(try model("nomic_bert").feedForward.activation == .silu)
        let own = try model("nomic_bert", #""hidden_act": "relu""#).feedForward
        #expect(own.activation == .relu && own.gate == .first)
        let published = try model("nomic_bert", #""activation_function": "gelu""#).feedForward
        #expect(published.activation == .gelu && published.gate == nil)
        #expect(
            refusal { try model("nomic_bert", #""hidden_act": "relu", "activation_function": "swiglu""#) }
                .contains("hidden_act"))
    }

    @Test func feedForwardOfT5() throws {
        #expect(try t5(#""feed_forward_proj": "gated-gelu""#).feedForward.activation == .geluTanh)
        let other = try t5(#""feed_forward_proj": "gated-gelu", "dense_act_fn": "relu""#).feedForward
        #expect(other.activation == .relu && other.gate == .first)
        #expect(try t5(#""feed_forward_proj": "relu", "is_gated_act": true"#).feedForward.gate == .first)
        #expect(refusal { try t5(#""is_decoder": true"#) }.contains("is_decoder"))
    }

    @Test func typesOfMistralsLayers() throws {
        let types = #""layer_types": ["full_attention", "sliding_attention", "full_attention"]"#
        let mixed = try decoder("mistral", #""sliding_window": 8, "# + types).attention
        #expect((0..<3).map { mixed.heads(span: mixed.span(ofLayer: $0)).before } == [nil, 7, nil])
        #expect(
            refusal { try decoder("mistral", #""sliding_window": null, "# + types) }
                .contains("sliding_window"))
    }

    /// A window in both directions counts its tokens without the query.
    @Test(arguments: ["mistral", "qwen3"])
    func windowInBothDirections(_ type: String) throws {
        let members = #""sliding_window": 8, "use_sliding_window": true, "max_window_layers": 0, "#
        let both = try decoder(type, members + #""is_causal": false"#).attention
        let heads = both.heads(span: both.span(ofLayer: 0))
        #expect([heads.before, heads.after] == [8, 8])
        let causal = try decoder(type, members + #""is_causal": true"#).attention
        #expect(causal.heads(span: causal.span(ofLayer: 0)).before == 7)
    }

    @Test func dynamicPositions() throws {
        let rope = #""rope_parameters": {"rope_type": "dynamic", "rope_theta": 5000, "factor": 2}"#
        let rotary = try decoder("llama", rope).attention.spans[0].rotary
        #expect(rotary == Rotary(base: 5000, dimensions: 16))
        #expect(
            refusal { try decoder("llama", #""rope_scaling": {"rope_type": "dynamic"}"#) }
                .contains("factor"))
    }

    /// Whole heads turn, whatever `partial_rotary_factor` says, where the type is "default".
    @Test(arguments: ["llama", "mistral", "qwen3", "eurobert", "lfm2"])
    func partsOfHeads(_ type: String) throws {
        let head = type == "lfm2" ? "" : #""head_dim": 16, "#
        let beside = try decoder(type, head + #""partial_rotary_factor": 0.5"#)
        let inside = try decoder(
            type, head + #""rope_parameters": {"rope_theta": 5000, "partial_rotary_factor": 0.5}"#)
        for description in [beside, inside] {
            #expect(description.attention.spans[0].rotary?.frequencies.count == 8)
        }
        let scaled = #""rope_scaling": {"rope_type": "linear", "factor": 2}, "partial_rotary_factor": 0.5"#
        #expect(refusal { try decoder(type, head + scaled) }.contains("partial_rotary_factor"))
    }

    @Test(arguments: ["gte", "jina_embeddings_v3", "nomic_bert"])
    func partsOfHeadsOfEncoders(_ type: String) throws {
        let description = try model(type, #""partial_rotary_factor": 0.5"#)
        #expect(description.attention.spans[0].rotary?.frequencies.count == 8)
    }

    @Test func scaleOfDebertaWithoutRelativeScores() throws {
        let members = #""relative_attention": false, "pos_att_type": ["c2p", "p2c"]"#
        let attention = try model("deberta-v2", members).attention
        #expect(attention.relative == nil && attention.scale == 1 / Float(48).squareRoot())
        #expect(try model("deberta-v2").attention.scale == 1 / Float(16).squareRoot())
    }

    @Test func eurobert() throws {
        let plain = try decoder("eurobert", #""head_dim": 16"#).attention
        #expect(!plain.isCausal && plain.spans[0].rotary == Rotary(base: 10_000, dimensions: 16))
        let published = try decoder("eurobert", #""rope_theta": 250000.0"#).attention
        #expect(published.spans[0].rotary == Rotary(base: 250_000, dimensions: 16))
        #expect(try decoder("eurobert", #""is_causal": true"#).attention.isCausal)
    }

    /// The general spelling counts before DistilBERT's own.
    @Test func distilbertInTwoSpellings() throws {
        let sizes = #"{"model_type": "distilbert", "vocab_size": 50, "dim": 64, "hidden_dim": 96, "#
        let plain = try read(sizes + #""n_layers": 3, "n_heads": 4}"#)
        #expect(plain.layers == 3 && plain.attention.heads == 4)
        let both = try read(
            sizes + #""n_layers": 3, "n_heads": 4, "num_hidden_layers": 2, "num_attention_heads": 2}"#)
        #expect(both.layers == 2 && both.attention.heads == 2)
    }

    /// What the class of Ministral 3 puts where nothing is said, and what it saves then.
    @Test func positionsOfMinistral3() throws {
        let silent = try decoder("ministral3", #""head_dim": 16"#)
        let saved = try decoder(
            "ministral3",
            #""head_dim": 16, "rope_parameters": {"rope_type": "yarn", "rope_theta": 1000000.0, "factor": 16.0, "#
                + #""original_max_position_embeddings": 16384, "max_position_embeddings": 262144, "#
                + #""beta_fast": 32.0, "beta_slow": 1.0, "mscale_all_dim": 1.0, "mscale": 1.0, "#
                + #""llama_4_scaling_beta": 0.1}"#)
        #expect(silent == saved && silent.maxPositions == 262_144)
        #expect(silent.attention.queryGrowth == .init(factor: 0.1, every: 16_384))
    }
}
