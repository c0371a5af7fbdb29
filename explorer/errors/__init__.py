"""The errors a user can meet. Each says the contract, what was given, where, and what to write instead."""

from __future__ import annotations

import linecache
import os
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A piece of source text: file, line (1-based), column and end column (0-based), and the line's text."""

    file: str
    line: int
    column: int = 0
    end_column: int = 0
    text: str = ""

    def caret(self) -> str:
        """The source line with a caret under the piece meant; empty where the text is not known."""
        if not self.text:
            return ""
        stripped = self.text.lstrip()
        shift = len(self.text) - len(stripped)
        start = max(self.column - shift, 0)
        width = max(self.end_column - self.column, 1)
        width = min(width, max(len(stripped.rstrip()) - start, 1))
        return f"    {stripped.rstrip()}\n    {' ' * start}{'^' * width}"

    @property
    def shown(self) -> str:
        """``file:line``, the file as one would name it from here."""
        return f"{shown_file(self.file)}:{self.line}"


def place_at(file: str, line: int, start: int, end: int | None) -> Place:
    """The place between two columns, counted in bytes of UTF-8 as Python's parser and compiler do; None: to the end."""
    text = linecache.getline(file, line).rstrip("\n")
    encoded = text.encode()
    column = len(encoded[:start].decode(errors="ignore"))
    return Place(file, line, column, len(text if end is None else encoded[:end].decode(errors="ignore")), text)


def shown_file(file: str) -> str:
    """The file relative to the working directory where it lies below it."""
    folder = os.path.join(os.getcwd(), "")
    return file[len(folder) :] if file.startswith(folder) else file


def did_you_mean(name: str, known: Iterable[str], *, listed: bool = False) -> str:
    """``; did you mean X?`` where a known name is near, else the empty text. `listed`: else the list of all, in their order;
    then a name need not be so near."""
    import difflib

    names = list(known)
    close = difflib.get_close_matches(name, sorted(names), 1, 0.5 if listed else 0.6)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; there is: {', '.join(names)}" if listed and names else ""


class ExplorerError(Exception):
    """Base of every error that is the user's to mend. `exit_code` is what the command line returns for it."""

    exit_code = 2

    def __init__(self, message: str, place: Place | None = None) -> None:
        super().__init__(message)
        self.message, self.place = message, place

    def __str__(self) -> str:
        if self.place is None:
            return self.message
        head = f"{self.place.shown}: {self.message}"
        caret = self.place.caret()
        return f"{head}\n{caret}" if caret else head


class Notice(UserWarning):
    """What a user should know once, and that is no error."""


class UsageError(ExplorerError):
    """A wrong option, name or value on the command line or in a call of the library."""


class ModelError(ExplorerError):
    """The model itself is in error."""

    exit_code = 3


class LanguageError(ModelError):
    """A construct outside the modelling language."""


class ScheduleError(UsageError):
    """A schedule that no longer fits its model."""


def of_the_system(error: BaseException) -> str:
    """What the system does not give, where that is the reason of the error; "" where it is not."""
    import errno

    lacking = (
        errno.ENOMEM,
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EMFILE,
        errno.ENFILE,
        errno.EAGAIN,
        errno.EROFS,
        errno.EIO,
    )
    text = " ".join(str(error).split())
    if isinstance(error, MemoryError) or type(error).__name__ == "Z3Exception" and "memory" in text:
        return "memory" + (f" ({text})" if text else "")
    if isinstance(error, OSError) and error.errno in lacking:
        return (error.strerror or text).lower() + (f": {error.filename}" if error.filename else "")
    if isinstance(error, RuntimeError) and "can't start new thread" in text:
        return "another thread"
    if isinstance(error, (ImportError, OSError)) and any(
        t in text for t in ("map segment", "allocate memory", "load shared")
    ):
        return f"memory for its libraries ({text})"
    return ""
