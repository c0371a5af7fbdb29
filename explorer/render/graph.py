"""The state graph for people to look at: as DOT, SVG or GraphML."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.errors import UsageError
from explorer.process.quoting import clean, dot_name, dot_text
from explorer.render.files import write_text
from explorer.render.plain import number_of
from explorer.render.svg import svg

if TYPE_CHECKING:
    import networkx

FORMATS = ("dot", "svg", "graphml")
SHOWN_LABELS = 4


def graph_dot(folded: networkx.MultiDiGraph[int]) -> str:
    """The folded graph as DOT: initial classes have a double border, parallel edges are one arrow with many labels."""
    out = [
        f"digraph {dot_name(str(folded.graph.get('name', 'states')))} {{",
        "  graph [rankdir=TB, nodesep=0.3, ranksep=0.5, bgcolor=white];",
        '  node [shape=box, fontname="Courier", fontsize=10, style="rounded,filled", fillcolor=white];',
        '  edge [fontname="Courier", fontsize=9, color="#505050", arrowsize=0.7];',
    ]
    between: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for source, target, data in folded.edges(data=True):
        between.setdefault((source, target), []).append(data)
    for node, data in folded.nodes(data=True):
        inside = sum(d["count"] for d in between.get((node, node), [])) if data["states"] > 1 else 0
        lines = [
            *data["label"].split("\n"),
            number_of(data["states"], "state", grouped=False) if data["states"] > 1 else "",
        ]
        lines.append(f"{number_of(inside, 'transition', grouped=False)} inside" if inside else "")
        label = "\\n".join(dot_text(line) for line in lines if line)
        initial = ", peripheries=2" if data["initial"] else ""
        out.append(f'  {node} [label="{label}", tooltip="depth {data["depth"]}"{initial}];')
    for (source, target), edges in between.items():
        if source == target and folded.nodes[source]["states"] > 1:
            continue  # said in the node
        texts = [_edge_text(d) for d in edges]
        if len(texts) > SHOWN_LABELS:
            texts = [*texts[: SHOWN_LABELS - 1], f"and {len(texts) - SHOWN_LABELS + 1} more"]
        label = "".join(f" {dot_text(t)} \\l" for t in texts)
        out.append(f'  {source} -> {target} [label="{label}"];')
    return "\n".join([*out, "}"]) + "\n"


def _edge_text(data: dict[str, Any]) -> str:
    text = f"{data['actor']}: {data['label']}" if data["label"] else data["actor"]
    return f"{text} ({data['count']})" if data["count"] > 1 else text


def graph_text(folded: networkx.MultiDiGraph[int], format: str) -> str:
    """The folded graph as "dot", "svg" or "graphml". Raises UsageError for another format."""
    if format == "dot":
        return graph_dot(folded)
    if format == "svg":
        return svg(graph_dot(folded))
    if format != "graphml":
        raise UsageError(f"a state graph is written as {', '.join(FORMATS)}, not {format!r}")
    import networkx

    plain: networkx.MultiDiGraph[int] = networkx.MultiDiGraph()  # the values GraphML has: text, numbers, truth values
    for node, data in folded.nodes(data=True):
        plain.add_node(node, **{k: clean(v) if isinstance(v, str) else v for k, v in data.items()})
    for source, target, data in folded.edges(data=True):
        plain.add_edge(source, target, **{k: clean(v) if isinstance(v, str) else v for k, v in data.items()})
    return "\n".join(networkx.generate_graphml(plain)) + "\n"


def write_graph(folded: networkx.MultiDiGraph[int], path: Path | str, format: str) -> Path:
    """Write the folded graph, whole or not at all, and return the path."""
    return write_text(path, graph_text(folded, format))
