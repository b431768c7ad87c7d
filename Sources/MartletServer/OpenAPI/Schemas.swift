#if Server

/// The shapes that several routes share.
enum Schemas {
    static let anyInteger = Int.min...Int.max
    static let ids = Schema.array(.integer(0...Int(Int32.max), ""), 1...(1 << 20), "token ids of the model")
    static let input = Schema.oneOf(
        [
            .string("one text"),
            .array(.oneOf([.string(""), ids], ""), 1...2048, "texts, or lists of token ids"), ids,
        ], "what to embed")
    static let dimensions = Schema.Member.optional(
        "dimensions", .nullable(.integer(1...Int(Int32.max), "leading dimensions to keep")))
    static let outputDimension = Schema.Member.optional(
        "output_dimension", .nullable(.integer(1...Int(Int32.max), "leading dimensions to keep")))
    static let llamaNorm = Schema.Member.optional(
        "embd_normalize",
        .nullable(.integer(-1...2, "2, the default: of length 1; -1: as the model gives it")))
    static let task = Schema.Member.optional(
        "task", .nullable(.string("Jina's: retrieval.query, retrieval.passage or another of the model's")))
    static let types = VectorType.allCases.map(\.rawValue)
    static let numberType = Schema.word(
        types, "the numbers: int8 scales each vector to 127; ubinary and binary have one bit a dimension")
    static let prompts: [Schema.Member] = [
        .optional("prompt", .nullable(.string("put before each text, literally"))),
        .optional("prompt_name", .nullable(.string("one of the model's prompts"))),
    ]
    static let prompting: [Schema.Member] =
        prompts + [
            .optional(
                "input_type",
                .nullable(
                    .word(["query", "document"], "what the texts are, for models with a prompt for each")))
        ]
    static let teiTruncation: [Schema.Member] = [
        .optional(
            "truncate",
            .nullable(.boolean("whether texts that are too long are cut; the default, or an error"))),
        .optional(
            "truncation_direction",
            .nullable(.word(["left", "right", "Left", "Right"], "the side that is cut"))),
    ]
    static let truncate = Schema.Member.optional(
        "truncate",
        .nullable(
            .oneOf(
                [.boolean(""), .word(["END", "START", "NONE"], "")], "how texts that are too long are cut")))
    static let capabilities = Schema.array(
        .word(
            ["embedding", "sparse", "multi-vector", "rerank", "classify"],
            "what the model gives; not there before it was loaded once"))
    static let model = Schema.Member.optional(
        "model", .nullable(.string("a model of the server; by default its first")))
    static let vector = Schema.array(.number(""))
    static let usage = Schema.object(
        [
            .required("prompt_tokens", .integer(0...Int.max, "")),
            .required("total_tokens", .integer(0...Int.max, "")),
        ], "")

    static let openAIEmbeddings = Schema.object(
        [
            .required("input", input), model,
            .optional(
                "encoding_format",
                .nullable(.word(["float", "base64"], "numbers, or their bytes, little-endian"))),
            .optional("output_dtype", .nullable(numberType)),
            .optional("embedding_type", .nullable(.word(types + ["base64"], "Jina's name for both"))),
            dimensions, outputDimension, .optional("user", .nullable(.string("ignored"))),
            .optional("normalize", .nullable(.boolean("whether vectors have length 1; the default"))),
            .optional("normalized", .nullable(.boolean("Jina's name for normalize"))), llamaNorm, task,
            .optional("modality", .nullable(.word(["text"], "infinity's"))),
            .optional(
                "late_chunking", .nullable(.boolean("whether all texts are read together; not the default"))),
            truncate, .optional("truncation", .nullable(.boolean("Voyage's name for truncate"))),
        ] + prompting, "")
    static let openAIList = Schema.object(
        [
            .required("object", .word(["list"], "")),
            .required(
                "data",
                .array(
                    .object(
                        [
                            .required("object", .word(["embedding"], "")),
                            .required("index", .integer(0...Int.max, "")),
                            .required("embedding", .oneOf([vector, .string("base64")], "")),
                            .optional(
                                "truncated",
                                .object(
                                    [
                                        .required("tokens", .integer(0...Int.max, "of the text")),
                                        .required("kept", .integer(0...Int.max, "")),
                                    ],
                                    "there if the text was cut")),
                        ], ""))), .required("model", .string("")), .required("usage", usage),
            .required("id", .string("of the answer")),
        ], "")
    static let openAIModel = Schema.object(
        [
            .required("id", .string("")), .required("object", .word(["model"], "")),
            .required("created", .integer(anyInteger, "")),
            .required("owned_by", .string("")),
            .required("state", .word(["loaded", "loading", "unloaded", "failed"], "")),
            .optional("error", .string("")), .optional("capabilities", capabilities),
            .required("stats", .object([], "of the server's queue, as infinity gives them")),
            .optional("dimensions", .integer(1...Int.max, "of vectors")),
            .optional("max_tokens", .integer(1...Int.max, "")),
            .optional("pipeline", .string("")),
        ], "")
    static let openAIModels = Schema.object(
        [.required("object", .word(["list"], "")), .required("data", .array(openAIModel))], "")
}

#endif
