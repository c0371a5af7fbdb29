"""A search with symmetry, compared with the one without."""

from __future__ import annotations

from typing import Any

from explorer.reduction.symmetry import Symmetry, exchanged_state
from explorer.search import reference
from explorer.search.native.search import search as native
from explorer.search.outcome import Bounds, Outcome, Resources, Task
from explorer.system.form import System

ONE = Resources(threads=1)


def orbit(system: System, symmetry: Symmetry, state: tuple[int, ...]) -> frozenset[tuple[int, ...]]:
    """Every state that exchanges make of one."""
    found, pending = {state}, [state]
    while pending:
        at = pending.pop()
        for generator in symmetry.generators:
            other = exchanged_state(system, generator, at)
            if other not in found:
                found.add(other)
                pending.append(other)
    return frozenset(found)


def seen(outcome: Outcome) -> tuple[Any, ...]:
    """What the search with symmetry and without must agree on."""
    return outcome.complete, outcome.stopped, outcome.depths, outcome.paths, outcome.error, outcome.error_path


def counted(outcome: Outcome) -> tuple[Any, ...]:
    """What two engines must agree on."""
    return outcome.states, outcome.transitions, outcome.depth, outcome.fired, outcome.blocked, *seen(outcome)


def compare(system: System, symmetry: Symmetry, most: int = 3_000) -> tuple[int, int] | None:
    """Search with symmetry and without, in both engines; gives how many states there are. None where there are too many."""
    whole = reference.Search(Task(system, Bounds(states=most)))
    full = whole.run()
    if full.stopped == "states":
        return None
    reduced = reference.search(Task(system, Bounds(), symmetry=symmetry))
    assert counted(native(Task(system, Bounds(), resources=ONE, symmetry=symmetry))) == counted(reduced)
    assert seen(reduced) == seen(full)
    assert reduced.depth <= full.depth
    if full.complete:
        orbits = {orbit(system, symmetry, s) for level in whole.levels for s in level}
        assert reduced.states == len(orbits)
        for index, n in full.fired.items():
            assert n and index in reduced.fired
    return full.states, reduced.states
