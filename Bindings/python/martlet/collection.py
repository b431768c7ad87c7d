"""Records on disk, searched by vectors and by words."""
from __future__ import annotations

from ctypes import byref, c_int64, c_uint64
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple, Union

from ._library import Usage, call, json_bytes, json_of, library, options, path_bytes
from ._model import Handle, threaded, warn
from ._progress import ProgressOption, reporting
from ._texts import listed, text_block
from .embedder import Embedder
from .errors import InputError, InputTypeError


class Hit(NamedTuple):
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


class Collection(Handle):
    """A folder of records with their vectors, made if it is missing. `martlet search` reads the same folders.

    What `add` was given is on disk when it returns. One process writes at a time, until it closes the collection; any number read."""

    def __init__(
        self, path: Any, embedder: Optional[Embedder] = None, *, create: bool = True, similarity: Optional[str] = None,
        store: Optional[str] = None, language: Optional[str] = None,
    ):
        if embedder is not None and not isinstance(embedder, Embedder):
            raise InputTypeError(f"embedder is {embedder!r:.60} of type {type(embedder).__name__}; pass an Embedder", "invalid_argument")
        self.path, self.embedder = path, embedder or Embedder()
        self._arguments = dict(create=create, similarity=similarity, store=store, language=language)
        handle = c_uint64()
        call(library.martlet_collection_open, path_bytes(path), self.embedder._handle, options(**self._arguments), byref(handle))
        super().__init__(handle.value)

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
        texts = listed(texts) if ids is None else texts
        block = text_block(texts)
        names = _ids(texts) if ids is None else listed(ids, "id")
        if len(names) != block.count:
            raise InputError(f"{len(names)} ids for {block.count} texts", "invalid_argument")
        name_block = text_block(names, "id")
        given = None
        if fields is not None:
            given = b"[" + b",".join(json_bytes(row, f"fields of text {index}", index) for index, row in enumerate(fields)) + b"]"
        usage = Usage()
        with reporting(block, progress, "adding") as pointer:
            call(library.martlet_collection_add, self._handle, byref(name_block), byref(block), given, pointer, byref(usage))
        warn(usage, block.count, self.embedder.info, advice="")
        return names

    def remove(self, ids: Sequence[str]) -> int:
        """Removes records and returns how many there were."""
        block = text_block(ids, "id")
        removed = c_int64()
        call(library.martlet_collection_remove, self._handle, byref(block), byref(removed))
        return removed.value

    def search(
        self, query: Union[str, Sequence[str]], count: int = 10, *, mode: Optional[str] = None, fusion: Optional[str] = None,
        filter: Optional[str] = None, exact: Optional[bool] = None, candidates: Optional[int] = None, group: Optional[str] = None,
        diversity: Optional[float] = None,
    ) -> List[Hit]:
        """The records that answer a query best; several queries are fused. `mode` is "hybrid", "vectors" or "words"."""
        block = text_block([query] if isinstance(query, str) else query, "query")
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

    aadd, asearch, aquery = threaded(add), threaded(search), threaded(query)

    def __reduce__(self):
        return _reopen, (self.path, self.embedder, self._arguments)


def _ids(texts: Sequence[str]) -> List[str]:
    from hashlib import blake2b

    return [blake2b(text.encode(), digest_size=16).hexdigest() for text in texts]


def _reopen(path: Any, embedder: Embedder, arguments: Dict[str, Any]) -> Collection:
    return Collection(path, embedder, **arguments)
