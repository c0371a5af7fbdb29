"""The state graph of a system as plain data, for pictures and for networkx."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.errors import UsageError
from explorer.render.fold import State, StateGraph, Transition, networkx_bytes
from explorer.system.form import System
from explorer.system.semantics import Semantics
from explorer.system.semantics import State as Codes
from explorer.system.states import variables

MOST_STATES = 2_000_000


def explore_graph(system: System, depth: int | None = None, limit: int = MOST_STATES) -> StateGraph:
    """Every state to the given depth (None: all) with its variables and control points, and every transition.

    Raises UsageError above `limit` states.
    """
    semantics = Semantics(system)
    numbers: dict[Codes, int] = {}
    for s in semantics.initial:
        numbers.setdefault(s, len(numbers))
    level = list(numbers)
    states = [State(numbers[s], cells_of(system, s), 0) for s in level]
    transitions: list[Transition] = []
    at = 0
    while level and (depth is None or at < depth):
        at += 1
        following: list[Codes] = []
        for s in level:
            for index, t in semantics.successors(s):
                if t is None:
                    continue
                if t not in numbers:
                    numbers[t] = len(numbers)
                    following.append(t)
                    states.append(State(numbers[t], cells_of(system, t), at))
                action = system.actions[index]
                transitions.append(Transition(numbers[s], numbers[t], action.actor, action.label))
        if len(numbers) > limit:
            size = networkx_bytes(len(numbers), len(transitions), len(system.cells)) / 2**20
            raise UsageError(
                f"the state graph has more than {limit:,} states at depth {at} (at least {size:,.0f} MiB in networkx); "
                "give a smaller --depth"
            )
        level = following
    return StateGraph(states, transitions, complete=not level, name=system.name)


def cells_of(system: System, state: Sequence[int]) -> dict[str, str]:
    """The variables and where each thread is, as text."""
    shown = variables(system, tuple(state))
    for thread in system.threads:
        shown[f"{thread.name}.at"] = system.cells[thread.cell].domain.show(state[thread.cell])
    return shown
