"""fastembed's classes over Martlet: `from martlet.fastembed import TextEmbedding`. The same numbers as fastembed: no prompt is added."""
from __future__ import annotations

from itertools import islice
from typing import Any, Dict, Iterable, Iterator, List, Optional, Tuple, Union

import numpy as np

from ._library import InputError
from .embedder import Embedder
from .reranker import Reranker

_BM25 = "Qdrant/bm25"
_BM42 = "Qdrant/bm42-all-minilm-l6-v2-attentions"
#: Arguments that choose a device or a place to download to, with the values that change nothing here.
_CPU = {"cuda": (False, "auto", None), "device_ids": (None,), "providers": (None, ["CPUExecutionProvider"])}


class SparseEmbedding:
    """Values and indices, as fastembed has them."""

    def __init__(self, values: np.ndarray, indices: np.ndarray):
        self.values, self.indices = values, indices

    def as_object(self) -> Dict[str, np.ndarray]:
        return {"values": self.values, "indices": self.indices}

    def as_dict(self) -> Dict[int, float]:
        return {int(index): float(value) for index, value in zip(self.indices, self.values)}


class _Face:
    """What the classes share. The model is loaded at the first call if `lazy_load` says so."""

    _loads: Any = Embedder

    def __init__(
        self, model_name: str, cache_dir: Optional[str] = None, threads: Optional[int] = None, lazy_load: bool = False,
        specific_model_path: Optional[str] = None, **options: Any,
    ):
        for name, allowed in _CPU.items():
            if options.pop(name, None) not in allowed:
                raise InputError(f"{name} is not available: Martlet computes on the CPU; leave it out", "invalid_option")
        self.model_name, self.cache_dir, self.threads = model_name, cache_dir, threads
        self._options = self._translated(model_name, options)
        self._path = specific_model_path or _cached(model_name, cache_dir)
        self._model: Any = None
        if not lazy_load:
            self.model

    @staticmethod
    def _translated(name: str, options: Dict[str, Any]) -> Dict[str, Any]:
        if options:
            raise InputError(f"{', '.join(options)}: not an argument that Martlet has; leave it out", "invalid_option")
        return {}

    @property
    def model(self) -> Any:
        if self._model is None:
            self._model = self._loads(self._path, threads=self.threads, **self._options)
        return self._model

    def _batches(self, documents: Union[str, Iterable[str]], batch_size: int, parallel: Optional[int]) -> Iterator[List[str]]:
        # `parallel` starts processes in fastembed. Here one process uses all cores, with the same results.
        if batch_size < 1:
            raise InputError(f"batch_size is {batch_size}; expected 1 or more", "invalid_option")
        iterator = iter([documents] if isinstance(documents, str) else documents)
        # The size of a batch changes no number, and batches of the library's size are the fastest.
        while part := list(islice(iterator, max(batch_size, 1024))):
            yield part

    def token_count(self, texts: Union[str, Iterable[str]], batch_size: int = 1024, **_: Any) -> int:
        return sum(int(self.model.count_tokens(part).sum()) for part in self._batches(texts, batch_size, None))


class TextEmbedding(_Face):
    def __init__(self, model_name: str = "BAAI/bge-small-en-v1.5", cache_dir: Optional[str] = None, threads: Optional[int] = None, **options: Any):
        super().__init__(model_name, cache_dir, threads, **options)

    @property
    def embedding_size(self) -> int:
        return self.model.dimensions

    def embed(
        self, documents: Union[str, Iterable[str]], batch_size: int = 256, parallel: Optional[int] = None,
    ) -> Iterator[np.ndarray]:
        for part in self._batches(documents, batch_size, parallel):
            yield from self.model.embed(part, prompt="")

    def query_embed(self, query: Union[str, Iterable[str]], **options: Any) -> Iterator[np.ndarray]:
        return self.embed(query, **options)

    def passage_embed(self, texts: Iterable[str], **options: Any) -> Iterator[np.ndarray]:
        return self.embed(texts, **options)


class SparseTextEmbedding(_Face):
    def __init__(self, model_name: str, cache_dir: Optional[str] = None, threads: Optional[int] = None, **options: Any):
        super().__init__(model_name, cache_dir, threads, **options)

    @staticmethod
    def _translated(name: str, options: Dict[str, Any]) -> Dict[str, Any]:
        taken: Dict[str, Any] = {}
        if name == _BM25:
            names = dict(k="k", b="b", avg_len="average_length", language="language", token_max_length="max_word_length")
            taken = {names[key]: options.pop(key) for key in list(options) if key in names}
            if options.pop("disable_stemmer", False):
                taken.update(stems=False, stop_words=[])
        elif name == _BM42 and "alpha" in options:
            taken = {"alpha": options.pop("alpha")}
        _Face._translated(name, options)
        return {"bm25": taken} if name == _BM25 else {"bm42": taken} if name == _BM42 else {"kind": "sparse"}

    def embed(
        self, documents: Union[str, Iterable[str]], batch_size: int = 256, parallel: Optional[int] = None,
    ) -> Iterator[SparseEmbedding]:
        return self._sparse(documents, batch_size, parallel, "document")

    def query_embed(self, query: Union[str, Iterable[str]], **_: Any) -> Iterator[SparseEmbedding]:
        return self._sparse(query, 256, None, "query")

    passage_embed = embed

    def _sparse(self, documents: Any, batch_size: int, parallel: Optional[int], role: str) -> Iterator[SparseEmbedding]:
        for part in self._batches(documents, batch_size, parallel):
            for vector in self.model.sparse(part, role=role):
                yield SparseEmbedding(vector.values, vector.indices)


class LateInteractionTextEmbedding(_Face):
    def __init__(self, model_name: str, cache_dir: Optional[str] = None, threads: Optional[int] = None, **options: Any):
        super().__init__(model_name, cache_dir, threads, **options)

    @property
    def embedding_size(self) -> int:
        return self.model.dimensions

    def embed(self, documents: Union[str, Iterable[str]], batch_size: int = 256, parallel: Optional[int] = None) -> Iterator[np.ndarray]:
        for part in self._batches(documents, batch_size, parallel):
            yield from self.model.token_vectors(part, role="document")

    def query_embed(self, query: Union[str, Iterable[str]], **_: Any) -> Iterator[np.ndarray]:
        for part in self._batches(query, 256, None):
            yield from self.model.token_vectors(part, role="query")

    passage_embed = embed


class TextCrossEncoder(_Face):
    _loads = Reranker

    def __init__(self, model_name: str, cache_dir: Optional[str] = None, threads: Optional[int] = None, **options: Any):
        super().__init__(model_name, cache_dir, threads, **options)

    def rerank(self, query: str, documents: Iterable[str], batch_size: int = 64, **_: Any) -> Iterator[float]:
        for part in self._batches(documents, batch_size, None):
            yield from self.model.scores(query, part, activation="raw").tolist()

    def rerank_pairs(self, pairs: Iterable[Tuple[str, str]], batch_size: int = 64, parallel: Optional[int] = None, **_: Any) -> Iterator[float]:
        for part in self._batches(pairs, batch_size, parallel):  # type: ignore[arg-type]
            yield from self.model.predict(part, activation="raw")[:, 0].tolist()


def _cached(name: str, cache_dir: Optional[str]) -> Optional[str]:
    """A model in a cache of its own folder, as fastembed's `cache_dir` is laid out; else the name."""
    from pathlib import Path

    if name in (_BM25, _BM42):
        return None
    if cache_dir is not None:
        folder = Path(cache_dir) / f"models--{name.replace('/', '--')}" / "snapshots"
        for snapshot in sorted(folder.glob("*")):
            return str(snapshot)
    return name
