"""The next level when states do not fit in memory: delayed duplicate detection on sorted runs.

The successors of a level go into a hash table in memory, which finds those that are equal; when it has its share of the
memory it is written out as a run sorted by hash. At the end of the level the runs are merged, one range of hashes after the
other, and what is among the sorted states of an earlier level is taken out: each earlier level is read once, from front to
back. (U. Stern, D. Dill, "Using magnetic disk instead of main memory in the Murphi verifier", 1998; R. Korf, "Best-first
frontier search with delayed duplicate detection", 2004.)
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from explorer.search.native import kernels
from explorer.search.native.disk import CHUNK, Levels, hashes_of, sorted_by_hash
from explorer.search.native.store import PARTITIONS, Store

SLACK = 24 << 20  # bytes that Python and the pieces being read may take besides


def resident() -> int:
    """The bytes of this process that are in memory; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


class Candidates:
    """Successors of one level, all different, in memory and in runs. `share`: bytes of memory they may take."""

    def __init__(self, words: int, folder: Path, share: int) -> None:
        self.store = Store(words)
        self.size = words
        self.words = self.store.words
        self.folder, self.share = folder / "runs", share
        self.runs: Levels | None = None

    @property
    def full(self) -> bool:
        # what is merged is copied once, with its hashes
        return self.store.bytes + len(self.store) * (8 * self.size + 9) > self.share

    def write_run(self) -> None:
        """Move what is in memory into a sorted run on disk. Raises DiskFull."""
        if self.runs is None:
            self.runs = Levels(self.folder, self.size, fresh=True)
        self.runs.append(self.in_order())
        self.store = Store(self.size)

    def in_order(self) -> Iterator[Any]:
        """What is in memory, by hash; it is let go piece by piece."""
        for p in range(PARTITIONS):
            count = int(self.store.counts[p])
            if count:
                yield sorted_by_hash(self.words, self.store.rows(p, 0, count))
            self.store.release(p)

    def merged(self) -> Iterator[Any]:
        """All candidates without repetition, in the order of their hashes, in as large pieces as the memory allows."""
        if self.runs is None:
            if len(self.store):
                yield np.concatenate(list(self.in_order()))
            return
        if len(self.store):
            self.write_run()
        total = sum(self.runs.sizes)
        groups = max(1, -(-total * (24 * self.size + 24) // max(self.share, 1)))
        bounds = [round(i * PARTITIONS / min(groups, PARTITIONS)) for i in range(min(groups, PARTITIONS) + 1)]
        starts = [0] * len(self.runs.sizes)
        for last in bounds[1:]:
            parts = []
            for run, size in enumerate(self.runs.sizes):
                stop = first_of(self.runs, run, last, self.words) if last < PARTITIONS else size
                if stop > starts[run]:
                    parts.append(self.runs.read(run, starts[run], stop - starts[run]))
                starts[run] = stop
            if parts:
                rows = sorted_by_hash(self.words, np.concatenate(parts))
                repeated = np.zeros(len(rows), np.bool_)
                repeated[1:] = (rows[1:] == rows[:-1]).all(axis=1)
                yield rows[~repeated]

    def close(self) -> None:
        if self.runs is not None:
            self.runs.close()
            shutil.rmtree(self.folder, ignore_errors=True)


def first_of(levels: Levels, depth: int, partition: int, words: tuple[int, ...]) -> int:
    """The first state of a level whose hash lies in the partition or a later one."""
    low, high = 0, levels.sizes[depth]
    while low < high:
        middle = (low + high) // 2
        found = int(hashes_of(words, levels.read(depth, middle, 1))[0]) >> kernels.SHIFT
        if found < partition:
            low = middle + 1
        else:
            high = middle
    return low


def new_states(levels: Levels, candidates: Candidates) -> Iterator[Any]:
    """The candidates that no level has, in the order of their hashes, in pieces."""
    words = candidates.words
    starts = [0] * len(levels.sizes)
    for rows in candidates.merged():
        hashes = hashes_of(words, rows)
        alive = np.ones(len(rows), np.bool_)
        for depth, size in enumerate(levels.sizes):
            at = starts[depth]
            position = 0
            while at < size and position < len(rows):
                old = levels.read(depth, at, min(CHUNK, size - at))
                old_hashes = hashes_of(words, old)
                position = kernels.subtract(
                    words, rows.ctypes.data, hashes, alive, position, old.ctypes.data, old_hashes
                )
                if position < len(rows):
                    at += len(old)
                else:  # the rest of this piece is for the next range of hashes
                    at += int(np.searchsorted(old_hashes, hashes[-1]))
            starts[depth] = at
        yield rows[alive]
