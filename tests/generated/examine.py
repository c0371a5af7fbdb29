"""What is asked of one generated model."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.lowering import lower
from tests.generated.loading import loaded
from tests.support.agreement import Compared, compare, compare_counts


@dataclass(frozen=True)
class Examined:
    """What was compared, and whether the counts of a whole search were among it."""

    compared: Compared
    counted: bool


def examine(source: str, *, states: int = 60, crossings: int = 20) -> Examined:
    """The System and CPython agree on the model, move for move and, where it is small, in what they count.

    Raises whatever goes wrong: Disagreement, a refusal by the lowering, a crash.
    """
    with loaded(source) as model:
        system = lower(model)
        compared = compare(model, states=states, crossings=crossings, system=system)
        return Examined(compared, compare_counts(model, most=states, system=system))


def complaint(source: str) -> str:
    """What goes wrong with a model, as one line; empty where nothing does."""
    try:
        examine(source)
    except Exception as e:
        return f"{type(e).__name__}: {e}".splitlines()[0]
    return ""
