"""The state graph of a system, for people and for networkx."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.errors import UsageError
from explorer.semantics import Semantics, State, show_state
from explorer.system import System

if TYPE_CHECKING:
    import networkx

BYTES_PER_EDGE = 840  # measured: a MultiDiGraph edge with its two attributes


def explore_graph(
    system: System, depth: int | None, limit: int
) -> tuple[dict[State, tuple[int, int]], list[tuple[int, int, int]]]:
    """States -> (number, depth), and edges (source, target, action). Raises UsageError above `limit` edges."""
    semantics = Semantics(system)
    numbers: dict[State, tuple[int, int]] = {}
    for s in semantics.initial:
        numbers.setdefault(s, (len(numbers), 0))
    level = list(numbers)
    edges: list[tuple[int, int, int]] = []
    at = 0
    while level and (depth is None or at < depth):
        following: list[State] = []
        for s in level:
            for action, t in semantics.successors(s):
                if t is None:
                    continue
                if t not in numbers:
                    numbers[t] = (len(numbers), at + 1)
                    following.append(t)
                edges.append((numbers[s][0], numbers[t][0], action))
                if len(edges) > limit:
                    refuse(limit, len(edges), atleast=True)
        level = following
        at += 1
    return numbers, edges


def refuse(limit: int, edges: int, atleast: bool = False) -> None:
    size = edges * BYTES_PER_EDGE / 2**20
    raise UsageError(
        f"the state graph has {'at least ' if atleast else ''}{edges:,} edges, more than the limit of {limit:,}: as a networkx "
        f"graph it would take about {size:,.0f} MiB. Give a --depth, or raise the limit"
    )


def state_graph(system: System, depth: int | None, limit: int, known: int = 0) -> networkx.MultiDiGraph[int]:
    """The graph with cells as node attributes, `depth`, and `actor` and `label` on edges."""
    if known > limit:
        refuse(limit, known)
    import networkx

    numbers, edges = explore_graph(system, depth, limit)
    graph: networkx.MultiDiGraph[int] = networkx.MultiDiGraph(name=system.name)
    for state, (number, at) in numbers.items():
        graph.add_node(number, depth=at, **show_state(system, state))
    for source, target, action in edges:
        graph.add_edge(source, target, actor=system.actions[action].actor, label=system.actions[action].label)
    return graph
