"""The compiled search against the evaluator on many random systems: `python -m tests.fuzz_native --systems 10000 --seed 0`.

Every figure of the outcome is compared, complete and within bounds, in memory and on disk, with one thread and several.
Prints the seeds that differ, and at the end what was compared; exit status 1 where anything differed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

import pytest

from explorer.search import reference
from explorer.search.native import search as native
from explorer.search.native.codegen.layout import Unfit
from explorer.search.outcome import Bounds, Resources, Task
from tests.support.outcomes import unequal
from tests.support.systems import random_system


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--systems", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    began = time.monotonic()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(native, "THREADED", 0)
        patch.setattr(native, "LEAST", 1 << 17)
        for seed in range(options.seed, options.seed + options.systems):
            system = random_system(seed)
            patch.setattr(native, "ROOM", (4, 64, 4096)[seed % 3])
            bounds = (Bounds(states=4000), Bounds(depth=seed % 9), Bounds(first=True, states=4000))[seed // 3 % 3]
            resources = Resources(threads=1 + seed % 2, memory=1 if seed % 5 == 0 else None)
            expected = reference.search(Task(system, bounds))
            try:
                found = native.search(Task(system, bounds, resources=resources))
            except Unfit:
                counts["left to the evaluator"] += 1
                continue
            different = unequal(found, expected)
            if different:
                counts["different"] += 1
                print(f"seed {seed}: {'; '.join(different)} ({bounds}, {resources})", flush=True)
            counts["systems"] += 1
            counts["states"] += expected.states
            counts["transitions"] += expected.transitions
            counts["counterexamples"] += len(expected.paths) + (expected.error is not None)
            counts[f"stopped: {expected.stopped or 'complete'}"] += 1
            if sys.stderr.isatty():
                print(f"\r{counts['systems']:,} systems", end="", file=sys.stderr, flush=True)
    for name, n in counts.items():
        print(f"{name}: {n:,}")
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if counts["different"] else 0


if __name__ == "__main__":
    sys.exit(main())
