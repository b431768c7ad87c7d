"""mteb: `mteb.evaluate(MartletEncoder(), tasks)`."""
from __future__ import annotations

from typing import Any, Optional

import numpy as np
from mteb.models import ModelMeta
from mteb.types import PromptType

from ..embedder import Embedder, similarity_of_pairs


class MartletEncoder:
    """`model` and further arguments are those of `martlet.Embedder`; `name` and `revision` are what results are stored under."""

    def __init__(self, model: Optional[str] = None, revision: Optional[str] = None, *, name: Optional[str] = None, **options: Any):
        self.embedder = Embedder(model, **options)
        info = self.embedder.info
        self._meta = ModelMeta.create_empty(
            overwrites=dict(
                name=name or f"martlet/{info['name']}", revision=revision, embed_dim=info["dimensions"], max_tokens=info["max_tokens"],
                n_parameters=info["parameters"], use_instructions=bool(info["prompts"])))

    @property
    def mteb_model_meta(self) -> ModelMeta:
        return self._meta

    def encode(
        self, inputs: Any, *, task_metadata: Any, hf_split: str, hf_subset: str, prompt_type: Optional[PromptType] = None, **options: Any,
    ) -> np.ndarray:
        """Texts of a DataLoader, with the model's prompt for queries or documents. Sizes of batches change nothing."""
        texts = [text for batch in inputs for text in batch["text"]]
        roles = {PromptType.query: "query", PromptType.document: "document"}
        return self.embedder.embed(
            texts, role=None if prompt_type is None else roles[prompt_type], progress=True if options.get("show_progress_bar") else None)

    def similarity(self, embeddings1: Any, embeddings2: Any) -> np.ndarray:
        return self.embedder.similarity(embeddings1, embeddings2)

    def similarity_pairwise(self, embeddings1: Any, embeddings2: Any) -> np.ndarray:
        return similarity_of_pairs(embeddings1, embeddings2, self.embedder.info["similarity"])
