"""The thread primitives: `step`, where other actors may run, and `choose`, a value that may be any of several."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal, Protocol, TypeVar, cast

from explorer.errors import LanguageError
from explorer.language.sorts import Atom, show

T = TypeVar("T")


@dataclass(frozen=True)
class Parked:
    """What a suspended coroutine yields: the step it will take when it is scheduled."""

    label: str
    when: Callable[[], bool] | None
    voluntary: bool
    may_wait: bool
    fairness: str | None = None

    def __await__(self) -> Generator[Parked, None, None]:
        yield self


async def step(
    label: str,
    *,
    when: Callable[[], bool] | None = None,
    voluntary: bool = False,
    may_wait: bool = False,
    fairness: Literal["strong"] | None = None,
) -> None:
    """The preemption point: any other actor may run here. What follows, up to the next step, is one atomic action.

    `when`: a lambda; the step can be taken only in states where it is true. `voluntary`: what a user decides, outside
    its thread's fairness. `may_wait`: waiting here for ever is no deadlock. `fairness`: "strong" for what is handed to who
    waits for it, as a sleeping lock is; of no effect in a thread without fairness.
    """
    if when is not None and not callable(when):
        raise LanguageError(
            f"the condition of step({label!r}) must be a lambda, not {when!r}: "
            "it is evaluated when the step is scheduled; write when=lambda: ..."
        )
    if fairness not in (None, "strong"):
        raise LanguageError(f"fairness= of step({label!r}) must be 'strong' or left out, not {fairness!r}")
    if voluntary and fairness is not None:
        raise LanguageError(f"step({label!r}) is voluntary, which is outside any fairness: leave out fairness=")
    await Parked(label, when, voluntary, may_wait, fairness)


class Chooser(Protocol):
    def __call__(self, values: list[Any]) -> Any: ...


chooser: ContextVar[Chooser | None] = ContextVar("chooser", default=None)


def choose(values: Iterable[T]) -> T:
    """Any one of the values: each that qualifies is a path of its own. None qualifies: the path is blocked.

    Stands alone on the right of an assignment or in ``return``.
    """
    distinct: list[Any] = []
    for value in values:
        if not any(type(value) is type(known) and value == known for known in distinct):  # 1 is not True
            distinct.append(value)
    pick = chooser.get()
    if pick is None:
        raise LanguageError("choose() has a meaning only inside a step of a thread or an action")
    return cast(T, pick(distinct))


def choice_names(value: Any) -> list[tuple[str, str]]:
    """How a schedule names a chosen value: ("frame", "1"), ("writer", "parent"), ("value", "3")."""
    if isinstance(value, tuple):
        return [n for v in value for n in choice_names(v)]
    if isinstance(value, Atom):
        return [(type(value).__name__.lower(), str(value._index))]
    if isinstance(value, Enum):
        return [(type(value).__name__.lower(), show(value))]
    return [("value", show(value).lower())]
