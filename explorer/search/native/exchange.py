"""The seam of the compiled search: what becomes of a level in three steps, that know nothing of each other.

    expand: every worker makes the successors of its share of the level, packed, in buffers of its own: one for each partition
    route: the upper bits of its hash say to which partition a state belongs, so the buffer that it lies in is its address
    insert: the owner of a partition takes what everybody has for it, in the order of the workers

Here workers are threads, and the owner reads the others' buffers where they lie. Between processes or machines the buffers
travel; nothing else is shared. What a level has shown is a sum (how often each action was taken) and an or (which events
happened), so it depends neither on who expanded what nor on the order of what came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from explorer.search.native.loops import search_loops
from explorer.search.native.loops.search_loops import SHIFT
from explorer.search.native.storage.homes import Share
from explorer.search.native.storage.store import PARTITIONS, Buffers, Store

# of a worker: pieces of the level, the first state and the last of each
Expand = Callable[[Buffers, Any, Any, Any], None]


class Exchange:
    """Workers that expand and own partitions: worker n of N owns partitions n, n + N, n + 2 N, ...

    `words`: of a state. `expand`: fills the buffers of a worker with successors of its share, until they are full.
    """

    def __init__(self, workers: Sequence[Buffers], words: int, expand: Expand) -> None:
        self.workers, self.words, self.expand_share = list(workers), (0,) * words, expand
        self.taking = self.workers[:1]
        self.pool = ThreadPoolExecutor(len(self.workers)) if len(self.workers) > 1 else None

    def close(self) -> None:
        if self.pool is not None:
            self.pool.shutdown(wait=True)

    def begin(self, shared: bool) -> None:
        """A level begins, which all workers share or one expands alone."""
        self.taking = self.workers if shared else self.workers[:1]
        for worker in self.workers:
            worker.fired[:] = 0
            worker.events[:] = 0
            worker.fill[:] = worker.starts

    # ------------------------------------------------------------ the three steps

    def expand(self, pieces: Any, shares: Sequence[Share]) -> None:
        """Every worker goes on with its share, until that is done or its buffers are full."""
        self.each(self.expand_share, ((w, pieces, *mine) for w, mine in zip(self.taking, shares, strict=True)))

    def route(self, packed: Any) -> None:
        """Put one state into the buffer of its partition."""
        worker = self.workers[0]
        p = int(search_loops.hash_of(self.words, packed.ctypes.data)) >> SHIFT
        worker.region.words(len(self.words), len(self.words) * p * worker.room)[:] = packed
        worker.fill[p] += 8 * len(self.words)

    def insert(self, store: Store) -> None:
        """Every owner takes what came for its partitions; there is room for it. Raises Full."""
        self.each(self.insert_own, ((owner, store) for owner in self.taking))

    def insert_own(self, owner: Buffers, store: Store) -> None:
        mine = self.taking.index(owner)
        for buffers in self.arriving(owner):
            p = mine
            while True:
                p = search_loops.insert_all(
                    store.words, store.chunk, p, PARTITIONS, len(self.taking), store.table_at, store.bits,
                    store.states, store.counts,
                    buffers.region.address, buffers.fill, buffers.room, owner.hashes.ctypes.data,
                    owner.slots.ctypes.data,
                )  # fmt: skip
                if p >= PARTITIONS:
                    break
                store.make_room(p, int(buffers.fill[p] - buffers.starts[p]) // (8 * len(self.words)))

    def arriving(self, owner: Buffers) -> Iterable[Buffers]:
        """What everybody has for the owner, in their order. Threads leave it where it lies, in the workers' own buffers."""
        return self.taking

    # ------------------------------------------------------------ what all workers have together

    @property
    def coming(self) -> Any:
        """How many states lie in the buffers for each partition."""
        return sum(w.fill - w.starts for w in self.taking) // (8 * len(self.words))

    @property
    def left(self) -> int:
        """States of the shares that are not expanded yet."""
        return sum(w.left for w in self.taking)

    @property
    def fired(self) -> Any:
        """How often each action was taken in the level."""
        return sum(w.fired for w in self.workers)

    @property
    def events(self) -> Any:
        """The events of the level, a bit each."""
        return np.bitwise_or.reduce([w.events for w in self.workers])

    def each(self, work: Callable[..., None], arguments: Iterable[tuple[Any, ...]]) -> None:
        given = list(arguments)
        if len(given) == 1 or self.pool is None:
            work(*given[0])
            return
        futures = [self.pool.submit(work, *a) for a in given]
        try:
            for future in futures:
                future.result()
        finally:
            for future in futures:  # nobody works on what is taken down
                future.exception()
