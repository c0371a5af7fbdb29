"""The state graph of a system as plain data, for pictures and for networkx."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from explorer.errors import UsageError
from explorer.system.form import System
from explorer.system.semantics import Semantics
from explorer.system.semantics import State as Codes
from explorer.system.states import variables

if TYPE_CHECKING:
    import networkx

MOST_STATES = 2_000_000
# bytes, measured with tracemalloc on CPython 3.11 and networkx 3.6: a node, each attribute of it, an edge with an actor
# and a label (MultiDiGraph), an edge without (DiGraph)
NODE, ATTRIBUTE, EDGE, PLAIN_EDGE = 400, 30, 670, 320
MEMORY = 2 * 1024**3


class State(NamedTuple):
    """A state: its number, cell -> value as text, and its depth (0 for an initial one)."""

    id: int
    cells: dict[str, str]
    depth: int


class Transition(NamedTuple):
    """An action taken in `source` that leads to `target`."""

    source: int
    target: int
    actor: str
    label: str


@dataclass(frozen=True)
class StateGraph:
    """An explored graph as plain data. `complete`: every reachable state is in it."""

    states: Sequence[State]
    transitions: Sequence[Transition]
    name: str = "states"
    complete: bool = True


def networkx_bytes(states: int, transitions: int, cells: int) -> int:
    """About how much memory the whole graph takes as a networkx.MultiDiGraph, every cell an attribute of its node."""
    return states * (NODE + ATTRIBUTE * (cells + 1)) + transitions * EDGE


def to_networkx(graph: StateGraph, memory: int = MEMORY) -> networkx.MultiDiGraph[int]:
    """Every state a node (attributes: its cells, `depth`), every transition an edge (`actor`, `label`).

    Raises UsageError with the estimate where that would take more than `memory` bytes.
    """
    cells = len(graph.states[0].cells) if graph.states else 0
    afford(graph, networkx_bytes(len(graph.states), len(graph.transitions), cells), memory)
    import networkx

    result: networkx.MultiDiGraph[int] = networkx.MultiDiGraph(name=graph.name)
    for state in graph.states:
        result.add_node(state.id, depth=state.depth, **state.cells)
    for t in graph.transitions:
        result.add_edge(t.source, t.target, actor=t.actor, label=t.label)
    return result


def afford(graph: StateGraph, needed: int, memory: int) -> None:
    if needed > memory:
        raise UsageError(
            f"the state graph has {len(graph.states)} states and {len(graph.transitions)} transitions; in networkx that "
            f"is about {size(needed)}, above the limit of {size(memory)}. Fold it by some cells (--by), or bound the depth"
        )


def size(count: int) -> str:
    for unit, factor in (("GiB", 1024**3), ("MiB", 1024**2)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count / 1024:.0f} KiB"


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
