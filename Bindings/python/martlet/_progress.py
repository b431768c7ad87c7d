"""Progress of a long call, and its end by Ctrl-C."""
from __future__ import annotations

import sys
import threading
from contextlib import contextmanager, nullcontext
from ctypes import byref
from typing import Any, Callable, Iterator, List, Union

from ._library import Progress, Report

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
            raise raised[0] from None
