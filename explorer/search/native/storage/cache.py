"""What the compiled search keeps between runs: machine code, each piece whole or not taken (`explorer.cache.kept`)."""

from __future__ import annotations

import hashlib
import pickle
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import NullCache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from explorer.cache import kept


def kept_loop(function: Callable[..., Any]) -> Any:
    """A decorator: numba compiles the function without the GIL, for each kind of arguments once on a machine."""
    compiled = numba.njit(nogil=True)(function)
    compiled._cache = Loops(f"{function.__module__}.{function.__qualname__}")
    return compiled


class Loops(NullCache):  # type: ignore[misc]
    """Where numba looks for a function compiled before, instead of in files of its own.

    Those it believes: one that was cut off or garbled ends the process or the search. And it looks at the file of a function
    only, not at what that uses from others: here the name is a digest of all sources.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def key(self, signature: Any, codegen: Any) -> str:
        what = f"{self.name} {signature} {codegen.magic_tuple()}"
        return hashlib.sha256(what.encode()).hexdigest()

    def load_overload(self, signature: Any, target: Any) -> Any:
        """The compiled function, None where it has to be compiled."""
        target.refresh()
        data = kept.recall(kind(), self.key(signature, target.codegen()))
        return None if data is None else CompileResult._rebuild(target, *pickle.loads(data))

    def save_overload(self, signature: Any, found: Any) -> None:
        """Keep the compiled function, if it holds no address of this process."""
        if not found.library.has_dynamic_globals and not found.lifted:
            kept.keep(kind(), self.key(signature, found.codegen), dumps(found._reduce()))


def kind() -> str:
    """The folder of the loops: another for each version of their sources."""
    return f"loops-{version()}"


@cache
def version() -> str:
    """A digest of the sources of the compiled search, and of what compiles them."""
    sources = sorted(Path(__file__).parent.parent.rglob("*.py"))
    digest = hashlib.sha256(b"\0".join(s.read_bytes() for s in sources))
    digest.update(f"{numba.__version__} {sys.version}".encode())
    return digest.hexdigest()[:16]


def compiled_before(words: int | str) -> bool:
    """Whether the loops for states of so many words are kept."""
    return kept.recall(kind(), f"words-{words}") is not None


def note_compiled(words: int | str) -> None:
    """Remember that they are."""
    kept.keep(kind(), f"words-{words}", b"")
