"""One search for all settings against one for each: `python benchmarks/family.py [--only NAME] [--write]`.

Compares every verdict and depth, and says how much faster the search of the family is: the searches alone, without building
counterexamples and with the engine that is faster for a setting alone; and with lowering and compilation. Nothing compiled
for a system is kept between runs; the loops are, once on a machine. `--write`: into benchmarks/family.md. Ends with status 1
where a verdict or a depth differs.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from explorer.answer.catalogue import load
from explorer.answer.checking import select
from explorer.answer.family import Configuration
from explorer.answer.result import Verdict
from explorer.cache import kept
from explorer.language.values import rule_text
from explorer.lowering import lower
from explorer.questions.family import Question, explore
from explorer.questions.vary import parameters_of, settled_parameters, varied_rule
from explorer.search import engine, reference
from explorer.search.native import search as native
from explorer.search.outcome import Bounds, Outcome, Task
from explorer.system.form import System

HERE = Path(__file__).resolve().parent
SAMPLE = 16  # of so many settings one is searched with the compiled search too, to estimate its time


@dataclass(frozen=True)
class Case:
    """A model, its kernel, and the rules of which all subsets are searched."""

    name: str
    kernel: str
    vary: tuple[str, ...]


FORK = (
    "fork=plain/early_copy",
    "reuse=mapcount/page_count",
    "has_pinned",
    "foll_pin",
    "write_protect_seq",
    "fork_flush",
)
CASES = (
    Case("rdma_fork", "v5.10", (*FORK, "wp_copy_pte_same", "gup_read=plain/breaks_cow")),
    Case(
        "gup_fast_fork",
        "v5.11",
        (
            "fork=plain/early_copy", "reuse=mapcount/page_count", "write_protect_seq", "fork_wrprotect_first",
            "gup_fast_pins_first", "gup_fast_pte_recheck", "foll_pin_counted", "fork_flush",
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Compared:
    """What was measured: seconds of searching and in all, for the family and for the settings apart."""

    settings: int
    states: int
    states_apart: int
    search: float
    whole: float
    search_apart: float
    whole_apart: float
    different: list[str]


def measure(case: Case, progress: Callable[[int, int], None]) -> Compared:
    question = Question(case.name, (("kernel", case.kernel),), case.vary, engine="native")
    began = time.perf_counter()
    answer = explore(question)
    whole = time.perf_counter() - began
    searched = compiled = built = 0.0
    states = 0
    different: list[str] = []
    function = load(case.name)
    parameters = parameters_of(function, question.parameters)
    wanted = [varied_rule(function, parameters, text) for text in case.vary]
    expected = {tuple(c.rules.values()): c for c in answer.configurations}
    for count, values in enumerate(itertools.product(*(v.values for v in wanted))):
        began = time.perf_counter()
        model = function(**settled_parameters(parameters, list(zip(wanted, values, strict=True))))
        claims, _ = select(model, None)
        system = lower(model, claims)
        outcome = engine.search(Task(system, Bounds()))
        built += time.perf_counter() - began
        searched += outcome.seconds
        if count % SAMPLE == 0:  # the better of two engines counts
            compiled += native.search(Task(system, Bounds())).seconds * SAMPLE
        states += outcome.states
        found = verdicts(system, outcome)
        given = expected[tuple(map(rule_text, values))]
        different += [f"{given.rules}: {text}" for text in differences(found, given)]
        progress(count + 1, len(expected))
    return Compared(
        len(expected), answer.states, states, answer.seconds, whole, min(searched, compiled), built, different
    )


def verdicts(system: System, outcome: Outcome) -> dict[str, tuple[str, int | None]]:
    """Property -> verdict and depth, of a search of one setting that saw every state."""
    assert outcome.complete and not outcome.undecided
    kinds = {p.name: p.kind for p in system.properties} | {reference.DEADLOCK: "always", reference.ASSERTIONS: "always"}
    found: dict[str, tuple[str, int | None]] = {}
    for name, kind in kinds.items():
        shown_first = ("reached", "unreachable") if kind == "reachable" else ("violated", "holds")
        depth = outcome.depths.get(name)
        found[name] = (shown_first[depth is None], depth)
    return found


def differences(found: dict[str, tuple[str, int | None]], given: Configuration) -> list[str]:
    """What the family says otherwise than a search of the setting alone."""
    family = {
        n: (v.verdict.value, v.depth) for n, v in given.verdicts.items() if v.verdict is not Verdict.NOT_APPLICABLE
    }
    return [
        f"{n} is {family.get(n)}, alone {found.get(n)}" for n in {**found, **family} if found.get(n) != family.get(n)
    ]


def report(case: Case, done: Compared) -> list[str]:
    """The lines of one case."""
    return [
        f"{case.name}, kernel {case.kernel}: {done.settings} settings of {', '.join(case.vary)}",
        f"  states          family {done.states:,}, apart {done.states_apart:,}",
        f"  search          family {done.search:.2f} s, apart {done.search_apart:.2f} s: "
        f"{done.search_apart / done.search:.1f} times",
        f"  in all          family {done.whole:.2f} s, apart {done.whole_apart:.2f} s: "
        f"{done.whole_apart / done.whole:.1f} times",
        f"  verdicts and depths: {'all equal' if not done.different else f'{len(done.different)} differ'}",
    ]


def no_counterexamples() -> None:
    """Searches build no counterexamples, and find nothing compiled on disk."""

    def nothing(self: Any) -> None:
        return

    for search in (reference.Search, native.Search):
        setattr(search, "settle", nothing)  # noqa: B010 - a method is replaced on purpose
    setattr(kept, "recall", lambda kind, key: None)  # noqa: B010


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="NAME", help="this model alone")
    parser.add_argument("--write", action="store_true", help="into benchmarks/family.md")
    options = parser.parse_args()
    no_counterexamples()
    explore(Question("gup_fast_fork", (), ("write_protect_seq",), engine="native"))  # the loops are compiled
    lines: list[str] = []
    equal = True
    for case in CASES:
        if options.only not in (None, case.name):
            continue

        def progress(done: int, of: int) -> None:
            if sys.stderr.isatty():
                print(f"\r{done} of {of}", end="", file=sys.stderr, flush=True)

        done = measure(case, progress)
        lines += [*report(case, done), ""]
        equal &= not done.different
        print("\n".join([*done.different[:20], *report(case, done), ""]), flush=True)
    if options.write:
        load_now = (
            f"{os.cpu_count()} cores, with a load of {os.getloadavg()[0]:.0f} at the end; 1 is the benchmark's own"
        )
        head = f"# One search for all settings, and one for each\n\nMade by `python benchmarks/family.py --write`: {load_now}."
        (HERE / "family.md").write_text(f"{head}\n\n```\n" + "\n".join(lines).rstrip() + "\n```\n")
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())
