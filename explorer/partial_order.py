"""Searches reduced by partial order, with what z3 proved of the system."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from explorer.certificates import certificate
from explorer.errors import UsageError
from explorer.reduction.certificate import without
from explorer.reduction.goals import Goal
from explorer.reduction.relations import Relations
from explorer.search.engine import Engine
from explorer.search.goals import search_goals
from explorer.search.outcome import ALL, Bounds, Outcome, Path, Progress, Resources
from explorer.system import Expr, System


def reduced(
    system: System,
    bounds: Bounds,
    names: Iterable[str] | None = None,
    progress: Callable[[Progress], None] | None = None,
    found: Callable[[str, Path], None] | None = None,
    *,
    engine: Engine = "auto",
    resources: Resources = ALL,
    say: Callable[[str], None] | None = None,
) -> Outcome:
    """The search for each of the names, as `search_goals`. Raises UsageError where levels are to be kept in a folder."""
    if resources.folder is not None:
        raise UsageError(
            "a checkpoint keeps one search, and --reduce por makes one for each property: leave out either"
        )
    known = certificate(system)

    def relating(alive: System, goals: Sequence[Goal]) -> Callable[[Goal], Relations]:
        return by_invariants(alive, goals, known.invariants)

    return search_goals(
        without(system, known.dead), bounds, names, progress, found,
        relations=relating, engine=engine, resources=resources, say=say,
    )  # fmt: skip


def relations(system: System, goals: Sequence[Goal]) -> Callable[[Goal], Relations]:
    """What is known of the steps of each goal by what is proved of the system."""
    return by_invariants(system, goals, certificate(system).invariants)


def by_invariants(system: System, goals: Sequence[Goal], invariants: Sequence[Expr]) -> Callable[[Goal], Relations]:
    """What z3 says of the steps of each goal, where the invariants hold."""
    from explorer.symbolic.independence import Independence

    return Independence(system, goals, invariants).of


def summed(outcome: Outcome) -> str:
    """What the reduction says of its counts."""
    count = len({id(o) for o in outcome.goals.values() if o.states})
    return (
        f"partial order (the counts are sums over {count} {'search' if count == 1 else 'searches'}, one for each goal)"
    )
