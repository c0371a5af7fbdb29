"""The state graph folded by chosen cells, as a networkx graph.

networkx holds hundreds of bytes for each edge, so it is never the state store: it is given the folded graph, or the
whole one within a limit of memory (`answer.graph`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from explorer.answer.graph import MEMORY, NODE, PLAIN_EDGE, StateGraph, afford, networkx_bytes
from explorer.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    import networkx

SCC = "scc"  # as a cell: the strongly connected component
DRAWN, SUGGESTED = 40, 20  # more states, or classes of states, than this can't be taken in


def fold(graph: StateGraph, by: Sequence[str] | None = None, memory: int = MEMORY) -> networkx.MultiDiGraph[int]:
    """The graph with states that agree on the cells `by` made one.

    `by`: cells by name; a variable's name stands for all its cells (``mm.pte``); ``scc`` is the strongly connected
    component; an empty list keeps every state apart. None: every state apart where that can be looked at, else the
    cells of `suggest`. Nodes have `label`, `states` (how many), `depth` (the least), `initial`, and each cell of `by`;
    edges have `actor`, `label`, `count`. The cells used are in ``result.graph["by"]``.
    """
    import networkx

    names = list(graph.states[0].cells) if graph.states else []
    if by is None:
        by = [] if len(graph.states) <= DRAWN else suggest(graph)
        chosen = list(by)
    else:
        chosen = list(dict.fromkeys(cell for name in by for cell in select(names, name)))
    whole = not chosen
    components = _components(graph, memory) if SCC in chosen else {}
    if whole:
        afford(graph, networkx_bytes(len(graph.states), len(graph.transitions), 0), memory)
    telling = {SCC, *(c for c in chosen if c != SCC and len({s.cells[c] for s in graph.states}) > 1)}
    classes: dict[tuple[str, ...], int] = {}
    place: dict[int, int] = {}
    result: networkx.MultiDiGraph[int] = networkx.MultiDiGraph(name=graph.name, by=chosen)
    for state in graph.states:
        values = tuple(components[state.id] if c == SCC else state.cells[c] for c in chosen)
        key = (str(state.id),) if whole else values
        node = classes.setdefault(key, len(classes))
        place[state.id] = node
        if node not in result:
            shown = [f"state {state.id}"] if whole else _shown(dict(zip(chosen, values, strict=True)), telling)
            result.add_node(
                node,
                label="\n".join(shown),
                states=0,
                depth=state.depth,
                initial=False,
                **dict(zip(chosen, values, strict=True)),
            )
        data = result.nodes[node]
        data["states"] += 1
        data["depth"] = min(data["depth"], state.depth)
        data["initial"] = data["initial"] or state.depth == 0
    counts: dict[tuple[int, int, str, str], int] = {}
    for t in graph.transitions:
        edge = (place[t.source], place[t.target], t.actor, t.label)
        counts[edge] = counts.get(edge, 0) + 1
    for (source, target, actor, label), count in counts.items():
        result.add_edge(source, target, actor=actor, label=label, count=count)
    return result


def _shown(values: dict[str, str], telling: set[str]) -> list[str]:
    """The lines that name a class: its cells, without those that are the same in all states."""
    return [v if cell == SCC else f"{cell}: {v}" for cell, v in values.items() if cell in telling] or ["all states"]


def select(names: Sequence[str], wanted: str) -> list[str]:
    """The cells that a name given by a user means. Raises UsageError naming the nearest."""
    if wanted == SCC or wanted in names:
        return [wanted]
    found = [n for n in names if n.startswith((wanted + "[", wanted + "."))]
    if found:
        return found
    example = f"; a cell is, for example, {names[0]}" if names else ""
    hint = did_you_mean(wanted, [*names, *_variables(names), SCC]) or example
    raise UsageError(f"there is no cell {wanted!r} to fold by{hint}")


def _variables(names: Sequence[str]) -> Iterator[str]:
    """The variables' names: what stands before an index."""
    yield from dict.fromkeys(n.split("[")[0] for n in names if "[" in n)


def suggest(graph: StateGraph, most: int = SUGGESTED) -> list[str]:
    """Cells that together split the states into at most `most` classes, as many as fit, the most telling first.

    A cell with many values tells more than a flag, so those are tried first.
    """
    if not graph.states:
        return []
    names = list(graph.states[0].cells)
    distinct = {n: len({s.cells[n] for s in graph.states}) for n in names}
    order = sorted((n for n in names if 1 < distinct[n] <= most), key=lambda n: -distinct[n])
    chosen: list[str] = []
    keys: list[int] = [0] * len(graph.states)
    classes = 1
    for name in order:
        if classes == most:
            break
        numbers: dict[tuple[int, str], int] = {}
        finer = []
        for key, state in zip(keys, graph.states, strict=True):
            finer.append(numbers.setdefault((key, state.cells[name]), len(numbers)))
            if len(numbers) > most:
                break
        else:
            if len(numbers) > classes:
                chosen.append(name)
                keys, classes = finer, len(numbers)
    return chosen or [SCC]


def _components(graph: StateGraph, memory: int) -> dict[int, str]:
    """State -> ``scc 0``: numbered by the least depth in them, then by the least state."""
    afford(graph, len(graph.states) * NODE + len(graph.transitions) * PLAIN_EDGE, memory)
    import networkx

    plain: networkx.DiGraph[int] = networkx.DiGraph()
    plain.add_nodes_from(s.id for s in graph.states)
    plain.add_edges_from((t.source, t.target) for t in graph.transitions)
    depth = {s.id: s.depth for s in graph.states}
    found = [sorted(c, key=lambda s: (depth[s], s)) for c in networkx.strongly_connected_components(plain)]
    found.sort(key=lambda c: (depth[c[0]], c[0]))
    return {state: f"scc {i}" for i, members in enumerate(found) for state in members}
