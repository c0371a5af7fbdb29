"""End states by the compiled search: its levels are gone through once more for the states without a move."""

from __future__ import annotations

import numpy as np

from explorer.search.native.paths import Target
from explorer.search.native.search import Search
from explorer.search.outcome import Ends, Execution, Listener, Task, Wanted
from explorer.system.semantics import State


def end_states(task: Task, wanted: Wanted | None, listener: Listener) -> Ends:
    """Every end state of a system none of whose threads is ever at rest, so that each is a deadlock to the search."""
    whole = Search(task, listener)
    try:
        outcome = whole.run()
        states: list[State] = []
        path: Execution | None = None
        for depth in range(len(whole.home.sizes)):
            target = Target(depth, "stuck")
            rows = whole.finder.states_of(target)
            ends = [tuple(whole.layout.unpack([int(word) for word in row])) for row in rows]
            states += ends
            if wanted is not None and path is None:
                chosen = np.array([wanted(s) for s in ends], np.bool_)
                if chosen.any():
                    path = whole.finder.path(target, rows[chosen])
        return Ends(tuple(states), path, outcome)
    finally:
        whole.close()
