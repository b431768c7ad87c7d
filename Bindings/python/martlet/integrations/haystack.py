"""Haystack: components that embed queries and documents."""
from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, List, Optional

from haystack import Document, component, default_from_dict, default_to_dict

from ..embedder import Embedder


class _Base:
    def __init__(self, model: Optional[str] = None, options: Optional[Dict[str, Any]] = None):
        self.model, self.options = model, options or {}
        self._embedder: Optional[Embedder] = None

    def warm_up(self) -> None:
        """Loads the model, if it is not loaded."""
        if self._embedder is None:
            self._embedder = Embedder(self.model, **self.options)

    @property
    def embedder(self) -> Embedder:
        self.warm_up()
        assert self._embedder is not None
        return self._embedder

    def to_dict(self) -> Dict[str, Any]:
        return default_to_dict(self, model=self.model, options=self.options)

    @classmethod
    def from_dict(cls, data: Dict[str, Any]) -> Any:
        return default_from_dict(cls, data)


@component
class MartletTextEmbedder(_Base):
    """The vector of a query. `options` are arguments of `martlet.Embedder`."""

    @component.output_types(embedding=List[float])
    def run(self, text: str) -> Dict[str, Any]:
        return {"embedding": self.embedder.query(text).tolist()}


@component
class MartletDocumentEmbedder(_Base):
    """Documents with their vectors. `options` are arguments of `martlet.Embedder`."""

    @component.output_types(documents=List[Document])
    def run(self, documents: List[Document]) -> Dict[str, Any]:
        vectors = self.embedder.document([document.content or "" for document in documents])
        return {"documents": [replace(document, embedding=row.tolist()) for document, row in zip(documents, vectors)]}
