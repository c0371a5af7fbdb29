"""What the compiled search keeps between runs: machine code, under XDG_CACHE_HOME or ~/.cache."""

from __future__ import annotations

import hashlib
import os
import sys
from functools import cache
from pathlib import Path

import numba

from explorer.kept import cache_folder


def loops_folder() -> Path:
    """Where numba keeps the loops: a folder for each version of their source.

    numba itself looks at the file of a function only, and not at what that uses from others.
    """
    return cache_folder() / f"loops-{version()}"


@cache
def version() -> str:
    """A digest of the sources here, and of what compiles them."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    digest = hashlib.sha256(b"\0".join(s.read_bytes() for s in sources))
    digest.update(f"{numba.__version__} {sys.version}".encode())
    return digest.hexdigest()[:16]


def usable(folder: Path) -> bool:
    """Whether files can be made there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def compiled_before(words: int | str) -> bool:
    """Whether numba keeps the loops for states of so many words."""
    return (loops_folder() / f"words-{words}").exists()


def note_compiled(words: int | str) -> None:
    """Remember that it does."""
    try:
        (loops_folder() / f"words-{words}").touch()
    except OSError:
        pass  # then it is announced again
