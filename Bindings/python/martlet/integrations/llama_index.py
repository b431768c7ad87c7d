"""LlamaIndex: `MartletEmbedding` for `Settings.embed_model`."""
from __future__ import annotations

from typing import Any, List, Optional

from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.bridge.pydantic import PrivateAttr

from ..embedder import Embedder


class MartletEmbedding(BaseEmbedding):
    """`model` and further arguments are those of `martlet.Embedder`."""

    _embedder: Embedder = PrivateAttr()

    def __init__(self, model: Optional[str] = None, embed_batch_size: int = 1024, callback_manager: Any = None, **options: Any):
        embedder = Embedder(model, **options)
        super().__init__(model_name=embedder.info["name"], embed_batch_size=embed_batch_size, callback_manager=callback_manager)
        self._embedder = embedder

    @classmethod
    def class_name(cls) -> str:
        return "MartletEmbedding"

    def _get_query_embedding(self, query: str) -> List[float]:
        return self._embedder.query(query).tolist()

    async def _aget_query_embedding(self, query: str) -> List[float]:
        return (await self._embedder.aquery(query)).tolist()

    def _get_text_embedding(self, text: str) -> List[float]:
        return self._embedder.document(text).tolist()

    def _get_text_embeddings(self, texts: List[str]) -> List[List[float]]:
        return self._embedder.document(texts).tolist()

    async def _aget_text_embedding(self, text: str) -> List[float]:
        return (await self._embedder.adocument(text)).tolist()

    async def _aget_text_embeddings(self, texts: List[str]) -> List[List[float]]:
        return (await self._embedder.adocument(texts)).tolist()
