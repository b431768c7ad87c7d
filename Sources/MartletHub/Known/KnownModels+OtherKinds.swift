extension KnownModels {
    /// One vector a text, from a table.
    static let `static`: [KnownModel] = [
        KnownModel("minishlab/potion-base-2M", .static, "model2vec", dim: 64, max: 512, .mean, 2, "mit"),
        KnownModel("minishlab/potion-base-4M", .static, "model2vec", dim: 128, max: 512, .mean, 4, "mit"),
        KnownModel("minishlab/potion-base-8M", .static, "model2vec", dim: 256, max: 512, .mean, 8, "mit"),
        KnownModel("minishlab/potion-base-32M", .static, "model2vec", dim: 512, max: 512, .mean, 32, "mit"),
        KnownModel(
            "minishlab/potion-retrieval-32M", .static, "model2vec", dim: 512, max: 512, .mean, 32, "mit"),
        KnownModel(
            "minishlab/potion-multilingual-128M", .static, "model2vec", dim: 256, max: 512, .mean, 128, "mit"),
    ]

    /// Weights for words of the vocabulary.
    static let sparse: [KnownModel] = [
        KnownModel(
            "opensearch-project/opensearch-neural-sparse-encoding-v2-distill", .sparse, "distilbert",
            dim: nil, max: 512, .none, 67,
            "apache-2.0"),
        KnownModel(
            "ibm-granite/granite-embedding-30m-sparse", .sparse, "roberta", dim: nil, max: 512, .none, 30,
            "apache-2.0"),
    ]

    /// A vector for each token.
    static let multiVector: [KnownModel] = [
        KnownModel(
            "answerdotai/answerai-colbert-small-v1", .multiVector, "bert", dim: 96, max: 512, .none, 33,
            "apache-2.0"),
        KnownModel(
            "colbert-ir/colbertv2.0", .multiVector, "bert", dim: 128, max: 512, .none, 109, "mit",
            also: ["colbertv2"]),
        KnownModel(
            "lightonai/GTE-ModernColBERT-v1", .multiVector, "modernbert", dim: 128, max: 8192, .none, 149,
            "apache-2.0"),
        KnownModel(
            "jinaai/jina-colbert-v2", .multiVector, "xlm-roberta", dim: 128, max: 8192, .none, 559,
            "cc-by-nc-4.0"),
    ]

    /// A score for a query and a text.
    static let rerankers: [KnownModel] = [
        KnownModel(
            "cross-encoder/ms-marco-TinyBERT-L2-v2", .reranker, "bert", dim: nil, max: 512, .none, 4,
            "apache-2.0"),
        KnownModel(
            "cross-encoder/ms-marco-MiniLM-L4-v2", .reranker, "bert", dim: nil, max: 512, .none, 19,
            "apache-2.0"),
        KnownModel(
            "cross-encoder/ms-marco-MiniLM-L6-v2", .reranker, "bert", dim: nil, max: 512, .none, 23,
            "apache-2.0",
            also: ["cross-encoder/ms-marco-MiniLM-L-6-v2", "Xenova/ms-marco-MiniLM-L-6-v2"]),
        KnownModel(
            "cross-encoder/ms-marco-MiniLM-L12-v2", .reranker, "bert", dim: nil, max: 512, .none, 33,
            "apache-2.0",
            also: ["cross-encoder/ms-marco-MiniLM-L-12-v2", "Xenova/ms-marco-MiniLM-L-12-v2"]),
        KnownModel("BAAI/bge-reranker-base", .reranker, "xlm-roberta", dim: nil, max: 512, .none, 278, "mit"),
        KnownModel(
            "BAAI/bge-reranker-large", .reranker, "xlm-roberta", dim: nil, max: 512, .none, 560, "mit"),
        KnownModel(
            "BAAI/bge-reranker-v2-m3", .reranker, "xlm-roberta", dim: nil, max: 8192, .none, 568, "apache-2.0"
        ),
        KnownModel(
            "Alibaba-NLP/gte-reranker-modernbert-base", .reranker, "modernbert", dim: nil, max: 8192, .none,
            150, "apache-2.0"),
        KnownModel(
            "Alibaba-NLP/gte-multilingual-reranker-base", .reranker, "new", dim: nil, max: 8192, .none, 306,
            "apache-2.0"),
        KnownModel(
            "ibm-granite/granite-embedding-reranker-english-r2", .reranker, "modernbert", dim: nil, max: 8192,
            .none, 150, "apache-2.0"),
        KnownModel(
            "jinaai/jina-reranker-v1-tiny-en", .reranker, "bert", dim: nil, max: 8192, .none, 33, "apache-2.0"
        ),
        KnownModel(
            "jinaai/jina-reranker-v1-turbo-en", .reranker, "bert", dim: nil, max: 8192, .none, 38,
            "apache-2.0"),
        KnownModel(
            "jinaai/jina-reranker-v2-base-multilingual", .reranker, "xlm-roberta", dim: nil, max: 1024, .none,
            278, "cc-by-nc-4.0"),
        KnownModel(
            "Qwen/Qwen3-Reranker-0.6B", .reranker, "qwen3", dim: nil, max: 32768, .none, 596, "apache-2.0"),
    ]
}
