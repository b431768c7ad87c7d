"""fastembed's classes over Martlet: `from martlet.fastembed import TextEmbedding`. As in fastembed, no prompt is added."""
from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Tuple, Union

import numpy as np

from ._library import known_models
from .embedder import Embedder
from .errors import InputError
from .reranker import Reranker

_BM25, _BM42 = "qdrant/bm25", "qdrant/bm42-all-minilm-l6-v2-attentions"
#: Arguments that choose a device or a place to download to, with the values that change nothing here.
_CPU = {
    "cuda": (False, "auto", None), "device_ids": (None,), "providers": (None, ["CPUExecutionProvider"]), "local_files_only": (True, False),
}
#: BM25's arguments, as Martlet names them.
_BM25_OPTIONS = dict(k="k", b="b", avg_len="average_length", language="language", token_max_length="max_word_length")
Texts = Union[str, Iterable[str]]


class SparseEmbedding:
    """Values and indices, as fastembed has them."""

    def __init__(self, values: np.ndarray, indices: np.ndarray):
        self.values, self.indices = values, indices

    def as_object(self) -> Dict[str, np.ndarray]:
        return {"values": self.values, "indices": self.indices}

    def as_dict(self) -> Dict[int, float]:
        return {int(index): float(value) for index, value in zip(self.indices, self.values)}


class _Loaded:
    """What computes: `model` is there once it is loaded."""

    def __init__(self, load: Callable[[], Any]):
        self._load = load

    def get(self) -> Any:
        if not hasattr(self, "model"):
            self.model = self._load()
        return self.model


class _Face:
    """What the classes share."""

    _loads: Any = Embedder
    _kinds: Tuple[str, ...] = ()
    _options: Dict[str, Any] = {}

    def __init__(
        self, model_name: str, cache_dir: Optional[str] = None, threads: Optional[int] = None, lazy_load: bool = False,
        specific_model_path: Optional[str] = None, **options: Any,
    ):
        for name, allowed in _CPU.items():
            if name in options and options.pop(name) not in allowed:
                raise InputError(f"{name} is not available: Martlet computes on the CPU; leave it out", "invalid_option")
        self.model_name, self.cache_dir, self.threads = model_name, cache_dir, threads
        translated = self._translated(model_name.lower(), options)
        if options:
            raise InputError(f"{', '.join(options)}: not an argument that Martlet has; leave it out", "invalid_option")
        source = specific_model_path or _source(model_name, cache_dir)
        self.model = _Loaded(lambda: self._loads(source, threads=threads, **translated))
        if not lazy_load:
            self.model.get()

    @classmethod
    def _translated(cls, name: str, options: Dict[str, Any]) -> Dict[str, Any]:
        return cls._options

    @classmethod
    def list_supported_models(cls) -> List[Dict[str, Any]]:
        """Models that are known by name; a model that is not in the list can be used, too. None of them is fetched."""
        return [
            {"model": model["repository"], "dim": model["dimensions"], "description": f"{model['family']}, {model['max_tokens']} tokens",
             "license": model["license"], "size_in_GB": round(model["millions"] * 4 / 1000, 2), "sources": {"hf": model["repository"]},
             "model_file": "model.safetensors"}
            for model in known_models() if model["kind"] in cls._kinds
        ]

    @classmethod
    def get_embedding_size(cls, model_name: str) -> int:
        for model in cls.list_supported_models():
            if model["model"].lower() == model_name.lower():
                return model["dim"]
        raise ValueError(f"the dimensions of {model_name} are not known before it is loaded: see embedding_size")

    @property
    def embedding_size(self) -> int:
        return self.model.get().dimensions

    def token_count(self, texts: Texts, batch_size: int = 1024, **_: Any) -> int:
        return sum(self._stream(texts, batch_size, lambda model, part: model.count_tokens(part, prompt="").tolist()))

    def _stream(self, documents: Any, batch_size: int, compute: Callable[[Any, List[Any]], Iterable[Any]]) -> Iterator[Any]:
        if batch_size < 1:
            raise InputError(f"batch_size is {batch_size}; expected 1 or more", "invalid_option")
        model, rest = self.model.get(), iter([documents] if isinstance(documents, str) else documents)
        # The size of a batch changes no number, and batches of the library's size are the fastest.
        while part := list(islice(rest, max(batch_size, 1024))):
            yield from compute(model, part)


def _source(name: str, cache_dir: Optional[str]) -> Optional[str]:
    """A model in `cache_dir`, which is laid out as fastembed does it, or a name in the cache of Hugging Face's tools, in any case of letters."""
    if name.lower() in (_BM25, _BM42):
        return None
    wanted = f"models--{name.replace('/', '--')}".lower()
    hub = os.environ.get("HF_HUB_CACHE") or os.path.join(os.environ.get("HF_HOME") or "~/.cache/huggingface", "hub")
    for place in Path(cache_dir or hub).expanduser().glob("models--*/snapshots/*"):
        if place.parents[1].name.lower() == wanted:
            return str(place) if cache_dir else place.parents[1].name[len("models--") :].replace("--", "/", 1)
    return next((model["repository"] for model in known_models() if model["repository"].lower() == name.lower()), name)


class TextEmbedding(_Face):
    """`parallel` starts processes in fastembed; here one process uses all cores, with the same numbers."""

    _kinds = ("dense", "static")

    def __init__(self, model_name: str = "BAAI/bge-small-en-v1.5", *arguments: Any, **options: Any):
        super().__init__(model_name, *arguments, **options)

    def embed(self, documents: Texts, batch_size: int = 256, parallel: Optional[int] = None) -> Iterator[np.ndarray]:
        return self._stream(documents, batch_size, lambda model, part: model.embed(part, prompt=""))

    def query_embed(self, query: Texts, **options: Any) -> Iterator[np.ndarray]:
        return self.embed(query, **options)

    def passage_embed(self, texts: Iterable[str], **options: Any) -> Iterator[np.ndarray]:
        return self.embed(texts, **options)


class _ByRole(_Face):
    """Models that treat queries and documents differently."""

    def _embed(self, model: Any, part: List[Any], role: str) -> Iterable[Any]:
        raise NotImplementedError

    def embed(self, documents: Texts, batch_size: int = 256, parallel: Optional[int] = None, role: str = "document") -> Iterator[Any]:
        return self._stream(documents, batch_size, lambda model, part: self._embed(model, part, role))

    def query_embed(self, query: Texts, **_: Any) -> Iterator[Any]:
        return self.embed(query, role="query")

    passage_embed = embed


class SparseTextEmbedding(_ByRole):
    _kinds = ("sparse",)
    _options = {"kind": "sparse"}

    @classmethod
    def list_supported_models(cls) -> List[Dict[str, Any]]:
        names = ("Qdrant/bm25", "Qdrant/bm42-all-minilm-l6-v2-attentions")
        words = [{"model": name, "requires_idf": True, "size_in_GB": 0.01} for name in names]
        known = super().list_supported_models()
        return [{**known[0], "vocab_size": None, **model} for model in [*known, *words]]

    @classmethod
    def _translated(cls, name: str, options: Dict[str, Any]) -> Dict[str, Any]:
        if name == _BM42:
            return {"bm42": {"alpha": options.pop("alpha")} if "alpha" in options else {}}
        if name != _BM25:
            return cls._options
        taken = {_BM25_OPTIONS[key]: options.pop(key) for key in list(options) if key in _BM25_OPTIONS}
        if options.pop("disable_stemmer", False):
            taken.update(stems=False, stop_words=[])
        return {"bm25": taken}

    def _embed(self, model: Any, part: List[Any], role: str) -> Iterable[SparseEmbedding]:
        return [SparseEmbedding(vector.values, vector.indices) for vector in model.sparse(part, role=role)]


class LateInteractionTextEmbedding(_ByRole):
    _kinds = ("multi",)
    _options = {"kind": "late_interaction"}

    def _embed(self, model: Any, part: List[Any], role: str) -> Iterable[np.ndarray]:
        return model.token_vectors(part, role=role)


class TextCrossEncoder(_Face):
    _loads = Reranker
    _kinds = ("reranker",)

    def rerank(self, query: str, documents: Iterable[str], batch_size: int = 64, **_: Any) -> Iterator[float]:
        return self._stream(documents, batch_size, lambda model, part: model.scores(query, part, activation="raw").tolist())

    def rerank_pairs(self, pairs: Iterable[Tuple[str, str]], batch_size: int = 64, parallel: Optional[int] = None, **_: Any) -> Iterator[float]:
        return self._stream(pairs, batch_size, lambda model, part: model.predict(part, activation="raw")[:, 0].tolist())
