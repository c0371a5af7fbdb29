"""What each reduction leaves out, of every shipped model: `python benchmarks/reductions.py [--only NAME] [--write]`.

Every model at its defaults, and some larger, is searched without reduction, without the actions that z3 proved dead, with one
state for all that differ by a permutation, with a search for each goal reduced by partial order, and with both of these.
Every verdict and depth is compared with the first search. `--write`: into reports/reductions.md. Ends with status 1 where
something differs.

One thread; `s` is the search alone, without z3, whose time is in the column of what it proves. What is said about whole runs is
left out: it is decided without reduction. Under partial order the counts are sums over the searches of all goals, and the time
is that of z3's tables too; where it `pays`, it takes less time than the search without reduction.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from collections.abc import Callable
from pathlib import Path

from explorer.answer.catalogue import load, shipped_files
from explorer.answer.checking import select
from explorer.answer.partial_order import reduced_search, whole_orbits
from explorer.lowering import lower
from explorer.reduction.certificate import Certificate, traps, without
from explorer.search.engine import search
from explorer.search.outcome import Bounds, Outcome, Resources, Task
from explorer.symbolic.prepare import prepare
from explorer.symbolic.symmetry import certify
from explorer.system.form import LIVENESS, System

REPORT = Path(__file__).resolve().parent.parent / "reports" / "reductions.md"
LARGER = ("rdma_fork pages=2", "rdma_fork thread2=stores", "gup_fast_fork kernel=v5.10", "odp_fork kernel=v6.8")
MOST = 5_000_000  # states of a model that is looked at
ONE = Resources(threads=1)
HEAD = (
    "model", "actions", "dead", "may trap", "proved", "z3 s", "states", "depth", "s", "dead: s", "alike", "symmetry: states",
    "s", "partial order: states", "largest", "s", "both: states", "largest", "s", "pays",
)  # fmt: skip


@dataclasses.dataclass
class Ran:
    """One way to search a model. `largest`: states of its largest search. `shown`: what was found at which depth."""

    states: int
    largest: int
    depth: int
    seconds: float
    shown: dict[str, int]


def ran(outcome: Outcome) -> Ran:
    """What an outcome says, without a complete search's paths."""
    assert outcome.complete or outcome.error is not None, outcome.stopped
    searches = [o.states for o in outcome.goals.values()] or [outcome.states]
    return Ran(outcome.states, max(searches), outcome.depth, outcome.seconds, dict(outcome.depths))


def row(words: str) -> tuple[str, ...] | None:
    """The line of a model, None where it has too many states. Raises AssertionError where two ways to search differ."""
    name, *given = words.split()
    function = load(name)
    model = function(**{k: function.convert(k, v) for k, _, v in (text.partition("=") for text in given)})
    claims = [p for p in select(model, None)[0] if p.kind not in LIVENESS]
    system = lower(model, claims)
    plain = search(Task(system, Bounds(states=MOST), resources=ONE))
    if plain.stopped == "states":
        return None
    began = time.process_time()
    proved = prepare(system)
    alike = certify(system, lambda: proved.invariants).symmetry
    asked = time.process_time() - began
    alive = without(system, proved.dead)
    both = without(system, [] if alike is None else whole_orbits(alike, proved.dead))
    ways: dict[str, Callable[[], Outcome]] = {
        "dead": lambda: search(Task(alive, Bounds(), resources=ONE)),
        "por": lambda: reduced_search(Task(system, Bounds(), resources=ONE))[0],
    }
    if alike is not None:
        ways["symmetry"] = lambda: search(Task(both, Bounds(), resources=ONE, symmetry=alike))
        ways["both"] = lambda: reduced_search(Task(system, Bounds(), resources=ONE), symmetric=True)[0]
    first = ran(plain)
    found = {way: ran(make()) for way, make in ways.items()}
    for way, other in found.items():
        assert other.shown == first.shown, f"{words}, {way}: {other.shown} and not {first.shown}"
    assert found["dead"].depth == first.depth, f"{words}, dead: depth {found['dead'].depth} and not {first.depth}"
    # a state can lie deeper than one that stands for it; so the depth of the whole graph may be less, and is never more
    assert "symmetry" not in found or found["symmetry"].depth <= first.depth, f"{words}, symmetry: {found['symmetry']}"
    assert found["dead"].states == first.states
    return line(words, system, proved, asked, first, found, alike is not None)


def line(
    words: str, system: System, proved: Certificate, asked: float, first: Ran, found: dict[str, Ran], alike: bool
) -> tuple[str, ...]:
    def three(way: str) -> list[str]:
        given = found.get(way)
        return ["", "", ""] if given is None else [f"{given.states:,}", f"{given.largest:,}", f"{given.seconds:.2f}"]

    symmetric = found.get("symmetry")
    return (
        words, str(len(system.actions)), str(len(proved.dead)), str(len(traps(system, proved.dead))),
        f"{len(proved.proved)} of {len(system.properties)}", f"{asked:.1f}",
        f"{first.states:,}", str(first.depth), f"{first.seconds:.2f}", f"{found['dead'].seconds:.2f}",
        "yes" if alike else "no",
        *(["", ""] if symmetric is None else [f"{symmetric.states:,}", f"{symmetric.seconds:.2f}"]),
        *three("por"), *three("both"), "yes" if found["por"].seconds < first.seconds else "no",
    )  # fmt: skip


def report(rows: list[tuple[str, ...]]) -> str:
    """The page."""
    out = ["# What each reduction leaves out", "", "Made by `python benchmarks/reductions.py --write`.", ""]
    out += ["\n".join((__doc__ or "").split("\n")[2:]).strip(), ""]
    out += ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    out += ["| " + " | ".join(cells) + " |" for cells in rows]
    paying = [cells[0] for cells in rows if cells[-1] == "yes"]
    out += ["", "All verdicts and depths are equal.", ""]
    out += [f"Partial order pays for {', '.join(paying) or 'none of them: it is off unless asked for'}."]
    return "\n".join(out) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python benchmarks/reductions.py", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", action="append", metavar="NAME", help="this model only; may be repeated")
    parser.add_argument("--write", action="store_true", help=f"write {REPORT.name}")
    options = parser.parse_args()
    names = options.only or [*sorted(shipped_files("models")), *LARGER]
    rows = []
    for words in names:
        try:
            cells = row(words)
        except AssertionError as e:
            print(f"DIFFERS: {e}", file=sys.stderr)
            return 1
        if cells is None:
            print(f"{words}: more than {MOST:,} states", file=sys.stderr)
            continue
        rows.append(cells)
        print("  ".join(cells), flush=True)
    if options.write:
        REPORT.write_text(report(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
