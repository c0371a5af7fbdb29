"""The states found so far, in memory: partitions by hash, each a growing array of states and a hash table of its indexes."""

from __future__ import annotations

from typing import Any

import numpy as np

from explorer.search.native import kernels
from explorer.search.native.memory import HUGE, Region

PARTITIONS = 1 << kernels.PARTITION_BITS
FIRST_BITS = 10  # of a table: entries, as a power of two
QUICK_BITS = 14  # below this a table that grows grows fourfold
RESERVED = 1 << 32  # bytes of address space for the states of a partition


class Full(Exception):
    """A partition holds as many states as its indexes can name."""


class Store:
    """`counts[p]`: states of partition p. `levels[d][p]`: how many of them lie in levels 0..d.

    `index_bits`: the bits of an index, at most 32.
    """

    def __init__(self, words: int, index_bits: int = 32) -> None:
        self.words: tuple[int, ...] = (0,) * words
        self.index_bits = index_bits
        self.regions = [reserve(RESERVED) for _ in range(PARTITIONS)]
        self.tables = [Region(4 << FIRST_BITS) for _ in range(PARTITIONS)]
        self.states: Any = np.array([r.address for r in self.regions], np.int64)
        self.table_at: Any = np.array([t.address for t in self.tables], np.int64)
        self.bits: Any = np.full(PARTITIONS, FIRST_BITS, np.int64)
        self.counts: Any = np.zeros(PARTITIONS, np.int64)
        self.levels: list[Any] = []

    def __len__(self) -> int:
        return int(self.counts.sum())

    @property
    def bytes(self) -> int:
        """Memory that states and tables take."""
        return int(self.counts.sum()) * 8 * len(self.words) + int((4 << self.bits).sum())

    def level(self, depth: int) -> tuple[Any, Any]:
        """(first, stops): the states of the level are first[p]..stops[p]-1 of each partition p."""
        first = self.levels[depth - 1] if depth else np.zeros(PARTITIONS, np.int64)
        return first, self.levels[depth]

    def make_room(self, p: int, more: int) -> None:
        """Grow the partition so that `more` states can be inserted. Raises Full."""
        self.reserve(p, more)
        wanted = int(self.counts[p]) + more
        bits = max(FIRST_BITS, int(self.bits[p]))
        while 4 * wanted > 3 << bits:
            bits += 2 if bits < QUICK_BITS else 1
        if bits == int(self.bits[p]):
            return
        if bits > self.index_bits:
            raise Full
        table = Region(4 << bits, huge=4 << bits >= HUGE)
        kernels.rebuild(self.words, table.address, bits, int(self.states[p]), int(self.counts[p]))
        self.tables[p], self.table_at[p], self.bits[p] = table, table.address, bits

    def reserve(self, p: int, more: int) -> None:
        """Address space for `more` states of the partition."""
        wanted = 8 * len(self.words) * (int(self.counts[p]) + more)
        region = self.regions[p]
        if wanted > region.size:
            larger = reserve(max(wanted, 4 * region.size))
            used = len(self.words) * int(self.counts[p])
            larger.words(used)[:] = region.words(used)
            self.regions[p], self.states[p] = larger, larger.address

    def append(self, p: int, rows: Any) -> None:
        """Put states, all new, behind those of the partition; `enter_all` makes them known."""
        count = int(self.counts[p])
        self.reserve(p, len(rows))
        at = len(self.words) * count
        self.regions[p].words(len(self.words) * len(rows), at)[:] = rows.ravel()
        self.counts[p] = count + len(rows)

    def enter_all(self) -> None:
        """Make the tables anew, for all states. Raises Full."""
        for p in range(PARTITIONS):
            self.bits[p] = 0
            self.make_room(p, 0)

    def release(self, p: int) -> None:
        """Empty a partition and give its memory back."""
        if self.counts[p]:
            self.regions[p].release()
            self.tables[p] = Region(4 << FIRST_BITS)
            self.table_at[p], self.bits[p], self.counts[p] = self.tables[p].address, FIRST_BITS, 0

    def rows(self, p: int, first: int, stop: int) -> Any:
        """The words of states first..stop-1 of the partition, a row each."""
        size = len(self.words)
        return self.regions[p].words(size * (stop - first), size * first).reshape(-1, size)


class Buffers:
    """One worker's successors on their way to the partitions, and what it counted and saw."""

    def __init__(self, words: int, room: int, spare: int, actions: int, events: int) -> None:
        self.limit, self.room = room, room + spare  # a batch of states may fill the spare room of any one buffer
        self.region = Region(8 * words * PARTITIONS * self.room)
        self.fill: Any = np.zeros(PARTITIONS, np.int64)
        self.fired: Any = np.zeros(actions, np.int64)
        self.events: Any = np.zeros(events, np.int64)
        self.hashes: Any = np.empty(kernels.BLOCK, np.uint64)
        self.slots: Any = np.empty(kernels.BLOCK, np.uint64)
        self.left = 0  # states of its share that are not expanded yet


def reserve(size: int) -> Region:
    """A large region; a smaller one where the system does not give that much address space."""
    while True:
        try:
            return Region(size)
        except OSError:
            if size <= 1 << 24:
                raise
            size >>= 2
