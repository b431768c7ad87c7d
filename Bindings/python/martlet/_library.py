"""The C library by ctypes: structures, errors, and texts as one block of UTF-8 with offsets. martlet.h documents every function."""
from __future__ import annotations

import ctypes
import json
import os
import sys
import threading
from contextlib import contextmanager, nullcontext
from ctypes import CFUNCTYPE, POINTER, byref, c_char_p, c_int32, c_int64, c_size_t, c_uint64, c_void_p
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Union

import numpy as np

ABI_VERSION = 1


class MartletError(Exception):
    """What went wrong. `code` is for programs; `index` is the text at fault, `file` the file, `remedy` what to do, as data."""

    def __init__(self, message: str, code: str = "", index: Optional[int] = None, file: Optional[str] = None, remedy: Any = None):
        super().__init__(message)
        self.code, self.index, self.file, self.remedy = code, index, file, remedy

    def __str__(self) -> str:
        return str(self.args[0])

    def __reduce__(self):
        return type(self), (self.args[0], self.code, self.index, self.file, self.remedy)


class InputError(MartletError, ValueError):
    """A text, a record or an argument cannot be used."""


class InputTypeError(MartletError, TypeError):
    """A text is not a str."""


class ModelError(MartletError, RuntimeError):
    """The model's files are malformed, or the model does something else than what was asked for."""


class NotFoundError(MartletError, FileNotFoundError):
    """No model or collection is there."""


class FileError(MartletError, OSError):
    """The system refused to read or write a file, or a file is damaged."""


class BusyError(MartletError, RuntimeError):
    """Another writer has the collection."""


class TruncationWarning(UserWarning):
    """Texts were cut because they have more tokens than the model takes."""


_KINDS = {1: InputError, 2: InputError, 3: InputError, 4: ModelError, 5: NotFoundError, 6: InputError, 7: FileError, 8: BusyError}


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


_Report = CFUNCTYPE(c_int32, c_void_p, c_int64, c_int64)


class _Progress(ctypes.Structure):
    _fields_ = [("report", _Report), ("context", c_void_p)]


def _load() -> ctypes.CDLL:
    path = os.environ.get("MARTLET_LIBRARY") or os.path.join(os.path.dirname(__file__), "libmartlet.so.1")
    library = ctypes.CDLL(path)
    if library.martlet_abi_version() != ABI_VERSION:
        raise ImportError(f"{path} has the interface {library.martlet_abi_version()}; this package needs {ABI_VERSION}")
    texts, progress, usage, error = POINTER(Texts), POINTER(_Progress), POINTER(Usage), POINTER(POINTER(_Error))
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
        value = remedy.get("value", remedy.get("choices"))
        message += f" (pass {remedy['option']}={'…' if value is None else repr(value)})"
    raised = _KINDS.get(found.status, MartletError)(
        message, found.code.decode(), None if found.index < 0 else found.index, found.file and os.fsdecode(found.file), remedy)
    library.martlet_error_free(error)
    raise raised


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


def options(**values: Any) -> Optional[bytes]:
    """Options as JSON; None stands for the default."""
    given = {name: value for name, value in values.items() if value is not None}
    return json.dumps(given).encode() if given else None


def text_block(texts: Any) -> Texts:
    """Texts for the library. Columns of Arrow are not copied."""
    if isinstance(texts, (str, bytes)):
        raise InputTypeError(f"texts are a {type(texts).__name__}; pass a list of str", "invalid_input")
    module = type(texts).__module__.partition(".")[0]
    if module == "polars":
        return _arrow_block(texts.to_arrow())
    if module == "pyarrow":
        return _arrow_block(texts)
    if module == "pandas" and "pyarrow" in str(getattr(texts.dtype, "storage", texts.dtype)):
        import pyarrow

        return _arrow_block(pyarrow.array(texts))
    texts = texts if isinstance(texts, list) else list(texts)
    try:
        joined = "".join(texts)
        block = joined.encode()
    except (TypeError, UnicodeEncodeError):
        raise _bad_text(texts) from None
    if len(texts) == 1:
        pair = (c_int64 * 2)(0, len(block))
        return _texts(block, len(block), ctypes.addressof(pair), 1, (block, pair))
    lengths: Iterable[int] = map(len, texts) if len(block) == len(joined) else (len(text.encode()) for text in texts)
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter(lengths, np.int64, len(texts)), out=offsets[1:])
    return _texts(block, len(block), offsets.ctypes.data, len(texts), (block, offsets))


def _texts(block: Any, size: int, offsets: Optional[int], count: int, memory: Any) -> Texts:
    texts = Texts(ctypes.cast(block, c_void_p) if isinstance(block, bytes) else block, size, offsets, count)
    texts.memory = memory
    return texts


def _bad_text(texts: list) -> MartletError:
    for index, text in enumerate(texts):
        if not isinstance(text, str):
            return InputTypeError(f"text {index} is {text!r:.40} of type {type(text).__name__}; expected a str", "invalid_input", index)
        try:
            text.encode()
        except UnicodeEncodeError as error:
            return InputError(
                f"text {index} has a lone surrogate at character {error.start}; it is not Unicode text", "invalid_input", index)
    return InputError("the texts cannot be encoded", "invalid_input")


def _arrow_block(texts: Any) -> Texts:
    import pyarrow

    if isinstance(texts, pyarrow.ChunkedArray):
        texts = texts.chunk(0) if texts.num_chunks == 1 else texts.combine_chunks()
    if texts.null_count:
        index = int(np.argmax(texts.is_null().to_numpy(zero_copy_only=False)))
        raise InputTypeError(f"text {index} is null; expected a str", "invalid_input", index)
    if str(texts.type) not in ("string", "large_string", "string_view", "null"):
        raise InputTypeError(f"a column of {texts.type}; expected strings", "invalid_input")
    # Copies 32-bit offsets at most, never text.
    texts = texts.cast(pyarrow.large_string())
    _, offsets, block = texts.buffers()
    if len(texts) == 0 or offsets is None:
        return Texts()
    return _texts(block and block.address, block.size if block else 0, offsets.address + 8 * texts.offset, len(texts), texts)


ProgressOption = Union[None, bool, Callable[[int, int], None]]


#: Texts of a call that takes a fraction of a second: it needs neither Ctrl-C nor progress.
SHORT_CALL = 64
_NOTHING = nullcontext()


def reporting(count: int, progress: ProgressOption = None, description: str = "embedding") -> Any:
    """Lets Python run between the parts of a long call: with reporting(count, progress) as pointer: call(…, pointer, …)"""
    return _reporting(count, progress, description) if progress or count > SHORT_CALL else _NOTHING


@contextmanager
def _reporting(count: int, progress: ProgressOption, description: str) -> Iterator[Any]:
    bar: Any = None
    raised: List[BaseException] = []
    if progress is True:
        from tqdm.auto import tqdm

        bar = tqdm(total=count, desc=description)

    def report(_: Any, done: int, total: int) -> int:
        try:
            if bar is not None:
                bar.total = total
                bar.update(done - bar.n)
            if callable(progress):
                progress(done, total)
        except BaseException as error:  # KeyboardInterrupt, too: it must not be lost inside a C call.
            raised.append(error)
        return len(raised)

    def unraisable(found: Any) -> None:
        # Ctrl-C between the C library and the first line of `report`.
        if issubclass(found.exc_type, KeyboardInterrupt):
            raised.append(KeyboardInterrupt())
        else:
            hook(found)

    structure = _Progress(_Report(report), None)
    hook, is_main = sys.unraisablehook, threading.current_thread() is threading.main_thread()
    try:
        if is_main:
            sys.unraisablehook = unraisable
        yield byref(structure)
    finally:
        if is_main:
            sys.unraisablehook = hook
        if bar is not None:
            bar.close()
        if raised:
            raise raised[0] from None


def default_threads() -> Optional[int]:
    """OMP_NUM_THREADS, at most the cores that the process may use; None leaves the choice to the library, which honours affinity and quota."""
    text = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    if not text.isdigit() or int(text) < 1:
        return None
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return min(int(text), cores)


def floats(array: Any, name: str) -> np.ndarray:
    """A row-major matrix of float32; a vector is one row."""
    matrix = np.ascontiguousarray(array, np.float32)
    matrix = matrix[None] if matrix.ndim == 1 else matrix
    if matrix.ndim != 2:
        raise InputError(f"{name} has {matrix.ndim} axes; expected a vector or a matrix", "invalid_argument")
    return matrix
