"""Compare the System with CPython on many random models: `python -m tests.generated.fuzz --minutes 15 --seed 7`.

Model number n of seed s is always the same one. A disagreement is made as short as possible and written to a file, ready to
be kept among tests/regressions; the exit status is then 1.
"""

from __future__ import annotations

import argparse
import re
import signal
import sys
import time
from collections import Counter
from pathlib import Path

from explorer.lowering.limits import TooMuch
from tests.generated.examine import complaint, examine
from tests.generated.source import drawn, random_model, shrunk

FOLDER = Path(__file__).resolve().parent.parent / "regressions"
SLOW = 30  # seconds for one model
SPACING = 1_000_000_007  # between the numbers of two seeds


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.generated.fuzz", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--minutes", type=float, default=15, help="how long to go on (default 15)")
    parser.add_argument("--models", type=int, default=None, help="stop after so many models")
    parser.add_argument("--seed", type=int, default=0, help="which models (default 0)")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where to write what is found")
    parser.add_argument("--keep-going", action="store_true", help="go on after a disagreement of a new kind")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGALRM, too_slow)
    began = told = time.monotonic()
    counts: Counter[str] = Counter()
    known: set[str] = set()
    number = 0
    try:
        while time.monotonic() - began < options.minutes * 60 and number != options.models:
            seed = options.seed * SPACING + number
            number += 1
            source = random_model(seed)
            try:
                signal.alarm(SLOW)
                examined = examine(source)
            except TooSlow as e:
                counts["slow"] += 1
                print(f"\nmodel {number - 1} of seed {options.seed}: {e}", file=sys.stderr, flush=True)
                continue
            except Exception as e:
                if isinstance(e.__context__, TooMuch):
                    counts["refused"] += 1
                    continue
                kind = kind_of(f"{type(e).__name__}: {e}")
                if kind not in known:
                    known.add(kind)
                    signal.alarm(0)
                    print(f"\nmodel {number - 1} of seed {options.seed}: {e}", file=sys.stderr, flush=True)
                    print(f"written to {keep(seed, kind, options.folder)}", file=sys.stderr)
                counts["disagreements"] += 1
                if not options.keep_going:
                    break
                continue
            finally:
                signal.alarm(0)
            counts["states"] += examined.compared.states
            counts["transitions"] += examined.compared.transitions
            counts["crossings"] += examined.compared.crossings
            counts["faults"] += examined.compared.faults
            counts["deadlocks"] += examined.compared.deadlocks
            counts["counted"] += examined.counted
            if sys.stderr.isatty() and time.monotonic() - told > 0.5:
                told = time.monotonic()
                print(f"\r\x1b[K{line(number, counts, told - began)}", end="", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)
    print(line(number, counts, time.monotonic() - began))
    return 1 if known else 0


class TooSlow(BaseException):
    """Nothing on the way may take it for an error of the model."""


def too_slow(number: int, frame: object) -> None:
    raise TooSlow(f"not done after {SLOW} s")


def line(models: int, counts: Counter[str], seconds: float) -> str:
    return (
        f"{models:,} models, {counts['states']:,} states, {counts['transitions']:,} transitions "
        f"({counts['faults']:,} errors), {counts['crossings']:,} states a second time, {counts['deadlocks']:,} deadlocks, "
        f"{counts['counted']:,} models counted whole, {counts['slow']:,} given up, "
        f"{counts['refused']:,} refused as too much for lowering, "
        f"{counts['disagreements']:,} disagreements, {seconds:,.0f} s"
    )


def kind_of(text: str) -> str:
    """What a complaint is about, without the names and numbers of its model."""
    return re.sub(r"\S*generated\S*|\d+", "", text.partition("\n")[0])[:60]


def keep(seed: int, kind: str, folder: Path) -> Path:
    """Write the shortest source found that is wrong in the same way."""
    source = shrunk(drawn(seed), lambda text: kind_of(complaint(text)) == kind)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"found_{seed}.py"
    path.write_text(f'"""Found by tests/generated/fuzz.py: {complaint(source)[:90]!r}."""\n\n' + source)
    return path


if __name__ == "__main__":
    sys.exit(main())
