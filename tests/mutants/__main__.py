"""`python -m tests.mutants NAME`: run the judge of a mutant on the mutated tool, `python -m tests.mutants` all on the real one.

Exit status 0: the judge saw nothing. 1: it did, and what it says is printed. 2: the mutant no longer applies. 3: the judge did
not end within a limit on its processor time.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import linecache
import os
import signal
import sys
import tempfile
import types
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.mutants.catalogue import MUTANTS, Mutant

LIMIT, SOON = 90, 15  # seconds of processor time: for any judge, and for one that a mutant is known to keep for ever

COMPILED = tuple(
    f"explorer.search.native.{name}"
    for name in ("loops.cycles", "loops.family_loops", "loops.search_loops", "loops.stubborn_loops", "storage.memory")
)


class Mutating(importlib.machinery.SourceFileLoader):
    """Loads a module from its changed source."""

    def __init__(self, fullname: str, path: str, mutant: Mutant) -> None:
        super().__init__(fullname, path)
        self.source = changed(Path(path).read_text(), mutant)

    def get_code(self, fullname: str) -> types.CodeType:
        lines = self.source.splitlines(keepends=True)
        linecache.cache[self.path] = (len(self.source), None, lines, self.path)  # models are read as text
        return compile(self.source, self.path, "exec", dont_inherit=True)


class Finder(importlib.abc.MetaPathFinder):
    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.mutant.module:
            return None
        found = importlib.machinery.PathFinder.find_spec(fullname, path)
        assert found is not None and found.origin is not None
        return importlib.util.spec_from_loader(fullname, Mutating(fullname, found.origin, self.mutant))


def changed(source: str, mutant: Mutant) -> str:
    """The source with the mutant's fault. Each old text must be there exactly once."""
    for old, new in mutant.edits:
        if source.count(old) != 1:
            print(
                f"the mutant {mutant.name!r} no longer applies: {source.count(old)} times in {mutant.module}: {old!r}"
            )
            raise SystemExit(2)
        source = source.replace(old, new)
    return source


class Endless(BaseException):
    """The judge has used up its time: no judge may take this for an answer."""


def stop(signum: int, frame: types.FrameType | None) -> None:
    raise Endless


def judge(name: str) -> None:
    module, _, function = name.partition(":")
    getattr(importlib.import_module(module), function)()


def main() -> int:
    names = sys.argv[1:]
    if not names:
        for name in dict.fromkeys(m.judge for m in MUTANTS):
            judge(name)
        return 0
    mutant = next(m for m in MUTANTS if m.name == names[0])
    assert mutant.module not in sys.modules
    sys.meta_path.insert(0, Finder(mutant))
    if mutant.module in COMPILED:  # numba must neither find the loops as they are nor keep these
        os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="mutant-")
    from explorer.cache import content
    from explorer.errors import ExplorerError

    whole = content.digest(
        content.tool(), repr(mutant)
    )  # a mutant is another tool: nothing that one kept is the other's
    content.tool = lambda: whole  # type: ignore[assignment]
    signal.signal(signal.SIGPROF, stop)
    limit = SOON if mutant.hangs else LIMIT
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        judge(mutant.judge)
    except Endless:
        print(f"no end within {limit} seconds")
        return 3
    except (
        AssertionError,
        ExplorerError,
        pytest.fail.Exception,
    ) as e:  # anything else is a crash, and says nothing about the tests
        print(f"{type(e).__name__}: {e}")
        return 1
    assert mutant.module in sys.modules, "the judge does not use the module"
    return 0


if __name__ == "__main__":
    sys.exit(main())
