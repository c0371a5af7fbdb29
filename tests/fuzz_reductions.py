"""Searches that leave something out against the search that does not: `python -m tests.fuzz_reductions --systems 5000 --seed 0`.

On many random systems, with and without each reduction and each pair that may go together: every verdict and every depth is
compared, and that both engines count the same. Prints the seeds that differ, and at the end what was compared; exit status 1
where anything differed.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections import Counter
from collections.abc import Callable

from explorer import LanguageError
from explorer.lowering import lower
from explorer.reduction.certificate import without
from explorer.reduction.family import family
from explorer.reduction.goals import goals
from explorer.reduction.relations import Syntactic
from explorer.reduction.stubborn import stubborn
from explorer.reduction.symmetry import check_symmetry
from explorer.search import reference
from explorer.search.family import FamilySearch
from explorer.search.native import family as native_family
from explorer.search.native import search as native
from explorer.search.native.codegen.layout import Unfit
from explorer.search.outcome import Bounds, Outcome, Task
from explorer.symbolic.prepare import prepare
from explorer.symbolic.symmetry import certify
from explorer.system.form import System
from tests.generated.loading import loaded
from tests.generated.source import random_model
from tests.support.families import BOUNDS, system_with_rules
from tests.support.families import SAME as SAME_OF_A_FAMILY
from tests.support.families import unequal as wrong_settings
from tests.support.outcomes import unequal
from tests.support.partial_orders import MOST, RELATIONS, differences
from tests.support.races import race
from tests.support.symmetric_systems import Symmetric
from tests.support.symmetries import compare
from tests.support.systems import random_system

COMPILED = 50  # the compiled search takes longer to compile than to search: so often it is asked
RARE = 10  # to find invariants takes long; and z3 takes too long for the arithmetic of random systems at all


def whole_search(system: System, counts: Counter[str]) -> Outcome | None:
    """The search without reduction, None where there are too many states."""
    full = reference.search(Task(system, Bounds(states=MOST)))
    if full.stopped == "states":
        counts["too large"] += 1
        return None
    counts["states"] += full.states
    counts["counterexamples"] += len(full.paths) + (full.error is not None)
    return full


def partial_order(seed: int, counts: Counter[str]) -> list[str]:
    """By what the text says, by what z3 says of races; every few systems with invariants, and compiled."""
    system = race(seed) if seed % 2 else random_system(seed)
    full = whole_search(system, counts)
    if full is None:
        return []
    names = ["text", *(["z3"] if seed % 2 else []), *(["z3 and invariants"] if seed % RARE == 1 else [])]
    counts.update(f"by {name}" for name in names)
    found = [f"{name}: {text}" for name in names for text in differences(system, RELATIONS[name], full)]
    for goal in goals(system):
        tables = stubborn(goal, Syntactic(goal))
        reduced = reference.search(Task(goal.system, Bounds(states=MOST, first=True), stubborn=tables))
        counts["states for each goal"] += reduced.states
        counts["states without"] += full.states
        if seed % COMPILED == 0:
            counts["searches of both engines"] += 1
            try:
                also = native.search(Task(goal.system, Bounds(states=MOST, first=True), stubborn=tables))
            except Unfit:
                continue
            found += [f"engines, {goal.name}: {text}" for text in unequal(also, reduced)]
    return found


def dead_actions(seed: int, counts: Counter[str]) -> list[str]:
    """Of races: what z3 proves never fires never does, what it proves holds, and without those actions all is as before."""
    system = race(seed)
    full = whole_search(system, counts)
    if full is None:
        return []
    proved = prepare(system)
    counts["dead actions"] += len(proved.dead)
    counts["proved properties"] += len(proved.proved)
    found = [f"action {i} is called dead and fires" for i in proved.dead if full.fired.get(i)]
    found += [f"{name} is called proved and fails" for name in proved.proved if name in full.depths]
    found += unequal(reference.search(Task(without(system, proved.dead), Bounds())), full)
    return found


def with_symmetry(seed: int, counts: Counter[str]) -> list[str]:
    """States are the orbits; verdicts, depths and counterexamples are equal, in both engines. Every few seeds a model too."""
    found = []
    systems = [Symmetric(seed).system()]
    if seed % RARE == 0:
        with loaded(random_model(seed)) as model, contextlib.suppress(LanguageError):
            systems.append(lower(model))
    for system in systems:
        known = certify(system).symmetry
        if known is None:
            counts["not symmetric"] += 1
            continue
        check_symmetry(system, known)
        try:
            sizes = compare(system, known, MOST)
        except AssertionError as e:
            found.append(str(e))
            continue
        if sizes is None:
            counts["too large"] += 1
        else:
            counts["states"] += sizes[0]
            counts["states, one for each orbit"] += sizes[1]
    return found


def partial_order_and_symmetry(seed: int, counts: Counter[str]) -> list[str]:
    """Stubborn sets among the representatives of orbits."""
    system = Symmetric(seed).system()
    known = certify(system).symmetry
    full = whole_search(system, counts)
    return [] if known is None or full is None else differences(system, RELATIONS["text"], full, known)


def families(seed: int, counts: Counter[str]) -> list[str]:
    """One search for all settings against one for each, under several bounds, and compiled."""
    made = family(system_with_rules(seed))
    found = []
    for bounds in BOUNDS:
        outcome = FamilySearch(made, bounds).run()
        if outcome.stopped == "states":
            counts["too large"] += 1
            continue
        counts["settings"] += len(made.settings)
        found += wrong_settings(made, outcome, bounds)
        if seed % COMPILED == 0:
            counts["searches of both engines"] += 1
            also = native_family.search(made, bounds)
            found += [f"engines: {n}" for n in SAME_OF_A_FAMILY if getattr(also, n) != getattr(outcome, n)]
    return found


# what to compare: (seed, counts) -> what differs
REDUCTIONS: dict[str, Callable[[int, Counter[str]], list[str]]] = {
    "dead actions": dead_actions,
    "symmetry": with_symmetry,
    "families": families,
    "partial order": partial_order,
    "partial order and symmetry": partial_order_and_symmetry,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--systems", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--only", choices=REDUCTIONS, action="append", help="only this reduction; may be repeated")
    options = parser.parse_args()
    status = 0
    for name in options.only or REDUCTIONS:
        counts: Counter[str] = Counter()
        began = time.monotonic()
        for seed in range(options.seed, options.seed + options.systems):
            counts["systems"] += 1
            different = REDUCTIONS[name](seed, counts)
            counts["different"] += bool(different)
            for text in different:
                status = 1
                print(f"seed {seed}: {name}: {text}", flush=True)
            if sys.stderr.isatty():
                print(f"\r{name}: {counts['systems']:,} systems", end="", file=sys.stderr, flush=True)
        said = ", ".join(f"{what} {n:,}" for what, n in counts.items())
        print(f"{name}: {said}; {time.monotonic() - began:.0f} s", flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
