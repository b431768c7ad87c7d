/// Repositories that hold a known model once more, as ONNX: fastembed's catalogue, and those that it takes
/// from others.
enum KnownExports {
    /// The repository of the model itself, by that of the export.
    static let origins: [String: String] = [
        "Qdrant/Qwen3-Embedding-0.6B-onnx": "Qwen/Qwen3-Embedding-0.6B",
        "Qdrant/all-MiniLM-L6-v2-onnx": "sentence-transformers/all-MiniLM-L6-v2",
        "Qdrant/all_miniLM_L6_v2_with_attentions": "sentence-transformers/all-MiniLM-L6-v2",
        "Qdrant/bge-base-en-v1.5-onnx-Q": "BAAI/bge-base-en-v1.5",
        "Qdrant/bge-large-en-v1.5-onnx": "BAAI/bge-large-en-v1.5",
        "Qdrant/bge-small-en": "BAAI/bge-small-en",
        "Qdrant/bge-small-en-v1.5-onnx-Q": "BAAI/bge-small-en-v1.5",
        "Qdrant/bge-small-zh-v1.5": "BAAI/bge-small-zh-v1.5",
        "Qdrant/fast-bge-base-en": "BAAI/bge-base-en",
        "Qdrant/gte-large-onnx": "thenlper/gte-large",
        "Qdrant/multilingual-e5-large-onnx": "intfloat/multilingual-e5-large",
        "Qdrant/paraphrase-multilingual-MiniLM-L12-v2-onnx-Q":
            "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2",
        "Xenova/jina-embeddings-v2-base-en": "jinaai/jina-embeddings-v2-base-en",
        "Xenova/jina-embeddings-v2-small-en": "jinaai/jina-embeddings-v2-small-en",
        "Xenova/ms-marco-MiniLM-L-12-v2": "cross-encoder/ms-marco-MiniLM-L12-v2",
        "Xenova/ms-marco-MiniLM-L-6-v2": "cross-encoder/ms-marco-MiniLM-L6-v2",
        "Xenova/paraphrase-multilingual-mpnet-base-v2":
            "sentence-transformers/paraphrase-multilingual-mpnet-base-v2",
        "onnx-community/bge-reranker-v2-m3-ONNX": "BAAI/bge-reranker-v2-m3",
        "onnx-community/embeddinggemma-300m-ONNX": "google/embeddinggemma-300m",
    ]
}
