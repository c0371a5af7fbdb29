"""The search on machine code: packed states, many times faster. The loop over levels is in `search.levels`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.errors import UsageError
from explorer.process import stop
from explorer.process.stop import Interrupted
from explorer.reduction.stubborn import Stubborn
from explorer.reduction.symmetry import check_usable, shared_counts
from explorer.search.fairness import Fairness
from explorer.search.levels import Clock, search_levels
from explorer.search.liveness import decide
from explorer.search.native.checkpoint import Checkpoint, failure_of
from explorer.search.native.codegen.emit import DEADLOCK as STUCK
from explorer.search.native.codegen.emit import emit, event_words, events_of
from explorer.search.native.codegen.layout import layout
from explorer.search.native.codegen.machine_code import machine_code
from explorer.search.native.exchange import Exchange
from explorer.search.native.loops import search_loops
from explorer.search.native.loops.search_loops import SHIFT
from explorer.search.native.paths import Paths, Target, Unreached
from explorer.search.native.storage.cache import compiled_before, note_compiled
from explorer.search.native.storage.disk import DiskFull, Levels
from explorer.search.native.storage.homes import Home, InMemory, OnDisk
from explorer.search.native.storage.spill import SLACK, resident
from explorer.search.native.storage.store import PARTITIONS, Buffers, Store
from explorer.search.outcome import NOBODY, Execution, Listener, Outcome, Task, shared_run
from explorer.search.reference import ASSERTIONS, DEADLOCK
from explorer.system.assertions import failed_assertions, failing_actions
from explorer.system.form import Failure
from explorer.system.semantics import Semantics, evaluate

if TYPE_CHECKING:
    from explorer.search.native.liveness import NativeGraph
    from explorer.search.native.stubborn import Choice

ROOM = 4096  # states in a buffer before it is inserted
LEAST = 16 << 20  # bytes for the candidates of a level, whatever the limit on memory says
STEP_BYTES, STATE_BYTES = 6, 100  # that deciding liveness takes for each, beside the states themselves
THREADED = 20_000  # states of a level from which it is worth to share it between threads


def search(task: Task, listener: Listener = NOBODY, *, index_bits: int = 32) -> Outcome:
    """Explore the system of the task to the end or to the bounds; the outcome does not depend on the resources.

    `index_bits`: of a state's index in its partition. Raises `layout.Unfit` for a system that 64-bit integers can't compute,
    UsageError for a folder that can't be used.
    """
    words = layout(task.system).words
    if not compiled_before(words):
        listener.tell(
            f"compiling the search for states of {words} {'word' if words == 1 else 'words'}: once on this machine"
        )
    whole = Search(task, listener, index_bits)
    try:
        outcome = whole.run()
    finally:
        whole.close()
    note_compiled(words)
    return outcome


class Crowded(Exception):
    """Memory is used up: the levels must go to disk."""


class Search:
    """The levels of a compiled search, as a `Frontier`: packed states, in memory or on disk, shared between workers."""

    def __init__(self, task: Task, listener: Listener = NOBODY, index_bits: int = 32) -> None:
        self.system = system = task.system
        self.bounds, self.resources, self.listener = task.bounds, task.resources, listener
        self.layout = layout(system)
        self.words = (0,) * self.layout.words
        self.symmetry = symmetry = task.symmetry
        check_usable(system, symmetry)
        self.choice = chooser(task.stubborn)
        functions = ("expand", "check") if self.choice is None else ("expand_chosen", "truths", "check")
        names = functions if symmetry is None else (*functions, "canon")
        conditions = () if task.stubborn is None else task.stubborn.conditions
        self.code = machine_code(emit(system, self.layout, *functions, symmetry=symmetry, conditions=conditions), names)
        self.canon = self.code.addresses.get("canon", 0)
        stop.patiently(lambda: search_loops.prepare(self.words))
        self.semantics = Semantics(system)
        self.meaning = events_of(system)
        self.moves: Any = np.array([a.outcome != "blocked" for a in system.actions], np.bool_)
        most = sum(a.outcome == "step" for a in system.actions)
        count = min(task.resources.threads or cores(), PARTITIONS)
        buffers = [
            Buffers(self.layout.words, ROOM, search_loops.BATCH * most, len(system.actions), event_words(system))
            for _ in range(count)
        ]
        self.exchange = Exchange(buffers, self.layout.words, self.expand_share)
        self.finder = Paths(
            system, self.layout, self.semantics, self.code, lambda d, most: self.home.chunks(d, most), self.canon
        )
        self.fired: Any = np.zeros(len(system.actions), np.int64)
        self.transitions = 0
        self.assertions = failing_actions(system)
        self.targets: dict[str, Target] = {}
        self.paths: dict[str, Execution] = {}
        self.undefined: dict[str, Target] = {}
        self.error: tuple[int, Target] | None = None
        self.levels: Levels | None = None
        self.checkpoint = None if task.resources.folder is None else Checkpoint(self, task.resources.folder)
        self.home: Home = InMemory(Store(self.layout.words, index_bits))
        self.complete = False
        self.lassos: dict[str, Execution] = {}
        self.undecided: dict[str, str] = {}
        self.clock = Clock(task.bounds, listener)

    def close(self) -> None:
        self.exchange.close()
        self.home.close()
        if self.levels is not None:
            self.levels.close()
        del self.finder, self.home  # the one holds what holds the other: memory is given back now, not some time

    def run(self) -> Outcome:
        try:
            with stop.within(self.bounds.seconds):
                reason = search_levels(self, self.bounds)
                if not reason:
                    self.undecided = decide(self.system, self.graph, self.note_violations)
                outcome = self.outcome(reason)
                if self.checkpoint is not None and reason != "disk":
                    try:
                        self.checkpoint.seal()
                    except DiskFull:
                        self.listener.tell(
                            f"the disk is full: {self.checkpoint.folder} holds the search as it was when last sealed"
                        )
                return outcome
        except Unreached as e:
            if self.checkpoint is None or not self.checkpoint.taken:
                raise
            raise UsageError(
                f"{self.checkpoint.folder} is no checkpoint of this model: no run leads through its levels to {e}"
            ) from None

    # ------------------------------------------------------------ the frontier

    @property
    def depth(self) -> int:
        return max(len(self.home.sizes) - 1, 0)

    def begin(self) -> bool:
        if self.checkpoint is not None:
            self.checkpoint.begin()
        if not self.home.sizes:
            self.insert_initial()
            self.home.close_level()
            self.check_level(0)
        return not self.complete

    def expand(self) -> bool:
        depth = self.depth
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
        fired = self.exchange.fired
        self.transitions += int(fired[self.moves].sum())
        self.fired += fired
        self.note_events(depth + 1, self.exchange.events, depth)
        self.note_failures(fired, depth + 1)
        if not found:
            self.complete = True
            return False
        self.check_level(depth + 1)
        return True

    def look_ahead(self) -> None:
        """Note the deadlocks of the last level, which is not expanded."""
        if DEADLOCK not in self.targets and self.finder.stuck(self.depth):
            self.targets[DEADLOCK] = Target(self.depth, "stuck")

    def settle(self) -> None:
        """Build the paths of what the complete levels have shown, in the order of the properties; now and then keep them."""
        order = [*(p.name for p in self.system.properties), DEADLOCK, ASSERTIONS, *self.assertions]
        for name in sorted(self.targets, key=order.index):
            if name not in self.paths:
                self.paths[name] = self.path_of(name)
                self.listener.show(name, self.paths[name])
        if self.checkpoint is not None and self.depth and not self.complete and not self.in_error:
            self.checkpoint.seal_if_due()

    def over(self, first: bool) -> str:
        if self.in_error:
            return "error"
        reachables = {p.name for p in self.system.properties if p.kind == "reachable"}
        return "first" if first and any(name not in reachables for name in self.targets) else ""

    def drop(self) -> None:
        self.home.drop_level(closed=False)

    def path_of(self, name: str) -> Execution:
        return shared_run(self.assertions, name, self.paths) or self.finder.path(self.targets[name])

    @property
    def in_error(self) -> bool:
        return self.error is not None or bool(self.undefined)

    # ------------------------------------------------------------ liveness

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

    def note_violations(self, name: str, path: Execution) -> None:
        self.lassos[name] = path
        self.listener.show(name, path)

    # ------------------------------------------------------------ one level

    def insert_initial(self) -> None:
        self.exchange.begin(shared=False)
        self.home.begin_level()
        for state in self.semantics.initial:
            packed = np.array(self.layout.pack(state), np.uint64)
            if self.canon:
                search_loops.canonical(self.canon, packed.ctypes.data)
            self.exchange.route(packed)
            self.insert()

    def next_level(self, depth: int) -> int:
        """Expand the level; gives how many states the next one has. Raises Crowded."""
        exchange = self.exchange
        exchange.begin(shared=self.home.sizes[depth] >= THREADED)
        self.home.begin_level()
        for pieces, shares in self.home.frontier(depth, len(exchange.taking)):
            left = 1
            while left:
                exchange.expand(pieces, shares)
                self.insert()
                self.home.relieve()
                left = exchange.left
                self.tick(depth, left)
        return self.home.close_level()

    def expand_share(self, worker: Buffers, pieces: Any, positions: Any, stops: Any) -> None:
        if self.choice is not None:
            worker.left = self.choice.expand(self.code, self.words, self.home.chunk, worker, pieces, positions, stops)
            return
        worker.left = search_loops.expand(
            self.code.addresses["expand"], self.words, SHIFT, self.home.chunk, pieces, positions, stops,
            worker.region.address, worker.fill, worker.fill.ctypes.data, worker.room, worker.limit,
            worker.fired.ctypes.data, worker.events.ctypes.data,
        )  # fmt: skip

    def insert(self) -> None:
        """Insert what the workers have found. Raises Full; Crowded where tables in memory would grow beyond the limit."""
        store, coming, memory = self.home.store, self.exchange.coming, self.resources.memory
        if memory is not None and isinstance(self.home, InMemory) and self.home.sizes:
            if resident() + store.growth(coming) > memory - SLACK:
                raise Crowded
        store.reserve(int((store.counts + coming).max()))
        self.exchange.insert(store)

    def check_level(self, depth: int) -> None:
        if not self.system.properties:
            return
        events = np.zeros(event_words(self.system), np.int64)
        for pieces, shares in self.home.frontier(depth, 1):
            search_loops.check(
                self.code.addresses["check"], self.words, self.home.chunk, pieces, *shares[0], events.ctypes.data
            )
        self.note_events(depth, events, depth)

    def tick(self, depth: int, waiting: int) -> None:
        """Between rounds: `waiting` states of the level are still to be expanded. Raises Interrupted."""
        in_memory = isinstance(self.home, InMemory)
        known = sum(self.home.sizes)
        new = len(self.home.store) - (known if in_memory else 0)

        def transitions() -> int:
            return self.transitions + int(self.exchange.fired[self.moves].sum())

        self.clock.tick(known + new, transitions, depth, waiting + new, self.home.sizes)
        if in_memory:  # on disk, what was found of a level may be known: it is counted when the level is complete
            self.clock.bound(known + new)

    # ------------------------------------------------------------ memory that does not suffice

    def move_to_disk(self) -> None:
        """The levels so far from memory to a folder, where the search goes on."""
        self.home.drop_level(closed=False)
        folder = self.resources.folder
        if folder is None:
            folder = Path(tempfile.gettempdir())
            self.levels = Levels.nameless(folder, self.layout.words)
        assert self.levels is not None
        self.listener.tell(f"memory is used up with {sum(self.home.sizes):,} states: going on in {folder}")
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

    # ------------------------------------------------------------ what was seen

    def note_events(self, depth: int, bits: Any, stuck_depth: int) -> None:
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

    def note_failures(self, fired: Any, depth: int) -> None:
        """Assertions that failed, and errors of the model, among the actions of a level."""
        wrong = [i for i in np.flatnonzero(fired).tolist() if self.system.actions[i].outcome == "failure"]
        asserts = [i for i in wrong if failure_of(self.system, i).kind == "assert"]
        errors = [i for i in wrong if failure_of(self.system, i).kind != "assert"]
        if asserts:
            self.targets.setdefault(ASSERTIONS, Target(depth, "actions", actions=self.images(asserts)))
        for name, own in failed_assertions(self.assertions, asserts).items():
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

    # ------------------------------------------------------------ the answer

    def broken_run(self) -> tuple[Execution, Failure]:
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
        error_path: Execution | None = None
        error: Failure | None = None
        if self.in_error:
            told, reason = stop.finished(reason, self.broken_run)
            error_path, error = told or (None, None)
        actions = self.system.actions
        counted = shared_counts({i: int(n) for i, n in enumerate(self.fired) if n}, self.symmetry)
        return Outcome(
            engine="native",
            states=sum(self.home.sizes),
            transitions=self.transitions,
            depth=self.depth,
            complete=complete,
            stopped=reason,
            seconds=self.clock.seconds,
            paths=self.paths | self.lassos,
            depths={name: t.depth for name, t in self.targets.items()}
            | {name: len(path.actions) for name, path in self.lassos.items()},
            fired={i: n for i, n in counted.items() if actions[i].outcome != "blocked"},
            blocked={i: n for i, n in counted.items() if actions[i].outcome == "blocked"},
            error=error,
            error_path=error_path,
            undecided=self.undecided,
            notes=(self.checkpoint.taken,) if self.checkpoint is not None and self.checkpoint.taken else (),
        )


def chooser(stubborn: Stubborn | None) -> Choice | None:
    if stubborn is None:
        return None
    from explorer.search.native.stubborn import Choice  # more loops, which few searches need

    return Choice(stubborn)


def cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
