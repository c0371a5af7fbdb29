"""explore replay: one schedule, executed by CPython and shown."""

from __future__ import annotations

import argparse

from explorer.cli.options import build_model, model_options

EPILOG = """Your coroutines run under CPython, as they stand. A schedule names who moves, and what is chosen:
  explore replay --model rdma_fork --kernel v4.19 --schedule 'parent*9/parent:frame=1/parent*2'
A step that is not possible there is refused, with those that are. docs/json.md has the grammar.
Exit code: 1 if something is violated at the end of the run, else 0."""


def arguments(parser: argparse.ArgumentParser) -> None:
    model_options(parser)
    parser.add_argument(
        "--schedule", required=True, metavar="STEP/STEP/...", help="the string that a counterexample printed"
    )
    parser.add_argument("--property", metavar="NAME", help="look at this property only (default: all)")


def run(options: argparse.Namespace) -> int:
    from explorer.render.diagram import text
    from explorer.replaying import replay

    model = build_model(options)
    trace, broken = replay(model, options.schedule, options.property)
    print(text(trace))
    print("violated at the end: " + (", ".join(broken) if broken else "nothing"))
    return 1 if broken else 0
