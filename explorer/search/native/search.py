"""Breadth-first search on machine code: level by level, in partitions. What `search.reference` says, many times faster."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.errors import UsageError
from explorer.process import stop
from explorer.process.stop import Interrupted
from explorer.reduction.stubborn import Stubborn
from explorer.reduction.symmetry import Symmetry, check_usable, shared
from explorer.search.fairness import Fairness
from explorer.search.liveness import decide
from explorer.search.native.codegen.emit import DEADLOCK as STUCK
from explorer.search.native.codegen.emit import Event, emit, event_words, events_of
from explorer.search.native.codegen.layout import layout
from explorer.search.native.codegen.machine_code import compiled
from explorer.search.native.loops import search_loops
from explorer.search.native.loops.search_loops import SHIFT
from explorer.search.native.paths import Paths, Target, Unreached
from explorer.search.native.storage.cache import compiled_before, note_compiled
from explorer.search.native.storage.disk import DiskFull, Levels, Sealed, hashes_of, read_manifest
from explorer.search.native.storage.homes import Home, InMemory, OnDisk
from explorer.search.native.storage.spill import SLACK, resident
from explorer.search.native.storage.store import PARTITIONS, Buffers, Full, Store
from explorer.search.outcome import ALL, Bounds, Outcome, Path, Progress, Resources, remaining, shared_run
from explorer.search.reference import ASSERTIONS, DEADLOCK
from explorer.system.assertions import failed, failing
from explorer.system.form import Failure, System
from explorer.system.semantics import Semantics, evaluate

if TYPE_CHECKING:
    from explorer.search.native.liveness import NativeGraph
    from explorer.search.native.stubborn import Choice

ROOM = 4096  # states in a buffer before it is inserted
LEAST = 16 << 20  # bytes for the candidates of a level, whatever the limit on memory says
STEP_BYTES, STATE_BYTES = 6, 100  # that deciding liveness takes for each, beside the states themselves
THREADED = 20_000  # states of a level from which it is worth to share it between threads


def search(
    system: System,
    bounds: Bounds,
    progress: Callable[[Progress], None] | None = None,
    found: Callable[[str, Path], None] | None = None,
    *,
    resources: Resources = ALL,
    say: Callable[[str], None] | None = None,
    index_bits: int = 32,
    symmetry: Symmetry | None = None,
    stubborn: Stubborn | None = None,
) -> Outcome:
    """As `reference.search`; the outcome does not depend on `resources`.

    `say` is told before something takes long that will not take long again, and when states go to disk. `index_bits`: of a
    state's index in its partition. Raises `layout.Unfit` for a system that 64-bit integers can't compute, UsageError for a
    folder that can't be used.
    """
    say = say or (lambda text: None)
    words = layout(system).words
    if not compiled_before(words):
        say(f"compiling the search for states of {words} {'word' if words == 1 else 'words'}: once on this machine")
    whole = Search(system, bounds, progress, found, resources, say, index_bits, symmetry, stubborn)
    try:
        outcome = whole.run()
    finally:
        whole.close()
    note_compiled(words)
    return outcome


class Crowded(Exception):
    """Memory is used up: the levels must go to disk."""


class Search:
    def __init__(
        self,
        system: System,
        bounds: Bounds,
        progress: Callable[[Progress], None] | None,
        found: Callable[[str, Path], None] | None,
        resources: Resources,
        say: Callable[[str], None],
        index_bits: int,
        symmetry: Symmetry | None = None,
        stubborn: Stubborn | None = None,
    ) -> None:
        self.system, self.bounds, self.progress, self.report = system, bounds, progress, found
        self.resources, self.say, self.index_bits = resources, say, index_bits
        self.layout = layout(system)
        self.words = (0,) * self.layout.words
        self.symmetry = symmetry
        check_usable(system, symmetry)
        self.choice = chooser(stubborn)
        functions = ("expand", "check") if stubborn is None else ("expand_chosen", "truths", "check")
        names = functions if symmetry is None else (*functions, "canon")
        conditions = () if stubborn is None else stubborn.conditions
        self.code = compiled(emit(system, self.layout, *functions, symmetry=symmetry, conditions=conditions), names)
        self.canon = self.code.addresses.get("canon", 0)
        stop.patiently(lambda: search_loops.prepare(self.words))
        self.semantics = Semantics(system)
        self.meaning = events_of(system)
        self.moves: Any = np.array([a.outcome != "blocked" for a in system.actions], np.bool_)
        most = sum(a.outcome == "step" for a in system.actions)
        count = min(resources.threads or cores(), PARTITIONS)
        self.workers = [
            Buffers(self.layout.words, ROOM, search_loops.BATCH * most, len(system.actions), event_words(system))
            for _ in range(count)
        ]
        self.pool = ThreadPoolExecutor(count) if count > 1 else None
        self.finder = Paths(
            system, self.layout, self.semantics, self.code, lambda d, most: self.home.chunks(d, most), self.canon
        )
        self.fired: Any = np.zeros(len(system.actions), np.int64)
        self.transitions = 0
        self.assertions = failing(system)
        self.targets: dict[str, Target] = {}
        self.paths: dict[str, Path] = {}
        self.undefined: dict[str, Target] = {}
        self.error: tuple[int, Target] | None = None
        self.levels: Levels | None = None
        if resources.folder is not None:
            if resources.resume:
                self.levels = Levels.found(resources.folder, self.layout.words)
            else:
                self.levels = Levels.begun(resources.folder, self.layout.words, resources.overwrite)
        self.looked_at = (0, 0)  # the last level and hash of such a checkpoint that was looked at
        self.taken = ""  # what was not searched here, but taken from somebody else's checkpoint
        self.home: Home = InMemory(Store(self.layout.words, index_bits))
        self.complete = False
        self.lassos: dict[str, Path] = {}
        self.undecided: dict[str, str] = {}
        self.before = 0.0  # seconds that earlier runs of a resumed search took
        self.began = self.told = self.sealed = time.monotonic()

    def close(self) -> None:
        if self.pool is not None:
            self.pool.shutdown(wait=True)
        self.home.close()
        if self.levels is not None:
            self.levels.close()
        del self.finder, self.home  # the one holds what holds the other: memory is given back now, not some time

    # ------------------------------------------------------------ levels

    def run(self) -> Outcome:
        try:
            with stop.within(self.bounds.seconds):
                return self.whole_run()
        except Unreached as e:
            if not self.taken:
                raise
            raise UsageError(
                f"{self.resources.folder} is no checkpoint of this model: no run leads through its levels to {e}"
            ) from None

    def whole_run(self) -> Outcome:
        reason = ""
        try:
            if self.resources.resume:
                self.restore()
            elif self.resources.folder is not None:
                self.seal()  # from now on the folder is a checkpoint's
            if not self.home.sizes:
                self.insert_initial()
                self.home.close_level()
                self.check_level(0)
            self.settle()
            reason = self.search()
        except Interrupted as interrupted:
            reason = interrupted.reason
        except KeyboardInterrupt:
            stop.caught()
            reason = "interrupt"
        except Full:
            reason = "indexes"
        except DiskFull:
            reason = "disk"
        if reason:
            self.home.drop_level(closed=False)
            if reason in stop.STOPS:
                self.finish(reason)
        elif self.complete and not self.in_error:
            self.undecided = decide(self.system, self.graph, self.violated)
        outcome = self.outcome(reason)
        if self.resources.folder is not None and reason != "disk":
            try:
                self.seal()
            except DiskFull:
                self.say(f"the disk is full: {self.resources.folder} holds the search as it was when last sealed")
        return outcome

    def finish(self, reason: str) -> None:
        """What the finished levels have shown, and had no path yet when it was to stop."""
        stop.finished(reason, self.settle)  # where it does not get there, `depths` says that there is one

    def search(self) -> str:
        """Level after level; gives why it stopped, "" when all is explored."""
        while not self.complete:
            depth = len(self.home.sizes) - 1
            if self.stop_now():
                return "error" if self.in_error else "first"
            if self.bounds.depth is not None and depth >= self.bounds.depth:
                if DEADLOCK not in self.targets and self.finder.stuck(depth):
                    self.targets[DEADLOCK] = Target(depth, "stuck")
                self.settle()
                return "depth"
            more = self.expand_level(depth)
            self.settle()
            if self.in_error:
                return "error"
            if not more:
                self.complete = True
            elif self.resources.folder is not None and time.monotonic() - self.sealed >= self.resources.every:
                self.seal()
        return ""

    def graph(self, fairness: Fairness) -> NativeGraph:
        """All states and steps, to decide what is said about whole runs. Raises Interrupted where they do not fit in memory."""
        from explorer.search.native.liveness import NativeGraph  # more loops, which few searches need

        if not isinstance(self.home, InMemory):
            raise Interrupted("disk")
        needed = STEP_BYTES * self.transitions + STATE_BYTES * sum(self.home.sizes)
        if self.resources.memory is not None and resident() + needed > self.resources.memory:
            raise Interrupted("memory")
        depth = len(self.home.sizes)
        return NativeGraph(
            self.system, self.layout, fairness, self.home.store, self.finder, lambda: self.tick(depth, 0)
        )

    def violated(self, name: str, path: Path) -> None:
        self.lassos[name] = path
        if self.report is not None:
            self.report(name, path)

    def insert_initial(self) -> None:
        worker = self.workers[0]
        self.home.begin_level()
        for state in self.semantics.initial:
            packed = np.array(self.layout.pack(state), np.uint64)
            if self.canon:
                search_loops.canonical(self.canon, packed.ctypes.data)
            p = int(search_loops.hash_of(self.words, packed.ctypes.data)) >> SHIFT
            worker.region.words(self.layout.words, self.layout.words * p * worker.room)[:] = packed
            worker.fill[p] += 8 * self.layout.words
            self.insert_all([worker])

    def expand_level(self, depth: int) -> bool:
        """Find the next level, and what its states and the steps to them show. False where there is none."""
        while True:
            try:
                found = self.next_level(depth)
                break
            except Crowded:
                self.move_to_disk()
        if self.bounds.states is not None and sum(self.home.sizes) > self.bounds.states:
            if found:
                self.home.drop_level(closed=True)
            raise Interrupted("states")
        fired = sum(w.fired for w in self.workers)
        self.transitions += int(fired[self.moves].sum())
        self.fired += fired
        self.events(depth + 1, np.bitwise_or.reduce([w.events for w in self.workers]), depth)
        self.failures(fired, depth + 1)
        if not found:
            return False
        self.check_level(depth + 1)
        return True

    def next_level(self, depth: int) -> int:
        """Expand the level; gives how many states the next one has. Raises Crowded."""
        for worker in self.workers:
            worker.fired[:] = 0
            worker.events[:] = 0
            worker.fill[:] = worker.starts
        self.home.begin_level()
        share = self.pool is not None and self.home.sizes[depth] >= THREADED
        workers = self.workers if share else self.workers[:1]
        for states, shares in self.home.frontier(depth, len(workers)):
            left = 1
            while left:
                self.each(self.expand, ((w, states, *mine) for w, mine in zip(workers, shares, strict=True)))
                self.insert_all(workers)
                self.home.relieve()
                left = sum(w.left for w in workers)
                self.tick(depth, left)
        return self.home.close_level()

    def move_to_disk(self) -> None:
        """The levels so far from memory to a folder, where the search goes on."""
        self.home.drop_level(closed=False)
        folder = self.resources.folder
        if folder is None:
            folder = FilePath(tempfile.gettempdir())
            self.levels = Levels.nameless(folder, self.layout.words)
        assert self.levels is not None
        self.say(f"memory is used up with {sum(self.home.sizes):,} states: going on in {folder}")
        self.write_levels()
        self.use_disk()

    def use_disk(self) -> None:
        """Go on with the levels of the folder, and the memory that is left for the candidates of a level."""
        assert self.levels is not None and self.resources.memory is not None
        self.home = home = OnDisk(self.levels)  # what was in memory is let go here
        self.finder.folder = self.levels.folder
        home.share = max(self.resources.memory - resident() - SLACK, LEAST) // 2

    def write_levels(self) -> None:
        """Add the levels that the folder does not have yet. Raises DiskFull."""
        assert self.levels is not None
        if isinstance(self.home, InMemory):
            for depth in range(len(self.levels.sizes), len(self.home.sizes)):
                self.levels.append(self.home.pieces(depth))

    def expand(self, worker: Buffers, states: Any, positions: Any, stops: Any) -> None:
        if self.choice is not None:
            worker.left = self.choice.expand(self.code, self.words, self.home.chunk, worker, states, positions, stops)
            return
        worker.left = search_loops.expand(
            self.code.addresses["expand"], self.words, SHIFT, self.home.chunk, states, positions, stops,
            worker.region.address, worker.fill, worker.fill.ctypes.data, worker.room, worker.limit,
            worker.fired.ctypes.data, worker.events.ctypes.data,
        )  # fmt: skip

    def insert_all(self, workers: list[Buffers]) -> None:
        """Insert what the workers have found. Raises Full; Crowded where tables in memory would grow beyond the limit."""
        store = self.home.store
        incoming = sum(w.fill - w.starts for w in workers) // (8 * self.layout.words)
        memory = self.resources.memory
        if memory is not None and isinstance(self.home, InMemory) and self.home.sizes:
            if resident() + store.growth(incoming) > memory - SLACK:
                raise Crowded
        store.reserve(int((store.counts + incoming).max()))
        self.each(self.insert, ((w, workers) for w in workers))

    def insert(self, worker: Buffers, workers: list[Buffers]) -> None:
        """Insert everybody's successors for every n-th partition: those of this worker."""
        store = self.home.store
        mine = workers.index(worker)
        for other in workers:
            p = mine
            while True:
                p = search_loops.insert_all(
                    store.words, store.chunk, p, PARTITIONS, len(workers), store.table_at, store.bits,
                    store.states, store.counts,
                    other.region.address, other.fill, other.room, worker.hashes.ctypes.data,
                    worker.slots.ctypes.data,
                )  # fmt: skip
                if p >= PARTITIONS:
                    break
                store.make_room(p, int(other.fill[p] - other.starts[p]) // (8 * self.layout.words))

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
        for states, shares in self.home.frontier(depth, 1):
            search_loops.check(
                self.code.addresses["check"], self.words, self.home.chunk, states, *shares[0], events.ctypes.data
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
        wrong = [i for i in np.flatnonzero(fired).tolist() if self.system.actions[i].outcome == "failure"]
        asserts = [i for i in wrong if failure_of(self.system, i).kind == "assert"]
        errors = [i for i in wrong if failure_of(self.system, i).kind != "assert"]
        if asserts:
            self.targets.setdefault(ASSERTIONS, Target(depth, "actions", actions=self.images(asserts)))
        for name, own in failed(self.assertions, asserts).items():
            self.targets.setdefault(name, Target(depth, "actions", actions=own))
        if errors and self.error is None:
            errors = errors if self.symmetry is not None else errors[:1]
            target = Target(depth, "actions", actions=self.images(errors))
            self.error = self.finder.first_of(target), target

    def images(self, actions: list[int]) -> frozenset[int]:
        """The actions, and those that do the same under other names."""
        if self.symmetry is None:
            return frozenset(actions)
        return frozenset().union(*(self.symmetry.orbits[i] for i in actions))

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
        order = [*(p.name for p in self.system.properties), DEADLOCK, ASSERTIONS, *self.assertions]
        for name in sorted(self.targets, key=order.index):
            if name not in self.paths:
                self.paths[name] = self.path_of(name)
                if self.report is not None:
                    self.report(name, self.paths[name])

    def path_of(self, name: str) -> Path:
        return shared_run(self.assertions, name, self.paths) or self.finder.path(self.targets[name])

    # ------------------------------------------------------------ bounds

    def tick(self, depth: int, waiting: int) -> None:
        """Between rounds: `waiting` states of the level are still to be expanded. Raises Interrupted."""
        stop.here()
        now = time.monotonic()
        in_memory = isinstance(self.home, InMemory)
        if in_memory and self.bounds.states is not None and len(self.home.store) > self.bounds.states:
            raise Interrupted("states")
        if self.progress is not None and now - self.told > 0.2:
            self.told = now
            known = sum(self.home.sizes)
            new = len(self.home.store) - (known if in_memory else 0)
            done = self.transitions + int(sum(w.fired for w in self.workers)[self.moves].sum())
            guess = remaining(self.home.sizes[-4:])
            self.progress(Progress(known + new, done, depth, waiting + new, now - self.began + self.before, guess))

    # ------------------------------------------------------------ going on after a stop

    def seal(self) -> None:
        """Keep the levels so far, and what was seen in them, for a search that goes on later. Raises DiskFull."""
        assert self.levels is not None
        self.write_levels()
        self.levels.seal(
            {
                "system": self.key,
                "about": dict(self.resources.about),
                "complete": self.complete,
                "transitions": self.transitions,
                "fired": self.fired.tolist(),
                "targets": {name: target.to_json() for name, target in self.targets.items()},
                "undefined": {name: target.to_json() for name, target in self.undefined.items()},
                "error": None if self.error is None else [self.error[0], self.error[1].to_json()],
                "seconds": time.monotonic() - self.began + self.before,
                "taken": self.taken,
            }
        )
        self.sealed = time.monotonic()

    def restore(self) -> None:
        """Take up what the folder holds. Raises UsageError where it is not of this system, or damaged."""
        assert self.levels is not None and self.resources.folder is not None
        sealed = read_manifest(self.resources.folder)
        if sealed.system != self.key or sealed.words != self.layout.words:
            raise UsageError(
                f"{self.resources.folder} is of another system: the model, its parameters, the properties or this tool have "
                "changed since"
            )
        if not self.fits(sealed):
            raise UsageError(f"{self.resources.folder} is no checkpoint of this model: its manifest says what can't be")
        self.levels.restore(sealed, None if sealed.ours else self.look)
        if sealed.ours:
            self.taken = sealed.taken
        elif sealed.sizes:
            self.taken = (
                f"{self.resources.folder} was not written by you on this machine: its levels 0 to {len(sealed.sizes) - 1}, "
                f"{sum(sealed.sizes):,} states, and what it says of them were taken from it and not searched here"
            )
        self.complete = sealed.complete and bool(sealed.sizes)
        self.transitions = sealed.transitions
        self.fired[:] = sealed.fired
        self.targets, self.undefined = dict(sealed.targets), dict(sealed.undefined)
        self.error = sealed.error
        self.before = sealed.seconds
        needed = sum(self.levels.sizes) * (8 * self.layout.words + 11)
        memory = self.resources.memory
        if memory is not None and resident() + needed > memory - SLACK:
            self.use_disk()
        else:
            assert isinstance(self.home, InMemory)
            self.home.load(self.levels)

    def fits(self, sealed: Sealed) -> bool:
        """Whether what a manifest says can be so of this system."""
        actions, kinds = self.system.actions, {p.name: p.kind for p in self.system.properties}

        def claims(name: str, target: Target, kind: str) -> bool:
            if name not in kinds:
                if kind != "claim" or name == DEADLOCK:
                    return kind == "claim" and target.kind == "stuck"
                every = sealed.targets.get(ASSERTIONS)  # it has failed where one has
                if name in self.assertions and (
                    every is None or every.depth > target.depth or target.actions != self.assertions[name]
                ):
                    return False
                return name in (ASSERTIONS, *self.assertions) and fails(target, target.actions, True)
            where = "step" if kinds[name] == "always_step" else "state"
            known = target.event < len(self.meaning) and self.meaning[target.event] == Event(kind, name)
            return target.kind == where and known and not target.actions

        def fails(target: Target, which: Collection[int], asserts: bool) -> bool:
            return target.kind == "actions" and bool(which) and all(
                i < len(actions)
                and actions[i].outcome == "failure"
                and (failure_of(self.system, i).kind == "assert") == asserts
                for i in which
            )  # fmt: skip

        return (
            len(sealed.fired) == len(actions)
            and all(claims(name, target, "claim") for name, target in sealed.targets.items())
            and all(claims(name, target, "undefined") for name, target in sealed.undefined.items())
            and (sealed.error is None or fails(sealed.error[1], {sealed.error[0], *sealed.error[1].actions}, False))
        )

    def look(self, depth: int, rows: Any) -> str:
        """What is wrong with these states of a level that somebody else wrote, or "": the loops rely on it."""
        if depth == 0:
            first = {tuple(row) for row in self.initial().tolist()}
            assert self.levels is not None
            if not {tuple(row) for row in rows.tolist()} <= first or self.levels.sizes[0] != len(first):
                return "are not the initial states"
        used = [0] * self.layout.words
        for cell, field in zip(self.system.cells, self.layout.fields, strict=True):
            used[field.word] |= field.mask
            codes = rows[:, field.word] >> np.uint64(field.shift) & np.uint64((1 << field.bits) - 1)
            if (codes > np.uint64(cell.domain.top - field.lo)).any():
                return f"{cell.name} has a value that it can't have"
        if any((rows[:, word] & np.uint64(~mask & (1 << 64) - 1)).any() for word, mask in enumerate(used)):
            return "there are bits that belong to no variable"
        hashes = hashes_of(self.words, rows)
        before, self.looked_at = self.looked_at, (depth, int(hashes[-1]))
        if before > (depth, int(hashes[0])):
            return "the states are not in their order"
        for i in np.flatnonzero(hashes[1:] <= hashes[:-1]).tolist():
            if hashes[i + 1] < hashes[i] or rows[i + 1].tolist() <= rows[i].tolist():
                return "the states are not in their order"
        return ""

    def initial(self) -> Any:
        """The initial states, or what stands for them, a row each, none twice."""
        rows = np.array([self.layout.pack(state) for state in self.semantics.initial], np.uint64)
        if self.canon:
            for row in rows:
                search_loops.canonical(self.canon, row.ctypes.data)
        return np.unique(rows, axis=0)

    @cached_property
    def key(self) -> str:
        """A digest of all that the search does: the compiled functions, and who acts."""
        functions = emit(self.system, self.layout, "expand", "check", "moves", symmetry=self.symmetry)
        actors = [a.actor for a in self.system.actions]
        tables = None if self.choice is None else self.choice.tables
        asserted = [(name, sorted(own)) for name, own in self.assertions.items()]
        return hashlib.sha256(
            repr((functions, self.layout, self.meaning, actors, tables, asserted)).encode()
        ).hexdigest()

    # ------------------------------------------------------------ the answer

    def broken(self) -> tuple[Path, Failure]:
        """The run to where the model is in error, and the error."""
        if self.error is not None:
            return self.finder.path_by(*self.error), failure_of(self.system, self.error[0])
        order = [p.name for p in self.system.properties]
        name = min(self.undefined, key=order.index)
        path = self.finder.path(self.undefined[name])
        before = path.states[-2:][0]
        conditions = self.system.properties[order.index(name)].undefined
        failures = [f for e, f in conditions if evaluate(e, path.states[-1], before)]
        assert failures, "the evaluator can evaluate what the compiled search could not"
        return path, failures[0]

    def outcome(self, reason: str) -> Outcome:
        complete = self.complete and not self.in_error
        error_path: Path | None = None
        error: Failure | None = None
        if self.in_error:
            told, reason = stop.finished(reason, self.broken)
            error_path, error = told or (None, None)
        actions = self.system.actions
        counted = shared({i: int(n) for i, n in enumerate(self.fired) if n}, self.symmetry)
        return Outcome(
            engine="native",
            states=sum(self.home.sizes),
            transitions=self.transitions,
            depth=max(len(self.home.sizes) - 1, 0),
            complete=complete,
            stopped=reason,
            seconds=time.monotonic() - self.began + self.before,
            paths=self.paths | self.lassos,
            depths={name: t.depth for name, t in self.targets.items()}
            | {name: len(path.actions) for name, path in self.lassos.items()},
            fired={i: n for i, n in counted.items() if actions[i].outcome != "blocked"},
            blocked={i: n for i, n in counted.items() if actions[i].outcome == "blocked"},
            error=error,
            error_path=error_path,
            undecided=self.undecided,
            notes=(self.taken,) if self.taken else (),
        )


def chooser(stubborn: Stubborn | None) -> Choice | None:
    if stubborn is None:
        return None
    from explorer.search.native.stubborn import Choice  # more loops, which few searches need

    return Choice(stubborn)


def cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def failure_of(system: System, action: int) -> Failure:
    failure = system.actions[action].failure
    assert failure is not None
    return failure
