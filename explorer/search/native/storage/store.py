"""The states found so far, in memory: partitions by hash, each a growing array of states and a hash table of its indexes."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from explorer.process.stop import Interrupted
from explorer.search.native.loops import search_loops
from explorer.search.native.storage.memory import HUGE, Region

PARTITIONS = 1 << search_loops.PARTITION_BITS
CHUNK_BYTES = 1 << 16  # at most, of the states of a partition that lie one behind the other
FIRST_BITS = 10  # of a table: entries, as a power of two
QUICK_BITS = 14  # below this a table that grows grows fourfold
RESERVED = 1 << 38  # bytes of address space for states


class Full(Interrupted):
    """A partition holds as many states as its indexes can name."""

    def __init__(self) -> None:
        super().__init__("indexes")


class Store:
    """`counts[p]`: states of partition p. `levels[d][p]`: how many of them lie in levels 0..d.

    `index_bits`: the bits of an index, at most 32.
    """

    def __init__(self, words: int, index_bits: int = 32) -> None:
        self.words: tuple[int, ...] = (0,) * words
        self.index_bits = index_bits
        self.chunk = (CHUNK_BYTES // (8 * words)).bit_length() - 1
        self.region = reserve(RESERVED)
        self.generations = {FIRST_BITS: Tables(FIRST_BITS)}
        self.table_at: Any = np.array([self.generations[FIRST_BITS].address(p) for p in range(PARTITIONS)], np.int64)
        self.bits: Any = np.full(PARTITIONS, FIRST_BITS, np.int64)
        self.counts: Any = np.zeros(PARTITIONS, np.int64)
        self.levels: list[Any] = []
        self.lock = threading.Lock()  # of generations

    @property
    def states(self) -> Any:
        """The address of the first state of each partition."""
        return self.region.address + np.arange(PARTITIONS, dtype=np.int64) * (8 * len(self.words) << self.chunk)

    @property
    def capacity(self) -> int:
        """States of a partition for which there is address space."""
        return self.region.size // (8 * len(self.words) * PARTITIONS << self.chunk) << self.chunk

    def __len__(self) -> int:
        return int(self.counts.sum())

    @property
    def bytes(self) -> int:
        """Memory that states and tables take."""
        return int(self.counts.sum()) * 8 * len(self.words) + int((4 << self.bits).sum())

    def growth(self, more: Any) -> int:
        """By how many bytes the tables grow when so many states come to each partition."""
        return int((4 << self.bits)[4 * (self.counts + more) > 3 << self.bits].sum())

    def level(self, depth: int) -> tuple[Any, Any]:
        """(first, stops): the states of the level are first[p]..stops[p]-1 of each partition p."""
        first = self.levels[depth - 1] if depth else np.zeros(PARTITIONS, np.int64)
        return first, self.levels[depth]

    def make_room(self, p: int, more: int) -> None:
        """Grow the table of the partition so that `more` states can be inserted; others may be inserting into other
        partitions. Raises Full."""
        wanted = int(self.counts[p]) + more
        bits = max(FIRST_BITS, int(self.bits[p]))
        while 4 * wanted > 3 << bits:
            bits += 2 if bits < QUICK_BITS else 1
        if bits == int(self.bits[p]):
            return
        if bits > self.index_bits:
            raise Full
        old = int(self.bits[p])
        with self.lock:
            if bits not in self.generations:
                self.generations[bits] = Tables(bits)
            address = self.generations[bits].address(p)
        search_loops.rebuild(self.words, self.chunk, address, bits, int(self.states[p]), int(self.counts[p]))
        self.table_at[p], self.bits[p] = address, bits
        with self.lock:
            if self.generations[old].leave(p):
                del self.generations[old]

    def reserve(self, wanted: int) -> None:
        """Address space for so many states in a partition. It may move all states, so nobody may be using them. Raises Full
        where there is no more."""
        if wanted > self.capacity:
            rows = -(-wanted >> self.chunk)
            larger = reserve(max(rows * (8 * len(self.words) * PARTITIONS << self.chunk), 2 * self.region.size))
            used = (int(self.counts.max()) >> self.chunk) + 1
            words = min(used * (len(self.words) * PARTITIONS << self.chunk), self.region.size // 8)
            if larger.size <= self.region.size:
                raise Full
            larger.words(words)[:] = self.region.words(words)
            self.region = larger

    def append(self, p: int, rows: Any) -> None:
        """Put states, all new, behind those of the partition; `enter_all` makes them known."""
        count = int(self.counts[p])
        self.reserve(count + len(rows))
        rows = np.ascontiguousarray(rows)
        search_loops.copy_in(self.words, self.chunk, int(self.states[p]), count, len(rows), rows.ctypes.data)
        self.counts[p] = count + len(rows)

    def enter_all(self) -> None:
        """Make the tables, until now empty, know all states. Raises Full."""
        for p in range(PARTITIONS):
            count, bits = int(self.counts[p]), int(self.bits[p])
            self.make_room(p, 0)
            if bits == int(self.bits[p]):
                search_loops.rebuild(self.words, self.chunk, int(self.table_at[p]), bits, int(self.states[p]), count)

    def clear(self) -> None:
        """Empty all partitions and give their memory back."""
        if not self.counts.any():
            return
        self.region.release(0, self.region.size)
        self.generations = {FIRST_BITS: Tables(FIRST_BITS)}
        self.table_at[:] = [self.generations[FIRST_BITS].address(p) for p in range(PARTITIONS)]
        self.bits[:] = FIRST_BITS
        self.counts[:] = 0

    def rows(self, p: int, first: int, stop: int) -> Any:
        """A copy of states first..stop-1 of the partition, a row each."""
        found = np.empty((stop - first, len(self.words)), np.uint64)
        search_loops.copy_out(self.words, self.chunk, int(self.states[p]), first, stop - first, found.ctypes.data)
        return found


class Tables:
    """The tables of one size, of all partitions side by side: together they fill large pages where each alone would not."""

    def __init__(self, bits: int) -> None:
        self.size = 4 << bits
        self.region = Region(self.size * PARTITIONS, huge=self.size * PARTITIONS >= HUGE)
        self.there: Any = np.ones(PARTITIONS, np.bool_)

    def address(self, p: int) -> int:
        return self.region.address + p * self.size

    def leave(self, p: int) -> bool:
        """A partition has grown out of its table; True where all have. Large pages of which that is so are given back."""
        self.there[p] = False
        group = max(1, HUGE // self.size)
        first = p // group * group
        if not self.there[first : first + group].any():
            self.region.release(first * self.size, min(group, PARTITIONS) * self.size)
        return not self.there.any()


class Buffers:
    """One worker's successors on their way to the partitions, and what it counted and saw."""

    def __init__(self, words: int, room: int, spare: int, actions: int, events: int) -> None:
        self.limit, self.room = room, room + spare  # a batch of states may fill the spare room of any one buffer
        self.region = Region(8 * words * PARTITIONS * self.room)
        self.starts: Any = self.region.address + np.arange(PARTITIONS, dtype=np.int64) * (8 * words * self.room)
        self.fill: Any = self.starts.copy()  # where each buffer ends
        self.fired: Any = np.zeros(actions, np.int64)
        self.events: Any = np.zeros(events, np.int64)
        self.hashes: Any = np.empty(search_loops.BLOCK, np.uint64)
        self.slots: Any = np.empty(search_loops.BLOCK, np.uint64)
        self.left = 0  # states of its share that are not expanded yet


def reserve(size: int) -> Region:
    """A large region; a smaller one where the system does not give that much address space."""
    while True:
        try:
            return Region(size, huge=True)
        except OSError:
            if size <= 1 << 24:
                raise
            size >>= 2
