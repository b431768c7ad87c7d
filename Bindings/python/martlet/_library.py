"""The C library by ctypes; martlet.h documents every function."""
from __future__ import annotations

import ctypes
import json
import os
import sys
from ctypes import CFUNCTYPE, POINTER, byref, c_char_p, c_int32, c_int64, c_size_t, c_uint64, c_void_p
from typing import Any, Callable, Dict, List, Optional

import numpy as np

from .errors import KINDS, InputError, InputTypeError, MartletError

ABI_VERSION = 1


class _Error(ctypes.Structure):
    _fields_ = [("status", c_int32), ("code", c_char_p), ("message", c_char_p), ("remedy", c_char_p), ("file", c_char_p), ("index", c_int64)]


class Texts(ctypes.Structure):
    """Texts as martlet.h has them; `memory` is what must live as long."""

    memory: Any = None
    _fields_ = [("bytes", c_void_p), ("size", c_size_t), ("offsets", c_void_p), ("count", c_size_t)]


class Usage(ctypes.Structure):
    _fields_ = [("tokens", c_int64), ("truncated", c_int64), ("blank", c_int64), ("truncated_texts", c_void_p)]


class Rows(ctypes.Structure):
    _fields_ = [("count", c_size_t), ("width", c_size_t), ("offsets", c_void_p), ("ids", c_void_p), ("values", c_void_p)]


Report = CFUNCTYPE(c_int32, c_void_p, c_int64, c_int64)


class Progress(ctypes.Structure):
    _fields_ = [("report", Report), ("context", c_void_p)]


def _load() -> ctypes.CDLL:
    path = os.environ.get("MARTLET_LIBRARY") or os.path.join(os.path.dirname(__file__), "libmartlet.so.1")
    library = ctypes.CDLL(path)
    if library.martlet_abi_version() != ABI_VERSION:
        raise ImportError(f"{path} has the interface {library.martlet_abi_version()}; this package needs {ABI_VERSION}")
    texts, progress, usage, error = POINTER(Texts), POINTER(Progress), POINTER(Usage), POINTER(POINTER(_Error))
    handle, out, text, size = c_uint64, c_void_p, c_char_p, c_size_t
    signatures: Any = {
        "open": [text, text, progress, POINTER(handle)],
        "info": [handle, POINTER(c_void_p)],
        "fingerprint": [handle, POINTER(c_void_p)],
        "known_models": [POINTER(c_void_p)],
        "close": [handle],
        "embed": [handle, texts, text, progress, out, size, usage],
        "embed_sparse": [handle, texts, text, progress, POINTER(POINTER(Rows)), usage],
        "embed_multi": [handle, texts, text, progress, POINTER(POINTER(Rows)), usage],
        "count_tokens": [handle, texts, text, out, size],
        "rerank": [handle, texts, texts, text, progress, out, size, usage],
        "predict": [handle, texts, texts, text, progress, out, size, usage],
        "similarity": [out, size, out, size, size, text, out, size],
        "chunk": [handle, texts, text, POINTER(c_void_p)],
        "collection_open": [text, handle, text, POINTER(handle)],
        "collection_add": [handle, texts, texts, text, progress, usage],
        "collection_remove": [handle, texts, POINTER(c_int64)],
        "collection_search": [handle, texts, text, POINTER(c_void_p)],
        "collection_query": [handle, texts, text, POINTER(c_void_p)],
    }
    for name, arguments in signatures.items():
        function = getattr(library, f"martlet_{name}")
        function.argtypes, function.restype = arguments + [error], c_int32
    library.martlet_version.restype = c_char_p
    for name in ("error", "string", "rows"):
        function = getattr(library, f"martlet_{name}_free")
        function.argtypes, function.restype = [c_void_p], None
    return library


library = _load()


def call(function: Callable[..., int], *arguments: Any) -> None:
    """Calls a function of the library and raises its error."""
    error = POINTER(_Error)()
    if function(*arguments, byref(error)) == 0:
        return
    found = error.contents
    remedy = json.loads(found.remedy) if found.remedy else None
    message = found.message.decode()
    if remedy and "option" in remedy:
        choices = [remedy["value"]] if "value" in remedy else remedy.get("choices") or []
        message += f" (pass {remedy['option']}={' or '.join(map(repr, choices)) or '…'})"
    kind = KINDS.get(found.status, MartletError)
    arguments = message, found.code.decode(), None if found.index < 0 else found.index, found.file and os.fsdecode(found.file), remedy
    library.martlet_error_free(error)
    # Not by a name of this frame, which the exception holds: nobody would free the two before the next collection of garbage.
    raise kind(*arguments)


def string_of(function: Callable[..., int], *arguments: Any) -> str:
    """The text that a function stores."""
    place = c_void_p()
    call(function, *arguments, byref(place))
    try:
        return ctypes.string_at(place.value or 0).decode()
    finally:
        library.martlet_string_free(place)


def json_of(function: Callable[..., int], *arguments: Any) -> Any:
    return json.loads(string_of(function, *arguments))


def known_models() -> List[Dict[str, Any]]:
    """What is published of the models that are known by name: name, repository, kind, dimensions, max_tokens, license and more."""
    return json_of(library.martlet_known_models)


def _of_numpy(value: Any) -> Any:
    """A number or a bool of numpy as Python's."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{value!r:.60} is of type {type(value).__name__}")


def json_bytes(value: Any, name: str, index: Optional[int] = None) -> bytes:
    """A value as JSON, in which NaN is an error."""
    try:
        return json.dumps(value, allow_nan=False, default=_of_numpy).encode()
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} cannot be written as JSON: {error}", "invalid_argument", index) from None


def options(**values: Any) -> Optional[bytes]:
    """Options as JSON; None stands for the default."""
    given = {name: value for name, value in values.items() if value is not None}
    return json_bytes(given, "the options") if given else None


def whole(value: Any, name: str, least: int, most: Optional[int] = None) -> int:
    """An integer of Python or numpy within limits."""
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least or (most is not None and value > most):
        limits = f"an integer from {least} on" if most is None else f"an integer from {least} to {most}"
        raise InputError(f"{name} is {value!r:.60}; expected {limits}", "invalid_option")
    return int(value)


def path_bytes(path: Any, name: str = "path") -> bytes:
    """A path or a name for the library."""
    try:
        found = os.fsencode(path)
    except TypeError:
        raise InputTypeError(f"{name} is {path!r:.60} of type {type(path).__name__}; expected a str or a path", "invalid_argument") from None
    except UnicodeEncodeError:
        raise InputError(f"{name} {path!r:.60} has a lone surrogate; it is not Unicode text", "invalid_argument") from None
    if b"\0" in found:
        raise InputError(f"{path!r:.60} has a NUL character", "invalid_argument")
    return found


def default_threads() -> Optional[int]:
    """OMP_NUM_THREADS, at most the cores that the process may use; None leaves the choice to the library, which honours affinity and quota."""
    text = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    if not text.isdigit() or int(text) < 1:
        return None
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return min(int(text), cores)


def floats(array: Any, name: str) -> np.ndarray:
    """A row-major matrix of float32; a vector is one row."""
    try:
        numbers = np.asarray(array)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} is no matrix of numbers: {error}", "invalid_argument") from None
    if numbers.dtype.kind not in "biuf":
        raise InputError(f"{name} is {array!r:.60}; expected a matrix of numbers", "invalid_argument")
    matrix = np.ascontiguousarray(numbers, np.float32)
    matrix = matrix[None] if matrix.ndim == 1 else matrix
    if matrix.ndim != 2:
        raise InputError(f"{name} has {matrix.ndim} axes; expected a vector or a matrix", "invalid_argument")
    return matrix
