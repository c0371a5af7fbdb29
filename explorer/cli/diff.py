"""explore diff: the rules that changed between two kernels, and which verdicts on a model."""

from __future__ import annotations

import argparse
import json

from explorer.cli.options import build_model, natural, parameter_option, seconds

EPILOG = """examples:
  explore diff v5.8 v5.10                             rules that changed, and the commits
  explore diff v5.10 v5.11 --model rdma_fork -p gup_fast=on -p thread2=pins
  explore diff v5.11 v5.11+write_protect_seq=off --model rdma_fork
Exit code: 3 if the model is in error, 130 interrupted, 4 if a verdict is bounded, else 0."""


def arguments(parser: argparse.ArgumentParser) -> None:
    kernel = "a kernel, as v5.8 or v5.11+write_protect_seq=off"
    parser.add_argument("old", metavar="OLD", help=kernel)
    parser.add_argument("new", metavar="NEW", help=kernel)
    parser.add_argument(
        "--model", metavar="NAME|FILE.py:FUNCTION", help="explore this model on both, and say which verdicts differ"
    )
    parameter_option(parser)
    parser.add_argument("--property", action="append", metavar="NAME", help="compare only this one; may be repeated")
    parser.add_argument("--depth", type=natural, metavar="N", help="check the first N steps only")
    parser.add_argument("--max-states", type=natural, metavar="N", help="stop each search after about N states")
    parser.add_argument("--max-seconds", type=seconds, metavar="S", help="stop each search after about S seconds")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of the answer (default: text)")


def run(options: argparse.Namespace) -> int:
    from explorer.cli.meter import SearchMeter
    from explorer.errors import UsageError
    from explorer.models.linux.history import parse_version
    from explorer.models.linux.kernels import RULES, changing, kernel
    from explorer.questions.diff import History, diff
    from explorer.render.diff import text

    old, new = kernel(options.old), kernel(options.new)
    if options.old.strip() == options.new.strip():
        raise UsageError(f"diff compares two different kernels, and both are {options.old}")
    if options.model is None:
        for name in ("parameters", "property", "depth", "max_states", "max_seconds"):
            if getattr(options, name) not in (None, []):
                given = "-p" if name == "parameters" else "--" + name.replace("_", "-")
                raise UsageError(f"{given} is about a model: say which with --model")
    models = None
    if options.model is not None:
        sides = [argparse.Namespace(**{**vars(options), "kernel": k.name}) for k in (old, new)]
        models = (build_model(sides[0]), build_model(sides[1]))
    meter = SearchMeter()
    try:
        answer = diff(
            old,
            new,
            History(RULES, changing, parse_version),
            models,
            depth=options.depth,
            properties=options.property,
            max_states=options.max_states,
            max_seconds=options.max_seconds,
            progress=meter if meter.on else None,
        )
    finally:
        meter.clear()
    print(json.dumps(answer.to_json(), indent=1) + "\n" if options.format == "json" else text(answer), end="")
    return answer.exit_code
