"""explore replay: one schedule, executed by CPython and shown."""

from __future__ import annotations

import argparse

from explorer.cli.options import build_model, model_options


def arguments(parser: argparse.ArgumentParser) -> None:
    model_options(parser)
    parser.add_argument(
        "--schedule", required=True, metavar="STEP/STEP/...", help="the string a counterexample printed"
    )
    parser.add_argument("--property", metavar="NAME", help="say whether this property holds at its end")


def run(options: argparse.Namespace) -> int:
    from explorer.render.diagram import text
    from explorer.replaying import replay

    model = build_model(options)
    trace, broken = replay(model, options.schedule, options.property)
    print(text(trace))
    print("violated at the end: " + (", ".join(broken) if broken else "nothing"))
    return 1 if broken else 0
