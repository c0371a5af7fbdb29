"""The search of a family on machine code. What `search.family` says, many times faster."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from explorer.process import stop
from explorer.reduction.family import Family
from explorer.reduction.family import family as family_of
from explorer.search.family_outcome import FamilyLevels, FamilyOutcome
from explorer.search.levels import Clock, search_levels
from explorer.search.native.codegen.emit import DEADLOCK as STUCK
from explorer.search.native.codegen.emit import emit, event_words, events_of
from explorer.search.native.codegen.layout import layout
from explorer.search.native.codegen.machine_code import machine_code
from explorer.search.native.loops import family_loops as loops
from explorer.search.native.storage.cache import compiled_before, note_compiled
from explorer.search.outcome import NOBODY, Bounds, Listener
from explorer.search.reference import ASSERTIONS, DEADLOCK
from explorer.system.form import Action, System

CALL = 1 << 14  # states that one call of a loop expands at most: between two, the user is heard
FIRST_STATES, FIRST_SETS, MEMO_BITS = 1 << 12, 1 << 12, 16


def search(family: Family, bounds: Bounds, listener: Listener = NOBODY) -> FamilyOutcome:
    """Explore all settings of the family to the end or to the bounds.

    Raises `layout.Unfit` for a system that 64-bit integers can't compute.
    """
    if not compiled_before("families"):
        listener.tell("compiling the search of families: once on this machine")
    with stop.within(bounds.seconds):
        stop.patiently(prepare)
        outcome = FamilySearch(family, bounds, listener).run()
    note_compiled("families")
    return outcome


def prepare() -> None:
    """Have the loops ready: compiled, or loaded from where they are kept."""
    nothing: Any = np.zeros(0, np.int64)
    tiny = FamilySearch(family_of(System("nothing", (), (), ())), Bounds())
    tiny.reserve(len(tiny.states.table))  # more than there is room for: growing has loops of its own
    tiny.sets.reserve(FIRST_SETS)
    for loop in (tiny.expand_some, tiny.stuck_some, tiny.check_some):
        loop(nothing, nothing, 0, 0)


class Sets:
    """Interned sets of settings: number -> row of bits."""

    def __init__(self, settings: int) -> None:
        self.settings, self.words = settings, -(-settings // 64)
        self.of = loops.Sets(
            rows=np.zeros((FIRST_SETS, self.words), np.uint64),
            names=np.zeros(places(FIRST_SETS), np.int64),
            counts=np.zeros(3, np.int64),
            keys=np.zeros(1 << MEMO_BITS, np.uint64),
            memo=np.zeros(1 << MEMO_BITS, np.int64),
        )
        assert self.number(0) == loops.EMPTY and self.number((1 << settings) - 1) == loops.ALL

    def __len__(self) -> int:
        return int(self.of.counts[loops.SETS])

    @property
    def room(self) -> int:
        """Sets that there is room for."""
        return len(self.of.rows)

    def number(self, members: int) -> int:
        """The number of a set."""
        self.reserve(1)
        self.of.rows[len(self)] = np.frombuffer(members.to_bytes(8 * self.words, "little"), np.uint64)
        return int(loops.intern(self.of))

    def members(self, number: int) -> int:
        """The set of that number."""
        return int.from_bytes(self.of.rows[number].tobytes(), "little")

    def union(self, numbers: Any) -> int:
        """All settings in these sets."""
        rows = self.of.rows
        found = np.bitwise_or.reduce(rows[numbers], axis=0) if len(numbers) else rows[loops.EMPTY]
        return int.from_bytes(found.tobytes(), "little")

    def each(self, counted: Any) -> tuple[int, ...]:
        """From how often each set occurs, how often each setting does."""
        found = np.zeros(64 * self.words, np.int64)
        for number in np.flatnonzero(counted).tolist():
            bits = np.unpackbits(self.of.rows[number].view(np.uint8), bitorder="little")
            found += bits.astype(np.int64) * int(counted[number])
        return tuple(found[: self.settings].tolist())

    def reserve(self, more: int) -> None:
        """Room for so many new sets."""
        wanted = len(self) + more
        if wanted <= self.room:
            return
        rows = grown(self.of.rows, wanted)
        self.of = self.of._replace(rows=rows, names=np.zeros(places(len(rows)), np.int64))
        loops.rename(self.of)


class FamilySearch(FamilyLevels):
    """The levels of a family's compiled search, as a `Frontier`: packed states, each with the number of a set of settings."""

    def __init__(self, family: Family, bounds: Bounds, listener: Listener = NOBODY) -> None:
        self.family, self.bounds = family, bounds
        system = family.system
        self.layout = layout(system)
        size, words = self.layout.words, event_words(system)
        self.code = machine_code(emit(all_moving(system), self.layout, "moves", "check"), ("moves", "check"))
        self.sets = sets = Sets(len(family.settings))
        self.counts = sets.of.counts
        self.states = loops.States(
            size=size,
            rows=np.zeros(FIRST_STATES * size, np.uint64),
            table=np.zeros(places(FIRST_STATES), np.uint64),
            reached=np.zeros(FIRST_STATES, np.int32),
            ahead=np.zeros(FIRST_STATES, np.int32),
            following=np.zeros(FIRST_STATES, np.int64),
            counts=self.counts,
        )
        kinds = np.array([kind_of(a) for a in system.actions] or [0], np.int64)
        room = max(len(system.actions), 1) * loops.BATCH
        self.moves = loops.Moves(
            function=self.code.addresses["moves"],
            presence=np.array([sets.number(p) for p in family.presence] or [0], np.int64),
            kinds=kinds,
            out=np.zeros(room * size, np.uint64),
            actions=np.zeros(room, np.int64),
            events=np.zeros(room * words, np.uint64),
            words=words,
            first=np.zeros(loops.BATCH + 1, np.int64),
            under=np.zeros(room, np.int64),
            hashes=np.zeros(room, np.uint64),
        )
        self.taken = loops.Taken(
            fired=np.zeros(len(kinds), np.int64),
            blocked=np.zeros(len(kinds), np.int64),
            steps=np.zeros(sets.room, np.int64),
        )
        self.entered: Any = np.zeros(sets.room, np.int64)  # set of settings -> states that it is new to
        self.meaning = events_of(system)
        speaks = [*(sets.number(family.applies.get(e.property, family.every)) for e in self.meaning)]
        looked_for = loops.EVENTS + len(speaks)
        self.looked = loops.Shown(
            watched=np.full(words, ~np.uint64(0), np.uint64),
            applies=np.array([loops.ALL] * loops.EVENTS + speaks, np.int64),
            done=np.zeros(looked_for, np.int64),
            hits=np.zeros(looked_for, np.int64),
            most=8 + 3 * looked_for,
        )
        self.rest = self.resting_points()
        self.shown: dict[str, dict[int, int]] = {}
        self.errors: dict[int, int] = {}
        self.levels: list[int] = []
        self.sizes: list[int] = []
        self.whole: loops.Taken | None = None  # the counts when the last level was complete
        self.queue: Any = np.zeros(0, np.int64)  # the states of the last level that go on
        self.news: Any = np.zeros(0, np.int64)  # and the settings that are new to each
        self.clock = Clock(bounds, listener)

    def resting_points(self) -> loops.Rest:
        """Where the control point of each thread lies, and at which of its codes it rests."""
        threads = self.family.system.threads
        places = np.zeros((len(threads), 3), np.int64)
        width = max((1 << self.layout.fields[t.cell].bits for t in threads), default=1)
        rests = np.zeros((len(threads), width), np.bool_)
        for i, thread in enumerate(threads):
            field = self.layout.fields[thread.cell]
            places[i] = field.word, field.shift, (1 << field.bits) - 1
            for code in {*thread.may_wait, *(() if thread.finished is None else (thread.finished,))}:
                rests[i, code - field.lo] = True
        return loops.Rest(places, rests)

    def run(self) -> FamilyOutcome:
        with stop.within(self.bounds.seconds):
            return self.outcome(search_levels(self, self.bounds))

    # ------------------------------------------------------------ the frontier

    def begin(self) -> bool:
        initial = list(dict.fromkeys(itertools.product(*(cell.initial for cell in self.family.system.cells))))
        self.reserve(len(initial))
        rows = np.array([self.layout.pack(state) for state in initial], np.uint64)
        self.states.rows[: rows.size] = rows.ravel()
        self.counts[loops.STATES] = len(initial)
        self.states.reached[: len(initial)] = loops.ALL
        loops.enter(self.states)
        queue = np.arange(len(initial), dtype=np.int64)
        news = np.full(len(initial), loops.ALL, np.int64)
        self.each(queue, news, 0, self.check_some)
        return self.complete(queue, news, 0)

    def expand(self) -> bool:
        depth = self.depth
        self.counts[loops.NEXT] = 0
        self.each(self.queue, self.news, depth, self.expand_some)
        self.clock.bound(int(self.counts[loops.STATES]))
        queue = self.states.following[: self.counts[loops.NEXT]].copy()
        news = self.states.ahead[queue].astype(np.int64)
        self.states.ahead[queue] = loops.EMPTY
        self.each(queue, news, depth + 1, self.check_some)
        return self.complete(queue, news, depth + 1)

    def look_ahead(self) -> None:
        """Note the deadlocks of the last level, which is not expanded."""
        self.each(self.queue, self.news, self.depth, self.stuck_some)
        self.keep(self.depth, self.depth)

    # ------------------------------------------------------------ one level

    def complete(self, queue: Any, news: Any, depth: int) -> bool:
        """Keep the level and what it has shown, without the settings that are in error: these stop where they are."""
        if len(queue):
            self.entered[: len(self.sets)] += np.bincount(news, minlength=len(self.sets))
            self.levels.append(self.sets.union(np.unique(news)))
            self.sizes.append(int(self.counts[loops.STATES]) - sum(self.sizes))
        self.keep(depth, depth - 1)
        self.whole = loops.Taken(
            self.taken.fired.copy(), self.taken.blocked.copy(), self.taken.steps[: len(self.sets)].copy()
        )
        stopped = self.stopped_settings()
        if stopped:
            kept = {int(n): self.sets.number(self.sets.members(int(n)) & ~stopped) for n in np.unique(news)}
            news = np.array([kept[int(n)] for n in news], np.int64)
            queue, news = queue[news != loops.EMPTY], news[news != loops.EMPTY]
        self.queue, self.news = queue, news
        return bool(len(queue))

    def keep(self, depth: int, before: int) -> None:
        """Keep what was seen at the depth, and the deadlocks in the level before it."""
        for position, number in enumerate(self.looked.hits.tolist()):
            if number == loops.EMPTY:
                continue
            settings = self.sets.members(number)
            event = self.meaning[position - loops.EVENTS] if position >= loops.EVENTS else None
            self.looked.done[position] = self.sets.number(self.sets.members(int(self.looked.done[position])) | settings)
            if position == loops.BROKEN or event is not None and event.kind == "undefined":
                self.errors[depth] = self.errors.get(depth, 0) | settings
            else:
                assert event is None or event.kind != STUCK
                own = {loops.DEADLOCKED: DEADLOCK, loops.FAILED: ASSERTIONS}.get(position, "")
                name = self.family.names[event.property] if event is not None else own
                at = before if name == DEADLOCK else depth
                known = self.shown.setdefault(name, {})
                known[at] = known.get(at, 0) | settings
        self.looked.hits[:] = loops.EMPTY
        stopped = self.stopped_settings()
        for bit in range(len(self.meaning)):
            left = self.sets.members(int(self.looked.applies[loops.EVENTS + bit])) & ~stopped
            if not left & ~self.sets.members(int(self.looked.done[loops.EVENTS + bit])):
                self.looked.watched[bit // 64] &= ~np.uint64(1 << bit % 64)

    def stopped_settings(self) -> int:
        """The settings in error."""
        found = 0
        for settings in self.errors.values():
            found |= settings
        return found

    # ------------------------------------------------------------ the loops

    def each(self, queue: Any, news: Any, depth: int, loop: Callable[[Any, Any, int, int], int]) -> None:
        """The loop over all states of the queue, growing what has to grow."""
        position = 0
        while position < len(queue):
            stop = min(position + CALL, len(queue))
            at = loop(queue, news, position, stop)
            if at < stop:
                self.reserve(len(self.moves.under))
                more = self.sets.room if at == position else loops.BATCH * self.looked.most
                self.sets.reserve(len(self.moves.under) + more)
                if len(self.entered) < self.sets.room:
                    self.taken = self.taken._replace(steps=grown(self.taken.steps, self.sets.room))
                    self.entered = grown(self.entered, self.sets.room)
            position = at
            if self.levels:  # the states that it begins with are always looked at
                self.tick(depth, len(queue) - position)

    def expand_some(self, queue: Any, news: Any, position: int, stop: int) -> int:
        return int(
            loops.expand(
                queue, news, position, stop, self.states, self.sets.of, self.moves, self.taken, self.looked, self.rest
            )
        )

    def check_some(self, queue: Any, news: Any, position: int, stop: int) -> int:
        function = self.code.addresses["check"]
        return int(
            loops.check(function, queue, news, position, stop, self.states, self.sets.of, self.moves, self.looked)
        )

    def stuck_some(self, queue: Any, news: Any, position: int, stop: int) -> int:
        return int(
            loops.stuck(queue, news, position, stop, self.states, self.sets.of, self.moves, self.looked, self.rest)
        )

    def reserve(self, more: int) -> None:
        """Room for so many new states."""
        states = self.states
        wanted = int(self.counts[loops.STATES]) + more
        if wanted > len(states.reached):
            rows = max(wanted, 2 * len(states.reached))
            states = states._replace(
                rows=grown(states.rows, rows * states.size),
                reached=grown(states.reached, rows),
                ahead=grown(states.ahead, rows),
                following=grown(states.following, rows),
            )
        if 2 * wanted > len(states.table):
            states = states._replace(table=np.zeros(places(wanted), np.uint64))
            loops.enter(states)
        self.states = states

    # ------------------------------------------------------------ bounds, the answer

    def tick(self, depth: int, left: int) -> None:
        states, waiting = int(self.counts[loops.STATES]), left + int(self.counts[loops.NEXT])
        self.clock.tick(states, lambda: int(self.taken.steps.sum()), depth, waiting, self.sizes)
        self.clock.bound(states)

    def outcome(self, reason: str) -> FamilyOutcome:
        whole = self.whole or loops.Taken(self.taken.fired * 0, self.taken.blocked * 0, self.taken.steps * 0)
        return FamilyOutcome(
            engine="native",
            states=sum(self.sizes),
            expansions=int(self.entered.sum()),
            transitions=int(whole.steps.sum()),
            depth=self.depth,
            stopped=reason,
            seconds=self.clock.seconds,
            states_of=self.sets.each(self.entered),
            transitions_of=self.sets.each(whole.steps),
            first=self.shown,
            errors=self.errors,
            levels=tuple(self.levels),
            running=self.levels[-1] & ~self.stopped_settings() if reason and self.levels else 0,
            fired={i: n for i, n in enumerate(whole.fired.tolist()) if n},
            blocked={i: self.sets.members(n) for i, n in enumerate(whole.blocked.tolist()) if n},
        )


def all_moving(system: System) -> System:
    """The system for the emitter, where a blocked action is a move like any other: its settings are asked for here."""
    actions = [dataclasses.replace(a, outcome="failure") if a.outcome == "blocked" else a for a in system.actions]
    return dataclasses.replace(system, actions=tuple(actions))


def kind_of(action: Action) -> int:
    if action.outcome == "step":
        return loops.STEP
    if action.outcome == "blocked":
        return loops.BLOCKED
    assert action.failure is not None
    return loops.ASSERT if action.failure.kind == "assert" else loops.ERROR


def places(entries: int) -> int:
    """The size of a hash table for so many: a power of two, as its loops find a place by a mask, and never nearly full."""
    return 1 << (4 * entries - 1).bit_length()


def grown(array: Any, rows: int) -> Any:
    """The array with at least so many rows, the new ones zero."""
    found = np.zeros((max(rows, 2 * len(array)), *array.shape[1:]), array.dtype)
    found[: len(array)] = array
    return found
