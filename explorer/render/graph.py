"""The state graph, for people to look at: folded by chosen cells, as DOT, SVG or GraphML, through networkx.

networkx holds hundreds of bytes for each edge, so it is given the folded graph, never asked to be the state store.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from explorer.errors import UsageError
from explorer.render.canvas import clean, escaped, quoted
from explorer.render.files import write_text
from explorer.render.svg import svg

if TYPE_CHECKING:
    import networkx

FORMATS = ("dot", "svg", "graphml")
SCC = "scc"  # as a cell: the strongly connected component
DRAWN = 60  # more classes than this can't be taken in
SHOWN_LABELS = 4
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
    _afford(graph, networkx_bytes(len(graph.states), len(graph.transitions), cells), memory)
    import networkx

    result: Any = networkx.MultiDiGraph(name=graph.name)
    for state in graph.states:
        result.add_node(state.id, depth=state.depth, **state.cells)
    for t in graph.transitions:
        result.add_edge(t.source, t.target, actor=t.actor, label=t.label)
    return result  # type: ignore[no-any-return]


def _afford(graph: StateGraph, needed: int, memory: int) -> None:
    if needed > memory:
        raise UsageError(
            f"the state graph has {len(graph.states)} states and {len(graph.transitions)} transitions; in networkx that is "
            f"about {_size(needed)}, above the limit of {_size(memory)}. Fold it by some cells (--by), or bound the depth"
        )


def _size(count: int) -> str:
    for unit, factor in (("GiB", 1024**3), ("MiB", 1024**2)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count / 1024:.0f} KiB"


# ---------------------------------------------------------------- folding


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
        _afford(graph, networkx_bytes(len(graph.states), len(graph.transitions), 0), memory)
    classes: dict[tuple[str, ...], int] = {}
    place: dict[int, int] = {}
    result: Any = networkx.MultiDiGraph(name=graph.name, by=chosen)
    for state in graph.states:
        values = tuple(components[state.id] if c == SCC else state.cells[c] for c in chosen)
        key = (str(state.id),) if whole else values
        node = classes.setdefault(key, len(classes))
        place[state.id] = node
        if node not in result:
            shown = [f"state {state.id}"] if whole else [_cell(c, v) for c, v in zip(chosen, values, strict=True)]
            result.add_node(node, label="\n".join(shown), states=0, depth=state.depth, initial=False,
                            **dict(zip(chosen, values, strict=True)))
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
    return result  # type: ignore[no-any-return]


def _cell(name: str, value: str) -> str:
    return value if name == SCC else f"{name}: {value}"


def select(names: Sequence[str], wanted: str) -> list[str]:
    """The cells that a name given by a user means. Raises UsageError naming the nearest."""
    if wanted == SCC or wanted in names:
        return [wanted]
    found = [n for n in names if n.startswith((wanted + "[", wanted + "."))]
    if found:
        return found
    near = difflib.get_close_matches(wanted, [*names, *_variables(names), SCC], 1)
    hint = f"; did you mean {near[0]}?" if near else f"; a cell is, for example, {names[0]}" if names else ""
    raise UsageError(f"there is no cell {wanted!r} to fold by{hint}")


def _variables(names: Sequence[str]) -> Iterator[str]:
    """The variables' names: what stands before an index."""
    yield from dict.fromkeys(n.split("[")[0] for n in names if "[" in n)


def suggest(graph: StateGraph, most: int = DRAWN) -> list[str]:
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
    _afford(graph, len(graph.states) * NODE + len(graph.transitions) * PLAIN_EDGE, memory)
    import networkx

    plain: Any = networkx.DiGraph()
    plain.add_nodes_from(s.id for s in graph.states)
    plain.add_edges_from((t.source, t.target) for t in graph.transitions)
    depth = {s.id: s.depth for s in graph.states}
    found = [sorted(c, key=lambda s: (depth[s], s)) for c in networkx.strongly_connected_components(plain)]
    found.sort(key=lambda c: (depth[c[0]], c[0]))
    return {state: f"scc {i}" for i, members in enumerate(found) for state in members}


# ---------------------------------------------------------------- drawing


def graph_dot(folded: networkx.MultiDiGraph[int]) -> str:
    """The folded graph as DOT: initial classes have a double border, parallel edges are one arrow with many labels."""
    out = [
        f"digraph {quoted(str(folded.graph.get('name', 'states')))} {{",
        '  graph [rankdir=TB, nodesep=0.3, ranksep=0.5, bgcolor=white];',
        '  node [shape=box, fontname="Courier", fontsize=10, style="rounded,filled", fillcolor=white];',
        '  edge [fontname="Courier", fontsize=9, color="#505050", arrowsize=0.7];',
    ]
    between: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for source, target, data in folded.edges(data=True):
        between.setdefault((source, target), []).append(data)
    for node, data in folded.nodes(data=True):
        inside = sum(d["count"] for d in between.get((node, node), [])) if data["states"] > 1 else 0
        lines = [*data["label"].split("\n"), _counted(data["states"], "state") if data["states"] > 1 else ""]
        lines.append(f"{_counted(inside, 'transition')} inside" if inside else "")
        label = "\\n".join(escaped(line) for line in lines if line)
        initial = ", peripheries=2" if data["initial"] else ""
        out.append(f'  {node} [label="{label}", tooltip="depth {data["depth"]}"{initial}];')
    for (source, target), edges in between.items():
        if source == target and folded.nodes[source]["states"] > 1:
            continue  # said in the node
        texts = [_edge_text(d) for d in edges]
        if len(texts) > SHOWN_LABELS:
            texts = [*texts[: SHOWN_LABELS - 1], f"and {len(texts) - SHOWN_LABELS + 1} more"]
        out.append(f'  {source} -> {target} [label="{"".join(escaped(t) + chr(92) + "l" for t in texts)}"];')
    return "\n".join([*out, "}"]) + "\n"


def _edge_text(data: dict[str, Any]) -> str:
    text = f"{data['actor']}: {data['label']}" if data["label"] else data["actor"]
    return f"{text} ({data['count']})" if data["count"] > 1 else text


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"


def graph_text(folded: networkx.MultiDiGraph[int], format: str) -> str:
    """The folded graph as "dot", "svg" or "graphml". Raises UsageError for another format."""
    if format == "dot":
        return graph_dot(folded)
    if format == "svg":
        return svg(graph_dot(folded))
    if format != "graphml":
        raise UsageError(f"a state graph is written as {', '.join(FORMATS)}, not {format!r}")
    import networkx

    plain: Any = networkx.MultiDiGraph()  # the values GraphML has: text, numbers, truth values
    for node, data in folded.nodes(data=True):
        plain.add_node(node, **{k: clean(v) if isinstance(v, str) else v for k, v in data.items()})
    for source, target, data in folded.edges(data=True):
        plain.add_edge(source, target, **{k: clean(v) if isinstance(v, str) else v for k, v in data.items()})
    return "\n".join(networkx.generate_graphml(plain)) + "\n"


def write_graph(folded: networkx.MultiDiGraph[int], path: Path | str, format: str) -> Path:
    """Write the folded graph, whole or not at all, and return the path."""
    return write_text(path, graph_text(folded, format))
