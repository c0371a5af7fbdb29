"""Which engine searches: the evaluator at once, the compiled search where that pays."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Literal

from explorer.errors import UsageError
from explorer.search import reference
from explorer.search.outcome import ALL, Bounds, Outcome, Path, Progress, Resources
from explorer.system import System

Engine = Literal["auto", "evaluator", "native"]
ENGINES: tuple[Engine, ...] = ("auto", "evaluator", "native")
SMALL = 8_000  # states up to which the evaluator is done before the other engine has begun


def search(
    system: System,
    bounds: Bounds,
    progress: Callable[[Progress], None] | None = None,
    found: Callable[[str, Path], None] | None = None,
    *,
    engine: Engine = "auto",
    resources: Resources = ALL,
    say: Callable[[str], None] | None = None,
) -> Outcome:
    """Explore the system to the end or to the bounds; the outcome is the same with every engine.

    "auto" begins with the evaluator and starts again, compiled, once that has found SMALL states: a count and no clock, so
    that two runs do the same. Where levels are kept in a folder, it begins compiled. `say` is told what the user may want
    to know about engines. Raises UsageError where "native" is asked for and can't be had.
    """
    if engine not in ENGINES:
        raise UsageError(f"the engine must be one of {', '.join(ENGINES)}, not {engine!r}")
    say = say or (lambda text: None)
    if engine == "evaluator":
        return reference.search(system, bounds, progress, found)
    told: set[str] = set()

    def once(name: str, path: Path) -> None:
        if name not in told and found is not None:
            told.add(name)
            found(name, path)

    if engine == "auto" and resources.folder is None:
        small = SMALL if bounds.states is None else min(SMALL, bounds.states)
        outcome = reference.search(system, dataclasses.replace(bounds, states=small), progress, once)
        if outcome.stopped != "states" or bounds.states == small:
            return outcome
        say(f"more than {SMALL:,} states: starting again with the compiled search")
    try:
        from explorer.search.native.layout import Unfit
        from explorer.search.native.search import search as native
    except ImportError as e:
        reason = f"the compiled search needs numba, which can't be imported ({e})"
    else:
        try:
            return native(system, bounds, progress, once, resources=resources, say=say)
        except Unfit as e:
            reason = f"the compiled search can't be used: {e}"
    if engine == "native" or resources.folder is not None:
        raise UsageError(f"{reason}; --engine evaluator does without, slower")
    say(f"{reason}; going on without it, slower")
    return dataclasses.replace(reference.search(system, bounds, progress, once), notes=(f"{reason}: this was slower",))
