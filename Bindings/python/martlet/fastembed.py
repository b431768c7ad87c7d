"""fastembed's classes over Martlet: `from martlet.fastembed import TextEmbedding`. As in fastembed, no prompt is added."""
from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple, Union

import numpy as np

from ._library import known_models, whole
from ._texts import several
from .embedder import Embedder
from .errors import InputError
from .reranker import Reranker

_BM25, _BM42 = "qdrant/bm25", "qdrant/bm42-all-minilm-l6-v2-attentions"
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
    #: What fastembed calls the width of vectors in its lists.
    _width: Optional[str] = None
    _options: Dict[str, Any] = {}

    def __init__(
        self, model_name: str, cache_dir: Optional[str] = None, threads: Optional[int] = None, providers: Optional[Sequence[Any]] = None,
        cuda: Any = "auto", device_ids: Optional[List[int]] = None, lazy_load: bool = False, *, specific_model_path: Optional[str] = None,
        local_files_only: bool = False, **options: Any,
    ):
        _require_cpu(providers, cuda, device_ids)
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
            {"model": model["repository"], "description": f"{model['family']}, {model['max_tokens']} tokens", "license": model["license"],
             "size_in_GB": round(model["millions"] * 4 / 1000, 2), "sources": {"hf": model["repository"]}, "model_file": "model.safetensors",
             "additional_files": [], **({cls._width: model["dimensions"]} if cls._width else {})}
            for model in known_models() if model["kind"] in cls._kinds
        ]

    def token_count(self, texts: Texts, batch_size: int = 1024) -> int:
        return self._token_count(texts, batch_size)

    def _token_count(self, texts: Texts, batch_size: int, role: Optional[str] = None) -> int:
        return sum(self._stream(texts, batch_size, lambda model, part: model.count_tokens(part, role=role, prompt="").tolist()))

    def _stream(self, documents: Any, batch_size: int, compute: Callable[[Any, List[Any]], Iterable[Any]]) -> Iterator[Any]:
        whole(batch_size, "batch_size", 1)
        model, rest = self.model.get(), iter([documents] if isinstance(documents, str) else several(documents, "document"))
        # The size of a batch changes no number, and batches of the library's size are the fastest.
        while part := list(islice(rest, max(batch_size, 1024))):
            yield from compute(model, part)


class _Sized(_Face):
    """Models whose vectors all have the same dimensions."""

    _width = "dim"

    @classmethod
    def get_embedding_size(cls, model_name: str) -> int:
        for model in cls.list_supported_models():
            if model["model"].lower() == model_name.lower():
                return model["dim"]
        raise ValueError(f"the dimensions of {model_name} are not known before it is loaded: see embedding_size")

    @property
    def embedding_size(self) -> int:
        return self.model.get().dimensions


def _require_cpu(providers: Optional[Sequence[Any]], cuda: Any, device_ids: Optional[Sequence[int]]) -> None:
    """Refuses what asks for another device than the CPU, or sets it up."""
    asked = {
        "providers": any(provider not in ("CPUExecutionProvider", ("CPUExecutionProvider", {})) for provider in providers or ()),
        "cuda": getattr(cuda, "value", cuda) not in (False, None, "auto", "cpu"), "device_ids": bool(device_ids),
    }
    for name, is_asked in asked.items():
        if is_asked:
            raise InputError(f"{name} is not available: Martlet computes on the CPU; leave it out", "invalid_option")


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


class TextEmbedding(_Sized):
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

    def embed(self, documents: Texts, batch_size: int = 256, parallel: Optional[int] = None) -> Iterator[Any]:
        return self._stream(documents, batch_size, lambda model, part: self._embed(model, part, "document"))

    def query_embed(self, query: Texts, batch_size: int = 256, parallel: Optional[int] = None) -> Iterator[Any]:
        return self._stream(query, batch_size, lambda model, part: self._embed(model, part, "query"))

    def passage_embed(self, texts: Iterable[str], batch_size: int = 256, parallel: Optional[int] = None) -> Iterator[Any]:
        return self.embed(texts, batch_size, parallel)


class SparseTextEmbedding(_ByRole):
    _kinds = ("sparse",)
    _width = "vocab_size"
    _options = {"kind": "sparse"}

    @classmethod
    def list_supported_models(cls) -> List[Dict[str, Any]]:
        known = [{**model, "requires_idf": None} for model in super().list_supported_models()]
        inside = {"license": "apache-2.0", "size_in_GB": 0.0, "model_file": "", "additional_files": [], "vocab_size": None, "requires_idf": True}
        return known + [
            {"model": name, "description": description, "sources": {"hf": name}, **inside}
            for name, description in (("Qdrant/bm25", "BM25; needs no file"), ("Qdrant/bm42-all-minilm-l6-v2-attentions", "BM42; needs no file"))
        ]

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


class LateInteractionTextEmbedding(_ByRole, _Sized):
    _kinds = ("multi",)
    _options = {"kind": "late_interaction"}

    def token_count(self, texts: Texts, batch_size: int = 1024, is_doc: bool = True, include_extension: bool = False) -> int:
        if include_extension:
            raise InputError("include_extension is not available: markers and fillers are not counted; leave it out", "invalid_option")
        return self._token_count(texts, batch_size, "document" if is_doc else "query")

    def _embed(self, model: Any, part: List[Any], role: str) -> Iterable[np.ndarray]:
        return model.token_vectors(part, role=role)


class TextCrossEncoder(_Face):
    _loads = Reranker
    _kinds = ("reranker",)

    def token_count(self, texts: Any, batch_size: int = 1024) -> int:
        raise InputError("the tokens of pairs cannot be counted", "invalid_option")

    def rerank(self, query: str, documents: Iterable[str], batch_size: int = 64) -> Iterator[float]:
        return self._stream(documents, batch_size, lambda model, part: model.scores(query, part, activation="raw").tolist())

    def rerank_pairs(self, pairs: Iterable[Tuple[str, str]], batch_size: int = 64, parallel: Optional[int] = None) -> Iterator[float]:
        return self._stream(pairs, batch_size, lambda model, part: model.predict(part, activation="raw")[:, 0].tolist())
