"""LangChain: `MartletEmbeddings` for every vector store, `MartletReranker` for `ContextualCompressionRetriever`."""
from __future__ import annotations

from typing import Any, List, Optional, Sequence

from langchain_core.callbacks import Callbacks
from langchain_core.documents import BaseDocumentCompressor, Document
from langchain_core.embeddings import Embeddings
from pydantic import ConfigDict

from ..embedder import Embedder
from ..reranker import Reranker


class MartletEmbeddings(Embeddings):
    """Arguments are those of `martlet.Embedder`."""

    def __init__(self, model: Optional[str] = None, **options: Any):
        self.embedder = Embedder(model, **options)

    def embed_documents(self, texts: List[str]) -> List[List[float]]:
        return self.embedder.document(texts).tolist()

    def embed_query(self, text: str) -> List[float]:
        return self.embedder.query(text).tolist()

    async def aembed_documents(self, texts: List[str]) -> List[List[float]]:
        return (await self.embedder.adocument(texts)).tolist()

    async def aembed_query(self, text: str) -> List[float]:
        return (await self.embedder.aquery(text)).tolist()


class MartletReranker(BaseDocumentCompressor):
    """Keeps the `top_n` documents that answer the query best; their scores are in the metadata."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    reranker: Reranker
    top_n: int = 3

    def compress_documents(
        self, documents: Sequence[Document], query: str, callbacks: Optional[Callbacks] = None
    ) -> Sequence[Document]:
        ranked = self.reranker.rerank(query, [document.page_content for document in documents], top_n=self.top_n)
        return [
            documents[hit.index].model_copy(update={"metadata": {**documents[hit.index].metadata, "relevance_score": hit.score}})
            for hit in ranked
        ]
