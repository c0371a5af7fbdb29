"""The next level when states do not fit in memory: delayed duplicate detection on sorted runs.

The successors of a level go into a hash table in memory, which finds those that are equal; when it has its share of the
memory it is written out as a run sorted by hash. At the end of the level the runs are merged, one range of hashes after the
other, and what is among the sorted states of an earlier level is taken out: each earlier level is read once, from front to
back. (U. Stern, D. Dill, "Using magnetic disk instead of main memory in the Murphi verifier", 1998; R. Korf, "Best-first
frontier search with delayed duplicate detection", 2004.)
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from explorer.search.native.loops import search_loops
from explorer.search.native.storage.disk import CHUNK, Levels, hashes_of, sorted_by_hash
from explorer.search.native.storage.store import PARTITIONS, Store

SLACK = 24 << 20  # bytes that Python and the pieces being read may take besides


def resident() -> int:
    """The bytes of this process that are in memory; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


class Candidates:
    """Successors of one level, all different, in memory and in runs. `store`, `runs`: empty. `share`: bytes of memory they
    may take."""

    def __init__(self, store: Store, runs: Levels, share: int) -> None:
        self.store, self.runs, self.share = store, runs, share
        self.words = store.words
        self.bounds: list[list[int]] = []  # of each run: where each partition begins, and the end

    @property
    def full(self) -> bool:
        # what is merged is copied once, with its hashes
        return self.store.bytes + len(self.store) * (8 * len(self.words) + 9) > self.share

    def write_run(self) -> None:
        """Move what is in memory into a sorted run on disk. Raises DiskFull."""
        self.bounds.append([0, *np.cumsum(self.store.counts).tolist()])
        self.runs.append(rows for rows, _ in self.in_order())

    def in_order(self) -> Iterator[tuple[Any, Any]]:
        """What is in memory, by hash, with the hashes; it is let go at the end."""
        for p in range(PARTITIONS):
            count = int(self.store.counts[p])
            if count:
                rows = self.store.rows(p, 0, count)
                yield sorted_by_hash(self.words, rows.ctypes.data, count)
        self.store.clear()

    def merged_pieces(self) -> Iterator[tuple[Any, Any]]:
        """All candidates without repetition, by hash, with the hashes, in as large pieces as the memory allows."""
        if not self.bounds:
            if len(self.store):
                pieces = list(self.in_order())
                yield np.concatenate([rows for rows, _ in pieces]), np.concatenate([hashes for _, hashes in pieces])
            return
        if len(self.store):
            self.write_run()
        total = sum(self.runs.sizes)
        groups = min(PARTITIONS, max(1, -(-total * (24 * len(self.words) + 24) // max(self.share, 1))))
        for group in range(groups):
            first, last = group * PARTITIONS // groups, (group + 1) * PARTITIONS // groups
            parts = []
            for run, bounds in enumerate(self.bounds):
                if bounds[first] < bounds[last]:
                    parts.append(self.runs.read(run, bounds[first], bounds[last] - bounds[first]))
            if parts:
                rows = np.concatenate(parts)
                yield sorted_by_hash(self.words, rows.ctypes.data, len(rows))

    def close(self) -> None:
        """Empty the store and forget the runs."""
        self.store.clear()
        while self.runs.sizes:
            self.runs.drop_last()


def new_states(levels: Levels, candidates: Candidates) -> Iterator[Any]:
    """The candidates that no level has, in the order of their hashes, in pieces."""
    words = candidates.words
    starts = [0] * len(levels.sizes)
    for rows, hashes in candidates.merged_pieces():
        alive = np.ones(len(rows), np.bool_)
        for depth, size in enumerate(levels.sizes):
            at = starts[depth]
            position = 0
            while at < size and position < len(rows):
                old = levels.read(depth, at, min(CHUNK, size - at))
                old_hashes = hashes_of(words, old)
                position = search_loops.subtract(
                    words, rows.ctypes.data, hashes, alive, position, old.ctypes.data, old_hashes
                )
                if position < len(rows):
                    at += len(old)
                else:  # the rest of this piece is for the next range of hashes
                    at += int(np.searchsorted(old_hashes, hashes[-1]))
            starts[depth] = at
        yield rows[alive]
