"""explore litmus: small programs over the kernel parts, and which end states they have on which kernel."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.cli.options import memory, positive
from explorer.process.quoting import shell_command

if TYPE_CHECKING:
    from explorer.litmus.explore import Explored
    from explorer.litmus.program import Program
    from explorer.models.linux.kernels import Kernel

EPILOG = """examples:
  explore litmus tests/litmus                                   every test of a folder, on the kernels it expects
  explore litmus a.litmus --kernel v5.10,v5.11+reuse=mapcount   on these kernels
  explore litmus a.litmus --kernel v4.19 --witness              and a run to such an end state
docs/litmus.md describes the language."""
MOST_SPARE = 30
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
    from explorer.litmus.observe import answer, text
    from explorer.litmus.parse import parse_file

    tests = [(path, parse_file(path)) for path in files(options.files)]
    asked = None if options.kernel is None else kernels(options.kernel)
    wanted = [
        (path, program, *expected(program)) for path, program in tests
    ]  # a wrong one is said before anything runs
    answers, disagree, stopped = [], [], set()
    for path, program, expecting, default in wanted:
        if "interrupt" in stopped:
            break
        for given, kernel, seen in on_kernels(path, program, asked or default, options):
            observed, wish = seen.observation, expecting.get(kernel.name)
            stopped.add(seen.stopped)
            agrees = wish is None or observed.agrees(wish)
            if not agrees:
                disagree.append(f"{path}: {program.name} on {given} is {observed.word}, expected {wish}")
            if options.format == "json":
                answers.append(answer(observed, str(path), given, wish))
            else:
                print(text(observed, given))
                print(*told(seen, wish, agrees), sep="\n", flush=True)
            if seen.stopped == "interrupt":
                break
    if options.format == "json":
        print(json.dumps(answers, indent=1))
    elif disagree:
        print("\n".join(["disagreement:", *(f"  {line}" for line in disagree)]))
    if disagree:
        return 1
    return 130 if "interrupt" in stopped else 4 if stopped - {""} else 0


def files(names: list[str]) -> Iterator[Path]:
    """The litmus tests that the command line names. Raises UsageError."""
    from explorer.errors import UsageError

    for name in names:
        path = Path(name)
        if path.is_dir():
            found = sorted(path.glob("*.litmus"))
            if not found:
                raise UsageError(f"there is no *.litmus in the folder {name}")
            yield from found
        elif path.exists():
            yield path
        else:
            raise UsageError(f"there is no litmus test or folder {name}")


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


def expected(program: Program) -> tuple[dict[str, str], list[tuple[str, Kernel]]]:
    """Kernel -> what the test expects there; and the kernels to run it on if none is asked for.

    Raises LitmusError for a line that names no kernel.
    """
    from explorer.errors import UsageError
    from explorer.litmus.program import LitmusError
    from explorer.models.linux.kernels import kernel

    expecting: dict[str, str] = {}
    run_on: list[tuple[str, Kernel]] = []
    for line in program.expectations:
        try:
            named = kernel(line.kernel)
        except UsageError as e:
            raise LitmusError(e.message, line.place) from None
        if expecting.get(named.name, line.observation) != line.observation:
            raise LitmusError(f"the kernel {named.name} is expected to do two things", line.place)
        expecting[named.name] = line.observation
        run_on.append((line.kernel, named))
    return expecting, run_on or [(version, kernel(version)) for version in WITHOUT]


def on_kernels(
    path: Path, program: Program, asked: list[tuple[str, Kernel]], options: argparse.Namespace
) -> Iterator[tuple[str, Kernel, Explored]]:
    """The test on each kernel; it is explored once for all kernels whose rules, as far as it reads them, are the same."""
    from explorer.cli.run import Meter
    from explorer.language.rules import agree, reading
    from explorer.litmus.explore import OutOfFrames, explore
    from explorer.models.linux.litmus import litmus_model
    from explorer.search.outcome import Resources

    known: list[tuple[dict[str, object], Explored]] = []
    meter = Meter(sys.stderr.isatty())

    def explored(given: str, kernel: Kernel, spare: int = 0) -> Explored:
        """`spare`: page frames more than the test is thought to need."""
        model = litmus_model(program, kernel, spare)
        try:
            found = explore(
                program,
                model,
                witness=options.witness,
                max_states=options.max_states,
                engine=options.engine,
                resources=Resources(threads=options.threads, memory=options.memory),
                progress=meter if meter.on else None,
            )
        except OutOfFrames:
            if spare > MOST_SPARE:
                raise
            return explored(given, kernel, 2 * spare + 2)
        finally:
            meter.clear()
        return found

    for given, kernel in asked:
        same = next((found for read, found in known if agree(kernel, read)), None)
        if same is None:
            with reading({"kernel": kernel}) as read:
                same = explored(given, kernel)
            known.append((read["kernel"], same))
        yield given, kernel, shown_on(same, path, given)


def shown_on(seen: Explored, path: Path, given: str) -> Explored:
    """With the command that replays its run on that kernel: the same run is one of every kernel that it was explored for."""
    if seen.trace is None:
        return seen
    words = ["explore", "replay", "--litmus", str(path), "--kernel", given, "--schedule", seen.trace.schedule]
    return replace(seen, trace=replace(seen.trace, reproduce=shell_command(words)))


def told(seen: Explored, wish: str | None, agrees: bool) -> Iterator[str]:
    """What stands under the observation: what was expected, why it stopped, the run."""
    if wish is not None:
        yield f"Expected {wish}: {'as observed' if agrees else 'DISAGREES'}"
    if seen.stopped:
        why = {"interrupt": "interrupted", "states": "stopped by --max-states"}.get(seen.stopped, seen.stopped)
        yield f"Not every run was followed: {why}"
    if seen.trace is not None:
        yield f"\n{seen.trace}"
    yield ""
