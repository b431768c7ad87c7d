extension KnownModels {
    /// What the instruction of a search looks like for models that take instructions.
    private static let searchInstruction =
        "Instruct: Given a web search query, retrieve relevant passages that answer the query\n"

    /// One vector a text, several languages or another than English.
    static let multilingual: [KnownModel] = [
        KnownModel(
            "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2", .dense, "bert", dim: 384, max: 128,
            .mean, 118, "apache-2.0"),
        KnownModel(
            "sentence-transformers/paraphrase-multilingual-mpnet-base-v2", .dense, "xlm-roberta", dim: 768,
            max: 128, .mean, 278,
            "apache-2.0", also: ["paraphrase-multilingual", "paraphrase-multilingual:278m"]),
        KnownModel(
            "intfloat/multilingual-e5-small", .dense, "bert", dim: 384, max: 512, .mean, 118, "mit",
            query: "query: ",
            document: "passage: "),
        KnownModel(
            "intfloat/multilingual-e5-base", .dense, "xlm-roberta", dim: 768, max: 512, .mean, 278, "mit",
            query: "query: ",
            document: "passage: "),
        KnownModel(
            "intfloat/multilingual-e5-large", .dense, "xlm-roberta", dim: 1024, max: 512, .mean, 560, "mit",
            query: "query: ",
            document: "passage: "),
        KnownModel(
            "intfloat/multilingual-e5-large-instruct", .dense, "xlm-roberta", dim: 1024, max: 512, .mean, 560,
            "mit",
            query: searchInstruction + "Query: "),
        // BAAI/bge-m3 itself has pickles and ONNX only.
        KnownModel(
            "gpustack/bge-m3-GGUF", as: "bge-m3", .dense, "bert", dim: 1024, max: 8192, .cls, 568, "mit",
            also: ["bge-m3:567m"]),
        KnownModel(
            "BAAI/bge-small-zh-v1.5", .dense, "bert", dim: 512, max: 512, .cls, 24, "mit",
            query: "为这个句子生成表示以用于检索相关文章："),
        KnownModel(
            "Alibaba-NLP/gte-multilingual-base", .dense, "new", dim: 768, max: 8192, .cls, 305, "apache-2.0"),
        KnownModel(
            "Snowflake/snowflake-arctic-embed-m-v2.0", .dense, "gte", dim: 768, max: 8192, .cls, 305,
            "apache-2.0", query: "query: "),
        KnownModel(
            "Snowflake/snowflake-arctic-embed-l-v2.0", .dense, "xlm-roberta", dim: 1024, max: 8192, .cls, 568,
            "apache-2.0",
            query: "query: ", also: ["snowflake-arctic-embed2", "snowflake-arctic-embed2:568m"]),
        KnownModel(
            "nomic-ai/nomic-embed-text-v2-moe", .dense, "nomic_bert", dim: 768, max: 512, .mean, 475,
            "apache-2.0",
            query: "search_query: ", document: "search_document: "),
        KnownModel(
            "ibm-granite/granite-embedding-107m-multilingual", .dense, "xlm-roberta", dim: 384, max: 512,
            .cls, 107, "apache-2.0"),
        KnownModel(
            "ibm-granite/granite-embedding-278m-multilingual", .dense, "xlm-roberta", dim: 768, max: 512,
            .cls, 278, "apache-2.0",
            also: ["granite-embedding:278m"]),
        KnownModel(
            "jinaai/jina-embeddings-v2-base-de", .dense, "bert", dim: 768, max: 8192, .mean, 161, "apache-2.0"
        ),
        KnownModel(
            "jinaai/jina-embeddings-v2-base-es", .dense, "bert", dim: 768, max: 8192, .mean, 161, "apache-2.0"
        ),
        KnownModel(
            "jinaai/jina-embeddings-v2-base-zh", .dense, "bert", dim: 768, max: 8192, .mean, 161, "apache-2.0"
        ),
        KnownModel(
            "jinaai/jina-embeddings-v3", .dense, "xlm-roberta", dim: 1024, max: 8192, .mean, 572,
            "cc-by-nc-4.0"),
        KnownModel(
            "mixedbread-ai/deepset-mxbai-embed-de-large-v1", .dense, "xlm-roberta", dim: 1024, max: 512,
            .mean, 487, "apache-2.0",
            query: "query: ", document: "passage: "),
        KnownModel(
            "google/embeddinggemma-300m", .dense, "gemma3_text", dim: 768, max: 2048, .mean, 308, "gemma",
            query: "task: search result | query: ", document: "title: none | text: ",
            also: ["embeddinggemma", "embeddinggemma:300m"]),
    ]

    /// One vector a text, from decoders of half a billion weights and more.
    static let large: [KnownModel] = [
        KnownModel(
            "Qwen/Qwen3-Embedding-0.6B", .dense, "qwen3", dim: 1024, max: 32768, .last, 596, "apache-2.0",
            query: searchInstruction + "Query:", also: ["qwen3-embedding:0.6b"]),
        KnownModel(
            "Qwen/Qwen3-Embedding-4B", .dense, "qwen3", dim: 2560, max: 32768, .last, 4022, "apache-2.0",
            query: searchInstruction + "Query:", also: ["qwen3-embedding:4b"]),
        KnownModel(
            "Qwen/Qwen3-Embedding-8B", .dense, "qwen3", dim: 4096, max: 32768, .last, 7567, "apache-2.0",
            query: searchInstruction + "Query:", also: ["qwen3-embedding", "qwen3-embedding:8b"]),
        KnownModel(
            "HIT-TMG/KaLM-embedding-multilingual-mini-instruct-v1.5", .dense, "qwen2", dim: 896, max: 512,
            .mean, 494, "mit"),
        KnownModel(
            "Alibaba-NLP/gte-Qwen2-1.5B-instruct", .dense, "qwen2", dim: 1536, max: 32768, .last, 1543,
            "apache-2.0",
            query: searchInstruction + "Query: "),
        KnownModel(
            "Alibaba-NLP/gte-Qwen2-7B-instruct", .dense, "qwen2", dim: 3584, max: 32768, .last, 7069,
            "apache-2.0",
            query: searchInstruction + "Query: "),
        KnownModel("NovaSearch/stella_en_400M_v5", .dense, "new", dim: 1024, max: 512, .mean, 435, "mit"),
        KnownModel("NovaSearch/stella_en_1.5B_v5", .dense, "qwen2", dim: 1024, max: 512, .mean, 1543, "mit"),
        KnownModel(
            "intfloat/e5-mistral-7b-instruct", .dense, "mistral", dim: 4096, max: 4096, .last, 7111, "mit",
            query: searchInstruction + "Query: "),
    ]
}
