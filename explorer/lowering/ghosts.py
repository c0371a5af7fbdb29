"""Ghosts that no selected property reads are dropped: history costs states only where it is asked for."""

from __future__ import annotations

from explorer.system.expressions import cells_read
from explorer.system.form import Failure, System
from explorer.system.renumbering import Renumbering


def without_unread_ghosts(system: System) -> System:
    """The system without the ghost cells that neither its properties nor the ghosts they read depend on."""
    needed: set[int] = set()
    for prop in system.properties:
        needed |= cells_read(prop.holds) | cells_read(prop.trigger)
        for condition, failure in prop.undefined:
            needed |= cells_read(condition) | cells_shown(failure)
    for action in system.actions:
        needed |= cells_shown(action.failure)
    grown = True
    while grown:
        before = len(needed)
        for action in system.actions:
            for cell, expr in action.updates:
                if cell in needed and system.cells[cell].ghost:
                    needed |= cells_read(expr)
        grown = len(needed) > before
    kept = [i for i, c in enumerate(system.cells) if not c.ghost or i in needed]
    if len(kept) == len(system.cells):
        return system
    return Renumbering({old: new for new, old in enumerate(kept)}).system(system)


def cells_shown(failure: Failure | None) -> set[int]:
    """The cells that the text of a failure shows."""
    return set() if failure is None or failure.value is None else cells_read(failure.value)
