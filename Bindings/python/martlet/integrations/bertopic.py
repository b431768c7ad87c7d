"""BERTopic: `BERTopic(embedding_model=MartletBackend())`."""
from __future__ import annotations

from typing import Any, List, Optional

import numpy as np
from bertopic.backend import BaseEmbedder

from ..embedder import Embedder


class MartletBackend(BaseEmbedder):
    """Arguments are those of `martlet.Embedder`."""

    def __init__(self, model: Optional[str] = None, **options: Any):
        super().__init__()
        self.embedder = Embedder(model, **options)

    def embed(self, documents: List[str], verbose: bool = False) -> np.ndarray:
        return self.embedder.embed(list(documents), progress=True if verbose else None)
