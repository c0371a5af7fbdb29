"""Breadth-first search on machine code: level by level, in partitions. What `search.reference` says, many times faster."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path as FilePath
from typing import Any

import numba
import numpy as np

from explorer.search.native import kernels, memory
from explorer.search.native.emit import DEADLOCK as STUCK
from explorer.search.native.emit import emit, event_words, events_of
from explorer.search.native.kernels import SHIFT
from explorer.search.native.layout import layout
from explorer.search.native.machine_code import cache_folder, compiled
from explorer.search.native.paths import Paths, Target
from explorer.search.native.store import PARTITIONS, Buffers, Full, Store
from explorer.search.outcome import Bounds, Outcome, Path, Progress
from explorer.search.reference import ASSERTIONS, DEADLOCK, Interrupted
from explorer.semantics import Semantics, evaluate
from explorer.system import Failure, System

ROOM = 4096  # states in a buffer before it is inserted
THREADED = 20_000  # states of a level from which it is worth to share it between threads


def search(
    system: System,
    bounds: Bounds,
    progress: Callable[[Progress], None] | None = None,
    found: Callable[[str, Path], None] | None = None,
    *,
    threads: int | None = None,
    say: Callable[[str], None] | None = None,
    index_bits: int = 32,
) -> Outcome:
    """As `reference.search`. `threads`: at most so many work at a time, default all cores; the outcome does not depend on it.

    `say` is told before something takes long that will not take long again. Raises `layout.Unfit` for a system that 64-bit
    integers can't compute.
    """
    words = layout(system).words
    if say is not None and not known_loops(words).exists():
        say(f"compiling the search for states of {words} {'word' if words == 1 else 'words'}: once on this machine")
    outcome = Search(system, bounds, progress, found, threads or cores(), index_bits).run()
    note(known_loops(words))
    return outcome


class Search:
    def __init__(
        self,
        system: System,
        bounds: Bounds,
        progress: Callable[[Progress], None] | None,
        found: Callable[[str, Path], None] | None,
        threads: int,
        index_bits: int,
    ) -> None:
        self.system, self.bounds, self.progress, self.report = system, bounds, progress, found
        self.layout = layout(system)
        self.code = compiled(emit(system, self.layout, "expand", "check"), ("expand", "check"))
        self.semantics = Semantics(system)
        self.store = Store(self.layout.words, index_bits)
        self.meaning = events_of(system)
        most = sum(a.outcome == "step" for a in system.actions)
        self.workers = [
            Buffers(self.layout.words, ROOM, kernels.BATCH * most, len(system.actions), event_words(system))
            for _ in range(min(threads, PARTITIONS))
        ]
        self.pool = ThreadPoolExecutor(len(self.workers)) if len(self.workers) > 1 else None
        self.fired: Any = np.zeros(len(system.actions), np.int64)
        self.transitions = 0
        self.targets: dict[str, Target] = {}
        self.paths: dict[str, Path] = {}
        self.undefined: dict[str, Target] = {}
        self.error: tuple[int, Target] | None = None
        self.finder = Paths(system, self.layout, self.semantics, self.store, self.code)
        self.moves: Any = np.array([a.outcome != "blocked" for a in system.actions], np.bool_)
        self.began = self.told = time.monotonic()

    # ------------------------------------------------------------ levels

    def run(self) -> Outcome:
        depth, complete, reason = 0, False, ""
        try:
            self.insert_initial()
            self.store.close_level()
            self.check_level(0)
            self.settle()
            while True:
                if self.stop_now():
                    reason = "error" if self.in_error else "first"
                    break
                if self.bounds.depth is not None and depth >= self.bounds.depth:
                    if DEADLOCK not in self.targets and self.finder.stuck(depth):
                        self.targets[DEADLOCK] = Target(depth, "stuck")
                    self.settle()
                    reason = "depth"
                    break
                if not self.expand_level(depth):
                    self.settle()
                    complete = not self.in_error
                    reason = "" if complete else "error"
                    break
                depth += 1
                self.settle()
                if self.in_error:
                    reason = "error"
                    break
        except Interrupted as stop:
            reason = stop.reason
        except KeyboardInterrupt:
            reason = "interrupt"
        except Full:
            reason = "indexes"
        finally:
            if self.pool is not None:
                self.pool.shutdown(wait=True)
        return self.outcome(max(len(self.store.levels) - 1, 0), complete, reason)

    def insert_initial(self) -> None:
        worker = self.workers[0]
        for state in self.semantics.initial:
            packed = np.array(self.layout.pack(state), np.uint64)
            p = int(kernels.hash_of(self.store.words, packed.ctypes.data)) >> SHIFT
            worker.region.words(self.layout.words, self.layout.words * p * worker.room)[:] = packed
            worker.fill[p] = 1
            self.insert(worker, [worker])

    def expand_level(self, depth: int) -> bool:
        """Find the next level, and what its states and the steps to them show. False where there is none."""
        first, stops = self.store.level(depth)
        for worker in self.workers:
            worker.fired[:] = 0
            worker.events[:] = 0
        share = self.pool is not None and int((stops - first).sum()) >= THREADED
        workers = self.workers if share else self.workers[:1]
        shares = []
        for n, worker in enumerate(workers):
            mine = first.copy(), first.copy()  # of the partitions of others nothing
            mine[1][n :: len(workers)] = stops[n :: len(workers)]
            worker.cursor[:] = 0, first[0]
            shares.append(mine)
        while any(w.cursor[0] < PARTITIONS for w in workers):
            self.each(self.expand, zip(workers, shares, strict=True))
            self.each(lambda worker: self.insert(worker, workers), ((w,) for w in workers))
            self.tick(depth, workers, shares)
        fired = sum(w.fired for w in workers)
        self.bound_states()
        self.transitions += int(fired[self.moves].sum())
        self.fired += fired
        self.events(depth + 1, np.bitwise_or.reduce([w.events for w in workers]), depth)
        self.failures(fired, depth + 1)
        if not self.store.close_level():
            return False
        self.check_level(depth + 1)
        return True

    def expand(self, worker: Buffers, mine: tuple[Any, Any]) -> None:
        kernels.expand(
            self.code.addresses["expand"], self.store.words, SHIFT, self.store.states, *mine, worker.cursor,
            worker.region.address, worker.fill, worker.fill.ctypes.data, worker.room, worker.limit,
            worker.fired.ctypes.data, worker.events.ctypes.data,
        )  # fmt: skip

    def insert(self, worker: Buffers, workers: list[Buffers]) -> None:
        """Insert everybody's successors for every n-th partition: those of this worker."""
        store = self.store
        mine = workers.index(worker)
        for other in workers:
            p = mine
            while True:
                p = kernels.insert_all(
                    store.words, p, PARTITIONS, len(workers), store.table_at, store.bits, store.states, store.counts,
                    other.region.address, other.fill, other.room, worker.hashes,
                )  # fmt: skip
                if p >= PARTITIONS:
                    break
                store.make_room(p, int(other.fill[p]))

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

    def check_level(self, depth: int) -> None:
        if not self.system.properties:
            return
        events = np.zeros(event_words(self.system), np.int64)
        first, stops = self.store.level(depth)
        kernels.check(
            self.code.addresses["check"], self.store.words, self.store.states, first, stops, events.ctypes.data
        )
        self.events(depth, events, depth)

    # ------------------------------------------------------------ what was seen

    def events(self, depth: int, bits: Any, stuck_depth: int) -> None:
        """Note the first level at which each event happened."""
        kinds = {p.name: "step" if p.kind == "always_step" else "state" for p in self.system.properties}
        for position, event in enumerate(self.meaning):
            if not int(bits[position // 64]) >> position % 64 & 1:
                continue
            if event.kind == STUCK:
                self.targets.setdefault(DEADLOCK, Target(stuck_depth, "stuck"))
            else:
                known = self.targets if event.kind == "claim" else self.undefined
                known.setdefault(event.property, Target(depth, kinds[event.property], position))

    def failures(self, fired: Any, depth: int) -> None:
        """Assertions that failed, and errors of the model, among the actions of a level."""
        failing = [i for i in np.flatnonzero(fired).tolist() if self.system.actions[i].outcome == "failure"]
        asserts = [i for i in failing if failure_of(self.system, i).kind == "assert"]
        errors = [i for i in failing if failure_of(self.system, i).kind != "assert"]
        if asserts:
            self.targets.setdefault(ASSERTIONS, Target(depth, "actions", actions=frozenset(asserts)))
        if errors and self.error is None:
            self.error = errors[0], Target(depth, "actions", actions=frozenset(errors[:1]))

    @property
    def in_error(self) -> bool:
        return self.error is not None or bool(self.undefined)

    def stop_now(self) -> bool:
        if self.in_error:
            return True
        reachables = {p.name for p in self.system.properties if p.kind == "reachable"}
        return self.bounds.first and any(name not in reachables for name in self.targets)

    def settle(self) -> None:
        """Build the paths of what the finished level has shown, in the order of the properties."""
        order = [*(p.name for p in self.system.properties), DEADLOCK, ASSERTIONS]
        for name in sorted(self.targets, key=order.index):
            if name not in self.paths:
                self.paths[name] = self.finder.path(self.targets[name])
                if self.report is not None:
                    self.report(name, self.paths[name])

    # ------------------------------------------------------------ bounds

    def tick(self, depth: int, workers: list[Buffers], shares: list[tuple[Any, Any]]) -> None:
        now = time.monotonic()
        if self.bounds.seconds is not None and now - self.began > self.bounds.seconds:
            raise Interrupted("seconds")
        self.bound_states()
        if self.progress is not None and now - self.told > 0.2:
            self.told = now
            known = int(self.store.levels[-1].sum())
            waiting = sum(left(w.cursor, *mine) for w, mine in zip(workers, shares, strict=True))
            states = len(self.store)
            done = self.transitions + int(sum(w.fired for w in workers)[self.moves].sum())
            self.progress(Progress(states, done, depth, waiting + states - known, now - self.began))

    def bound_states(self) -> None:
        if self.bounds.states is not None and len(self.store) > self.bounds.states:
            raise Interrupted("states")

    def outcome(self, depth: int, complete: bool, reason: str) -> Outcome:
        self.store.drop_level()
        error_path = error = None
        if self.error is not None:
            error = failure_of(self.system, self.error[0])
            error_path = self.finder.path(self.error[1])
        elif self.undefined:
            order = [p.name for p in self.system.properties]
            name = min(self.undefined, key=order.index)
            error_path = self.finder.path(self.undefined[name])
            before = error_path.states[-2:][0]
            conditions = self.system.properties[order.index(name)].undefined
            error = next(f for e, f in conditions if evaluate(e, error_path.states[-1], before))
        actions = self.system.actions
        counted = {i: int(n) for i, n in enumerate(self.fired) if n}
        return Outcome(
            engine="native",
            states=len(self.store),
            transitions=self.transitions,
            depth=depth,
            complete=complete,
            stopped=reason,
            seconds=time.monotonic() - self.began,
            paths=dict(self.paths),
            depths={name: t.depth for name, t in self.targets.items()},
            fired={i: n for i, n in counted.items() if actions[i].outcome != "blocked"},
            blocked={i: n for i, n in counted.items() if actions[i].outcome == "blocked"},
            error=error,
            error_path=error_path,
        )


def cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def known_loops(words: int) -> FilePath:
    """The file that says that numba has compiled the loops for so many words and keeps them."""
    source = b"".join(FilePath(m.__file__ or "").read_bytes() for m in (kernels, memory))
    key = hashlib.sha256(source + numba.__version__.encode()).hexdigest()[:16]
    return cache_folder() / f"loops-{words}-{key}"


def note(path: FilePath) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError:
        pass  # then it is announced again


def failure_of(system: System, action: int) -> Failure:
    failure = system.actions[action].failure
    assert failure is not None
    return failure


def left(cursor: Any, first: Any, stops: Any) -> int:
    """The states of a share that are not expanded yet."""
    p, i = int(cursor[0]), int(cursor[1])
    if p >= PARTITIONS:
        return 0
    return int((stops - first)[p + 1 :].sum()) + int(stops[p]) - i
