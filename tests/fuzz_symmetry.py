"""Searches with symmetry against searches without: `python -m tests.fuzz_symmetry --systems 1000 --seed 0`.

On random systems with symmetry and on generated models, in both engines: states are the orbits, and verdicts, depths and
counterexamples are equal. Prints the seeds that differ, and at the end what was compared; exit status 1 where anything
differed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from explorer import LanguageError
from explorer.lowering import lower
from explorer.reduction.symmetry import check_symmetry
from explorer.symbolic.symmetry import certify
from explorer.system import System
from tests.generated.loading import loaded
from tests.generated.source import random_model
from tests.symmetric_systems import Symmetric
from tests.test_symmetry import compare

STATES = 1_500


def compared(system: System) -> str:
    """What there was to compare: "reduced", "no fewer states", "too many states", "not symmetric"."""
    symmetry = certify(system).symmetry
    if symmetry is None:
        return "not symmetric"
    check_symmetry(system, symmetry)
    found = compare(system, symmetry, STATES)
    return "too many states" if found is None else "reduced" if found[1] < found[0] else "no fewer states"


def generated(seed: int) -> str:
    """Of a generated model."""
    with loaded(random_model(seed)) as model:
        try:
            system = lower(model)
        except LanguageError:
            return "refused"
        return compared(system) if any(n > 1 for _, n in system.scalarsets) else "no scalarset"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--systems", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    began = time.monotonic()
    for seed in range(options.seed, options.seed + options.systems):
        for kind, run in (("system", lambda s: compared(Symmetric(s).system())), ("model", generated)):
            try:
                counts[f"{kind}: {run(seed)}"] += 1
            except AssertionError as e:
                counts[f"{kind}: different"] += 1
                print(f"{kind} {seed} differs: {e}")
    print(f"{dict(sorted(counts.items()))} in {time.monotonic() - began:.0f} s")
    return 1 if any("different" in kind for kind in counts) else 0


if __name__ == "__main__":
    sys.exit(main())
