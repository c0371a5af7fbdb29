"""explore litmus: small programs over the kernel parts, and which end states they have on which kernel."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.cli.meter import CountMeter, SearchMeter
from explorer.cli.options import engine_option, memory, positive
from explorer.process import stop

if TYPE_CHECKING:
    from explorer.litmus.kernels import LitmusAnswer
    from explorer.litmus.program import Program
    from explorer.models.linux.kernels import Kernel
    from explorer.search.outcome import Engine, Progress, Resources

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
    engine_option(
        parser, "each run by CPython where there are few, else the evaluator, then the compiled search (native)"
    )
    parser.add_argument("--max-states", type=positive, metavar="N", help="stop after about N states of each test")
    parser.add_argument("--memory", type=memory, metavar="SIZE", help="take at most so much, as 4G")
    parser.add_argument("--threads", type=positive, metavar="N", help="of the compiled search (default: all cores)")
    parser.add_argument(
        "--jobs", type=positive, metavar="N", help="processes (default: one a core; 1 with --memory or --threads)"
    )


@dataclass(frozen=True)
class Asked:
    """A test, the kernels, each with how it was written, and what is asked on each: plain data, for another process."""

    path: Path
    program: Program
    kernels: Sequence[tuple[str, Kernel]]
    expecting: Mapping[str, str]
    witness: bool
    max_states: int | None
    engine: Engine

    def answers(
        self, resources: Resources, progress: Callable[[Progress], None] | None = None
    ) -> Iterator[LitmusAnswer]:
        """The answer on each kernel, as soon as it is known."""
        from explorer.cache.content import parts
        from explorer.litmus.kernels import litmus_answers
        from explorer.models.linux.litmus import litmus_model

        return litmus_answers(
            self.path,
            self.program,
            self.kernels,
            self.expecting,
            litmus_model,
            witness=self.witness,
            max_states=self.max_states,
            engine=self.engine,
            resources=resources,
            progress=progress,
            parts=parts(),
        )

    def answered_before(self) -> list[LitmusAnswer] | None:
        """All answers, if each is kept."""
        from explorer.cache.content import parts
        from explorer.litmus.explore import table_alone
        from explorer.litmus.kernels import kept_answers

        if not table_alone(self.witness, self.max_states, self.engine):
            return None
        return kept_answers(self.path, self.program, self.kernels, self.expecting, parts())


def answers_alone(asked: Asked) -> list[LitmusAnswer]:
    """All answers of a test, in a process that has one core for itself."""
    from explorer.search.outcome import Resources

    return list(asked.answers(Resources(threads=1)))


def run(options: argparse.Namespace) -> int:
    from explorer.litmus.kernels import expectations, litmus_files
    from explorer.litmus.parse import parse_file
    from explorer.models.linux.kernels import kernel

    tests = [(path, parse_file(path)) for path in litmus_files(options.files)]
    given = None if options.kernel is None else kernels(options.kernel)
    asked: list[Asked] = []
    for path, program in tests:  # a wrong one is said before anything runs
        expecting, usual = expectations(program, kernel, WITHOUT)
        more = (options.witness, options.max_states, options.engine)
        asked.append(Asked(path, program, given or usual, expecting, *more))
    answers: list[LitmusAnswer] = []
    meter = SearchMeter()
    interrupted = False
    try:
        for answer in in_order(asked, options, meter):
            meter.clear()
            answers.append(answer)
            if options.format == "text":
                print(*answer_lines(answer), sep="\n", flush=True)
    except KeyboardInterrupt:
        stop.caught()
        interrupted = True
    finally:
        meter.clear()
    disagree = [a for a in answers if not a.agrees]
    if options.format == "json":
        print(json.dumps([a.to_json() for a in answers], indent=1))
    elif disagree:
        wrong = (f"{a.file}: {a.name} on {a.kernel} is {a.observation}, expected {a.expected}" for a in disagree)
        print("\n".join(["disagreement:", *(f"  {line}" for line in wrong)]))
    stopped = {a.explored.stopped for a in answers}
    interrupted |= "interrupt" in stopped
    if interrupted and len(asked) > 1:
        print(
            f"explore: interrupted, with {len({a.file for a in answers})} of {len(asked)} tests answered",
            file=sys.stderr,
        )
    if disagree:
        return 1
    return 130 if interrupted else 4 if stopped - {""} else 0


def in_order(asked: Sequence[Asked], options: argparse.Namespace, meter: SearchMeter) -> Iterator[LitmusAnswer]:
    """The answers to all tests in their order: one after the other, or in several processes where that pays."""
    from explorer.questions.workers import PAYS, each
    from explorer.render.plain import number_of
    from explorer.search.outcome import Resources

    resources = Resources(threads=options.threads, memory=options.memory)
    jobs = options.jobs or (1 if options.threads or options.memory else os.cpu_count() or 1)
    known = {i: found for i, one in enumerate(asked) if (found := one.answered_before()) is not None}
    rest = [i for i in range(len(asked)) if i not in known]
    if known and meter.on:
        meter.say(f"{number_of(len(known), 'test')} of {len(asked)} answered before, from what is kept")
    if jobs < 2 or len(rest) < PAYS:
        for i, one in enumerate(asked):
            for answer in known.get(i) or one.answers(resources, meter if meter.on else None):
                yield answer
                if answer.explored.stopped == "interrupt":
                    return
        return
    shown, count = 0, CountMeter("tests")
    if count.on:
        count.line(f"{len(known)} of {len(asked)} tests")
    try:
        for at, found in each(answers_alone, [(asked[i],) for i in rest], jobs):
            known[rest[at]] = found
            while shown in known:
                yield from known[shown]
                shown += 1
            if count.on:
                count(len(known), len(asked))
    except KeyboardInterrupt:
        stop.caught()
        for i in sorted(known):
            yield from known[i] if i >= shown else ()
        raise


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
