"""What symmetry of frames saves: `python benchmarks/symmetry.py [PROCESSES FRAMES]` prints one JSON object.

cow_any_frame.py with and without, one thread each, search time alone, the best of three runs in turns. And the number of
orbits, counted by trying every permutation of the frames on every state of the whole graph, by code that the search does not
share.
"""

from __future__ import annotations

import itertools
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from explorer.answer.catalogue import load
from explorer.answer.checking import select
from explorer.lowering import lower
from explorer.reduction.symmetry import Symmetry
from explorer.search.native.codegen.layout import Layout, layout
from explorer.search.native.search import Search
from explorer.search.native.storage.homes import InMemory
from explorer.search.outcome import Bounds, Outcome, Resources, Task
from explorer.symbolic.symmetry import certify
from explorer.system.form import System

MODEL = Path(__file__).resolve().parent / "models" / "cow_any_frame.py"
CHUNK = 250_000  # states whose permutations are made at once


def made(system: System, symmetry: Symmetry | None) -> Search:
    return Search(Task(system, Bounds(), resources=Resources(threads=1), symmetry=symmetry))


def timed(system: System, symmetry: Symmetry | None) -> Outcome:
    whole = made(system, symmetry)
    outcome = whole.run()
    whole.close()
    return outcome


def states_of(system: System) -> list[Any]:
    """Every state of the whole graph, packed, a row each."""
    whole = made(system, None)
    whole.run()
    assert isinstance(whole.home, InMemory)
    store = whole.home.store
    found = [store.rows(p, 0, int(n)) for p, n in enumerate(store.counts)]
    whole.close()
    return found


def orbits(system: System, frames: int, pieces: list[Any]) -> int:
    """How many states there are up to the names of frames: of each the least packed state that a permutation makes."""
    places = layout(system)
    names = [c.name for c in system.cells]
    holds = [c.domain.kind == "scalarset" for c in system.cells]
    renamings = []
    for order in itertools.permutations(range(frames)):
        there = [names.index(renamed(name, order)) for name in names]
        codes = np.array([*order, frames], np.uint64)  # None stays None
        renamings.append((there, codes))
    every = np.concatenate(pieces)
    least = []
    for first in range(0, len(every), CHUNK):
        columns = unpacked(places, every[first : first + CHUNK])
        best: Any = None
        for there, codes in renamings:
            rows = np.zeros((len(columns[0]), places.words), np.uint64)
            for cell, column in enumerate(columns):
                field = places.fields[there[cell]]
                value = codes[column] if holds[cell] else column
                rows[:, field.word] |= value << np.uint64(field.shift)
            best = rows if best is None else smaller(best, rows)
        least.append(np.unique(best, axis=0))
    return len(np.unique(np.concatenate(least), axis=0))


def renamed(name: str, order: tuple[int, ...]) -> str:
    """The name of a cell with other frames in it."""
    return re.sub(r"frame (\d+)", lambda found: f"frame {order[int(found[1])]}", name)


def unpacked(places: Layout, rows: Any) -> list[Any]:
    """The codes of each cell, less the lowest."""
    return [rows[:, f.word] >> np.uint64(f.shift) & np.uint64((1 << f.bits) - 1) for f in places.fields]


def smaller(a: Any, b: Any) -> Any:
    """Of each two rows the one that comes first."""
    less, same = np.zeros(len(a), bool), np.ones(len(a), bool)
    for word in range(a.shape[1]):
        less |= same & (b[:, word] < a[:, word])
        same &= a[:, word] == b[:, word]
    return np.where(less[:, None], b, a)


def main() -> int:
    processes, frames = map(int, sys.argv[1:3] or (3, 4))
    model = load(f"{MODEL}:cow_any_frame")(processes=processes, frames=frames)
    system = lower(model, select(model, None)[0])
    began = time.monotonic()
    certified = certify(system)
    preparing = time.monotonic() - began
    symmetry = certified.symmetry
    assert symmetry is not None, certified.refused
    runs = [(timed(system, None), timed(system, symmetry)) for _ in range(3)]
    whole, reduced = runs[0]
    assert whole.depths == reduced.depths and whole.paths == reduced.paths
    seconds = [min(run[i].seconds for run in runs) for i in range(2)]
    answer = {
        "reduction": str(symmetry),
        "certifying": round(preparing, 2),
        "states": [whole.states, reduced.states],
        "transitions": [whole.transitions, reduced.transitions],
        "depth": [whole.depth, reduced.depth],
        "seconds": [round(s, 3) for s in seconds],
        "fewer states": round(whole.states / reduced.states, 2),
        "less time": round(seconds[0] / seconds[1], 2),
        "orbits": orbits(system, frames, states_of(system)),
    }
    assert answer["orbits"] == reduced.states, answer
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
