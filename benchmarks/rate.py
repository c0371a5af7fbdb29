"""One search alone, measured from inside: `python benchmarks/rate.py MODEL THREADS [NAME=VALUE...]` prints one JSON object.

Everything is on: properties, reachable states, deadlock, counts of actions. The clock stands while step functions are compiled
or loaded and while counterexamples are built, as it does for Spin while its verifier is generated and compiled.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from explorer.answer.catalogue import load
from explorer.answer.checking import select
from explorer.lowering import lower
from explorer.search.native import search as native
from explorer.search.native.codegen.layout import layout
from explorer.search.outcome import Bounds, Resources, Task


class Timed(native.Search):
    """A search that knows how long it built counterexamples."""

    aside = aside_wall = 0.0

    def settle(self) -> None:
        cpu, wall = time.process_time(), time.monotonic()
        super().settle()
        self.aside += time.process_time() - cpu
        self.aside_wall += time.monotonic() - wall


def main() -> int:
    name, threads, *given = sys.argv[1:]
    function = load(name)
    model = function(**{k: function.convert(k, v) for k, v in (text.split("=", 1) for text in given)})
    system = lower(model, select(model, None)[0])
    whole = Timed(Task(system, Bounds(), resources=Resources(threads=int(threads))))
    cpu, wall = time.process_time(), time.monotonic()
    found = whole.run()
    answer = {
        "states": found.states,
        "transitions": found.transitions,
        "cpu": time.process_time() - cpu - whole.aside,
        "wall": time.monotonic() - wall - whole.aside_wall,
        "words": layout(system).words,
        "actions": len(system.actions),
    }
    whole.close()
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
