"""Which engine searches: the evaluator at once, the compiled search where that pays."""

from __future__ import annotations

import dataclasses
import mmap
from collections.abc import Callable
from typing import Literal, TypeVar

from explorer.errors import UsageError, of_the_system
from explorer.process import stop
from explorer.reduction.orders import tried
from explorer.reduction.stubborn import Stubborn
from explorer.reduction.symmetry import Symmetry
from explorer.search import reference
from explorer.search.outcome import ALL, Bounds, Outcome, Path, Progress, Resources
from explorer.system.form import System

T = TypeVar("T")
Engine = Literal["auto", "evaluator", "native"]
ENGINES: tuple[Engine, ...] = ("auto", "evaluator", "native")
NEEDED = 2 << 30  # bytes of address space for the compiled search and its libraries
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
    symmetry: Symmetry | None = None,
    stubborn: Stubborn | None = None,
    large: bool = False,
) -> Outcome:
    """Explore the system to the end or to the bounds; the outcome is the same with every engine.

    "auto" begins with the evaluator and starts again, compiled, once that has found SMALL states: a count and no clock, so
    that two runs do the same. Where levels are kept in a folder, it begins compiled. `say` is told what the user may want
    to know about engines. `symmetry`: one state stands for all that differ by a permutation; paths and depths are those of
    the search without. `stubborn`: only the steps that it chooses are taken. `large`: there are known to be more states than
    the evaluator begins with. Raises UsageError where "native" is asked for and
    can't be had.
    """
    told: set[str] = set()

    def once(name: str, path: Path) -> None:
        if name not in told and found is not None:
            told.add(name)
            found(name, path)

    def compiled(tell: Callable[[str], None]) -> Outcome:
        from explorer.search.native.search import search as native

        return native(
            system, bounds, progress, once, resources=resources, say=tell, symmetry=symmetry, stubborn=stubborn
        )

    outcome, reason = begin_small(
        bounds,
        lambda within: reference.search(system, within, progress, once, symmetry=symmetry, stubborn=stubborn),
        compiled,
        lambda outcome: outcome.stopped,
        lambda outcome, why: dataclasses.replace(outcome, stopped=why),
        engine=engine,
        in_folder=resources.folder is not None,
        large=large,
        small=SMALL if symmetry is None else SMALL // tried(system, symmetry),
        say=say,
    )
    return dataclasses.replace(outcome, notes=(f"{reason}: this was slower",)) if reason else outcome


def room() -> None:
    """Raises OSError where the system leaves no address space for the compiled search: LLVM ends the process, where it finds
    none."""
    mmap.mmap(-1, NEEDED, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | getattr(mmap, "MAP_NORESERVE", 0)).close()


def begin_small(
    bounds: Bounds,
    evaluated: Callable[[Bounds], T],
    compiled: Callable[[Callable[[str], None]], T],
    stopped: Callable[[T], str],
    stopping: Callable[[T, str], T],
    *,
    engine: Engine,
    in_folder: bool = False,
    large: bool = False,
    small: int = SMALL,
    say: Callable[[str], None] | None = None,
) -> tuple[T, str]:
    """What the evaluator gives, or the compiled search where it does not suffice; and why that had to be done without, or "".

    `evaluated`: the work within some bounds; `stopped` says why it ended, `stopping` gives it with another reason. `compiled`:
    the work, telling what the user may want to know. As `search` for the rest. What the evaluator has is the answer where the
    run is to end before the compiled search has begun.
    """
    if engine not in ENGINES:
        raise UsageError(f"the engine must be one of {', '.join(ENGINES)}, not {engine!r}")
    say = say or (lambda text: None)
    if engine == "evaluator":
        return evaluated(bounds), ""
    found: T | None = None
    if engine == "auto" and not (in_folder or large):
        small = small if bounds.states is None else min(small, bounds.states)
        found = evaluated(dataclasses.replace(bounds, states=small))
        if stopped(found) != "states" or bounds.states == small:
            return found, ""
        say(f"more than {small:,} states: starting again with the compiled search")
    try:  # imports take a while, too, and end as soon as the search does
        try:
            room()
            import explorer.search.native.search  # noqa: F401
            from explorer.search.native.codegen.layout import Unfit
        except Exception as e:
            if not isinstance(e, ImportError) and not of_the_system(e):
                raise
            reason = f"the compiled search needs numba, which can't be imported ({e})"
        else:
            try:
                return compiled(say), ""
            except Unfit as e:
                reason = f"the compiled search can't be used: {e}"
    except (stop.Interrupted, KeyboardInterrupt) as e:
        if found is None:
            raise
        stop.caught()
        return stopping(found, e.reason if isinstance(e, stop.Interrupted) else "interrupt"), ""
    if engine == "native" or in_folder:
        raise UsageError(f"{reason}; --engine evaluator does without, slower")
    say(f"{reason}; going on without it, slower")
    return evaluated(bounds), reason
