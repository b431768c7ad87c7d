"""Texts to vectors."""
from __future__ import annotations

from ctypes import byref
from itertools import islice
from typing import Any, AsyncIterator, Iterable, Iterator, List, NamedTuple, Optional, Union

import numpy as np

from ._library import call, floats, json_of, library, options, whole
from ._model import Model, split, threaded
from ._progress import ProgressOption
from ._texts import several, text_block
from .errors import InputError, MartletError

#: Texts that `embed_iter` computes at a time.
BATCH = 1024


class SparseVector:
    """The dimensions of a vector that are not 0, ascending, and their values."""

    __slots__ = ("indices", "values")

    def __init__(self, indices: np.ndarray, values: np.ndarray):
        self.indices, self.values = indices, values

    def __repr__(self) -> str:
        return f"SparseVector(indices={self.indices!r}, values={self.values!r})"

    def dot(self, other: "SparseVector") -> float:
        _, mine, theirs = np.intersect1d(self.indices, other.indices, assume_unique=True, return_indices=True)
        return float(self.values[mine] @ other.values[theirs])


class Chunk(NamedTuple):
    """A part of a text; `start` and `end` count bytes of its UTF-8 form."""

    index: int  # type: ignore[assignment]
    start: int
    end: int
    overlap: int
    line: int
    headings: List[str]
    text: str
    tokens: int


class Embedder(Model):
    """Turns texts into vectors with one model.

    `model` is a folder, a GGUF file, a name in the cache of Hugging Face's tools, or None for the built-in all-MiniLM-L6-v2. Nothing is
    fetched. Texts are a list or another iterable of str, a Series of pandas or polars, or a column of pyarrow, which is not copied.
    """

    @property
    def dimensions(self) -> int:
        return self.info["dimensions"]

    def embed(
        self, texts: Any, *, role: Optional[str] = None, prompt: Optional[str] = None, prompt_name: Optional[str] = None,
        dimensions: Optional[int] = None, normalize: Optional[bool] = None, pooling: Optional[str] = None,
        truncation: Optional[str] = None, progress: ProgressOption = None,
    ) -> np.ndarray:
        """The vectors of texts, float32 of shape (texts, dimensions).

        `role` is "query" or "document"; `truncation` "end", "start" or "error"; `progress` True for a bar of tqdm, or a function of texts
        done and all. The calling thread computes without the GIL."""
        block = text_block(texts)
        most = self.info["most_dimensions"]
        if pooling is not None and pooling != "native":
            # Several poolings are joined; another choice gives one.
            most //= max(1, len(self.info["pooling"]))
        # The model's files may ask for fewer than it has.
        width = min(self.info["dimensions"], most)
        if dimensions is not None:
            width = dimensions = whole(dimensions, "dimensions", 1, most)
        given = None
        if not (role is prompt is prompt_name is dimensions is normalize is pooling is truncation is None):
            given = options(
                role=role, prompt=prompt, prompt_name=prompt_name, dimensions=dimensions, normalize=normalize, pooling=pooling,
                truncation=truncation)
        out = np.empty((block.count, width), np.float32)
        return self._fill(library.martlet_embed, out, block, byref(block), given, progress=progress, warns=truncation is None)

    def _parts(self, texts: Iterable[str], batch: int, given: Any) -> Iterator[np.ndarray]:
        """The vectors of `batch` texts at a time; an error counts texts from the first of all."""
        iterator, batch = iter(several(texts)), whole(batch, "batch", 1)
        first = 0
        while part := list(islice(iterator, batch)):
            try:
                yield self.embed(part, **given)
            except MartletError as error:
                error.count_from(first)
                raise
            first += len(part)

    def embed_iter(self, texts: Iterable[str], *, batch: int = BATCH, **given: Any) -> Iterator[np.ndarray]:
        """The vector of each text, in order, computed as they are asked for: the memory is that of a batch."""
        for rows in self._parts(texts, batch, given):
            yield from rows

    async def aembed_iter(self, texts: Iterable[str], *, batch: int = BATCH, **given: Any) -> AsyncIterator[np.ndarray]:
        """`embed_iter` for an event loop: `async for vector in embedder.aembed_iter(texts)`."""
        parts, following = self._parts(texts, batch, given), threaded(next)
        while (rows := await following(parts, None)) is not None:
            for row in rows:
                yield row

    def query(self, text: Union[str, Any], **given: Any) -> np.ndarray:
        """The vector of a question, or of several: the model's prompt for queries, if it has one."""
        return self._one_or_many(text, "query", given)

    def document(self, text: Union[str, Any], **given: Any) -> np.ndarray:
        """The vector of a text to be found, or of several: the model's prompt for documents, if it has one."""
        return self._one_or_many(text, "document", given)

    def _one_or_many(self, text: Any, role: str, given: Any) -> np.ndarray:
        return self.embed([text], role=role, **given)[0] if isinstance(text, str) else self.embed(text, role=role, **given)

    def sparse(
        self, texts: Any, *, role: Optional[str] = None, prompt: Optional[str] = None, max_active_dimensions: Optional[int] = None,
        truncation: Optional[str] = None, progress: ProgressOption = None,
    ) -> List[SparseVector]:
        """Sparse vectors, of a model that makes them, or of `Embedder(bm25={})`."""
        given = options(role=role, prompt=prompt, max_active_dimensions=max_active_dimensions, truncation=truncation)
        offsets, ids, values = self._rows(library.martlet_embed_sparse, texts, given, progress, truncation is None)
        return [SparseVector(*row) for row in split(offsets, ids, values[:, 0])]

    def token_vectors(
        self, texts: Any, *, role: Optional[str] = None, prompt: Optional[str] = None, truncation: Optional[str] = None,
        progress: ProgressOption = None,
    ) -> List[np.ndarray]:
        """A vector for each token of each text, float32 of shape (tokens, dimensions), of a model for late interaction; of a model
        that makes one vector of a text, those that it pools, special tokens included."""
        given = options(role=role, prompt=prompt, truncation=truncation)
        offsets, _, values = self._rows(library.martlet_embed_multi, texts, given, progress, truncation is None)
        return [row for (row,) in split(offsets, values)]

    def chunk(
        self, text: str, *, chunker: str = "auto", max_tokens: Optional[int] = None, overlap: int = 0, name: Optional[str] = None,
        prompt: Optional[str] = None,
    ) -> List[Chunk]:
        """The parts of a text that the model takes whole. `name` is that of its file, which says what kind of text it is."""
        block = text_block([text])
        given = options(chunker=chunker, max_tokens=max_tokens, overlap=overlap, name=name, prompt=prompt)
        found = json_of(library.martlet_chunk, self._handle, byref(block), given)
        return [Chunk(**chunk) for chunk in found]

    def similarity(self, a: Any, b: Any) -> np.ndarray:
        """The similarity that the model was trained for, of each vector of `a` to each of `b`."""
        return similarity(a, b, self.info["similarity"])

    aembed, aquery, adocument = threaded(embed), threaded(query), threaded(document)
    asparse, atoken_vectors, achunk = threaded(sparse), threaded(token_vectors), threaded(chunk)


#: Names of the functions of `similarity`.
SIMILARITIES = ("cosine", "dot", "euclidean", "manhattan")


def function_name(function: Any, argument: str = "function") -> str:
    if function not in SIMILARITIES:
        raise InputError(f"{argument} is {function!r:.60}; expected one of {', '.join(SIMILARITIES)}", "invalid_option")
    return function


def similarity_of_pairs(a: Any, b: Any, function: str) -> np.ndarray:
    """The similarity of each vector of `a` to the one of `b` in the same place; one vector is compared with all."""
    first, second = floats(a, "a"), floats(b, "b")
    if first.shape[1] != second.shape[1] or len(first) != len(second) and 1 not in (len(first), len(second)):
        raise InputError(f"vectors of the shapes {first.shape} and {second.shape} are no pairs", "dimension_mismatch")
    if function_name(function) == "cosine":
        first, second = (side / np.maximum(np.linalg.norm(side, axis=1, keepdims=True), np.float32(1e-12)) for side in (first, second))
    if function in ("cosine", "dot"):
        found = (first * second).sum(axis=1)
    else:
        found = -np.linalg.norm(first - second, ord=2 if function == "euclidean" else 1, axis=1)
    return found.reshape(()) if np.ndim(a) == np.ndim(b) == 1 else found


def similarity(a: Any, b: Any, function: str = "cosine") -> np.ndarray:
    """The similarity of each vector of `a` to each of `b`: "cosine", "dot", "euclidean" or "manhattan"; larger is more alike."""
    first, second = floats(a, "a"), floats(b, "b")
    name = function_name(function)
    if first.shape[1] != second.shape[1]:
        raise InputError(f"vectors of {first.shape[1]} and {second.shape[1]} dimensions cannot be compared", "dimension_mismatch")
    out = np.empty((len(first), len(second)), np.float32)
    call(
        library.martlet_similarity, first.ctypes.data, len(first), second.ctypes.data, len(second), first.shape[1], name.encode(),
        out.ctypes.data, out.size)
    return out
