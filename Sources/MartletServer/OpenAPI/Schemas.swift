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
    static let capabilities = Schema.array(
        .word(
            ["embedding", "sparse", "multi-vector", "rerank", "classify"],
            "what the model gives; not there before it was loaded once"))
    static let model = Schema.Member.optional(
        "model", .nullable(.string("a model of the server; by default its first")))
    static let vector = Schema.array(.number(""))

    /// An object that has one of several members, and the rest.
    static func object(withOneOf names: [String], _ schema: Schema, _ rest: [Schema.Member]) -> Schema {
        .oneOf(names.map { .object([.required($0, schema)] + rest, "") }, "")
    }

    /// A request of TEI's: what is optional may also be in `parameters`, where Hugging Face's clients send it.
    static func tei(_ optional: [Schema.Member]) -> [Schema.Member] {
        optional + [.optional("parameters", .nullable(.object(optional, "the same members")))]
    }

    static let usage = Schema.object(
        [
            .required("prompt_tokens", .integer(0...Int.max, "")),
            .required("total_tokens", .integer(0...Int.max, "")),
        ], "")

    static let openAIEmbeddings = Schema.object(
        [
            .required("input", input), model, .optional("user", .nullable(.string("ignored"))),
            .optional("modality", .nullable(.word(["text"], "infinity's"))),
            .optional(
                "late_chunking", .nullable(.boolean("whether all texts are read together; not the default"))),
        ] + vectorFormat + dimensions() + normalization + truncation + role, "")
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
