"""Texts as one block of UTF-8 with 64-bit offsets: the layout of Arrow's `large_string`."""
from __future__ import annotations

import ctypes
from ctypes import c_int64, c_void_p
from typing import Any, Iterable, Iterator, Optional

import numpy as np

from ._library import Texts
from .errors import InputError, InputTypeError, MartletError


def text_block(texts: Any, name: str = "text") -> Texts:
    """Texts for the library; errors call them by `name`. Columns of Arrow are not copied."""
    module = type(texts).__module__.partition(".")[0]
    if module in ("pandas", "polars", "pyarrow") and type(texts).__name__ in ("DataFrame", "LazyFrame", "Table", "RecordBatch"):
        raise InputTypeError(f"{name}s are a {type(texts).__name__}; pass one of its columns", "invalid_input")
    if module == "polars":
        return _arrow_block(texts.to_arrow(), name)
    if module == "pyarrow" and hasattr(texts, "null_count"):
        return _arrow_block(texts, name)
    kind = getattr(texts, "dtype", None)
    if module == "pandas" and "pyarrow" in str(getattr(kind, "storage", kind)):
        import pyarrow

        return _arrow_block(pyarrow.array(texts), name)
    texts = listed(texts, name)
    try:
        joined = "".join(texts)
        block = joined.encode()
    except (TypeError, UnicodeEncodeError):
        raise _bad_text(texts, name) from None
    if len(texts) == 1:
        pair = (c_int64 * 2)(0, len(block))
        return _texts(block, len(block), ctypes.addressof(pair), 1, (block, pair))
    lengths: Iterable[int] = map(len, texts) if len(block) == len(joined) else (len(text.encode()) for text in texts)
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter(lengths, np.int64, len(texts)), out=offsets[1:])
    return _texts(block, len(block), offsets.ctypes.data, len(texts), (block, offsets))


def several(texts: Any, name: str = "text", item: str = "str") -> Any:
    """What can be iterated, and is not a text itself."""
    if isinstance(texts, (str, bytes)) or not hasattr(texts, "__iter__"):
        plural = "queries" if name == "query" else f"{name}s"
        raise InputTypeError(f"{plural} are {texts!r:.40} of type {type(texts).__name__}; pass a list of {item}", "invalid_input")
    return texts


def listed(texts: Any, name: str = "text", item: str = "str") -> list:
    """Texts as a list."""
    several(texts, name, item)
    if isinstance(texts, list):
        return texts
    return texts.to_pylist() if hasattr(texts, "to_pylist") else list(texts)


#: Bytes that `parts` takes at a time: counting their tokens takes a tenth of a second.
_PART = 1 << 19


def parts(block: Texts) -> Iterator[Texts]:
    """A block as smaller ones over the same memory."""
    if not block.count:
        yield block
        return
    offsets = (c_int64 * (block.count + 1)).from_address(block.offsets)
    first = 0
    while first < block.count:
        last = first + 1
        while last < block.count and last - first < 4096 and offsets[last + 1] - offsets[first] <= _PART:
            last += 1
        yield _texts(block.bytes, block.size, block.offsets + 8 * first, last - first, block)
        first = last


def _texts(block: Any, size: int, offsets: Optional[int], count: int, memory: Any) -> Texts:
    address = ctypes.cast(block, c_void_p) if isinstance(block, bytes) else block  # type: ignore[arg-type]
    texts = Texts(address, size, offsets, count)
    texts.memory = memory
    return texts


def _bad_text(texts: list, name: str) -> MartletError:
    for index, text in enumerate(texts):
        if not isinstance(text, str):
            return InputTypeError(f"{name} {index} is {text!r:.40} of type {type(text).__name__}; expected a str", "invalid_input", index)
        try:
            text.encode()
        except UnicodeEncodeError as error:
            return InputError(
                f"{name} {index} has a lone surrogate at character {error.start}; it is not Unicode text", "invalid_input", index)
    return InputError(f"the {name}s cannot be encoded", "invalid_input")


def _arrow_block(texts: Any, name: str) -> Texts:
    import pyarrow

    if isinstance(texts, pyarrow.ChunkedArray):
        texts = texts.chunk(0) if texts.num_chunks == 1 else texts.combine_chunks()
    if texts.null_count:
        index = int(np.argmax(texts.is_null().to_numpy(zero_copy_only=False)))
        raise InputTypeError(f"{name} {index} is null; expected a str", "invalid_input", index)
    if str(texts.type) not in ("string", "large_string", "string_view", "null"):
        raise InputTypeError(f"a column of {texts.type}; expected strings", "invalid_input")
    # Copies 32-bit offsets at most, never text.
    texts = texts.cast(pyarrow.large_string())
    _, offsets, block = texts.buffers()
    if len(texts) == 0 or offsets is None:
        return Texts()
    return _texts(block and block.address, block.size if block else 0, offsets.address + 8 * texts.offset, len(texts), texts)
