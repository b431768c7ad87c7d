"""What all models share: opening, closing, pickling, and the calls of the library over texts."""
from __future__ import annotations

import ctypes
import sys
import warnings
import weakref
from ctypes import POINTER, byref, c_uint64
from functools import wraps
from typing import Any, Awaitable, Callable, Dict, List, Optional, TypeVar, cast

import numpy as np

from . import _library
from ._library import Rows, Texts, Usage, call, library, options
from ._progress import ProgressOption, reporting
from ._texts import parts, text_block
from .errors import InputError, MartletError, TruncationWarning

T = TypeVar("T")
#: Names of the model inside the library.
BUILT_IN = {"all-minilm-l6-v2", "sentence-transformers/all-minilm-l6-v2", "all-minilm", "minilm"}


class Handle:
    """A model or a collection of the library, until it is closed."""

    def __init__(self, handle: int):
        self._handle = handle
        self._finalizer = weakref.finalize(self, library.martlet_close, handle, None)

    def close(self) -> None:
        """Closes it; later calls raise. It is closed with its last reference, too."""
        self._finalizer()

    def __enter__(self: T) -> T:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def threaded(method: Callable[..., T]) -> Callable[..., Awaitable[T]]:
    """The same on a thread of its own, for an event loop."""

    @wraps(method)
    async def call(*arguments: Any, **options: Any) -> T:
        # Imported here: it takes as long as a third of numpy.
        import asyncio

        return await asyncio.to_thread(method, *arguments, **options)

    return call


class Model(Handle):
    """A loaded model. Safe to use from several threads; it pickles as its arguments and is loaded again where it is unpickled."""

    def __init__(
        self, model: Optional[str] = None, *, kind: Optional[str] = None, precision: Optional[str] = None, threads: Optional[int] = None,
        pooling: Optional[str] = None, max_tokens: Optional[int] = None, task: Optional[str] = None, instruction_set: Optional[str] = None,
        max_batch_tokens: Optional[int] = None, weight_cache: Optional[str] = None, bm25: Optional[Dict[str, Any]] = None,
        bm42: Optional[Dict[str, Any]] = None, progress: ProgressOption = None,
    ):
        self._name = model
        self._arguments = dict(
            kind=kind, precision=precision, threads=threads, pooling=pooling, max_tokens=max_tokens, task=task,
            instruction_set=instruction_set, max_batch_tokens=max_batch_tokens, weight_cache=weight_cache, bm25=bm25, bm42=bm42)
        given = dict(self._arguments, threads=_library.default_threads() if threads is None else threads)
        if model is not None and bm25 is not None:
            raise InputError(f"bm25 reads no model; leave out {str(model)!r:.60}", "invalid_option")
        source = None if model is None or str(model).lower() in BUILT_IN else _library.path_bytes(model, "model")
        handle = c_uint64()
        with reporting(Texts(), progress, "loading") as pointer:
            call(library.martlet_open, source, options(**given), pointer, byref(handle))
        super().__init__(handle.value)
        #: What the model is and how it runs.
        self.info: Dict[str, Any] = _library.json_of(library.martlet_info, self._handle)

    @property
    def fingerprint(self) -> str:
        """Equal for models whose vectors may be compared: to store with them. The first call may read the model's files."""
        return _library.string_of(library.martlet_fingerprint, self._handle)

    def reopened(self: T, **changed: Any) -> T:
        """The same model, loaded with other arguments."""
        return type(self)(self._name, **{**self._arguments, **changed})  # type: ignore[attr-defined, call-arg]

    def count_tokens(self, texts: Any, *, role: Optional[str] = None, prompt: Optional[str] = None) -> np.ndarray:
        """Tokens of each text as the model reads it, before any cut."""
        block, given = text_block(texts), options(role=role, prompt=prompt)
        counts = np.empty(block.count, np.int64)
        first = 0
        # In between, Ctrl-C ends the call.
        for part in parts(block):
            place = counts[first:]
            try:
                call(library.martlet_count_tokens, self._handle, byref(part), given, place.ctypes.data, place.size)
            except MartletError as error:
                error.count_from(first)
                raise
            first += part.count
        return counts

    def __reduce__(self):
        return _reopen, (type(self), self._name, self._arguments)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.info['name']!r}: {self.info['pipeline']})"

    def _fill(self, function: Any, out: np.ndarray, block: Any, *arguments: Any, progress: ProgressOption, warns: bool) -> np.ndarray:
        """Calls a function that writes a row for each text of `block`."""
        usage = Usage()
        with reporting(block, progress) as pointer:
            call(function, self._handle, *arguments, pointer, out.ctypes.data, out.size, byref(usage))
        if warns:
            warn(usage, block.count, self.info)
        return out

    def _rows(self, function: Any, texts: Any, given: Optional[bytes], progress: ProgressOption, warns: bool) -> "tuple[Any, Any, Any]":
        """Offsets, ids and values [entries × width] of a function that returns rows."""
        block = text_block(texts)
        rows, usage = POINTER(Rows)(), Usage()
        with reporting(block, progress) as pointer:
            call(function, self._handle, byref(block), given, pointer, byref(rows), byref(usage))
        try:
            found = rows.contents
            offsets = _copy(found.offsets, found.count + 1, np.int64)
            entries = int(offsets[-1])
            values = _copy(found.values, entries * found.width, np.float32).reshape(entries, found.width)
            ids = _copy(found.ids, entries, np.int64)
        finally:
            library.martlet_rows_free(rows)
        if warns:
            warn(usage, block.count, self.info)
        return offsets, ids, values


def warn(usage: Usage, count: int, info: Dict[str, Any], advice: str = ", or pass truncation='error' or 'end'") -> None:
    """Tells of texts that were cut, at the line that called into this package."""
    if not usage.truncated:
        return
    level, frame = 1, cast(Any, sys._getframe())
    package = __name__.partition(".")[0]
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == package:
        level, frame = level + 1, frame.f_back
    warnings.warn(
        f"{usage.truncated} of {count} texts have more than {info['max_tokens']} tokens and were cut; cut them into chunks{advice}",
        TruncationWarning, stacklevel=level)


def _reopen(kind: type, name: Optional[str], arguments: Dict[str, Any]) -> Model:
    return kind(name, **{key: value for key, value in arguments.items() if value is not None})


def _copy(address: Optional[int], count: int, kind: Any) -> np.ndarray:
    if not count or not address:
        return np.empty(0, kind)
    size = count * np.dtype(kind).itemsize
    return np.frombuffer(ctypes.string_at(address, size), kind).copy()


def split(offsets: np.ndarray, *arrays: np.ndarray) -> List[Any]:
    """The rows of arrays: views."""
    bounds = offsets.tolist()
    return [tuple(array[start:end] for array in arrays) for start, end in zip(bounds, bounds[1:])]
