"""Chroma: an embedding function, which a collection remembers by its name and arguments."""
from __future__ import annotations

from typing import Any, Dict, List, Optional

import numpy as np
from chromadb.api.types import Documents, EmbeddingFunction, Embeddings, Space
from chromadb.utils.embedding_functions import register_embedding_function

from ..embedder import Embedder

_SPACES: Dict[str, Space] = {"cosine": "cosine", "dot": "ip", "euclidean": "l2"}


@register_embedding_function
class MartletEmbeddingFunction(EmbeddingFunction[Documents]):
    """Arguments are those of `martlet.Embedder`."""

    def __init__(self, model: Optional[str] = None, **options: Any):
        self.model, self.options = model, options
        self.embedder = Embedder(model, **options)

    def __call__(self, input: Documents) -> Embeddings:
        return [np.asarray(row) for row in self.embedder.document(list(input))]

    def embed_query(self, input: Documents) -> Embeddings:
        return [np.asarray(row) for row in self.embedder.query(list(input))]

    @staticmethod
    def name() -> str:
        return "martlet"

    def default_space(self) -> Space:
        return _SPACES.get(self.embedder.info["similarity"], "cosine")

    def supported_spaces(self) -> List[Space]:
        return ["cosine", "l2", "ip"]

    def get_config(self) -> Dict[str, Any]:
        return {"model": self.model, "options": self.options}

    @staticmethod
    def build_from_config(config: Dict[str, Any]) -> "MartletEmbeddingFunction":
        return MartletEmbeddingFunction(config["model"], **config["options"])
