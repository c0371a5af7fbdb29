"""explore run: the search."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.cli.meter import SearchMeter
from explorer.cli.options import build_model, engine_option, memory, model_options, natural, positive, seconds
from explorer.cli.output import also_in_files
from explorer.process import stop

if TYPE_CHECKING:
    from explorer.answer.result import PropertyResult, Result
    from explorer.language.model import Model


EPILOG = """examples:
  explore --model rdma_fork --kernel v4.19                      everything about it
  explore --model rdma_fork --property pinned_page_stays        one property
  explore --model rdma_fork --property case_1                   how a state is reached
  explore --model rdma_fork -p pages=2 --depth 12               the first twelve steps of a larger model
  explore --model mine.py:model --format json                   one JSON object (docs/json.md)"""


# what a checkpoint says about its search, besides its limits
ABOUT = ("model", "parameters", "kernel", "property", "first", "reduce")


def arguments(parser: argparse.ArgumentParser) -> None:
    model_options(parser)
    parser.add_argument(
        "--property",
        action="append",
        metavar="NAME",
        help="check only this one, or show how it is reached; may be repeated",
    )
    parser.add_argument("--first", action="store_true", help="stop at the depth of the first violation")
    engine_option(parser)
    reduction = parser.add_mutually_exclusive_group()
    reduction.add_argument(
        "--reduce",
        choices=("por", "symmetry", "both"),
        help="por: a search for each property, reduced by partial order; symmetry: one state for all that differ by a "
        "permutation of values that are alike; both: both of them; verdicts and depths are the same",
    )
    reduction.add_argument(
        "--no-reduction",
        dest="reduce",
        action="store_const",
        const="none",
        help="search every state, also where values are alike and there are many states",
    )
    parser.add_argument(
        "--checkpoint", metavar="DIR", help="keep the search there, so that `explore resume DIR` can go on after a stop"
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="--checkpoint: in the place of what DIR holds of another"
    )
    limits(parser)


def limits(parser: argparse.ArgumentParser) -> None:
    """The options that a resumed search may have other values for."""
    parser.add_argument(
        "--depth", type=natural, metavar="N", help="check the first N steps only; without it, to the end"
    )
    parser.add_argument("--max-states", type=natural, metavar="N", help="stop after about N states")
    parser.add_argument("--max-seconds", type=seconds, metavar="S", help="stop after about S seconds")
    parser.add_argument(
        "--memory", type=memory, metavar="SIZE", help="take at most so much, as 4G; states that do not fit go to disk"
    )
    parser.add_argument("--threads", type=positive, metavar="N", help="of the compiled search (default: all cores)")
    parser.add_argument(
        "--every", type=seconds, default=60.0, metavar="S", help="seconds between checkpoints (default: 60)"
    )
    parser.add_argument(
        "--out",
        metavar="DIR",
        nargs="?",
        const="reports/out",
        help="write each counterexample there as JSON, DOT and SVG (DIR, if left out: reports/out)",
    )
    parser.add_argument(
        "--format",
        choices=("text", "json", "pytest"),
        default="text",
        help="of the answer (default: text); pytest: a test for each counterexample",
    )
    parser.add_argument("--verbose", action="store_true", help="say which engine works, and why")
    parser.add_argument("--quiet", action="store_true", help="no progress and no diagrams: only the verdicts")


def run(options: argparse.Namespace) -> int:
    began = time.monotonic()
    from explorer.answer.checking import check
    from explorer.answer.model_names import model_words
    from explorer.answer.result import Verdict
    from explorer.errors import UsageError
    from explorer.search.outcome import Resources

    if options.overwrite and options.checkpoint is None:
        raise UsageError("--overwrite is about the folder of --checkpoint DIR, which is not given")
    out = None if options.out is None else Path(options.out)
    if out is not None:
        from explorer.render.files import check_writable

        check_writable(out)
    if out is not None or options.checkpoint is not None:
        also_in_files()
    model = build_model(options)
    meter = SearchMeter(not options.quiet)
    told = options.format == "text" and not options.quiet
    if told:
        from explorer.answer.checking import select
        from explorer.language.values import parameters_text
        from explorer.render.report import heading

        select(model, options.property)  # a wrong name is said before anything else
        print(heading(model.name, parameters_text(model)) + "\n", flush=True)

    def tell(result: PropertyResult) -> None:
        from explorer.render.report import property_run

        if result.verdict is Verdict.VIOLATED or result.name in (options.property or ()):
            meter.clear()
            print(property_run(result) + "\n", flush=True)

    try:
        result = check(
            model,
            depth=options.depth,
            properties=options.property,
            max_states=options.max_states,
            max_seconds=None
            if options.max_seconds is None
            else max(options.max_seconds + began - time.monotonic(), 0.0),
            first=options.first,
            engine=options.engine,
            reduce=getattr(options, "reduce", None),
            resources=Resources(
                threads=options.threads,
                memory=options.memory,
                folder=None if options.checkpoint is None else Path(options.checkpoint),
                every=options.every,
                resume=getattr(options, "resume", False),
                overwrite=options.overwrite,
                about={name: getattr(options, name, None) for name in ABOUT} | {"model": model_words(options.model)},
            ),
            say=meter.say if options.verbose or meter.on else None,
            progress=meter if meter.on else None,
            tell=tell if told else None,
        )
    finally:
        meter.clear()
    with stop.answering():
        try:
            written = [] if out is None else files(result, out)  # before a reader can go away
        finally:
            show(options, model, result, told)
        for path in written:
            print(f"wrote {path}", file=sys.stdout if options.format == "text" else sys.stderr)
    return result.exit_code


def show(options: argparse.Namespace, model: Model, result: Result, told: bool) -> None:
    """Print the answer. `told`: what was found has been shown before."""
    if options.format == "json":
        print(json.dumps(result.to_json(), indent=1))
    elif options.format == "pytest":
        from explorer.answer.model_names import model_words
        from explorer.language.values import parameters_text
        from explorer.render.pytest_file import pytest_file

        given = {n: text for n, text in parameters_text(model).items() if n == "kernel" or n in model.given}
        print(pytest_file(model_words(model.name), given, result.with_runs), end="")
    else:
        from explorer.render.report import report, verdicts

        print(verdicts(result) if told else report(result, traces=False))


def files(result: Result, out: Path) -> list[Path]:
    """Write the counterexamples; where they are."""
    from explorer.render.files import file_names, write_trace

    traces = [p.trace for p in result.with_runs if p.trace is not None and p.kind != "reachable"]
    names = file_names(traces)
    return [path for trace, name in zip(traces, names, strict=True) for path in write_trace(trace, out, name=name)]
