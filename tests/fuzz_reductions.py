"""Searches that leave something out against the search that does not: `python -m tests.fuzz_reductions --systems 5000 --seed 0`.

On many random systems, with and without each reduction: every verdict and every depth is compared, and that both engines
count the same. Prints the seeds that differ, and at the end what was compared; exit status 1 where anything differed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable

from explorer.reduction.goals import goals
from explorer.reduction.relations import Syntactic
from explorer.reduction.stubborn import stubborn
from explorer.search import reference
from explorer.search.native import search as native
from explorer.search.native.layout import Unfit
from explorer.search.outcome import Bounds, Outcome
from explorer.symbolic.symmetry import certify
from explorer.system import System
from tests.races import race
from tests.symmetric_systems import Symmetric
from tests.systems import random_system
from tests.test_native import unequal
from tests.test_partial_order import MOST, RELATIONS, differences

COMPILED = 50  # the compiled search takes longer to compile than to search: so often it is asked
RARE = 10  # to find invariants takes long; and z3 takes too long for the arithmetic of random systems at all


def partial_order(seed: int, system: System, full: Outcome, counts: Counter[str]) -> list[str]:
    """By what the text says, by what z3 says of races; every few systems with invariants, and compiled."""
    names = ["text", *(["z3"] if seed % 2 else []), *(["z3 and invariants"] if seed % RARE == 1 else [])]
    counts.update(f"partial order: by {name}" for name in names)
    found = [f"{name}: {text}" for name in names for text in differences(system, RELATIONS[name], full)]
    for goal in goals(system):
        tables = stubborn(goal, Syntactic(goal))
        reduced = reference.search(goal.system, Bounds(states=MOST, first=True), stubborn=tables)
        counts["partial order: states for each goal"] += reduced.states
        counts["partial order: states without"] += full.states
        if seed % COMPILED == 0:
            counts["partial order: searches of both engines"] += 1
            try:
                also = native.search(goal.system, Bounds(states=MOST, first=True), stubborn=tables)
            except Unfit:
                continue
            found += [f"engines, {goal.name}: {text}" for text in unequal(also, reduced)]
    return found


def with_symmetry(seed: int, system: System, full: Outcome, counts: Counter[str]) -> list[str]:
    """Partial order and symmetry together, of a system that has symmetry, once for every few others."""
    if seed % 5:
        return []
    symmetric = Symmetric(seed).system()
    known = certify(symmetric).symmetry
    whole = reference.search(symmetric, Bounds(states=MOST))
    if known is None or whole.stopped == "states":
        return []
    counts["partial order and symmetry: systems"] += 1
    return differences(symmetric, RELATIONS["text"], whole, known)


# what to compare of a system: (seed, system, outcome without reduction, counts) -> what differs
REDUCTIONS: dict[str, Callable[[int, System, Outcome, Counter[str]], list[str]]] = {
    "partial order": partial_order,
    "partial order and symmetry": with_symmetry,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--systems", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--only", choices=REDUCTIONS, action="append", help="only this reduction; may be repeated")
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    began = time.monotonic()
    for seed in range(options.seed, options.seed + options.systems):
        system = race(seed) if seed % 2 else random_system(seed)
        full = reference.search(system, Bounds(states=MOST))
        if full.stopped == "states":
            counts["too large"] += 1
            continue
        counts["systems"] += 1
        counts["states"] += full.states
        counts["counterexamples"] += len(full.paths) + (full.error is not None)
        for name in options.only or REDUCTIONS:
            different = REDUCTIONS[name](seed, system, full, counts)
            counts[f"{name}: different"] += bool(different)
            for text in different:
                print(f"seed {seed}: {name}: {text}", flush=True)
        if sys.stderr.isatty():
            print(f"\r{counts['systems']:,} systems", end="", file=sys.stderr, flush=True)
    for what, n in counts.items():
        print(f"{what}: {n:,}")
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if any(n for what, n in counts.items() if what.endswith("different")) else 0


if __name__ == "__main__":
    sys.exit(main())
