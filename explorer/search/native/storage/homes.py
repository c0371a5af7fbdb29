"""Where the levels live: in memory, or on disk where memory does not suffice. The search works on either."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

from explorer.search.native.loops import search_loops
from explorer.search.native.storage.disk import Levels, hashes_of, sorted_by_hash
from explorer.search.native.storage.spill import Candidates, new_states
from explorer.search.native.storage.store import PARTITIONS, Store

place, run_from = search_loops.place.py_func, search_loops.run_from.py_func
Share = tuple[Any, Any]  # first[i]..stops[i]-1: the states of piece i that a worker expands


class Home(Protocol):
    """`sizes[d]`: states of level d. `store`: where the successors of the level in progress are inserted. `chunk`: how the
    states of a piece of the frontier lie (search_loops.place)."""

    sizes: list[int]

    @property
    def chunk(self) -> int: ...

    @property
    def store(self) -> Store: ...
    def begin_level(self) -> None: ...
    def frontier(self, depth: int, workers: int) -> Iterator[tuple[Any, list[Share]]]:
        """Batches of the level: the addresses of its pieces, and each worker's share of them."""
        ...

    def relieve(self) -> None:
        """Called between rounds: make room."""
        ...

    def close_level(self) -> int:
        """All that was inserted and is new makes the next level; gives how many states that is."""
        ...

    def drop_level(self, closed: bool) -> None:
        """Forget the level in progress, or the one just closed."""
        ...

    def chunks(self, depth: int, most: int) -> Iterator[tuple[int, int]]:
        """(address, count) of pieces of the level, of at most so many states; each is there until the next."""
        ...

    def pieces(self, depth: int) -> Iterator[Any]:
        """The states of the level by hash, in pieces of shape (n, words)."""
        ...

    def close(self) -> None: ...


class InMemory:
    """Every level in a Store: what is inserted is new or was there before."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.sizes: list[int] = []

    @property
    def store(self) -> Store:
        return self._store

    @property
    def chunk(self) -> int:
        return self.store.chunk

    def begin_level(self) -> None:
        return

    def frontier(self, depth: int, workers: int) -> Iterator[tuple[Any, list[Share]]]:
        first, stops = self.store.level(depth)
        shares = []
        for n in range(workers):
            mine = first.copy()
            mine[n::workers] = stops[n::workers]
            shares.append((first.copy(), mine))
        yield self.store.states, shares

    def relieve(self) -> None:
        return

    def close_level(self) -> int:
        found = len(self.store) - (int(self.store.levels[-1].sum()) if self.store.levels else 0)
        if found:
            self.store.levels.append(self.store.counts.copy())
            self.sizes.append(found)
        return found

    def drop_level(self, closed: bool) -> None:
        if closed:
            self.store.levels.pop()
            self.sizes.pop()
        if self.store.levels:
            self.store.counts[:] = self.store.levels[-1]

    def chunks(self, depth: int, most: int) -> Iterator[tuple[int, int]]:
        first, stops = self.store.level(depth)
        size, chunk, states = 8 * len(self.store.words), self.store.chunk, self.store.states.tolist()
        for p in range(PARTITIONS):
            i, stop = int(first[p]), int(stops[p])
            while i < stop:
                n = min(most, run_from(i, stop, chunk))
                yield states[p] + size * place(i, chunk), n
                i += n

    def pieces(self, depth: int) -> Iterator[Any]:
        first, stops = self.store.level(depth)
        for p in range(PARTITIONS):
            if first[p] < stops[p]:
                rows = self.store.rows(p, int(first[p]), int(stops[p]))
                yield sorted_by_hash(self.store.words, rows.ctypes.data, len(rows))[0]

    def close(self) -> None:
        return

    def load(self, levels: Levels) -> None:
        """Take all levels of a folder."""
        words = self.store.words
        edges = np.arange(1, PARTITIONS, dtype=np.uint64) << np.uint64(search_loops.SHIFT)
        for depth, size in enumerate(levels.sizes):
            for rows in levels.pieces(depth):
                bounds = [0, *np.searchsorted(hashes_of(words, rows), edges).tolist(), len(rows)]
                for p in range(PARTITIONS):
                    self.store.append(p, rows[bounds[p] : bounds[p + 1]])
            self.store.levels.append(self.store.counts.copy())
            self.sizes.append(size)
        self.store.enter_all()


class OnDisk:
    """Every level in a folder; the successors of one are collected, and compared with all levels when it is finished."""

    def __init__(self, levels: Levels) -> None:
        self.levels, self.share = levels, 0  # share: bytes of memory for candidates
        self.sizes = levels.sizes
        self.chunk = search_loops.WHOLE
        self.candidates: Candidates | None = None
        self.spare = Store(levels.words)  # for the candidates of a level, and empty between levels
        self.runs = Levels.nameless(levels.folder, levels.words)

    @property
    def store(self) -> Store:
        assert self.candidates is not None
        return self.candidates.store

    def begin_level(self) -> None:
        self.candidates = Candidates(self.spare, self.runs, self.share)

    def frontier(self, depth: int, workers: int) -> Iterator[tuple[Any, list[Share]]]:
        for rows in self.levels.pieces(depth):
            bounds = [round(n * len(rows) / workers) for n in range(workers + 1)]
            shares = []
            for n in range(workers):
                first, stops = np.zeros(workers, np.int64), np.zeros(workers, np.int64)
                first[n], stops[n] = bounds[n], bounds[n + 1]
                shares.append((first, stops))
            yield np.full(workers, rows.ctypes.data, np.int64), shares

    def relieve(self) -> None:
        assert self.candidates is not None
        if self.candidates.full:
            self.candidates.write_run()

    def close_level(self) -> int:
        assert self.candidates is not None
        self.levels.append(new_states(self.levels, self.candidates))
        self.drop_level(closed=False)
        if not self.sizes[-1]:
            self.levels.drop_last()
            return 0
        return self.sizes[-1]

    def drop_level(self, closed: bool) -> None:
        if closed:
            self.levels.drop_last()
        if self.candidates is not None:
            self.candidates.close()
            self.candidates = None

    def close(self) -> None:
        """Let go of the runs."""
        self.runs.close()

    def chunks(self, depth: int, most: int) -> Iterator[tuple[int, int]]:
        for rows in self.levels.pieces(depth):
            for first in range(0, len(rows), most):
                yield rows[first:].ctypes.data, min(most, len(rows) - first)

    def pieces(self, depth: int) -> Iterator[Any]:
        return self.levels.pieces(depth)
