"""Breadth-first search for many settings at once, on the evaluator: each state with the settings under which it is reachable.

Only settings that are new to a state go on from it. So a setting shows something first at the level at which a search of it
alone would.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from explorer.process import stop
from explorer.reduction.family import Family
from explorer.search.engine import SMALL, by_engine
from explorer.search.family_outcome import FamilyLevels, FamilyOutcome
from explorer.search.levels import Clock, search_levels
from explorer.search.outcome import NOBODY, Bounds, Engine, Listener, Task
from explorer.search.reference import ASSERTIONS, DEADLOCK
from explorer.system.semantics import Semantics, State, at_rest, predicate


def search(family: Family, bounds: Bounds, engine: Engine = "auto", listener: Listener = NOBODY) -> FamilyOutcome:
    """Explore all settings of the family to the end or to the bounds; the outcome is the same with every engine.

    Engines are chosen as `engine.search` does. A bound on states is one on those of all settings together; `bounds.first`
    has no meaning here, and nothing is `found` before the end.
    """

    def compiled() -> FamilyOutcome:
        from explorer.search.native.family import search as native

        return native(family, bounds, listener)

    outcome, _ = by_engine(
        Task(family.system, bounds, engine),
        listener,
        lambda task: FamilySearch(family, task.bounds, listener).run(),
        compiled,
        lambda outcome: outcome.stopped,
        lambda outcome, why: dataclasses.replace(outcome, stopped=why),
        small=SMALL,
    )
    return outcome


@dataclass
class Level:
    """What the expansion of one level, or the look at its states, has shown."""

    first: dict[str, int] = field(default_factory=dict)
    errors: int = 0
    fired: Counter[int] = field(default_factory=Counter)
    blocked: dict[int, int] = field(default_factory=dict)
    taken: Counter[int] = field(default_factory=Counter)  # set of settings -> transitions under it

    def show(self, name: str, settings: int) -> None:
        if settings:
            self.first[name] = self.first.get(name, 0) | settings


class FamilySearch(FamilyLevels):
    """The levels of a family's search on the evaluator, as a `Frontier`: states, each with the settings that are new to it."""

    def __init__(self, family: Family, bounds: Bounds, listener: Listener = NOBODY) -> None:
        self.family, self.bounds = family, bounds
        self.system = family.system
        self.semantics = Semantics(self.system)
        self.reached: dict[State, int] = {}
        self.last: dict[State, int] = {}  # the last level, without the settings that are in error
        self.first: dict[str, dict[int, int]] = {}
        self.errors: dict[int, int] = {}
        self.levels: list[int] = []
        self.sizes: list[int] = []  # new states of each level
        self.fired: Counter[int] = Counter()
        self.blocked: dict[int, int] = {}
        self.taken: Counter[int] = Counter()
        self.entered: Counter[int] = Counter()  # set of settings -> states that it is new to
        self.clock = Clock(bounds, listener)

    def run(self) -> FamilyOutcome:
        with stop.within(self.bounds.seconds):
            return self.outcome(search_levels(self, self.bounds))

    # ------------------------------------------------------------ the frontier

    def begin(self) -> bool:
        level = {state: self.family.every for state in self.semantics.initial}
        self.enter(level)
        self.keep(0, self.check(level))
        return self.goes_on(level)

    def expand(self) -> bool:
        return self.goes_on(self.next_level(self.last, self.depth))

    def look_ahead(self) -> None:
        self.keep(self.depth, self.deadlocks(self.last))

    def goes_on(self, level: dict[State, int]) -> bool:
        """The last level, without the settings that are in error: these stop where they are."""
        stopped = union(self.errors.values())
        self.last = {state: new & ~stopped for state, new in level.items() if new & ~stopped}
        return bool(self.last)

    def enter(self, level: dict[State, int]) -> None:
        """A level is complete: its states are reached under these settings."""
        known = len(self.reached)
        for state, new in level.items():
            self.reached[state] = self.reached.get(state, 0) | new
        self.entered.update(level.values())
        self.levels.append(union(level.values()))
        self.sizes.append(len(self.reached) - known)

    # ------------------------------------------------------------ one level

    def next_level(self, level: dict[State, int], depth: int) -> dict[State, int]:
        """The states of the next level, each with the settings that are new to it."""
        family, actions = self.family, self.system.actions
        following: dict[State, int] = {}
        seen, ahead = Level(), 0
        steps = [p for p in self.system.properties if p.kind == "always_step"]
        conditions = [p.holds for p in steps] + [e for p in steps for e, _ in p.undefined]
        owners = [p for p in steps] + [p for p in steps for _ in p.undefined]
        test = predicate(conditions) if conditions else None
        dead = 0
        for count, (s, new) in enumerate(level.items()):
            if not count % 256:
                self.tick(depth, len(level) - count, ahead)
            moving = 0
            for index, t in self.semantics.successors(s):
                under = new & family.presence[index]
                action = actions[index]
                if not under:
                    continue
                if action.outcome == "blocked":
                    seen.blocked[index] = seen.blocked.get(index, 0) | under
                    continue
                moving |= under
                seen.fired[index] += 1
                seen.taken[under] += 1
                if t is None:
                    assert action.failure is not None
                    if action.failure.kind == "assert":
                        seen.show(ASSERTIONS, under)
                    else:
                        seen.errors |= under
                    continue
                if test is not None:
                    for i, (p, value) in enumerate(zip(owners, test(t, s), strict=True)):
                        if i < len(steps) and not value:
                            seen.show(family.names[p.name], under & family.applies[p.name])
                        elif i >= len(steps) and value:
                            seen.errors |= under & family.applies[p.name]
                fresh = under & ~self.reached.get(t, 0)
                if fresh:
                    ahead += t not in following and t not in self.reached
                    following[t] = following.get(t, 0) | fresh
            if new & ~moving and not at_rest(self.system, s):
                dead |= new & ~moving
        self.clock.bound(len(self.reached) + ahead)
        shown = self.check(following)
        for name, settings in shown.first.items():
            seen.show(name, settings)
        seen.errors |= shown.errors
        if following:
            self.enter(following)
        self.keep(depth + 1, seen)
        self.keep(depth, Level({DEADLOCK: dead}))
        return following

    def check(self, level: dict[State, int]) -> Level:
        """What the states show, under the settings that are new to them."""
        properties = [p for p in self.system.properties if p.kind != "always_step"]
        claims = predicate([p.holds for p in properties])
        broken = predicate([e for p in properties for e, _ in p.undefined])
        owners = [p for p in properties for _ in p.undefined]
        seen = Level()
        for s, new in level.items():
            for p, value in zip(properties, claims(s, s), strict=True):
                if value == (p.kind == "reachable"):
                    seen.show(self.family.names[p.name], new & self.family.applies[p.name])
            for p, bad in zip(owners, broken(s, s), strict=True):
                if bad:
                    seen.errors |= new & self.family.applies[p.name]
        return seen

    def keep(self, depth: int, seen: Level) -> None:
        """Keep what was seen: of each setting only the first depth."""
        for name, settings in seen.first.items():
            known = self.first.setdefault(name, {})
            fresh = settings & ~union(known.values())
            if fresh:
                known[depth] = known.get(depth, 0) | fresh
        if seen.errors:
            self.errors[depth] = seen.errors
        self.fired += seen.fired
        self.taken += seen.taken
        for index, settings in seen.blocked.items():
            self.blocked[index] = self.blocked.get(index, 0) | settings

    def deadlocks(self, level: dict[State, int]) -> Level:
        """Deadlocks in the last level, which is not expanded."""
        seen = Level()
        for s, new in level.items():
            for index, _ in self.semantics.successors(s):
                if self.system.actions[index].outcome != "blocked":
                    new &= ~self.family.presence[index]
            if new and not at_rest(self.system, s):
                seen.show(DEADLOCK, new)
        return seen

    # ------------------------------------------------------------ bounds, the answer

    def tick(self, depth: int, left: int, ahead: int) -> None:
        self.clock.tick(len(self.reached) + ahead, self.taken.total, depth, left + ahead, self.sizes)
        self.clock.bound(len(self.reached) + ahead)

    def outcome(self, reason: str) -> FamilyOutcome:
        stopped = union(self.errors.values())
        count = len(self.family.settings)
        return FamilyOutcome(
            engine="evaluator",
            states=len(self.reached),
            expansions=self.entered.total(),
            transitions=self.taken.total(),
            depth=self.depth,
            stopped=reason,
            seconds=self.clock.seconds,
            states_of=per_setting(self.entered, count),
            transitions_of=per_setting(self.taken, count),
            first={name: dict(known) for name, known in self.first.items() if known},
            errors=dict(self.errors),
            levels=tuple(self.levels),
            running=self.levels[-1] & ~stopped if reason and self.levels else 0,
            fired=dict(self.fired),
            blocked=dict(self.blocked),
        )


def union(sets: Iterable[int]) -> int:
    """All settings of these sets."""
    found = 0
    for one in sets:
        found |= one
    return found


def members(settings: int) -> Iterator[int]:
    """The positions of the settings in a set."""
    while settings:
        least = settings & -settings
        yield least.bit_length() - 1
        settings ^= least


def per_setting(counted: Mapping[int, int], settings: int) -> tuple[int, ...]:
    """From how often sets of settings occur, how often each setting does."""
    found = [0] * settings
    for one, times in counted.items():
        for position in members(one):
            found[position] += times
    return tuple(found)
