"""Certificates of every shipped model, asked again of z3 and cvc5 from text of another encoding.

`python -m tests.recheck [--only NAME] [--pairs 1000] [--seed 0]`: for each model at its defaults all that its search may use
(invariants, dead actions, proved properties), and pairs of steps that are called independent, drawn with the seed. Status 1
where a solver does not confirm something, 4 where a solver is missing.
"""

from __future__ import annotations

import argparse
import sys
import time

from explorer.answer.catalogue import load, shipped_files
from explorer.answer.checking import select
from explorer.lowering import lower
from explorer.reduction.certificate import without
from explorer.symbolic.analyze import alive_steps, independence
from explorer.symbolic.certificates import certificate
from explorer.symbolic.recheck import SOLVERS, available, recheck, some_pairs


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.recheck", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", action="append", metavar="NAME")
    parser.add_argument("--pairs", type=int, default=1_000, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    options = parser.parse_args()
    missing = [name for name in SOLVERS if name not in available()]
    status = 4 if missing else 0
    for name in missing:
        print(f"{name} is not installed: not asked", file=sys.stderr)
    began = time.monotonic()
    for name in options.only or sorted(shipped_files("models")):
        model = load(name)()
        system = lower(model, select(model, None)[0])
        proved = certificate(system)
        told = independence(system, without(system, proved.dead), proved)
        masks = [int(m, 16) for m in told.masks]
        pairs = some_pairs(masks, [i for i, _ in alive_steps(system, proved)], options.pairs, options.seed)
        line = f"{name}: {len(proved.invariants):,} invariants, {len(proved.dead)} dead actions, {len(pairs):,} pairs"
        for solver in available():
            start = time.monotonic()
            answers = recheck(system, proved, pairs, solver)
            line += f"; {solver} {answers.counts['unsat']:,} of {answers.counts.total():,} in {time.monotonic() - start:.0f} s"
            if answers.doubtful:
                status = 1
                line += f", NOT CONFIRMED: {answers.doubtful[:5]}"
        print(line, flush=True)
    print(f"{time.monotonic() - began:.0f} s")
    return status


if __name__ == "__main__":
    sys.exit(main())
