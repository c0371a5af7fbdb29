"""Stubborn sets in the compiled search: the sets that `reduction.stubborn.Chooser` computes, on the same tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from explorer.reduction.stubborn import Stubborn
from explorer.search.native.codegen.emit import words_for
from explorer.search.native.codegen.machine_code import MachineCode
from explorer.search.native.loops import stubborn_loops as loops
from explorer.search.native.loops.search_loops import BATCH, SHIFT
from explorer.search.native.storage.store import Buffers


class Choice:
    """The tables as arrays: sets are rows of 64-bit words, lists stand one behind the other, with where each begins."""

    def __init__(self, tables: Stubborn) -> None:
        self.tables = tables
        self.words = words_for(len(tables.guards))
        self.truth_words = words_for(len(tables.conditions))
        groups = [group for start in tables.starts for group in start]
        self.arrays = (
            *lists(tables.guards),
            rows(tables.dependent, self.words),
            rows(tables.enablers, self.words),
            *lists(groups),
            begins(len(start) for start in tables.starts),
            rows([tables.steps], self.words)[0],
        )

        self.scratch: dict[int, tuple[Any, Any, Any]] = {}

    def expand(
        self,
        code: MachineCode,
        words: tuple[int, ...],
        chunk: int,
        worker: Buffers,
        states: Any,
        positions: Any,
        stops: Any,
    ) -> int:
        """As `kernels.expand`, with only the steps that are chosen."""
        left: int = loops.expand(
            code.addresses["expand_chosen"], code.addresses["truths"], self.arrays, self.sets_of(worker), words, SHIFT, chunk,
            states, positions, stops, worker.region.address, worker.fill, worker.fill.ctypes.data, worker.room, worker.limit,
            worker.fired.ctypes.data, worker.events.ctypes.data,
        )  # fmt: skip
        return left

    def sets_of(self, worker: Buffers) -> tuple[Any, Any, Any]:
        """Space for the sets of one worker: those chosen for a batch of states, and what is needed on the way."""
        if id(worker) not in self.scratch:
            self.scratch[id(worker)] = (
                np.zeros((BATCH, self.words), np.uint64),
                np.zeros((loops.SETS, self.words), np.uint64),
                np.zeros(self.truth_words, np.uint64),
            )
        return self.scratch[id(worker)]


def rows(masks: Sequence[int], words: int) -> Any:
    found = np.zeros((max(1, len(masks)), words), np.uint64)
    for i, mask in enumerate(masks):
        for k in range(words):
            found[i, k] = mask >> 64 * k & (1 << 64) - 1
    return found


def lists(given: Sequence[Sequence[int]]) -> tuple[Any, Any]:
    """(where each list begins and the last ends, all members)."""
    members = [member for one in given for member in one]
    return begins(map(len, given)), np.array(members or [0], np.int64)


def begins(sizes: Iterable[int]) -> Any:
    return np.cumsum([0, *sizes], dtype=np.int64)
