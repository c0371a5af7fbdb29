"""Time and memory against the number of states: `python benchmarks/scale.py [--most 8] [--write]`.

Counters that count on their own: 10^n states, one word each. For each size the time, and the largest growth of the process
per state at any moment from 5 million states on (a table that doubles included); then the same with a quarter of the
memory, where most states are on disk.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from explorer.search.native import search as native
from explorer.search.native.storage.homes import InMemory
from explorer.search.native.storage.spill import resident
from explorer.search.outcome import Bounds, Outcome, Resources, Task
from explorer.system.form import Action, Apply, Cell, Constant, Domain, Read, Span, System


def counters(count: int) -> System:
    """`count` counters from 0 to 9."""
    here = Span("scale.py", 1)
    cells = tuple(Cell(f"c{i}", Domain("range", 0, 9), (0,)) for i in range(count))
    actions = []
    for i in range(count):
        read = Read(i, "int")
        up = ((i, Apply("add", (read, Constant(1)))),)
        actions.append(Action(f"t{i}", "up", here, Apply("lt", (read, Constant(9))), up, None, name=f"up{i}"))
    return System("counters", cells, tuple(actions), ())


class Watched(native.Search):
    """A search whose memory is looked at a hundred times a second."""

    base = 0
    worst, peak, finished = 0.0, 0, False

    def run(self) -> Outcome:
        watcher = threading.Thread(target=self.watch)
        watcher.start()
        try:
            return super().run()
        finally:
            self.finished = True
            watcher.join()

    def watch(self) -> None:
        while not self.finished:
            grown = resident() - self.base
            self.peak = max(self.peak, grown)
            found = len(self.home.store) if isinstance(self.home, InMemory) else 0
            if found > 5_000_000:
                self.worst = max(self.worst, grown / found)
            time.sleep(0.01)


def search(system: System, threads: int, memory: int | None) -> tuple[Outcome, Watched, float]:
    whole = Watched(Task(system, Bounds(), resources=Resources(threads=threads, memory=memory)))
    Watched.base = resident()
    began = time.monotonic()
    try:
        found = whole.run()
    finally:
        whole.close()
    return found, whole, time.monotonic() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=8, help="the largest power of ten")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    lines = [
        "| states | threads | s | M states/s | bytes per state, at most | quarter of the memory (s) | slower by |",
        "|---|---|---|---|---|---|---|",
    ]
    print("\n".join(lines), flush=True)
    search(counters(2), 1, None)
    for power in range(4, options.most + 1):
        for threads in (1, native.cores()):
            system = counters(power)
            found, whole, seconds = search(system, threads, None)
            assert found.complete and found.states == 10**power
            per_state = f"{whole.worst:.1f}" if whole.worst else "-"
            spilled = slower = "-"
            if power == 7:
                again, _, disk = search(system, threads, resident() + whole.peak // 4)
                assert (again.states, again.transitions) == (found.states, found.transitions)
                spilled, slower = f"{disk:.1f}", f"{disk / seconds:.1f}"
            lines.append(
                f"| {found.states:,} | {threads} | {seconds:.2f} | {found.states / seconds / 1e6:.2f} | {per_state} | {spilled} "
                f"| {slower} |"
            )
            print(lines[-1], flush=True)
    if options.write:
        from compare import versions
        from report import put

        put("scale", [*versions(), f"- `python benchmarks/scale.py --most {options.most} --write`", "", *lines])
    return 0


if __name__ == "__main__":
    sys.exit(main())
