extension KnownModels {
    private static let searchPrompt = "Represent this sentence for searching relevant passages: "

    /// One vector a text, English.
    static let english: [KnownModel] = [
        KnownModel(
            "sentence-transformers/all-MiniLM-L6-v2", .dense, "bert", dim: 384, max: 256, .mean, 23,
            "apache-2.0",
            also: ["all-minilm", "all-minilm:22m", "all-minilm:l6-v2"]),
        KnownModel(
            "sentence-transformers/all-MiniLM-L12-v2", .dense, "bert", dim: 384, max: 128, .mean, 33,
            "apache-2.0",
            also: ["all-minilm:33m", "all-minilm:l12-v2"]),
        KnownModel(
            "sentence-transformers/multi-qa-MiniLM-L6-cos-v1", .dense, "bert", dim: 384, max: 512, .mean, 23,
            "apache-2.0"),
        KnownModel(
            "sentence-transformers/paraphrase-MiniLM-L6-v2", .dense, "bert", dim: 384, max: 128, .mean, 23,
            "apache-2.0"),
        KnownModel(
            "sentence-transformers/all-mpnet-base-v2", .dense, "mpnet", dim: 768, max: 384, .mean, 109,
            "apache-2.0"),
        KnownModel(
            "sentence-transformers/all-distilroberta-v1", .dense, "roberta", dim: 768, max: 512, .mean, 82,
            "apache-2.0"),
        KnownModel(
            "sentence-transformers/multi-qa-distilbert-cos-v1", .dense, "distilbert", dim: 768, max: 512,
            .mean, 66, "apache-2.0"),

        KnownModel(
            "BAAI/bge-small-en-v1.5", .dense, "bert", dim: 384, max: 512, .cls, 33, "mit",
            query: searchPrompt, also: ["bge-small"]),
        KnownModel(
            "BAAI/bge-base-en-v1.5", .dense, "bert", dim: 768, max: 512, .cls, 109, "mit",
            query: searchPrompt, also: ["bge-base"]),
        KnownModel(
            "BAAI/bge-large-en-v1.5", .dense, "bert", dim: 1024, max: 512, .cls, 335, "mit",
            query: searchPrompt,
            also: ["bge-large", "bge-large:335m"]),
        KnownModel("thenlper/gte-small", .dense, "bert", dim: 384, max: 512, .mean, 33, "mit"),
        KnownModel("thenlper/gte-base", .dense, "bert", dim: 768, max: 512, .mean, 109, "mit"),
        KnownModel("thenlper/gte-large", .dense, "bert", dim: 1024, max: 512, .mean, 335, "mit"),
        KnownModel(
            "intfloat/e5-small-v2", .dense, "bert", dim: 384, max: 512, .mean, 33, "mit", query: "query: ",
            document: "passage: "),
        KnownModel(
            "intfloat/e5-base-v2", .dense, "bert", dim: 768, max: 512, .mean, 109, "mit", query: "query: ",
            document: "passage: "),
        KnownModel(
            "intfloat/e5-large-v2", .dense, "bert", dim: 1024, max: 512, .mean, 335, "mit", query: "query: ",
            document: "passage: "),
        KnownModel(
            "mixedbread-ai/mxbai-embed-large-v1", .dense, "bert", dim: 1024, max: 512, .cls, 335,
            "apache-2.0", query: searchPrompt,
            also: ["mxbai-embed-large", "mxbai-embed-large:335m"]),
        KnownModel(
            "WhereIsAI/UAE-Large-V1", .dense, "bert", dim: 1024, max: 512, .cls, 335, "mit",
            query: searchPrompt),
        KnownModel("llmrails/ember-v1", .dense, "bert", dim: 1024, max: 512, .mean, 335, "mit"),
        KnownModel(
            "avsolatorio/GIST-small-Embedding-v0", .dense, "bert", dim: 384, max: 512, .cls, 33, "mit"),
        KnownModel("avsolatorio/GIST-Embedding-v0", .dense, "bert", dim: 768, max: 512, .cls, 109, "mit"),
        KnownModel(
            "avsolatorio/GIST-large-Embedding-v0", .dense, "bert", dim: 1024, max: 512, .cls, 335, "mit"),

        KnownModel(
            "Snowflake/snowflake-arctic-embed-xs", .dense, "bert", dim: 384, max: 512, .cls, 23, "apache-2.0",
            query: searchPrompt,
            also: ["snowflake-arctic-embed:xs", "snowflake-arctic-embed:22m"]),
        KnownModel(
            "Snowflake/snowflake-arctic-embed-s", .dense, "bert", dim: 384, max: 512, .cls, 33, "apache-2.0",
            query: searchPrompt,
            also: ["snowflake-arctic-embed:s", "snowflake-arctic-embed:33m"]),
        KnownModel(
            "Snowflake/snowflake-arctic-embed-m", .dense, "bert", dim: 768, max: 512, .cls, 109, "apache-2.0",
            query: searchPrompt,
            also: ["snowflake-arctic-embed:m", "snowflake-arctic-embed:110m"]),
        KnownModel(
            "Snowflake/snowflake-arctic-embed-m-v1.5", .dense, "bert", dim: 768, max: 512, .cls, 109,
            "apache-2.0", query: searchPrompt),
        KnownModel(
            "Snowflake/snowflake-arctic-embed-m-long", .dense, "nomic_bert", dim: 768, max: 2048, .cls, 137,
            "apache-2.0",
            query: searchPrompt, also: ["snowflake-arctic-embed:m-long", "snowflake-arctic-embed:137m"]),
        KnownModel(
            "Snowflake/snowflake-arctic-embed-l", .dense, "bert", dim: 1024, max: 512, .cls, 335,
            "apache-2.0", query: searchPrompt,
            also: ["snowflake-arctic-embed", "snowflake-arctic-embed:l", "snowflake-arctic-embed:335m"]),

        KnownModel(
            "nomic-ai/nomic-embed-text-v1", .dense, "nomic_bert", dim: 768, max: 8192, .mean, 137,
            "apache-2.0", query: "search_query: ",
            document: "search_document: "),
        KnownModel(
            "nomic-ai/nomic-embed-text-v1.5", .dense, "nomic_bert", dim: 768, max: 8192, .mean, 137,
            "apache-2.0", query: "search_query: ",
            document: "search_document: ", also: ["nomic-embed-text", "nomic-embed-text:v1.5"]),
        KnownModel(
            "jxm/cde-small-v1", .dense, "nomic_bert", dim: 768, max: 512, .mean, 281, "mit",
            query: "search_query: ",
            document: "search_document: "),
        KnownModel(
            "nomic-ai/modernbert-embed-base", .dense, "modernbert", dim: 768, max: 8192, .mean, 149,
            "apache-2.0", query: "search_query: ",
            document: "search_document: "),
        KnownModel(
            "lightonai/modernbert-embed-large", .dense, "modernbert", dim: 1024, max: 8192, .mean, 395,
            "apache-2.0",
            query: "search_query: ", document: "search_document: "),
        KnownModel(
            "Alibaba-NLP/gte-base-en-v1.5", .dense, "new", dim: 768, max: 8192, .cls, 137, "apache-2.0"),
        KnownModel(
            "Alibaba-NLP/gte-large-en-v1.5", .dense, "new", dim: 1024, max: 8192, .cls, 434, "apache-2.0"),
        KnownModel(
            "Alibaba-NLP/gte-modernbert-base", .dense, "modernbert", dim: 768, max: 8192, .cls, 149,
            "apache-2.0"),
        KnownModel(
            "ibm-granite/granite-embedding-30m-english", .dense, "roberta", dim: 384, max: 512, .cls, 30,
            "apache-2.0",
            also: ["granite-embedding", "granite-embedding:30m"]),
        KnownModel(
            "ibm-granite/granite-embedding-125m-english", .dense, "roberta", dim: 768, max: 512, .cls, 125,
            "apache-2.0"),
        KnownModel(
            "ibm-granite/granite-embedding-small-english-r2", .dense, "modernbert", dim: 384, max: 8192, .cls,
            48, "apache-2.0"),
        KnownModel(
            "ibm-granite/granite-embedding-english-r2", .dense, "modernbert", dim: 768, max: 8192, .cls, 149,
            "apache-2.0"),
        KnownModel(
            "jinaai/jina-embeddings-v2-small-en", .dense, "bert", dim: 512, max: 8192, .mean, 33, "apache-2.0"
        ),
        KnownModel(
            "jinaai/jina-embeddings-v2-base-en", .dense, "bert", dim: 768, max: 8192, .mean, 137, "apache-2.0"
        ),
    ]
}
