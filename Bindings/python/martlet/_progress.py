"""Progress of a long call, and its end by Ctrl-C."""
from __future__ import annotations

import sys
import threading
from contextlib import contextmanager, nullcontext
from ctypes import byref
from typing import Any, Callable, Iterator, List, Union

from ._library import Progress, Report, Texts
from .errors import InputTypeError

ProgressOption = Union[None, bool, Callable[[int, int], None]]
#: Texts, and bytes, of a call that takes a fraction of a second: it needs neither Ctrl-C nor progress.
SHORT_CALL, SHORT_SIZE = 64, 1 << 15
_NOTHING = nullcontext()


def reporting(block: Texts, progress: ProgressOption = None, description: str = "embedding") -> Any:
    """Lets Python run between the parts of a long call: with reporting(block, progress) as pointer: call(…, pointer, …)"""
    if progress is None or progress is False:
        return _NOTHING if block.count <= SHORT_CALL and block.size <= SHORT_SIZE else _reporting(block.count, None, description)
    if progress is not True and not callable(progress):
        raise InputTypeError(f"progress is {progress!r:.40}; expected True, or a function of texts done and all", "invalid_option")
    return _reporting(block.count, progress, description)


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

    structure = Progress(Report(report), None)
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
            # Nothing that the frames of its traceback hold may hold the exception: Python does not see through what ctypes keeps.
            error = raised[0]
            raised.clear()
            try:
                raise error from None
            finally:
                del error
