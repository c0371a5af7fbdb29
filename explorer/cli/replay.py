"""explore replay: one schedule, executed by CPython and shown."""

from __future__ import annotations

import argparse
from pathlib import Path

from explorer.cli.options import build_model, model_options

EPILOG = """Your coroutines run under CPython, as they stand. A schedule names who moves, and what is chosen:
  explore replay --model rdma_fork --kernel v4.19 --schedule 'parent*9/parent:frame=1/parent*2'
  explore replay --litmus a.litmus --kernel v6.8 --schedule P0
A step that is not possible there is refused, with those that are. docs/json.md has the grammar.
Exit code: 1 if something is violated at the end of the run, else 0."""


def arguments(parser: argparse.ArgumentParser) -> None:
    model_options(parser, required=False)
    parser.add_argument(
        "--litmus", metavar="FILE", help="a litmus test in place of a model; --kernel says on which kernel"
    )
    parser.add_argument(
        "--schedule", required=True, metavar="STEP/STEP/...", help="the string that a counterexample printed"
    )
    parser.add_argument("--property", metavar="NAME", help="look at this property only (default: all)")


def run(options: argparse.Namespace) -> int:
    from explorer.answer.replaying import replay
    from explorer.errors import UsageError
    from explorer.render.diagram import text

    if (options.model is None) == (options.litmus is None):
        raise UsageError("replay takes --model NAME or --litmus FILE")
    if options.litmus is not None:
        return replay_litmus(options)
    model = build_model(options)
    trace, broken = replay(model, options.schedule, options.property)
    print(text(trace))
    print("violated at the end: " + (", ".join(broken) if broken else "nothing"))
    return 1 if broken else 0


def replay_litmus(options: argparse.Namespace) -> int:
    """A run of a litmus test, and what the test sees at its end: no end state is a violation."""
    from explorer.cli.litmus import WITHOUT
    from explorer.errors import UsageError
    from explorer.litmus.kernels import MOST_SPARE, expectations, litmus_files, replay_command
    from explorer.litmus.observe import row_text, satisfies
    from explorer.litmus.parse import parse_file
    from explorer.litmus.search import replay_schedule
    from explorer.models.linux.kernels import kernel
    from explorer.models.linux.litmus import litmus_model
    from explorer.render.diagram import text

    if options.parameters or options.property:
        raise UsageError("a litmus test has no parameters and no properties: leave out -p and --property")
    [path, *more] = litmus_files([options.litmus])
    if more or Path(options.litmus).is_dir():
        raise UsageError(f"--litmus takes one test, and {options.litmus} is a folder")
    program = parse_file(path)
    given = options.kernel or expectations(program, kernel, WITHOUT)[1][0][0]
    reproduce = replay_command(path, given, options.schedule)
    model = litmus_model(program, kernel(given), MOST_SPARE)  # which of many free frames is taken makes no difference
    trace, row, goes_on = replay_schedule(program, model, options.schedule, reproduce)
    print(text(trace))
    print(f"{'at this point' if goes_on else 'in the end'}: {row_text(program, row)}".rstrip())
    print(f"{program.condition} is {str(satisfies(program, row)).lower()}")
    return 0
