"""A search that leaves orders out, compared with the one that does not."""

from __future__ import annotations

from explorer.answer.partial_order import relations
from explorer.reduction.symmetry import Symmetry
from explorer.search.goals import Relating, search_goals, syntactic
from explorer.search.outcome import Bounds, Outcome, Task
from explorer.symbolic.independence import Independence
from explorer.system.form import System

MOST = 4000  # states of a random system
RELATIONS: dict[str, Relating] = {
    "text": syntactic,
    "z3": lambda system, goals: Independence(system, goals, limit=20_000).of,
    "z3 and invariants": relations,
}


def differences(system: System, relating: Relating, full: Outcome, symmetry: Symmetry | None = None) -> list[str]:
    """In what the reduced search differs from the one without."""
    found = search_goals(Task(system, Bounds(), "evaluator", symmetry=symmetry), relations=relating)
    different = []
    if found.depths != full.depths:
        different.append(f"depths {found.depths}, not {full.depths}")
    if (found.complete, found.stopped) != (full.complete, full.stopped):
        different.append(f"complete {found.complete}, {found.stopped!r}, not {full.complete}, {full.stopped!r}")
    ends = [None if o.error_path is None else len(o.error_path.actions) for o in (found, full)]
    if ends[0] != ends[1]:
        different.append(f"an error at depth {ends[0]}, not {ends[1]}")
    return different
