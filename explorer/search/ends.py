"""End states: every reachable state in which nobody can move, whether its threads are at rest or not."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from explorer.search import reference
from explorer.search.engine import Engine, begin_small
from explorer.search.outcome import ALL, Bounds, Outcome, Path, Progress, Resources
from explorer.system.form import System
from explorer.system.semantics import State

Wanted = Callable[[State], bool]


@dataclass(frozen=True)
class Ends:
    """`states`: the end states, each once, those of shorter runs first. `path`: the shortest run to one that was wanted."""

    states: tuple[State, ...]
    path: Path | None
    outcome: Outcome


def end_states(
    system: System,
    bounds: Bounds,
    wanted: Wanted | None = None,
    progress: Callable[[Progress], None] | None = None,
    *,
    engine: Engine = "auto",
    resources: Resources = ALL,
    say: Callable[[str], None] | None = None,
) -> Ends:
    """Explore the system and give all its end states; the properties of the system are not looked at.

    `wanted`: to which of them a run is asked for. Engines as in `engine.search`.
    """
    # nobody is at rest: so a search takes every state without a move for a deadlock
    restless = tuple(dataclasses.replace(t, finished=None, may_wait=()) for t in system.threads)
    bare = dataclasses.replace(system, threads=restless, properties=())

    def compiled(tell: Callable[[str], None]) -> Ends:
        from explorer.search.native.ends import end_states as native

        return native(bare, bounds, wanted, progress, resources=resources, say=tell)

    ends, _ = begin_small(
        bounds,
        lambda within: evaluated(bare, within, wanted, progress),
        compiled,
        lambda ends: ends.outcome.stopped,
        lambda ends, why: dataclasses.replace(ends, outcome=dataclasses.replace(ends.outcome, stopped=why)),
        engine=engine if restless else "evaluator",  # without a thread nobody is restless
        say=say,
    )
    return ends


def evaluated(
    system: System, bounds: Bounds, wanted: Wanted | None, progress: Callable[[Progress], None] | None
) -> Ends:
    """By the evaluator."""
    search = reference.Search(system, bounds, progress, None)
    outcome = search.run()
    blocked = {i for i, a in enumerate(system.actions) if a.outcome == "blocked"}
    states: list[State] = []
    goal: reference.Found | None = None
    for depth, level in enumerate(search.levels[: outcome.depth + 1]):
        ends = [s for s in level if all(i in blocked for i, _ in search.semantics.successors(s))]
        states += ends
        if wanted is not None and goal is None:
            chosen = [s for s in ends if wanted(s)]
            goal = reference.Found(depth, chosen) if chosen else None
    return Ends(tuple(states), None if goal is None else search.path(goal), outcome)
