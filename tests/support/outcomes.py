"""Two outcomes compared, and systems to search: a model by its name, and counters."""

from __future__ import annotations

import dataclasses
from typing import Any

from explorer import load
from explorer.answer.checking import select
from explorer.lowering import lower
from explorer.search.outcome import Outcome
from explorer.system.form import Apply, Cell, Constant, Domain, Read, System

SAME = [f.name for f in dataclasses.fields(Outcome) if f.name not in ("engine", "seconds")]


def unequal(found: Outcome, expected: Outcome) -> list[str]:
    """The figures in which two outcomes differ; who found them, and how fast, is none."""
    return [
        f"{name} is {getattr(found, name)}, not {getattr(expected, name)}"
        for name in SAME
        if getattr(found, name) != getattr(expected, name)
    ]


def system_of(name: str, **parameters: Any) -> System:
    model = load(name)(**parameters)
    return lower(model, select(model, None)[0])


def counters(count: int, top: int) -> System:
    """`count` counters, each counting to `top` on its own."""
    from explorer.system.form import Action, Span

    here = Span("counters.py", 1)
    cells = tuple(Cell(f"c{i}", Domain("range", 0, top), (0,)) for i in range(count))
    actions = []
    for i in range(count):
        read = Read(i, "int")
        guard = Apply("lt", (read, Constant(top)))
        actions.append(
            Action(f"t{i}", "up", here, guard, ((i, Apply("add", (read, Constant(1)))),), None, name=f"up{i}")
        )
    return System("counters", cells, tuple(actions), ())
