"""Which engine searches: the evaluator at once, the compiled search where that pays."""

from __future__ import annotations

import dataclasses
import mmap
from collections.abc import Callable
from typing import TypeVar

from explorer.errors import UsageError, of_the_system
from explorer.process import stop
from explorer.reduction.orders import permutations_tried
from explorer.search import reference
from explorer.search.outcome import ENGINES, NOBODY, Listener, Outcome, Task

T = TypeVar("T")
NEEDED = 2 << 30  # bytes of address space for the compiled search and its libraries
SMALL = 8_000  # states up to which the evaluator is done before the other engine has begun


def search(task: Task, listener: Listener = NOBODY) -> Outcome:
    """Explore the system of the task to the end or to the bounds; the outcome is the same with every engine.

    "auto" begins with the evaluator and starts again, compiled, once that has found SMALL states: a count and no clock, so
    that two runs do the same. Where levels are kept in a folder, it begins compiled. Raises UsageError where "native" is asked
    for and can't be had.
    """
    heard = listener.once()

    def compiled() -> Outcome:
        from explorer.search.native.search import search as native

        return native(task, heard)

    outcome, reason = by_engine(
        task,
        listener,
        lambda task: reference.search(task, heard),
        compiled,
        lambda outcome: outcome.stopped,
        lambda outcome, why: dataclasses.replace(outcome, stopped=why),
        small=SMALL if task.symmetry is None else SMALL // permutations_tried(task.system, task.symmetry),
    )
    return dataclasses.replace(outcome, notes=(f"{reason}: this was slower",)) if reason else outcome


def room() -> None:
    """Raises OSError where the system leaves no address space for the compiled search: LLVM ends the process, where it finds
    none."""
    mmap.mmap(-1, NEEDED, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | getattr(mmap, "MAP_NORESERVE", 0)).close()


def by_engine(
    task: Task,
    listener: Listener,
    evaluated: Callable[[Task], T],
    compiled: Callable[[], T],
    stopped: Callable[[T], str],
    stopping: Callable[[T, str], T],
    *,
    small: int = SMALL,
) -> tuple[T, str]:
    """What the evaluator gives, or the compiled search where it does not suffice; and why that had to be done without, or "".

    `evaluated`: the work on a task that may have less time or states; `compiled`: the work on the whole task. `stopped` says why
    it ended, `stopping` gives it with another reason. `small`: the states up to which the evaluator goes. What it has is the
    answer where the run is to end before the compiled search has begun.
    """
    engine, bounds, in_folder = task.engine, task.bounds, task.resources.folder is not None
    if engine not in ENGINES:
        raise UsageError(f"the engine must be one of {', '.join(ENGINES)}, not {engine!r}")
    if engine == "evaluator":
        return evaluated(task), ""
    found: T | None = None
    if engine == "auto" and not (in_folder or task.large):
        small = small if bounds.states is None else min(small, bounds.states)
        found = evaluated(dataclasses.replace(task, bounds=dataclasses.replace(bounds, states=small)))
        if stopped(found) != "states" or bounds.states == small:
            return found, ""
        listener.tell(f"more than {small:,} states: starting again with the compiled search")
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
                return compiled(), ""
            except Unfit as e:
                reason = f"the compiled search can't be used: {e}"
    except (stop.Interrupted, KeyboardInterrupt) as e:
        if found is None:
            raise
        stop.caught()
        return stopping(found, e.reason if isinstance(e, stop.Interrupted) else "interrupt"), ""
    if engine == "native" or in_folder:
        raise UsageError(f"{reason}; --engine evaluator does without, slower")
    listener.tell(f"{reason}; going on without it, slower")
    return evaluated(task), reason
