"""What can go wrong: every error is a MartletError, and the exception that Python has for it."""
from __future__ import annotations

from typing import Any, Optional


class MartletError(Exception):
    """What went wrong. `code` is for programs; `index` is the text at fault, `file` the file, `remedy` what to do, as data."""

    def __init__(self, message: str, code: str = "", index: Optional[int] = None, file: Optional[str] = None, remedy: Any = None):
        super().__init__(message)
        self.code, self.index, self.file, self.remedy = code, index, file, remedy

    def count_from(self, first: int) -> None:
        """The place of the text among all, of which the call had those from `first` on."""
        if first and self.index is not None:
            self.index += first
            self.args = (f"{self.args[0]} (text {self.index} of the sequence)",)

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


#: By the status of a call of the library.
KINDS = {1: InputError, 2: InputError, 3: InputError, 4: ModelError, 5: NotFoundError, 6: InputError, 7: FileError, 8: BusyError}
