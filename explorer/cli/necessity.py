"""explore necessity: which guards, locks, decisions, statements and rules a model needs."""

from __future__ import annotations

import argparse
import json
import os
import sys

from explorer.cli.matrix import Meter
from explorer.cli.options import build_model, model_options, natural, positive

EPILOG = """Each condition of a step or rule, each lock, each decision and statement of a kernel routine and each kernel rule
is taken out, and the search is done again: what breaks then needed it. docs/necessity.md says what is left out.
  explore necessity --model rdma_fork --kernel v6.8
  explore necessity --model mine.py:model --property assertions --traces
Exit code: 130 interrupted, 4 if a bound was reached, else 0."""


def arguments(parser: argparse.ArgumentParser) -> None:
    model_options(parser)
    parser.add_argument("--property", action="append", metavar="NAME", help="only this property; may be repeated")
    parser.add_argument("--depth", type=natural, metavar="N", help="the first N steps only")
    parser.add_argument(
        "--max-states", type=natural, metavar="N", help="stop each search after about N states (default: 200,000)"
    )
    parser.add_argument("--jobs", type=positive, metavar="N", help="processes (default: one a core)")
    parser.add_argument("--traces", action="store_true", help="with the counterexample of each part that is necessary")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of the answer (default: text)")


def run(options: argparse.Namespace) -> int:
    from explorer.necessity import MOST_STATES, Question, necessity
    from explorer.render.necessity import text

    build_model(options)  # wrong parameters are said before anything else
    given = [tuple(text.split("=", 1)) for text in options.parameters]
    given += [("kernel", options.kernel)] if options.kernel is not None else []
    question = Question(
        options.model,
        tuple((name, value) for name, value in given),
        None if options.property is None else tuple(options.property),
        options.depth,
        MOST_STATES if options.max_states is None else options.max_states,
    )
    meter = Meter(sys.stderr.isatty(), "parts")
    try:
        answer = necessity(question, jobs=options.jobs or os.cpu_count() or 1, progress=meter if meter.on else None)
    finally:
        meter.clear()
    print(json.dumps(answer, indent=1) + "\n" if options.format == "json" else text(answer, options.traces), end="")
    return 130 if answer["interrupted"] else 0 if answer["complete"] else 4
