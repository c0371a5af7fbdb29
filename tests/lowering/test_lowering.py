"""What lowering leaves out changes nothing: dead locals, ghosts that nobody reads; and equal models give equal systems."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from explorer import check as explore
from explorer.errors import LanguageError
from explorer.language import Model, Part, Range, ghost, step, var
from explorer.lowering import lower
from explorer.system.form import (
    Constant,
)
from explorer.system.semantics import Semantics
from explorer.system.wellformed import check
from tests.models import lost_update

ROOT = Path(__file__).resolve().parents[2]

# ---------------------------------------------------------------- dead locals


class Pair(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "pair")
        self.x = var(Range(0, 3), 0)


def forgetful() -> Model:
    """One thread notes x and forgets it after the next step; the other counts x up to 3."""
    m = Model()
    pair = Pair(m)

    @m.thread("reader")
    async def reader() -> None:
        await step("note")
        seen = pair.x
        await step("use")
        assert seen <= pair.x
        await step("rest")

    @m.thread("writer")
    async def writer() -> None:
        for _ in range(3):
            await step("count")
            pair.x += 1

    return m


def test_dead_local_is_reset() -> None:
    dead_local_is_forgotten()


def dead_local_is_forgotten() -> None:
    """22 states; 34 if what the local last held were kept.

    Before "note" and after "use" the reader has nothing to remember: 4 values of x each, at 3 control points (noting, resting,
    finished). Between them it has seen 0..x: 1 + 2 + 3 + 4 = 10. Without the reset the last two have 10 states each, too.
    """
    system = lower(forgetful())
    assert explore(forgetful()).states == 4 + 10 + 4 + 4
    local = next(i for i, c in enumerate(system.cells) if c.owner == "reader" and c.domain.kind != "location")
    resets = [a for a in system.actions if (local, Constant(0)) in a.updates]
    assert [a.label for a in resets if a.outcome == "step"] == ["use"]
    kept = tuple(
        dataclasses.replace(a, updates=tuple(u for u in a.updates if u != (local, Constant(0)))) for a in system.actions
    )
    seen = set(Semantics(system).initial)
    waiting = list(seen)
    semantics = Semantics(dataclasses.replace(system, actions=kept))
    for state in waiting:
        for _, target in semantics.successors(state):
            if target is not None and target not in seen:
                seen.add(target)
                waiting.append(target)
    assert len(seen) == 4 + 10 + 10 + 10


# ---------------------------------------------------------------- determinism

DUMPS = """
import hashlib, sys
from explorer import load
from explorer.system.dump import dump
from explorer.lowering import lower
from tests.models import cow, slot_table
for model in (load("rdma_fork")(), cow.cow(), slot_table.slot_table()):
    print(hashlib.sha256(dump(lower(model)).encode()).hexdigest())
"""


def test_dumps_are_equal_under_any_hash_seed(tmp_path: Path) -> None:
    printed = set()
    for seed in ("0", "1", "12345"):
        done = subprocess.run(
            [sys.executable, "-c", DUMPS],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "XDG_CACHE_HOME": str(tmp_path / seed)},
            capture_output=True,
            text=True,
            check=True,
        )
        printed.add(done.stdout)
    assert len(printed) == 1 and len(printed.pop().split()) == 3


def test_lowering_twice_gives_equal_systems() -> None:
    assert lower(lost_update.lost_update()) == lower(lost_update.lost_update())


# ---------------------------------------------------------------- ghosts


class Watched(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "watched")
        self.first = ghost(var(Range(0, 3), 0))
        self.x = var(Range(0, 3), 2)


def test_dropping_a_ghost_keeps_what_failures_show() -> None:
    """The cells behind a dropped ghost get other numbers, in the texts of failures too."""
    m = Model()
    watched = Watched(m)

    @m.thread("t")
    async def t() -> None:
        await step("go")
        watched.first = watched.x
        watched.x = watched.x + 2

    system = lower(m)
    check(system)
    assert [c.name for c in system.cells] == ["watched.x", "t.at"]
    assert "would become 4" in explore(m).error


def ghosts_stay_apart() -> None:
    """One that no property reads is no cell; one that a condition reads is refused."""
    m = Model()
    watched = Watched(m)

    @m.thread("t")
    async def t() -> None:
        await step("go")
        watched.first = watched.x

    assert not any(c.ghost for c in lower(m).cells)
    leaky = Model()
    seen = Watched(leaky)

    @leaky.thread("t")
    async def looks() -> None:
        await step("go", when=lambda: seen.first == 0)
        seen.x = 0

    leaky.reachable("a property reads it", lambda: seen.first == 1)
    with pytest.raises(LanguageError, match="only properties may read it"):
        lower(leaky)


def test_ghosts_stay_apart() -> None:
    ghosts_stay_apart()


class History(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "history")
        self.before_last = ghost(var(Range(0, 3), 0))
        self.last = ghost(var(Range(0, 3), 0))
        self.other = ghost(var(Range(0, 3), 0))
        self.x = var(Range(0, 3), 1)


def test_ghost_behind_a_ghost_is_kept() -> None:
    """A ghost is needed, too, where only another ghost that a property reads depends on it."""
    m = Model()
    history = History(m)

    @m.thread("t")
    async def t() -> None:
        for _ in range(3):
            await step("go")
            history.before_last = history.last
            history.last = history.other = history.x

    m.reachable("seen", lambda: history.before_last == 1)
    system = lower(m)
    assert [c.name for c in system.cells if c.ghost] == ["history.before_last", "history.last"]
    assert explore(m)["seen"].depth == 2
