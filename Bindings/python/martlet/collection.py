"""Records on disk, searched by vectors and by words."""
from __future__ import annotations

import json
import os
import weakref
from ctypes import byref, c_int64, c_uint64
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple, Union

from ._library import InputError, ProgressOption, reporting, call, json_of, library, options, text_block
from ._model import _close
from .embedder import Embedder


@dataclass(frozen=True)
class Hit:
    """A record that a search found. `score` orders hits; the others say where it comes from."""

    id: str
    text: str
    score: float
    similarity: Optional[float]
    vector_rank: Optional[int]
    word_score: Optional[float]
    word_rank: Optional[int]
    terms: Dict[str, float]
    fields: Dict[str, Any]


class Collection:
    """A folder of records with their vectors, made if it is missing. `martlet search` reads the same folders.

    What `add` was given is on disk when it returns. One process writes at a time; any number read."""

    def __init__(
        self, path: Union[str, "os.PathLike[str]"], embedder: Optional[Embedder] = None, *, create: bool = True,
        similarity: Optional[str] = None, store: Optional[str] = None, language: Optional[str] = None,
    ):
        self.path = os.fspath(path)
        self.embedder = embedder or Embedder()
        self._arguments = dict(create=create, similarity=similarity, store=store, language=language)
        handle = c_uint64()
        call(library.martlet_collection_open, os.fsencode(self.path), self.embedder._handle, options(**self._arguments), byref(handle))
        self._handle = handle.value
        self._finalizer = weakref.finalize(self, _close, self._handle)

    @property
    def info(self) -> Dict[str, Any]:
        return json_of(library.martlet_info, self._handle)

    def __len__(self) -> int:
        return self.info["records"]

    def add(
        self, texts: Any, *, ids: Optional[Sequence[str]] = None, fields: Optional[Sequence[Optional[Dict[str, Any]]]] = None,
        progress: ProgressOption = None,
    ) -> List[str]:
        """Adds texts and returns their ids. A record with the id of another replaces it; without ids each follows from its text."""
        texts = texts if ids is not None else list(texts)
        block = text_block(texts)
        names = list(ids) if ids is not None else _ids(texts)
        if len(names) != block.count:
            raise InputError(f"{len(names)} ids for {block.count} texts", "invalid_argument")
        name_block = text_block(names)
        given = None if fields is None else json.dumps(list(fields), allow_nan=False).encode()
        with reporting(block.count, progress, "adding") as pointer:
            call(library.martlet_collection_add, self._handle, byref(name_block), byref(block), given, pointer, None)
        return names

    def remove(self, ids: Sequence[str]) -> int:
        """Removes records and returns how many there were."""
        block = text_block(list(ids))
        removed = c_int64()
        call(library.martlet_collection_remove, self._handle, byref(block), byref(removed))
        return removed.value

    def search(
        self, query: Union[str, Sequence[str]], count: int = 10, *, mode: Optional[str] = None, fusion: Optional[str] = None,
        filter: Optional[str] = None, exact: Optional[bool] = None, candidates: Optional[int] = None, group: Optional[str] = None,
        diversity: Optional[float] = None,
    ) -> List[Hit]:
        """The records that answer a query best; several queries are fused. `mode` is "hybrid", "vectors" or "words"."""
        block = text_block([query] if isinstance(query, str) else list(query))
        given = options(
            count=count, mode=mode, fusion=fusion, filter=filter, exact=exact, candidates=candidates, group=group, diversity=diversity)
        hits = json_of(library.martlet_collection_search, self._handle, byref(block), given)
        return [Hit(**hit) for hit in hits]

    def query(
        self, text: str, threshold: float, *, id: Optional[str] = None, fields: Optional[Dict[str, Any]] = None, count: int = 10,
    ) -> Tuple[List[Hit], Optional[str]]:
        """The records at least as similar as `threshold`; if there are none, the text is added and its id returned."""
        block = text_block([text])
        given = options(threshold=threshold, id=id, fields=fields, count=count)
        found = json_of(library.martlet_collection_query, self._handle, byref(block), given)
        return [Hit(**hit) for hit in found["hits"]], found["added"]

    def close(self) -> None:
        """Ends the writing, so that another process may write."""
        self._finalizer()

    def __enter__(self) -> "Collection":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def __reduce__(self):
        return _reopen, (self.path, self.embedder, self._arguments)


def _ids(texts: Sequence[str]) -> List[str]:
    from hashlib import blake2b

    return [blake2b(text.encode(), digest_size=16).hexdigest() for text in texts]


def _reopen(path: str, embedder: Embedder, arguments: Dict[str, Any]) -> Collection:
    return Collection(path, embedder, **arguments)
