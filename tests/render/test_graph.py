"""The state graph: folding, its memory, its forms."""

from __future__ import annotations

import shutil
import tracemalloc
import xml.etree.ElementTree as ET
from pathlib import Path

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.answer.graph import State, StateGraph, Transition, networkx_bytes, to_networkx
from explorer.errors import UsageError
from explorer.render.fold import fold, select, suggest
from explorer.render.graph import graph_dot, graph_text, write_graph

# two threads that each go 0 -> 1 -> 2 and then 2 -> 1 for ever, with a flag set by the first
CELLS = ("a.at", "mm.pte[parent,0]", "mm.pte[child,0]", "flag")


def grid(size: int = 3) -> StateGraph:
    states, transitions = [], []
    for i in range(size):
        for j in range(size):
            cells = dict(zip(CELLS, (str(i), f"frame {i}", f"frame {j}", "true" if i else "false"), strict=True))
            states.append(State(i * size + j, cells, i + j))
            if i + 1 < size:
                transitions.append(Transition(i * size + j, (i + 1) * size + j, "a", "<step> & more"))
            if j + 1 < size:
                transitions.append(Transition(i * size + j, i * size + j + 1, "b", "go"))
            if j == size - 1:
                transitions.append(Transition(i * size + j, i * size + j - 1, "b", "back"))
    return StateGraph(states, transitions, "grid")


def test_the_whole_graph() -> None:
    graph = to_networkx(grid())
    assert (graph.number_of_nodes(), graph.number_of_edges()) == (9, 15)
    cells = {"a.at": "1", "mm.pte[parent,0]": "frame 1", "mm.pte[child,0]": "frame 1", "flag": "true"}
    assert graph.nodes[4] == {"depth": 2, **cells}
    assert graph.edges[0, 3, 0] == {"actor": "a", "label": "<step> & more"}


def test_folding_by_a_cell() -> None:
    folded = fold(grid(), ["flag"])
    assert folded.graph["by"] == ["flag"]
    assert [(d["label"], d["states"], d["depth"], d["initial"]) for _, d in folded.nodes(data=True)] == [
        ("flag: false", 3, 0, True),
        ("flag: true", 6, 1, False),
    ]
    edges = {(s, t, d["actor"], d["label"]): d["count"] for s, t, d in folded.edges(data=True)}
    assert edges == {
        (0, 1, "a", "<step> & more"): 3, (0, 0, "b", "go"): 2, (0, 0, "b", "back"): 1,
        (1, 1, "a", "<step> & more"): 3, (1, 1, "b", "go"): 4, (1, 1, "b", "back"): 2,
    }  # fmt: skip


def test_a_variable_stands_for_its_cells() -> None:
    folded = fold(grid(), ["mm.pte"])
    assert folded.graph["by"] == ["mm.pte[parent,0]", "mm.pte[child,0]"]
    assert folded.number_of_nodes() == 9
    assert folded.nodes[0]["label"] == "mm.pte[parent,0]: frame 0\nmm.pte[child,0]: frame 0"


def test_strongly_connected_components_are_numbered_by_depth() -> None:
    folded = fold(grid(), ["scc"])
    shown = {d["label"]: (d["states"], d["depth"]) for _, d in folded.nodes(data=True)}
    assert shown == {
        "scc 0": (1, 0),
        "scc 1": (2, 1),
        "scc 2": (1, 1),
        "scc 3": (2, 2),
        "scc 4": (1, 2),
        "scc 5": (2, 3),
    }
    both = fold(grid(), ["scc", "flag"])
    assert both.nodes[0]["label"] == "scc 0\nflag: false"


def test_cells_that_never_change_are_not_told() -> None:
    one = StateGraph([State(0, {"a": "1", "b": "1"}, 0), State(1, {"a": "1", "b": "2"}, 1)], [])
    assert [d["label"] for _, d in fold(one, ["a", "b"]).nodes(data=True)] == ["b: 1", "b: 2"]
    assert [d["label"] for _, d in fold(one, ["a"]).nodes(data=True)] == ["all states"]


def test_a_small_graph_is_not_folded_and_a_large_one_is() -> None:
    small = fold(grid())
    assert small.graph["by"] == []
    assert small.number_of_nodes() == 9
    large = fold(grid(12))
    assert large.graph["by"] == ["a.at"]
    assert large.number_of_nodes() == 12
    assert sum(d["states"] for _, d in large.nodes(data=True)) == 144


@settings(deadline=None)
@given(st.lists(st.tuples(*[st.sampled_from("xyz")] * 4), min_size=1, max_size=80), st.integers(1, 20))
def test_suggested_cells_split_into_no_more_than_asked(values: list[tuple[str, ...]], most: int) -> None:
    graph = StateGraph([State(i, dict(zip("abcd", v, strict=True)), i) for i, v in enumerate(values)], [])
    cells = suggest(graph, most)
    assert cells
    if cells != ["scc"]:
        assert len({tuple(s.cells[c] for c in cells) for s in graph.states}) <= most


edge_lists = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30)


@settings(deadline=None)
@given(edge_lists, st.sampled_from([[], ["x"], ["scc"], ["x", "scc"]]))
def test_folding_keeps_every_state_and_transition(edges: list[tuple[int, int]], by: list[str]) -> None:
    states = [State(i, {"x": str(i % 3), "y": str(i % 2)}, i) for i in range(10)]
    folded = fold(StateGraph(states, [Transition(s, t, "a", "l") for s, t in edges]), by)
    assert sum(d["states"] for _, d in folded.nodes(data=True)) == 10
    assert sum(d["count"] for _, _, d in folded.edges(data=True)) == len(edges)
    if by == ["scc"]:
        plain: networkx.DiGraph[int] = networkx.DiGraph((s, t) for s, t in folded.edges() if s != t)
        assert networkx.is_directed_acyclic_graph(plain)


def test_an_unknown_cell_gets_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"^there is no cell 'flags' to fold by; did you mean flag\?$"):
        fold(grid(), ["flags"])
    with pytest.raises(UsageError, match=r"^there is no cell 'mm\.ptes' to fold by; did you mean mm\.pte\?$"):
        select(CELLS, "mm.ptes")
    with pytest.raises(UsageError, match=r"^there is no cell '\?' to fold by; a cell is, for example, a\.at$"):
        select(CELLS, "?")


def test_the_estimate_of_memory_is_honest() -> None:
    graph = grid(60)
    to_networkx(grid(2))  # what the import itself takes is not counted
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        made = to_networkx(graph)
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    estimate = networkx_bytes(len(graph.states), len(graph.transitions), len(CELLS))
    assert made.number_of_nodes() == 3600
    assert 0.8 * taken <= estimate <= 1.5 * taken


def test_above_the_limit_the_estimate_is_told() -> None:
    message = (
        r"^the state graph has 9 states and 15 transitions; in networkx that is about \d+ KiB, above the limit of 1 KiB\. "
        r"Fold it by some cells \(--by\), or bound the depth$"
    )
    with pytest.raises(UsageError, match=message):
        to_networkx(grid(), 1024)
    for by in ([], ["scc"]):
        with pytest.raises(UsageError, match=message):
            fold(grid(), by, 1024)


def test_dot_merges_parallel_edges_and_tells_what_is_inside() -> None:
    source = graph_dot(fold(grid(), ["flag"]))
    assert source.startswith('digraph "grid" {')
    assert source.count("->") == 1
    assert '0 -> 1 [label=" a: <step> &amp; more (3) \\l"]' in source
    assert 'label="flag: false\\n3 states\\n3 transitions inside"' in source
    assert "peripheries=2" in source


def test_many_labels_on_one_edge_are_counted() -> None:
    edges = [Transition(0, 1, "a", f"label {i}") for i in range(9)]
    graph = StateGraph([State(0, {"x": "0"}, 0), State(1, {"x": "1"}, 1)], edges)
    assert "label 2 \\l and 6 more \\l" in graph_dot(fold(graph, ["x"]))


def test_every_label_is_in_the_svg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    root = ET.fromstring(graph_text(fold(grid(), []), "svg").encode())
    seen = ["".join(e.itertext()).strip() for e in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"state 0", "state 8", "a: <step> & more", "b: back"} <= set(seen)


def test_graphml_can_be_read_again(tmp_path: Path) -> None:
    folded = fold(grid(), ["flag"])
    path = write_graph(folded, tmp_path / "g.graphml", "graphml")
    again = networkx.read_graphml(path, node_type=int, force_multigraph=True)
    assert list(again.nodes(data=True)) == list(folded.nodes(data=True))
    assert sorted(d["count"] for _, _, d in again.edges(data=True)) == [1, 2, 2, 3, 3, 4]


def test_other_formats_are_refused() -> None:
    with pytest.raises(UsageError, match="^a state graph is written as dot, svg, graphml, not 'png'$"):
        graph_text(fold(grid()), "png")


def test_an_empty_graph() -> None:
    assert fold(StateGraph([], [])).number_of_nodes() == 0
