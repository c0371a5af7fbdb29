"""What comes from a file is data: read within bounds, and looked at before it is used.

A checkpoint or an answer in JSON may come from anybody. Nothing in it is imported, no path in it is opened, and no option is set
by it that is not in a list here or with its reader. A model is named by it only if it is one of those that are shipped; any
other is given on the command line.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

MOST = 1 << 28  # bytes of a file of plain data
LARGEST = (1 << 63) - 1


class Malformed(ValueError):
    """Data that is not what it should be; the text says what is wrong."""


def read(path: Path, most: int = MOST) -> bytes:
    """The bytes of a plain file of at most `most` bytes. Raises OSError where it can't be read, Malformed for any other."""
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe would wait for ever
    with open(file, "rb") as opened:
        about = os.fstat(file)
        if stat.S_ISDIR(about.st_mode):
            raise IsADirectoryError(21, "it is a directory", str(path))
        if not stat.S_ISREG(about.st_mode):
            raise Malformed("it is no plain file")
        if about.st_size > most:
            raise Malformed(f"it has {about.st_size:,} bytes, more than {most:,}")
        return opened.read(most)


def plain(text: str | bytes) -> Any:
    """The plain data in a text of JSON. Raises Malformed, also for NaN, numbers of thousands of digits, endless nesting."""

    def refuse(constant: str) -> NoReturn:
        raise Malformed(f"{constant} is no JSON")

    try:
        return json.loads(text, parse_constant=refuse)
    except RecursionError:
        raise Malformed("it is nested too deeply") from None
    except ValueError as e:  # of JSON, of UTF-8, of a number with too many digits
        raise Malformed(str(e)) from None


def mapping(value: Any, keys: Sequence[str] | None = None) -> dict[str, Any]:
    """An object; with exactly these `keys`, if they are given. Raises Malformed."""
    if not isinstance(value, dict):
        raise Malformed(f"{excerpt(value)} is no object")
    if keys is not None:
        for key in keys:
            if key not in value:
                raise Malformed(f"{key!r} is missing")
        for key in value:
            if key not in keys:
                raise Malformed(f"there is nothing called {excerpt(key)}")
    return value


def items(value: Any) -> list[Any]:
    """A list. Raises Malformed."""
    if not isinstance(value, list):
        raise Malformed(f"{excerpt(value)} is no list")
    return value


def text(value: Any) -> str:
    """A text. Raises Malformed."""
    if not isinstance(value, str):
        raise Malformed(f"{excerpt(value)} is no text")
    return value


def texts(value: Any) -> tuple[str, ...]:
    """Texts. Raises Malformed."""
    return tuple(text(one) for one in items(value))


def flag(value: Any) -> bool:
    """True or false. Raises Malformed."""
    if not isinstance(value, bool):
        raise Malformed(f"{excerpt(value)} is neither true nor false")
    return value


def natural(value: Any, most: int = LARGEST) -> int:
    """An integer from 0 to `most`. Raises Malformed."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise Malformed(f"{excerpt(value)} is no integer from 0 to {most}")
    return value


def naturals(value: Any, most: int = LARGEST) -> tuple[int, ...]:
    """Integers from 0 to `most`. Raises Malformed."""
    return tuple(natural(one, most) for one in items(value))


def time(value: Any) -> float:
    """Seconds. Raises Malformed."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 1e12:
        raise Malformed(f"{excerpt(value)} is no time in seconds")
    return float(value)


def one_of(value: Any, known: Sequence[Any]) -> Any:
    """One of the known values. Raises Malformed."""
    if not any(type(value) is type(k) and value == k for k in known):
        raise Malformed(f"{excerpt(value)} is none of {', '.join(map(str, known))}")
    return value


def excerpt(value: Any) -> str:
    """A value in a message: short, and nothing in it but visible characters."""
    said = ascii(value)
    return said if len(said) <= 60 else said[:57] + "..."
