"""sentence-transformers' classes over Martlet: `from martlet.sentence_transformers import SentenceTransformer`. Results are numpy arrays."""
from __future__ import annotations

import sys
from typing import Any, Dict, List, Optional, Sequence, Tuple, Union

import numpy as np

from ._library import InputError, floats
from .embedder import Embedder, similarity
from .reranker import Reranker


def _refuse(**values: Any) -> None:
    """Arguments that would change the result and that are not available here."""
    for name, value in values.items():
        if value not in (None, False, "cpu", "sentence_embedding", "onnx", "torch"):
            raise InputError(f"{name}={value!r} is not available: Martlet computes on the CPU; leave it out", "invalid_option")


def _tensor(array: np.ndarray, wanted: bool) -> Any:
    if not wanted:
        return array
    import torch

    return torch.from_numpy(array)


class SentenceTransformer:
    """Loads a folder or a model in the cache of Hugging Face's tools; nothing is fetched."""

    def __init__(
        self, model_name_or_path: str = "all-MiniLM-L6-v2", device: Optional[str] = None, prompts: Optional[Dict[str, str]] = None,
        default_prompt_name: Optional[str] = None, similarity_fn_name: Optional[str] = None, truncate_dim: Optional[int] = None,
        backend: str = "torch", precision: Optional[str] = None, threads: Optional[int] = None, **unknown: Any,
    ):
        _refuse(device=device, backend=backend, **{name: value for name, value in unknown.items() if name != "trust_remote_code"})
        self.embedder = Embedder(model_name_or_path, precision=precision, threads=threads)
        self.prompts = {**self.embedder.info["prompts"], **(prompts or {})}
        self.default_prompt_name = default_prompt_name or self.embedder.info["default_prompt"]
        self.similarity_fn_name = similarity_fn_name or self.embedder.info["similarity"]
        self.truncate_dim = truncate_dim
        if self.default_prompt_name is not None and self.default_prompt_name not in self.prompts:
            raise InputError(f"default_prompt_name {self.default_prompt_name!r} is not one of {sorted(self.prompts)}", "invalid_option")

    @property
    def device(self) -> str:
        return "cpu"

    @property
    def max_seq_length(self) -> int:
        return self.embedder.info["max_tokens"]

    def get_max_seq_length(self) -> int:
        return self.max_seq_length

    def get_sentence_embedding_dimension(self) -> int:
        return self.truncate_dim or self.embedder.dimensions

    get_embedding_dimension = get_sentence_embedding_dimension

    def encode(
        self, sentences: Union[str, Sequence[str], np.ndarray], prompt_name: Optional[str] = None, prompt: Optional[str] = None,
        batch_size: int = 32, show_progress_bar: Optional[bool] = None, output_value: Optional[str] = "sentence_embedding",
        precision: str = "float32", convert_to_numpy: bool = True, convert_to_tensor: bool = False, device: Optional[str] = None,
        normalize_embeddings: bool = False, truncate_dim: Optional[int] = None, **unknown: Any,
    ) -> Any:
        _refuse(output_value=output_value, device=device, **unknown)
        if prompt is None:
            name = prompt_name or self.default_prompt_name
            if name is not None and name not in self.prompts:
                raise InputError(f"prompt_name {name!r} is not one of {sorted(self.prompts)}", "invalid_option")
            prompt = "" if name is None else self.prompts[name]
        single = isinstance(sentences, str)
        vectors = self.embedder.embed(
            [sentences] if single else sentences, prompt=prompt, dimensions=truncate_dim or self.truncate_dim,
            normalize=True if normalize_embeddings else None, progress=True if show_progress_bar else None)
        vectors = quantize(vectors, precision)
        if not convert_to_numpy and not convert_to_tensor:
            return vectors[0] if single else list(vectors)
        return _tensor(vectors[0] if single else vectors, convert_to_tensor)

    def encode_query(self, sentences: Any, prompt_name: Optional[str] = None, prompt: Optional[str] = None, **options: Any) -> Any:
        if prompt is None and prompt_name is None and "query" in self.prompts:
            prompt_name = "query"
        return self.encode(sentences, prompt_name=prompt_name, prompt=prompt, **options)

    def encode_document(self, sentences: Any, prompt_name: Optional[str] = None, prompt: Optional[str] = None, **options: Any) -> Any:
        if prompt is None and prompt_name is None:
            prompt_name = next((name for name in ("document", "passage", "corpus") if name in self.prompts), None)
        return self.encode(sentences, prompt_name=prompt_name, prompt=prompt, **options)

    def similarity(self, embeddings1: Any, embeddings2: Any) -> Any:
        torch = sys.modules.get("torch")
        wants_tensor = torch is not None and isinstance(embeddings1, torch.Tensor)
        return _tensor(similarity(embeddings1, embeddings2, self.similarity_fn_name), wants_tensor)

    def similarity_pairwise(self, embeddings1: Any, embeddings2: Any) -> np.ndarray:
        pairs = zip(floats(embeddings1, "embeddings1"), floats(embeddings2, "embeddings2"))
        return np.array([similarity(a, b, self.similarity_fn_name)[0, 0] for a, b in pairs], np.float32)


def quantize(vectors: np.ndarray, precision: str) -> np.ndarray:
    """As `quantize_embeddings` of sentence-transformers, with the ranges of the vectors themselves."""
    if precision == "float32":
        return vectors
    if precision in ("binary", "ubinary"):
        bits = np.packbits(vectors > 0, axis=-1)
        return bits if precision == "ubinary" else (bits.astype(np.int16) - 128).astype(np.int8)
    if precision not in ("int8", "uint8"):
        raise InputError(f"precision {precision!r}; expected float32, int8, uint8, binary or ubinary", "invalid_option")
    low = vectors.min(axis=0)
    steps = (vectors.max(axis=0) - low) / 255
    scaled = (vectors - low) / steps
    return scaled.astype(np.uint8) if precision == "uint8" else (scaled - 128).astype(np.int8)


class CrossEncoder:
    def __init__(
        self, model_name_or_path: str, num_labels: Optional[int] = None, max_length: Optional[int] = None, device: Optional[str] = None,
        precision: Optional[str] = None, threads: Optional[int] = None, **unknown: Any,
    ):
        _refuse(device=device, **{name: value for name, value in unknown.items() if name != "trust_remote_code"})
        self.reranker = Reranker(model_name_or_path, precision=precision, threads=threads, max_tokens=max_length)
        self.num_labels = max(1, len(self.reranker.info["labels"]))
        if num_labels not in (None, self.num_labels):
            raise InputError(f"num_labels is {num_labels}, and the model has {self.num_labels}", "invalid_option")

    def predict(
        self, sentences: Any, batch_size: int = 32, show_progress_bar: Optional[bool] = None, activation_fn: Any = None,
        apply_softmax: bool = False, convert_to_numpy: bool = True, convert_to_tensor: bool = False, **unknown: Any,
    ) -> Any:
        """`activation_fn`: None for the model's own, or a class or function named Sigmoid or Identity."""
        _refuse(**unknown)
        single = len(sentences) > 0 and isinstance(sentences[0], str)
        names = {"Sigmoid": "sigmoid", "sigmoid": "sigmoid", "Identity": "raw"}
        name = getattr(activation_fn, "__name__", type(activation_fn).__name__)
        if activation_fn is not None and name not in names:
            raise InputError(f"activation_fn {name} is not available; pass Sigmoid or Identity", "invalid_option")
        # Several labels have no activation in sentence-transformers unless somebody asks for one.
        activation = names[name] if activation_fn is not None else None if self.num_labels == 1 else "raw"
        scores = self.reranker.predict(
            [sentences] if single else sentences, activation=activation, progress=True if show_progress_bar else None)
        if apply_softmax:
            powers = np.exp(scores - scores.max(axis=1, keepdims=True))
            scores = powers / powers.sum(axis=1, keepdims=True)
        scores = scores[:, 0] if self.num_labels == 1 else scores
        if not convert_to_numpy and not convert_to_tensor:
            return scores[0] if single else list(scores)
        return scores[0] if single else _tensor(scores, convert_to_tensor)

    def rank(
        self, query: str, documents: Sequence[str], top_k: Optional[int] = None, return_documents: bool = False, **options: Any,
    ) -> List[Dict[str, Any]]:
        if self.num_labels != 1:
            raise InputError(f"the model gives {self.num_labels} labels and no single score to rank by", "invalid_option")
        scores = self.predict([(query, document) for document in documents], **options)
        order = np.argsort(-np.asarray(scores), kind="stable")[:top_k]
        return [
            {"corpus_id": int(index), "score": scores[index], **({"text": documents[index]} if return_documents else {})}
            for index in order
        ]
