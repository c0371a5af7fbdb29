"""explore graph: the state graph, folded so that it can be looked at."""

from __future__ import annotations

import argparse
from pathlib import Path

from explorer.cli.options import build_model, model_options, natural

EPILOG = """examples:
  explore graph --model rdma_fork --by mm.pte --format svg --out graph.svg    who maps what, and how that changes
  explore graph --model rdma_fork --by mm.pte,device.programmed --depth 12
The variables are those of `explore dump`. An array's name means all its
elements. Each node says how many states it stands for."""


def arguments(parser: argparse.ArgumentParser) -> None:
    model_options(parser)
    parser.add_argument("--depth", type=natural, metavar="N", help="the first N steps only")
    parser.add_argument("--format", choices=("dot", "svg", "graphml"), default="dot", help="(default: dot)")
    parser.add_argument(
        "--by",
        metavar="VARIABLE,...",
        help="one node for all states that agree on these variables; scc: for each strongly connected component",
    )
    parser.add_argument("--out", metavar="FILE", help="write to this file instead of standard output")


def run(options: argparse.Namespace) -> int:
    from explorer.answer.checking import select
    from explorer.answer.graph import explore_graph
    from explorer.lowering import lower
    from explorer.render.fold import fold
    from explorer.render.graph import graph_text, write_graph

    model = build_model(options)
    claims, _ = select(model, [])
    graph = explore_graph(lower(model, claims), options.depth)
    folded = fold(graph, None if options.by is None else split(options.by))
    if options.out is None:
        print(graph_text(folded, options.format), end="")
    else:
        print(
            f"wrote {write_graph(folded, Path(options.out), options.format)}: {folded.number_of_nodes()} of "
            f"{len(graph.states)} states, folded by {', '.join(folded.graph['by']) or 'nothing'}"
        )
    return 0


def split(text: str) -> list[str]:
    """The names in a comma-separated list; commas inside brackets belong to a name, as in mm.pte[parent,0]."""
    names, depth, start = [], 0, 0
    for at, character in enumerate(text + ","):
        depth += (character == "[") - (character == "]")
        if character == "," and depth == 0:
            names.append(text[start:at].strip())
            start = at + 1
    return [n for n in names if n]
