"""Counterexamples on packed states: back from the last level to the first, then forward. As `reference.Search.path`.

Nothing is kept for them during the search. Going back, a level is expanded once more, and of each state from which the
target can still be reached in time the least number of context switches to it is kept, for each actor that may move next.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np

from explorer.process import stop
from explorer.search.native.codegen.emit import emit, event_words
from explorer.search.native.codegen.layout import Layout
from explorer.search.native.codegen.machine_code import MachineCode, machine_code
from explorer.search.native.loops import search_loops
from explorer.search.native.storage.memory import Region
from explorer.search.native.storage.store import Buffers
from explorer.search.outcome import Execution
from explorer.system.form import System
from explorer.system.semantics import Semantics, State

CHUNK = 1 << 16  # states looked at by one call
LIFTED = 1 << 10  # states whose successors are kept by one call
Chunks = Callable[[int, int], Iterator[tuple[int, int]]]


@dataclass(frozen=True)
class Target:
    """What a path leads to. `kind`: "state", a state of level `depth` with the event; "stuck", one without a move;
    "step", a step into level `depth` with the event; "actions", a step into it by one of the actions."""

    depth: int
    kind: str
    event: int = 0
    actions: frozenset[int] = field(default=frozenset())

    def to_json(self) -> list[Any]:
        return [self.depth, self.kind, self.event, sorted(self.actions)]

    @classmethod
    def of_json(cls, given: list[Any]) -> Target:
        return cls(given[0], given[1], given[2], frozenset(given[3]))


class Unreached(Exception):
    """No run leads to a target: it says which."""


class Marked:
    """States of one level from which the target can be reached in time. `costs[i][a]`: the least number of switches from
    state i on if actor a moves next. In memory only inside `with` where there is a folder for it."""

    def __init__(self, words: tuple[int, ...], states: Any, costs: Any, folder: Path | None) -> None:
        self.words = words
        self.states: Any = np.ascontiguousarray(states)  # shape (n, words)
        self.costs: Any = np.ascontiguousarray(costs)  # shape (n, actors)
        self.bits = max(4, (2 * len(self.states)).bit_length())
        self.count = len(self.states)
        self.table: Region | None = None
        self.file: IO[bytes] | None = None
        if folder is not None:
            with contextlib.suppress(OSError):  # a full disk: it stays in memory
                file = tempfile.TemporaryFile(dir=folder)  # closed with the object
                np.save(file, self.states)
                np.save(file, self.costs)
                self.file, self.states, self.costs = file, None, None

    def __len__(self) -> int:
        return self.count

    def __enter__(self) -> Marked:
        if self.file is not None:
            self.file.seek(0)
            self.states, self.costs = np.load(self.file), np.load(self.file)
        self.table = Region(4 << self.bits)
        search_loops.rebuild(
            self.words, search_loops.WHOLE, self.table.address, self.bits, self.states.ctypes.data, len(self.states)
        )
        return self

    def __exit__(self, *args: object) -> None:
        self.table = None
        if self.file is not None:
            self.states = self.costs = None

    def find(self, packed: Any) -> int:
        """The row of a state, -1 where it is not marked."""
        assert self.table is not None
        return int(
            search_loops.find(self.words, self.table.address, self.bits, self.states.ctypes.data, packed.ctypes.data, 0)
        )


class Paths:
    """`chunks(depth, most)` gives the states of a level, as `Home.chunks`. `folder`, once it is set: where marked states
    wait, all but those of two levels. `canon`: the address of `canon` where these states stand for others, else 0."""

    def __init__(
        self, system: System, layout: Layout, semantics: Semantics, code: MachineCode, chunks: Chunks, canon: int = 0
    ) -> None:
        self.system, self.layout, self.semantics, self.code, self.chunks = system, layout, semantics, code, chunks
        self.canon = canon
        self.folder: Path | None = None
        self.words = (0,) * layout.words
        self.actors = list(dict.fromkeys(a.actor for a in system.actions)) or [""]
        self.actor_of: Any = np.array([self.actors.index(a.actor) for a in system.actions] or [0], np.int64)
        self.is_step: Any = np.array([a.outcome == "step" for a in system.actions] or [False])
        self.size = max(1, len(system.actions))
        self.event_words = event_words(system)
        self.moves_code: MachineCode | None = None
        self.expand_code: MachineCode | None = None
        self.scratch = Scratch(self.layout.words, self.size, self.event_words)

    @property
    def moves(self) -> int:
        """The address of `moves`, compiled when it is first needed."""
        if self.moves_code is None:
            self.moves_code = machine_code(emit(self.system, self.layout, "moves"), ("moves",))
        return self.moves_code.addresses["moves"]

    @property
    def expand(self) -> int:
        """The address of `expand`, compiled here where the search leaves steps out."""
        if "expand" in self.code.addresses:
            return self.code.addresses["expand"]
        if self.expand_code is None:
            self.expand_code = machine_code(emit(self.system, self.layout, "expand"), ("expand",))
        return self.expand_code.addresses["expand"]

    def path(self, target: Target, states: Any = None) -> Execution:
        """The shortest run to the target; then the fewest context switches; then the first in the order of the actions.

        `states`: the rows of those states of the target that will do; None: any.
        """
        if self.canon:
            return self.concrete(target).path(target)
        marked = self.leading_states(target, states)
        if not len(marked[0]):
            raise Unreached(f"what was seen at depth {target.depth}")
        if len(marked) == 1 and target.kind in ("state", "stuck"):
            with marked[0] as goal:
                start = next(s for s in self.semantics.initial if goal.find(self.packed_states(s)) >= 0)
            return Execution((start,), ())
        return self.forward(target, marked)

    def leading_states(self, target: Target, states: Any = None) -> list[Marked]:
        """For each level from 0 on, the states from which the target is reached in time."""
        marked: list[Marked] = []
        last = target.depth
        if target.kind in ("state", "stuck"):
            states = self.states_of(target) if states is None else states
            marked.append(self.marked_states(states, np.zeros((len(states), len(self.actors)), np.int32)))
        else:
            marked.append(self.last_steps(target))
            last -= 1
        for depth in range(last - 1, -1, -1):
            with marked[-1] as after:
                marked.append(self.back(depth, after))
        return marked[::-1]

    def concrete(self, target: Target) -> Paths:
        """The paths of the system itself to the target: among the states of shortest runs to it, for which those here stand."""
        marked = self.leading_states(target)
        if not len(marked[0]):
            raise Unreached(f"what was seen at depth {target.depth}")
        with marked[0] as first:
            start = [
                s
                for s in map(self.packed_states, dict.fromkeys(self.semantics.initial))
                if first.find(self.canonical(s)) >= 0
            ]
        levels = [np.array(start, np.uint64).reshape(-1, self.layout.words)]
        for depth in range(1, len(marked)):
            with marked[depth] as after:
                levels.append(self.onwards(levels[-1], after))
        assert all(map(len, levels)), "a shortest run of the system itself goes through every level"

        def chunks(depth: int, most: int) -> Iterator[tuple[int, int]]:
            for first in range(0, len(levels[depth]), most):
                piece = levels[depth][first : first + most]
                yield piece.ctypes.data, len(piece)

        found = Paths(self.system, self.layout, self.semantics, self.code, chunks)
        found.folder, found.moves_code = self.folder, self.moves_code
        return found

    def onwards(self, states: Any, after: Marked) -> Any:
        """The successors of the states for which a marked state stands, each once."""
        scratch, words = self.scratch, self.layout.words
        assert after.table is not None
        parts = [np.empty((0, words), np.uint64)]
        one, room = np.empty(words, np.uint64), np.empty((LIFTED * self.size, words), np.uint64)
        for first in range(0, len(states), LIFTED):
            stop.here()
            piece = states[first : first + LIFTED]
            n = search_loops.leading(
                self.moves, self.canon, self.words, piece.ctypes.data, len(piece), scratch.out.ctypes.data,
                scratch.actions, scratch.actions.ctypes.data, scratch.events.ctypes.data, self.is_step,
                after.table.address, after.bits, after.states.ctypes.data, one.ctypes.data, room.ctypes.data,
            )  # fmt: skip
            parts.append(room[:n].copy())
        found = np.concatenate(parts)
        out, hashes = np.empty_like(found), np.empty(len(found), np.uint64)
        n = search_loops.sort_unique(self.words, found.ctypes.data, len(found), out.ctypes.data, hashes)
        return out[:n].copy()

    def canonical(self, packed: Any) -> Any:
        """What stands for a state."""
        found = packed.copy()
        search_loops.canonical(self.canon, found.ctypes.data)
        return found

    def path_by(self, action: int, target: Target) -> Execution:
        """The path to the target that ends with that one of its actions."""
        found = self.concrete(target) if self.canon else self
        return found.path(Target(target.depth, "actions", actions=frozenset([action])))

    def first_of(self, target: Target) -> int:
        """The first of the target's actions, in their order, by which a shortest run of the system itself ends."""
        if len(target.actions) == 1:
            return next(iter(target.actions))
        found = self.concrete(target) if self.canon else self

        def ends(action: int) -> bool:
            return len(found.last_steps(Target(target.depth, "actions", actions=frozenset([action])))) > 0

        first = next(filter(ends, sorted(target.actions)), None)
        assert first is not None, "a shortest run of the system itself ends with one of the actions"
        return first

    def forward(self, target: Target, marked: list[Marked]) -> Execution:
        with marked[0] as first:
            rows = [(s, first.find(self.packed_states(s))) for s in dict.fromkeys(self.semantics.initial)]
            state, _ = min(((s, row) for s, row in rows if row >= 0), key=lambda it: int(first.costs[it[1]].min()))
        states: list[State] = [state]
        taken: list[int] = []
        previous = -1
        for depth in range(target.depth):
            final = depth + 1 == target.depth
            best: tuple[int, int, State | None] | None = None
            if final and target.kind in ("step", "actions"):
                wanted = self.last_actions(target, state)
                costs = {(i, t): 0 for i, t in self.semantics.successors(state) if i in wanted}
            else:
                costs = {}
                with marked[depth + 1] as after:
                    for i, t in self.semantics.successors(state):
                        row = -1 if t is None else after.find(self.packed_states(t))
                        if row >= 0:
                            others = np.arange(len(self.actors)) != self.actor_of[i]
                            costs[i, t] = int((after.costs[row] + others).min())
            for (i, t), cost in costs.items():
                total = cost + (previous not in (-1, int(self.actor_of[i])))
                if best is None or total < best[0]:
                    best = total, i, t
            assert best is not None
            taken.append(best[1])
            previous = int(self.actor_of[best[1]])
            if best[2] is not None:
                state = best[2]
                states.append(state)
        return Execution(tuple(states), tuple(taken))

    def packed_states(self, state: State) -> Any:
        return np.array(self.layout.pack(state), np.uint64)

    # ------------------------------------------------------------ levels

    def states_of(self, target: Target) -> Any:
        """The states of the target's level that show it, a row each."""
        parts = []
        scratch = self.scratch
        for states, count in self.chunks(target.depth, CHUNK):
            stop.here()
            if target.kind == "stuck":
                n = search_loops.stuck_states(
                    self.expand, self.words, states, count, scratch.one.region.address,
                    scratch.one.fill, scratch.one.fill.ctypes.data, scratch.one.room, scratch.one.fired.ctypes.data,
                    scratch.one.events, scratch.one.events.ctypes.data, scratch.rows,
                )  # fmt: skip
            else:
                n = search_loops.states_with(
                    self.code.addresses["check"], self.words, states, count, scratch.one.events,
                    scratch.one.events.ctypes.data, target.event, scratch.rows,
                )  # fmt: skip
            if n:
                parts.append(self.gather(states, scratch.rows[:n]))
        return np.concatenate(parts) if parts else np.empty((0, self.layout.words), np.uint64)

    def stuck(self, depth: int) -> bool:
        """Whether the level has a state without a move whose threads are not all at rest."""
        return len(self.states_of(Target(depth, "stuck"))) > 0

    def last_steps(self, target: Target) -> Marked:
        """The states of the level before the target's from which a step shows it."""
        wanted = np.zeros(self.size, np.bool_)
        wanted[list(target.actions)] = True
        return self.collect(target.depth - 1, None, target.event if target.kind == "step" else -1, wanted)

    def last_actions(self, target: Target, state: State) -> set[int]:
        """The actions of one state that show the target."""
        if target.kind == "actions":
            return set(target.actions)
        packed = self.packed_states(state)
        scratch = self.scratch
        count = search_loops.moves_of(
            self.moves, packed.ctypes.data, scratch.out.ctypes.data, scratch.actions.ctypes.data,
            scratch.events.ctypes.data,
        )  # fmt: skip
        bit = target.event
        rows = scratch.events[: count * self.event_words].reshape(count, self.event_words)
        shown = rows[:, bit // 64] >> np.uint64(bit % 64) & np.uint64(1)
        return {int(a) for a, b in zip(scratch.actions[:count], shown, strict=True) if b}

    def back(self, depth: int, after: Marked) -> Marked:
        """The states of the level with a move to a marked one."""
        return self.collect(depth, after, -1, np.zeros(self.size, np.bool_))

    def collect(self, depth: int, after: Marked | None, event: int, wanted: Any) -> Marked:
        scratch = self.scratch
        parts, costs = [], []
        for states, count in self.chunks(depth, CHUNK):
            stop.here()
            rows, found = scratch.rows, np.empty((count, len(self.actors)), np.int32)
            n = search_loops.back(
                self.moves, self.canon, self.words, states, count, scratch.out.ctypes.data, scratch.actions,
                scratch.actions.ctypes.data, scratch.events, scratch.events.ctypes.data, self.event_words, event, wanted,
                self.actor_of, self.is_step,
                0 if after is None or after.table is None else after.table.address,
                0 if after is None else after.bits,
                0 if after is None else after.states.ctypes.data,
                found if after is None else after.costs,
                rows, found,
            )  # fmt: skip
            if n:
                parts.append(self.gather(states, rows[:n]))
                costs.append(found[:n].copy())
        if not parts:
            return self.marked_states(
                np.empty((0, self.layout.words), np.uint64), np.empty((0, len(self.actors)), np.int32)
            )
        return self.marked_states(np.concatenate(parts), np.concatenate(costs))

    def marked_states(self, states: Any, costs: Any) -> Marked:
        return Marked(self.words, states, costs, self.folder)

    def gather(self, states: int, rows: Any) -> Any:
        out = np.empty((len(rows), self.layout.words), np.uint64)
        search_loops.gather(self.words, states, rows, out.ctypes.data)
        return out


class Scratch:
    """Space for the moves of one state."""

    def __init__(self, words: int, actions: int, events: int) -> None:
        self.out: Any = np.empty(words * actions, np.uint64)
        self.actions: Any = np.empty(actions, np.int64)
        self.events: Any = np.empty(events * actions, np.uint64)
        self.rows: Any = np.empty(CHUNK, np.int64)
        self.one = Buffers(words, 0, actions, actions, events)
