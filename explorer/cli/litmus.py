"""explore litmus: small programs over the kernel parts, and which end states they have on which kernel."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from explorer.cli.options import memory, positive

if TYPE_CHECKING:
    from explorer.litmus.kernels import LitmusAnswer
    from explorer.models.linux.kernels import Kernel

EPILOG = """examples:
  explore litmus tests/litmus                                   every test of a folder, on the kernels it expects
  explore litmus a.litmus --kernel v5.10,v5.11+reuse=mapcount   on these kernels
  explore litmus a.litmus --kernel v4.19 --witness              and a run to such an end state
docs/litmus.md describes the language."""
WITHOUT = (
    "v4.19",
    "v5.8",
    "v5.10",
    "v5.17",
    "v5.19",
    "v6.8",
)  # for a test that expects nothing: one of each kind of kernel


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="+", metavar="FILE|FOLDER", help="a litmus test, or a folder: every *.litmus in it"
    )
    parser.add_argument(
        "--kernel",
        metavar="V[+RULE=VALUE]...,...",
        help="on these kernels, or all; without it, on those that the test has expect lines for",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of the answer (default: text)")
    parser.add_argument(
        "--witness",
        action="store_true",
        help="show the shortest run to an end state that satisfies the condition; for forall to one that does not",
    )
    parser.add_argument(
        "--engine",
        choices=("auto", "evaluator", "native"),
        default="auto",
        help="auto: each run by CPython where there are few, else the evaluator, then the compiled search (native)",
    )
    parser.add_argument("--max-states", type=positive, metavar="N", help="stop after about N states of each test")
    parser.add_argument("--memory", type=memory, metavar="SIZE", help="take at most so much, as 4G")
    parser.add_argument("--threads", type=positive, metavar="N", help="of the compiled search (default: all cores)")


def run(options: argparse.Namespace) -> int:
    from explorer.cli.meter import SearchMeter
    from explorer.litmus.kernels import expectations, litmus_answers, litmus_files
    from explorer.litmus.parse import parse_file
    from explorer.models.linux.kernels import kernel
    from explorer.models.linux.litmus import litmus_model
    from explorer.search.outcome import Resources

    tests = [(path, parse_file(path)) for path in litmus_files(options.files)]
    asked = None if options.kernel is None else kernels(options.kernel)
    wanted = [
        (path, program, *expectations(program, kernel, WITHOUT)) for path, program in tests
    ]  # a wrong one is said before anything runs
    answers: list[LitmusAnswer] = []
    meter = SearchMeter()
    for path, program, expecting, default in wanted:
        if answers and answers[-1].explored.stopped == "interrupt":
            break
        found = litmus_answers(
            path,
            program,
            asked or default,
            expecting,
            litmus_model,
            witness=options.witness,
            max_states=options.max_states,
            engine=options.engine,
            resources=Resources(threads=options.threads, memory=options.memory),
            progress=meter if meter.on else None,
        )
        try:
            for answer in found:
                meter.clear()
                answers.append(answer)
                if options.format == "text":
                    print(*answer_lines(answer), sep="\n", flush=True)
                if answer.explored.stopped == "interrupt":
                    break
        finally:
            meter.clear()
    disagree = [a for a in answers if not a.agrees]
    if options.format == "json":
        print(json.dumps([a.to_json() for a in answers], indent=1))
    elif disagree:
        wrong = (f"{a.file}: {a.name} on {a.kernel} is {a.observation}, expected {a.expected}" for a in disagree)
        print("\n".join(["disagreement:", *(f"  {line}" for line in wrong)]))
    if disagree:
        return 1
    stopped = {a.explored.stopped for a in answers}
    return 130 if "interrupt" in stopped else 4 if stopped - {""} else 0


def kernels(text: str) -> list[tuple[str, Kernel]]:
    """The kernels of a list ``v5.10,v5.11+reuse=mapcount,all``, each with how it is written. Raises UsageError."""
    from explorer.errors import UsageError
    from explorer.models.linux.history import KERNELS
    from explorer.models.linux.kernels import kernel

    found: list[tuple[str, Kernel]] = []
    for piece in text.split(","):
        piece = piece.strip()
        if not piece:
            raise UsageError(f"--kernel takes versions joined by commas, or all; one of them is empty in {text!r}")
        if piece.startswith("+"):
            raise UsageError(f"a rule stands after the version it belongs to, without a comma: v5.10{piece}")
        found += [(v, kernel(v)) for v, *_ in KERNELS] if piece == "all" else [(piece, kernel(piece))]
    return list(dict(found).items())


def answer_lines(given: LitmusAnswer) -> Iterator[str]:
    """The table as herd7 lays it out, what was expected, why it stopped, the run."""
    from explorer.litmus.observe import text

    explored = given.explored
    yield text(explored.observation, given.kernel)
    if given.expected is not None:
        yield f"Expected {given.expected}: {'as observed' if given.agrees else 'DISAGREES'}"
    if explored.stopped:
        why = {"interrupt": "interrupted", "states": "stopped by --max-states"}.get(explored.stopped, explored.stopped)
        yield f"Not every run was followed: {why}"
    if explored.trace is not None:
        yield f"\n{explored.trace}"
    yield ""
