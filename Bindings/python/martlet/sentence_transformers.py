"""sentence-transformers' classes over Martlet: `from martlet.sentence_transformers import SentenceTransformer`."""
from __future__ import annotations

import logging
import sys
from contextlib import contextmanager
from functools import wraps
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence

import numpy as np

from ._library import whole
from .embedder import Embedder, function_name, similarity, similarity_of_pairs
from .errors import InputError
from .reranker import Reranker

#: Values of arguments that change nothing here.
_PASSED = (None, False, "cpu", "onnx", "torch")
#: Arguments that choose where to compute.
_PLACES = ("device", "target_devices", "backend")
_LOG = logging.getLogger(__name__)


def _refuse(**values: Any) -> None:
    """Arguments that would change the result and that are not available here."""
    for name, value in values.items():
        for item in value if isinstance(value, list) else [value]:
            if item not in _PASSED and str(item) != "cpu":
                reason = ": Martlet computes on the CPU" if name in _PLACES else ""
                raise InputError(f"{name}={value!r:.60} is not available{reason}; leave it out", "invalid_option")


def _loading(unknown: Dict[str, Any]) -> Dict[str, Any]:
    """Arguments of loading that are checked; these change nothing, as no code of a model runs and nothing is fetched."""
    return {name: value for name, value in unknown.items() if name not in ("trust_remote_code", "local_files_only", "cache_folder", "token")}


def _result(rows: np.ndarray, single: bool, to_numpy: bool, to_tensor: bool) -> Any:
    """One row or all, as sentence-transformers gives them: an array, a tensor, or a list of tensors."""
    found: Any = rows
    if to_tensor or not to_numpy:
        import torch

        found = torch.from_numpy(rows)
    found = found if to_tensor or to_numpy else list(found)
    return found[0] if single else found


def _takes_sentences(method: Callable[..., Any]) -> Callable[..., Any]:
    """`sentences` is an older name of `inputs`."""

    @wraps(method)
    def call(self: Any, *arguments: Any, **options: Any) -> Any:
        if "sentences" in options:
            options["inputs"] = options.pop("sentences")
        return method(self, *arguments, **options)

    return call


class _Pools:
    """One process uses all cores, and gives the same numbers: a pool starts nothing."""

    def start_multi_process_pool(self, target_devices: Optional[List[str]] = None) -> Dict[str, Any]:
        _refuse(target_devices=target_devices)
        return {"input": None, "output": None, "processes": []}

    def stop_multi_process_pool(self, pool: Dict[str, Any]) -> None:
        pass


class SentenceTransformer(_Pools):
    """Loads a folder or a model in the cache of Hugging Face's tools; nothing is fetched."""

    def __init__(
        self, model_name_or_path: str = "all-MiniLM-L6-v2", device: Any = None, prompts: Optional[Dict[str, str]] = None,
        default_prompt_name: Optional[str] = None, similarity_fn_name: Optional[str] = None, truncate_dim: Optional[int] = None,
        backend: str = "torch", precision: Optional[str] = None, threads: Optional[int] = None, **unknown: Any,
    ):
        _refuse(device=device, backend=backend, **_loading(unknown))
        self.embedder = Embedder(model_name_or_path, precision=precision, threads=threads)
        self.prompts = {"query": "", "document": "", **self.embedder.info["prompts"], **(prompts or {})}
        self.default_prompt_name = default_prompt_name or self.embedder.info["default_prompt"]
        self.similarity_fn_name = similarity_fn_name
        self.truncate_dim = truncate_dim
        self._width(truncate_dim)
        self._prompt(self.default_prompt_name, "default_prompt_name")

    @property
    def device(self) -> Any:
        torch = sys.modules.get("torch")
        return torch.device("cpu") if torch is not None else "cpu"

    def to(self, device: Any) -> "SentenceTransformer":
        _refuse(device=device)
        return self

    @property
    def similarity_fn_name(self) -> str:
        return self._similarity

    @similarity_fn_name.setter
    def similarity_fn_name(self, name: Any) -> None:
        name = self.embedder.info["similarity"] if name is None else getattr(name, "value", name)
        self._similarity: str = function_name(name, "similarity_fn_name")

    @property
    def max_seq_length(self) -> int:
        return self.embedder.info["max_tokens"]

    @max_seq_length.setter
    def max_seq_length(self, value: int) -> None:
        self.embedder = self.embedder.reopened(max_tokens=value)

    def get_max_seq_length(self) -> int:
        return self.max_seq_length

    def get_sentence_embedding_dimension(self) -> int:
        return self._width(self.truncate_dim)

    def _width(self, truncate_dim: Optional[int]) -> int:
        dimensions = self.embedder.dimensions
        if truncate_dim is None:
            return dimensions
        if dimensions < whole(truncate_dim, "truncate_dim", 1) and dimensions < self.embedder.info["most_dimensions"]:
            raise InputError(
                f"truncate_dim is {truncate_dim}, and the model's files say {dimensions}; for more call embed(dimensions={truncate_dim}) of an Embedder",
                "invalid_option")
        return min(truncate_dim, dimensions)

    get_embedding_dimension = get_sentence_embedding_dimension

    @contextmanager
    def truncate_sentence_embeddings(self, truncate_dim: Optional[int]) -> Iterator[None]:
        self._width(truncate_dim)
        before, self.truncate_dim = self.truncate_dim, truncate_dim
        try:
            yield
        finally:
            self.truncate_dim = before

    truncate_embeddings = truncate_sentence_embeddings

    def _prompt(self, name: Optional[str], argument: str = "prompt_name") -> str:
        if name is not None and name not in self.prompts:
            raise InputError(f"{argument} {name!r} is not one of {list(self.prompts)}", "invalid_option")
        return "" if name is None else self.prompts[name]

    @_takes_sentences
    def encode(
        self, inputs: Any, prompt_name: Optional[str] = None, prompt: Optional[str] = None, batch_size: int = 32,
        show_progress_bar: Optional[bool] = None, output_value: Optional[str] = "sentence_embedding", precision: Optional[str] = "float32",
        convert_to_numpy: bool = True, convert_to_tensor: bool = False, device: Any = None, normalize_embeddings: bool = False,
        truncate_dim: Optional[int] = None, pool: Any = None, chunk_size: Optional[int] = None, task: Optional[str] = None, **unknown: Any,
    ) -> Any:
        """`batch_size`, `pool` and `chunk_size` change nothing: one process uses all cores."""
        _refuse(device=device, **unknown)
        whole(batch_size, "batch_size", 1)
        if output_value not in ("sentence_embedding", "token_embeddings"):
            raise InputError(f"output_value={output_value!r} is not available; pass sentence_embedding or token_embeddings", "invalid_option")
        if prompt is not None and prompt_name is not None:
            _LOG.warning("encode was given a prompt and a prompt_name; the prompt is used")
        prompt = self._prompt(prompt_name or self.default_prompt_name) if prompt is None else prompt
        single, progress = isinstance(inputs, str), True if show_progress_bar else None
        if output_value == "token_embeddings":
            # As in sentence-transformers: a tensor for each text, whatever else is asked for.
            tokens = self.embedder.token_vectors([inputs] if single else inputs, prompt=prompt, role=task, progress=progress)
            tensors = [_result(rows, False, False, True) for rows in tokens]
            return tensors[0] if single else tensors
        dimension = self.embedder.dimensions
        cut = self._width(self.truncate_dim if truncate_dim is None else truncate_dim)
        vectors = self.embedder.embed(
            [inputs] if single else inputs, prompt=prompt, role=task, normalize=True if normalize_embeddings and cut == dimension else None,
            progress=progress)
        if cut < dimension:
            # As sentence-transformers: a part of the vector has its own length, unless it is normalized again.
            vectors = np.ascontiguousarray(vectors[:, :cut])
            if normalize_embeddings:
                vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return _result(quantize(vectors, precision or "float32"), single, convert_to_numpy, convert_to_tensor)

    @_takes_sentences
    def encode_query(self, inputs: Any, prompt_name: Optional[str] = None, prompt: Optional[str] = None, **options: Any) -> Any:
        if prompt is None and prompt_name is None and "query" in self.prompts:
            prompt_name = "query"
        return self.encode(inputs=inputs, prompt_name=prompt_name, prompt=prompt, task="query", **options)

    @_takes_sentences
    def encode_document(self, inputs: Any, prompt_name: Optional[str] = None, prompt: Optional[str] = None, **options: Any) -> Any:
        if prompt is None and prompt_name is None:
            prompt_name = next((name for name in ("document", "passage", "corpus") if name in self.prompts), None)
        return self.encode(inputs=inputs, prompt_name=prompt_name, prompt=prompt, task="document", **options)

    def similarity(self, embeddings1: Any, embeddings2: Any) -> Any:
        torch = sys.modules.get("torch")
        wants_tensor = torch is not None and isinstance(embeddings1, torch.Tensor)
        return _result(similarity(embeddings1, embeddings2, self.similarity_fn_name), False, True, wants_tensor)

    def similarity_pairwise(self, embeddings1: Any, embeddings2: Any) -> Any:
        torch = sys.modules.get("torch")
        wants_tensor = torch is not None and isinstance(embeddings1, torch.Tensor)
        return _result(similarity_of_pairs(embeddings1, embeddings2, self.similarity_fn_name), False, True, wants_tensor)


def quantize(vectors: np.ndarray, precision: str) -> np.ndarray:
    """As `quantize_embeddings` of sentence-transformers, with the ranges of the vectors themselves."""
    if precision in ("binary", "ubinary"):
        bits = np.packbits(vectors > 0, axis=-1)
        return bits if precision == "ubinary" else (bits.astype(np.int16) - 128).astype(np.int8)
    if precision not in ("float32", "int8", "uint8"):
        raise InputError(f"Precision {precision!r} is not supported; expected float32, int8, uint8, binary or ubinary", "invalid_option")
    if precision == "float32":
        return vectors
    if len(vectors) == 0:
        return vectors.astype(precision)
    if len(vectors) == 1:
        raise InputError(
            f"precision {precision!r} takes its ranges from the vectors of the call, and one vector has none; encode several, or pass float32",
            "invalid_option")
    low = vectors.min(axis=0)
    scaled = (vectors - low) / ((vectors.max(axis=0) - low) / 255)
    return scaled.astype(np.uint8) if precision == "uint8" else (scaled - 128).astype(np.int8)


class CrossEncoder(_Pools):
    def __init__(
        self, model_name_or_path: str, num_labels: Optional[int] = None, max_length: Optional[int] = None, device: Any = None,
        precision: Optional[str] = None, threads: Optional[int] = None, **unknown: Any,
    ):
        _refuse(device=device, **_loading(unknown))
        self.reranker = Reranker(model_name_or_path, precision=precision, threads=threads, max_tokens=max_length)
        self.num_labels = max(1, len(self.reranker.info["labels"]))
        if num_labels not in (None, self.num_labels):
            raise InputError(f"num_labels is {num_labels}, and the model has {self.num_labels}", "invalid_option")

    @property
    def max_length(self) -> int:
        return self.reranker.info["max_tokens"]

    @max_length.setter
    def max_length(self, value: int) -> None:
        self.reranker = self.reranker.reopened(max_tokens=value)

    @_takes_sentences
    def predict(
        self, inputs: Any, batch_size: int = 32, show_progress_bar: Optional[bool] = None, activation_fn: Any = None,
        apply_softmax: bool = False, convert_to_numpy: bool = True, convert_to_tensor: bool = False, pool: Any = None,
        chunk_size: Optional[int] = None, **unknown: Any,
    ) -> Any:
        """`activation_fn`: None for the model's own, or a class or function named Sigmoid or Identity."""
        _refuse(**unknown)
        whole(batch_size, "batch_size", 1)
        single = len(inputs) > 0 and isinstance(inputs[0], str)
        names = {"Sigmoid": "sigmoid", "sigmoid": "sigmoid", "Identity": "raw"}
        name = getattr(activation_fn, "__name__", type(activation_fn).__name__)
        if activation_fn is not None and name not in names:
            raise InputError(f"activation_fn {name} is not available; pass Sigmoid or Identity", "invalid_option")
        # Several labels have no activation in sentence-transformers unless somebody asks for one.
        activation = names[name] if activation_fn is not None else None if self.num_labels == 1 else "raw"
        scores = self.reranker.predict([inputs] if single else inputs, activation=activation, progress=True if show_progress_bar else None)
        # As in sentence-transformers: a single score is no distribution.
        if apply_softmax and self.num_labels > 1:
            powers = np.exp(scores - scores.max(axis=1, keepdims=True))
            scores = powers / powers.sum(axis=1, keepdims=True)
        return _result(scores[:, 0] if self.num_labels == 1 else scores, single, convert_to_numpy, convert_to_tensor)

    def rank(
        self, query: str, documents: Sequence[str], top_k: Optional[int] = None, return_documents: bool = False, **options: Any,
    ) -> List[Dict[str, Any]]:
        if self.num_labels != 1:
            raise InputError(f"the model gives {self.num_labels} labels and no single score to rank by", "invalid_option")
        for name in ("convert_to_numpy", "convert_to_tensor"):
            if options.pop(name, None) is not None:
                _LOG.warning("rank ignores %s: a score is a float", name)
        scores = self.predict([(query, document) for document in documents], **options)
        order = np.argsort(-np.asarray(scores), kind="stable")[:top_k]
        return [
            {"corpus_id": int(index), "score": float(scores[index]), **({"text": documents[index]} if return_documents else {})}
            for index in order
        ]
