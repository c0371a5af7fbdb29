"""Searches reduced by partial order, with what z3 proved of the system."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from explorer.answer.symmetries import symmetry_of
from explorer.errors import UsageError
from explorer.reduction.certificate import without
from explorer.reduction.goals import Goal
from explorer.reduction.relations import Relations
from explorer.reduction.symmetry import Symmetry
from explorer.search.goals import search_goals
from explorer.search.outcome import NOBODY, Listener, Outcome, Task
from explorer.symbolic.certificates import certificate
from explorer.system.form import Expr, System


def reduced_search(
    task: Task, names: Iterable[str] | None = None, listener: Listener = NOBODY, *, symmetric: bool = False
) -> tuple[Outcome, Symmetry | None]:
    """The search for each of the names, as `search_goals`; where it is `symmetric`, with what is symmetric, which is given too.

    Raises UsageError where levels are to be kept in a folder.
    """
    if task.resources.folder is not None:
        raise UsageError(
            "a checkpoint keeps one search, and partial order makes one for each property: leave out either"
        )
    system = task.system
    known = certificate(system)
    dead, invariants = known.dead, known.invariants
    symmetry = symmetry_of(system, listener.say, learn=True) if symmetric else None
    if symmetry is not None:  # what stands for a reachable state need not be reachable itself: they may not hold there
        dead, invariants = whole_orbits(symmetry, dead), ()

    def relating(alive: System, goals: Sequence[Goal]) -> Callable[[Goal], Relations]:
        return by_invariants(alive, goals, invariants)

    alive = replace(task, system=without(system, dead), symmetry=symmetry)
    outcome = search_goals(alive, names, listener, relations=relating)
    return outcome, symmetry


def whole_orbits(symmetry: Symmetry, dead: Collection[int]) -> tuple[int, ...]:
    """The actions that are dead with all their images: one that never fires may fire in a state that stands for a reachable
    one, if one of its images does."""
    known = set(dead)
    return tuple(i for i in dead if symmetry.orbits[i] <= known)


def relations(system: System, goals: Sequence[Goal]) -> Callable[[Goal], Relations]:
    """What is known of the steps of each goal by what is proved of the system."""
    return by_invariants(system, goals, certificate(system).invariants)


def by_invariants(system: System, goals: Sequence[Goal], invariants: Sequence[Expr]) -> Callable[[Goal], Relations]:
    """What z3 says of the steps of each goal, where the invariants hold."""
    from explorer.symbolic.independence import Independence

    return Independence(system, goals, invariants).of


def reduction_summary(outcome: Outcome) -> str:
    """What the reduction says of its counts."""
    count = len({id(o) for o in outcome.goals.values() if o.states})
    return (
        f"partial order (the counts are sums over {count} {'search' if count == 1 else 'searches'}, one for each goal)"
    )
