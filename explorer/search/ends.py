"""End states: every reachable state in which nobody can move, whether its threads are at rest or not."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from explorer.errors import UsageError
from explorer.search import reference
from explorer.search.engine import ENGINES, SMALL, Engine
from explorer.search.outcome import ALL, Bounds, Outcome, Path, Progress, Resources
from explorer.semantics import State
from explorer.system import System

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
    if engine not in ENGINES:
        raise UsageError(f"the engine must be one of {', '.join(ENGINES)}, not {engine!r}")
    say = say or (lambda text: None)
    # nobody is at rest: so a search takes every state without a move for a deadlock
    restless = tuple(dataclasses.replace(t, finished=None, may_wait=()) for t in system.threads)
    bare = dataclasses.replace(system, threads=restless, properties=())
    if engine == "evaluator" or not restless:  # without a thread nobody is restless
        return evaluated(bare, bounds, wanted, progress)
    if engine == "auto":
        small = SMALL if bounds.states is None else min(SMALL, bounds.states)
        found = evaluated(bare, dataclasses.replace(bounds, states=small), wanted, progress)
        if found.outcome.stopped != "states" or bounds.states == small:
            return found
        say(f"more than {SMALL:,} states: starting again with the compiled search")
    try:
        from explorer.search.native.ends import end_states as native
        from explorer.search.native.layout import Unfit
    except ImportError as e:
        reason = f"the compiled search needs numba, which can't be imported ({e})"
    else:
        try:
            return native(bare, bounds, wanted, progress, resources=resources, say=say)
        except Unfit as e:
            reason = f"the compiled search can't be used: {e}"
    if engine == "native":
        raise UsageError(f"{reason}; the evaluator does without, slower")
    say(f"{reason}; going on without it, slower")
    return evaluated(bare, bounds, wanted, progress)


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
