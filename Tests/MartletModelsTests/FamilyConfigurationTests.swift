import MartletCompute
import MartletJSON
import Testing

@testable import MartletModels

/// What a configuration of each family means, and what it may not say.
@Suite("Configurations of encoder families")
struct FamilyConfigurationTests {
    private static let sizes = [
        "vocab_size": "50", "hidden_size": "64", "num_hidden_layers": "4", "num_attention_heads": "4",
        "intermediate_size": "96",
    ]
    private static let distilbert = [
        "vocab_size": "50", "dim": "64", "n_layers": "4", "n_heads": "4", "hidden_dim": "96",
    ]

    /// The description of a minimal configuration with `members` set; null takes a member away.
    private func read(_ type: String, _ members: [String: String] = [:]) throws -> TransformerDescription {
        let base = type == "distilbert" ? Self.distilbert : Self.sizes
        let all = base.merging(["model_type": "\"\(type)\""]) { $1 }.merging(members) { $1 }
        let sharesHeads = ["qwen2", "qwen3", "mistral", "llama", "llama_bidirec", "eurobert", "gemma3_text"]
            .contains(type)
        let text = all.filter { $0.value != "-" && (sharesHeads || $0.key != "num_key_value_heads") }.map {
            "\"\($0.key)\":\($0.value)"
        }
        .sorted().joined(separator: ",")
        return try ArchitectureRegistry.blueprint(
            configuration: JSONValue.parse(utf8: "{\(text)}"), file: "config.json"
        ).description
    }

    /// Of two spellings of one fact the one that transformers takes counts.
    @Test(arguments: ["qwen2", "qwen3", "mistral", "llama", "eurobert", "gte"])
    func ropeScalingBesideRopeParameters(_ type: String) throws {
        let yarn = #"{"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64}"#
        let plain = #"{"rope_type": "default", "rope_theta": 5000.0}"#
        let heads = ["head_dim": "16", "num_key_value_heads": "2"]
        let one = heads.merging(["rope_scaling": yarn, "rope_theta": "7000.0"]) { $1 }
        let alone = try read(type, type == "gte" ? one.filter { heads[$0.key] == nil } : one)
        let both = try read(
            type,
            (type == "gte" ? one.filter { heads[$0.key] == nil } : one).merging(["rope_parameters": plain]) {
                $1
            })
        #expect(both.attention.spans[0].rotary == alone.attention.spans[0].rotary)
        #expect(both.attention.spans[0].rotary?.factor != 1)
        // An empty one is none.
        let four = ["num_key_value_heads": "4", "rope_parameters": plain]
        let empty = try read(type, four.merging(["rope_scaling": "{}"]) { $1 })
        #expect(try empty.attention.spans[0].rotary == read(type, four).attention.spans[0].rotary)
    }

    @Test func ropeScalingOfLayerTypes() throws {
        let parameters =
            #"{"full_attention": {"rope_type": "default", "rope_theta": 5000.0}, "sliding_attention": {"rope_type": "default", "rope_theta": 100.0}}"#
        let scaled = try read(
            "modernbert",
            ["rope_parameters": parameters, "rope_scaling": #"{"rope_type": "linear", "factor": 2.0}"#])
        let plain = try read("modernbert", ["rope_parameters": parameters])
        for (a, b) in zip(scaled.attention.spans, plain.attention.spans) {
            #expect(a.rotary?.frequencies == b.rotary?.frequencies.map { $0 / 2 })
        }
    }

    @Test func bothDirections() throws {
        for type in ["qwen2", "qwen3", "mistral", "llama"] {
            let heads = ["num_key_value_heads": "4"]
            #expect(try read(type, heads).attention.isCausal)
            #expect(
                try !read(type, heads.merging(["use_bidirectional_attention": "true"]) { $1 }).attention
                    .isCausal)
            #expect(try !read(type, heads.merging(["is_causal": "false"]) { $1 }).attention.isCausal)
        }
        #expect(try !read("llama_bidirec").attention.isCausal)
        #expect(
            try !read(
                "qwen3", ["num_key_value_heads": "4", "architectures": #"["Qwen3BidirectionalModel"]"#]
            ).attention.isCausal)
    }

    /// A member that only one family has is refused by the others.
    @Test func membersOfOtherFamilies() throws {
        for (type, member) in [
            ("bert", "use_bidirectional_attention"), ("roberta", "sliding_window"),
            ("modernbert", "frobnicate"),
        ] {
            let error = #expect(throws: ModelError.self) { try read(type, [member: "true"]) }
            #expect(error?.message.contains("\"\(member)\"") == true)
        }
    }

    /// Positions start after the padding id, so that many rows of the table are no text's.
    @Test func positionsAfterPadding() throws {
        for type in ["roberta", "xlm-roberta", "camembert"] {
            let plain = try read(type, ["max_position_embeddings": "514"])
            #expect(
                plain.maxPositions == 512 && plain.embeddings.positions == .init(rows: 514, padding: 1)
                    && plain.architecture == type)
            let other = try read(type, ["max_position_embeddings": "514", "pad_token_id": "5"])
            #expect(other.maxPositions == 508 && other.embeddings.positions?.padding == 5)
        }
        let mpnet = try read("mpnet", ["max_position_embeddings": "514", "pad_token_id": "7"])
        #expect(
            mpnet.maxPositions == 512 && mpnet.embeddings.positions?.padding == 1
                && mpnet.embeddings.types == 0)
        #expect(try read("electra").embeddings.positions == .init(rows: 512))
    }

    @Test func embeddings() throws {
        #expect(try read("distilbert").embeddings.types == 0)
        #expect(try read("electra").embeddings.size == 128)
        #expect(try read("electra", ["embedding_size": "64"]).embeddings.size == 64)
        #expect(try read("new", ["type_vocab_size": "0"]).embeddings.types == 0)
        #expect(try read("gemma3_text").embeddings.scale == 8)
    }

    /// A causal window counts the query itself; a window in both directions is halved.
    @Test func windows() throws {
        func reach(_ type: String, _ members: [String: String] = [:], layer: Int = 0) throws -> [Int?] {
            let attention = try read(type, ["num_key_value_heads": "4"].merging(members) { $1 }).attention
            let heads = attention.heads(span: attention.span(ofLayer: layer))
            return [heads.before, heads.after]
        }
        #expect(try reach("mistral", ["sliding_window": "16"]) == [15, 0])
        #expect(try reach("mistral") == [4095, 0])
        #expect(try reach("mistral", ["sliding_window": "null"]) == [nil, 0])
        #expect(try reach("modernbert", ["local_attention": "128"]) == [nil, nil])
        #expect(try reach("modernbert", ["local_attention": "128"], layer: 1) == [64, 64])
        #expect(try reach("modernbert", layer: 3) == [nil, nil])
        #expect(try reach("modernbert", ["global_attn_every_n_layers": "2"], layer: 3) == [64, 64])
        #expect(try reach("gemma3_text", ["sliding_window": "512"]) == [511, 0])
        #expect(
            try reach("gemma3_text", ["sliding_window": "512", "use_bidirectional_attention": "true"]) == [
                256, 256,
            ])
        #expect(try reach("gemma3_text", ["_sliding_window_pattern": "2"], layer: 1) == [nil, 0])
        #expect(
            try reach(
                "qwen2", ["use_sliding_window": "true", "max_window_layers": "1", "sliding_window": "8"]) == [
                    nil, 0,
                ])
        #expect(
            try reach(
                "qwen2", ["use_sliding_window": "true", "max_window_layers": "1", "sliding_window": "8"],
                layer: 1) == [7, 0])
        #expect(
            try reach(
                "qwen2", ["use_sliding_window": "false", "max_window_layers": "0", "sliding_window": "8"])
                == [nil, 0])
        #expect(try reach("qwen2", ["is_causal": "false"]) == [nil, nil])
        #expect(try reach("eurobert") == [nil, nil])
    }

    @Test func heads() throws {
        #expect(try read("qwen3", ["num_key_value_heads": "2"]).attention.headSize == 128)
        #expect(
            try read("qwen3", ["num_key_value_heads": "2", "head_dim": "32"]).attention.projections == [
                128, 64, 64,
            ])
        #expect(try read("qwen2", ["num_key_value_heads": "2"]).attention.headSize == 16)
        #expect(try read("qwen2", ["num_key_value_heads": "2"]).attention.hasBias)
        #expect(try !read("qwen2", ["num_key_value_heads": "2"]).attention.outputHasBias)
        #expect(try !read("qwen3", ["num_key_value_heads": "2"]).attention.hasBias)
        #expect(try read("gemma3_text", ["query_pre_attn_scalar": "64"]).attention.scale == 0.125)
        #expect(JinaBert.slopes(8) == [0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125, 0.00390625])
        #expect(JinaBert.slopes(12).count == 12 && abs(JinaBert.slopes(12)[8] - 0.70710678) < 1e-7)
    }

    /// The bases and scalings of rotary positions, in each spelling.
    @Test func rotary() throws {
        func frequencies(_ type: String, _ members: [String: String], layer: Int = 0) throws -> [Float] {
            let attention = try read(type, ["num_key_value_heads": "4"].merging(members) { $1 }).attention
            return attention.spans[attention.span(ofLayer: layer)].rotary?.frequencies ?? []
        }
        let plain = try frequencies("qwen2", ["rope_theta": "1000000"])
        #expect(
            plain == Rotary(base: 1_000_000, dimensions: 16).frequencies && plain.count == 8 && plain[0] == 1)
        #expect(
            try frequencies("qwen2", ["rope_parameters": #"{"rope_type":"default","rope_theta":1000000}"#])
                == plain)
        #expect(try frequencies("qwen2", ["rope_theta": "1000000", "rope_scaling": "null"]) == plain)
        #expect(
            try frequencies(
                "qwen2", ["rope_theta": "1000000", "rope_scaling": #"{"type":"linear","factor":2}"#])
                == plain.map { $0 / 2 })
        // transformers' class turns whole heads all the same.
        #expect(try frequencies("qwen2", ["rope_theta": "1000000", "partial_rotary_factor": "0.5"]) == plain)
        let ntk = try frequencies(
            "new", ["rope_theta": "500000", "rope_scaling": #"{"type":"ntk","factor":2.0}"#])
        #expect(abs(ntk[0] - 0.917_004_04) < 1e-6 && abs(ntk[7] * 2 * pow7(500_000) - 1) < 1e-4)
        #expect(try frequencies("modernbert", [:]) == Rotary(base: 160_000, dimensions: 16).frequencies)
        #expect(
            try frequencies("modernbert", [:], layer: 1) == Rotary(base: 10_000, dimensions: 16).frequencies)
        #expect(
            try frequencies("modernbert", ["local_rope_theta": "null"], layer: 1)
                == Rotary(base: 160_000, dimensions: 16).frequencies)
        #expect(
            try frequencies("modernbert", ["local_rope_theta": "null", "global_rope_theta": "500"], layer: 1)
                == Rotary(base: 500, dimensions: 16).frequencies)
        #expect(
            try frequencies("gemma3_text", ["head_dim": "16"])
                == Rotary(base: 10_000, dimensions: 16).frequencies)
        #expect(
            try frequencies("nomic_bert", ["rotary_emb_base": "1000"])
                == Rotary(base: 1000, dimensions: 16).frequencies)
        #expect(
            try frequencies("nomic_bert", ["rotary_emb_base": "1000", "rotary_emb_fraction": "0.5"]).count
                == 4)
    }

    /// base^(7/8)
    private func pow7(_ base: Double) -> Float {
        let root = base.squareRoot().squareRoot().squareRoot()
        return Float(base / root)
    }

    /// Longer texts than the model was trained for are taken, and stretch the positions where the
    /// configuration says so.
    @Test func lengthsOfNomicBert() throws {
        let published = ["n_positions": "8192", "max_trained_positions": "2048", "rotary_emb_base": "1000"]
        #expect(try read("nomic_bert", published).maxPositions == 8192)
        #expect(try read("nomic_bert", published).attention.spans[0].rotary?.growth == nil)
        let grown = try read("nomic_bert", published.merging(["rotary_scaling_factor": "2"]) { $1 }).attention
            .spans[0].rotary
        #expect(grown?.growth == .init(trained: 2048, factor: 2, base: 1000))
        #expect(
            grown?.frequencies(length: 2048) == grown?.frequencies
                && grown?.frequencies(length: 2049) != grown?.frequencies)
    }

    /// Distances of 8 and more share buckets of growing width, and those of 128 and more the last one.
    @Test func buckets() {
        #expect([0, -1, -7, 1, 7].map { Checkpoint.bucket($0, of: 32) } == [0, 1, 7, 17, 23])
        #expect(
            [-8, -11, -12, -15, -16, -23, -127, -128, -500].map { Checkpoint.bucket($0, of: 32) } == [
                8, 8, 9, 9, 10, 11, 15, 15, 15,
            ])
        #expect(Checkpoint.bucket(500, of: 32) == 31)
    }

    @Test(arguments: [
        ("roberta", "position_embedding_type", #""relative_key""#), ("roberta", "pad_token_id", "-1"),
        ("roberta", "pad_token_id", "511"),
        ("roberta", "is_decoder", "true"), ("mpnet", "relative_attention_num_buckets", "64"),
        ("distilbert", "dim", "66"),
        ("distilbert", "activation", #""xielu""#), ("electra", "embedding_size", "0"),
        ("nomic_bert", "prenorm", "true"),
        ("nomic_bert", "use_rms_norm", "true"), ("nomic_bert", "rotary_emb_interleaved", "true"),
        ("nomic_bert", "rotary_emb_scale_base", "512"),
        ("nomic_bert", "causal", "true"), ("nomic_bert", "activation_function", #""glu""#),
        ("nomic_bert", "rotary_scaling_factor", "0.5"),
        ("new", "position_embedding_type", #""absolute""#), ("new", "layer_norm_type", #""rms_norm""#),
        ("new", "logn_attention_scale", "true"),
        ("new", "pack_qkv", "false"), ("new", "rope_scaling", #"{"type":"ntk","factor":2,"mixed_b":0.75}"#),
        ("new", "rope_scaling", #"{"type":"ntk"}"#),
        ("bert", "position_embedding_type", #""relative_key_query""#),
        ("modernbert", "layer_types", #"["full_attention"]"#),
        ("modernbert", "rope_parameters", #"{"full_attention":{"rope_theta":1e4}}"#),
        (
            "modernbert", "layer_types",
            #"["full_attention","chunked_attention","full_attention","full_attention"]"#
        ),
        ("qwen2", "rope_scaling", #"{"rope_type":"longrope","factor":2}"#),
        ("qwen2", "rope_scaling", #"{"type":"mrope","factor":2}"#),
        ("qwen2", "rope_scaling", "3"), ("qwen2", "rope_theta", "0"), ("qwen2", "num_key_value_heads", "3"),
        ("qwen3", "head_dim", "257"),
        ("mistral", "head_dim", "15"), ("mistral", "num_hidden_layers", "268435456"),
        ("modernbert", "num_hidden_layers", "268435456"),
        ("gemma3_text", "attn_logit_softcapping", "50"), ("gemma3_text", "query_pre_attn_scalar", "0"),
        ("qwen2", "partial_rotary_factor", "1e300"), ("qwen2", "partial_rotary_factor", "-1e300"),
        ("nomic_bert", "rotary_emb_fraction", "1e300"), ("nomic_bert", "partial_rotary_factor", "0"),
        ("eurobert", "rms_norm_eps", "2"),
        ("jina_embeddings_v3", "rope_parameters", #"{"rope_type":"unheard"}"#),
    ])
    func whatIsRefused(_ type: String, _ member: String, _ value: String) {
        let error = #expect(throws: ModelError.self) {
            try read(type, ["num_key_value_heads": "4"].merging([member: value]) { $1 })
        }
        let message = error?.message ?? ""
        #expect(
            error?.file == "config.json" && message.hasPrefix("config.json")
                && [.unsupported, .invalidConfiguration].contains(error?.code))
        #expect(message.contains(Self.others["\(member) \(value)"] ?? member), "\(message)")
    }

    /// What a message says in place of the member's name, where several members are at odds.
    private static let others = [
        "dim 66": "hidden size 66 is not a multiple of 4", "rope_theta 0": "base 0",
        "num_key_value_heads 3": "3 heads of keys",
        "head_dim 257": "heads of 257", "head_dim 15": "a head of 15",
        "num_hidden_layers 268435456": "268435456 layers",
        "rms_norm_eps 2": "epsilon 2", "partial_rotary_factor 1e300": "over 1e+300 of a head",
        "partial_rotary_factor -1e300": "over -1e+300 of a head",
        "rotary_emb_fraction 1e300": "over 1e+300 of a head",
        "partial_rotary_factor 0": "over 0.0 of a head",
    ]

    @Test(arguments: [
        ("expert_choice_router", "true"), ("moe_normalize_expert_weights", "true"),
        ("num_shared_experts", "1"),
    ])
    func expertsThatAreRefused(_ member: String, _ value: String) throws {
        let experts = ["moe_every_n_layers": "2", "num_experts": "8", "activation_function": #""gelu""#]
        #expect(try read("nomic_bert", experts).feedForward.experts == .init(count: 8, perToken: 1, every: 2))
        let error = #expect(throws: ModelError.self) {
            try read("nomic_bert", experts.merging([member: value]) { $1 })
        }
        #expect(
            error?.code == .unsupported && error?.message.contains(member) == true, "\(error?.message ?? "")")
    }

    @Test func jinaBERTIsABertWithALiBi() throws {
        let description = try read(
            "bert", ["position_embedding_type": #""alibi""#, "feed_forward_type": #""geglu""#])
        #expect(
            description.architecture == "jina_bert" && description.embeddings.positions == nil
                && description.feedForward.gate == .first)
        let error = #expect(throws: ModelError.self) {
            try read("bert", ["position_embedding_type": #""alibi""#, "feed_forward_type": #""glu""#])
        }
        #expect(error?.message.contains("feed_forward_type") == true)
    }
}
