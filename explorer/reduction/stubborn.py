"""Stubborn sets: in each state the steps that are enough to reach one goal, as soon as it can be reached.

A set T of steps, such that every run from the state to the goal has a step of T, and the first of them could as well be
taken now: the run then has the same length and the same end. So it is enough to take the steps of T that are enabled. T is
the least set found that has

- for a goal that does not hold here: for each way in which it could hold, the enablers of one condition that is false;
- for a deadlock: some enabled step;
- with an enabled step, the steps that depend on it;
- with a step that is not enabled, the enablers of one condition of its guard that is false.

No proviso about cycles is needed, and the depth of the goal stays what it is (Kristensen, Schmidt, Valmari, "Question-guided
stubborn set methods for state properties", 2006; Wehrle and Helmert, "Efficient stubborn sets: generalized algorithms and
selection strategies", 2014).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from explorer.reduction.goals import Goal
from explorer.reduction.relations import Relations
from explorer.system.expressions import conj, conjuncts, disj, of_data, to_data
from explorer.system.form import Expr, System
from explorer.system.semantics import State, predicate

SEPARATE = 8  # conditions of a goal up to which each is tried alone


@dataclass(frozen=True)
class Stubborn:
    """The tables for one goal's system. Steps and conditions are positions, sets of steps are masks.

    `guards`: the conditions of each action. `dependent`: for each action, the steps that depend on it. `enablers`: for each
    condition, the steps that may make it true. `starts`: ways to begin, of which the one with the fewest enabled steps in
    the end is taken: each a list of lists of conditions, from each of which the enablers of one that is false are taken. Where
    all conditions of a list hold, that is no start.
    No starts: the goal is a deadlock. `steps`: the actions that have a successor; the others are never left out.
    """

    conditions: tuple[Expr, ...]
    guards: tuple[tuple[int, ...], ...]
    dependent: tuple[int, ...]
    enablers: tuple[int, ...]
    starts: tuple[tuple[tuple[int, ...], ...], ...]
    steps: int

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "conditions": [to_data(c) for c in self.conditions],
            "guards": self.guards,
            "dependent": [hex(m) for m in self.dependent],
            "enablers": [hex(m) for m in self.enablers],
            "starts": self.starts,
            "steps": hex(self.steps),
        }

    @classmethod
    def of_json(cls, given: Mapping[str, Any]) -> Stubborn:
        """What `to_json` gave."""
        return cls(
            tuple(map(of_data, given["conditions"])),
            tuple(map(tuple, given["guards"])),
            tuple(int(m, 16) for m in given["dependent"]),
            tuple(int(m, 16) for m in given["enablers"]),
            tuple(tuple(map(tuple, start)) for start in given["starts"]),
            int(given["steps"], 16),
        )


def stubborn(goal: Goal, relations: Relations) -> Stubborn:
    """The tables of a goal."""
    system = goal.system
    places: dict[Expr, int] = {}

    def place(condition: Expr) -> int:
        return places.setdefault(condition, len(places))

    guards = tuple(tuple(map(place, conjuncts(a.guard))) for a in system.actions)
    starts: list[tuple[tuple[int, ...], ...]] = []
    if goal.disjuncts:
        groups = tuple(tuple(map(place, d)) for d in goal.disjuncts)
        whole = place(disj(*(conj(*d) for d in goal.disjuncts)))
        if len(groups) == 1 and len(groups[0]) <= SEPARATE:
            starts += [((condition,),) for condition in groups[0]]
        else:
            starts.append(groups)
        starts.append(((whole,),))
    conditions = tuple(places)
    return Stubborn(
        conditions,
        guards,
        relations.dependent(),
        tuple(relations.enablers(c) for c in conditions),
        tuple(dict.fromkeys(starts)),
        mask(i for i, a in enumerate(system.actions) if a.outcome == "step"),
    )


def mask(positions: Iterable[int]) -> int:
    return sum(1 << i for i in set(positions))


class Chooser:
    """Computes the sets, one state after the other. The compiled search does the same on the same tables."""

    def __init__(self, system: System, tables: Stubborn) -> None:
        self.tables = tables
        self.truths = predicate(tables.conditions)
        self.needs = [mask(g) for g in tables.guards]

    def chosen_steps(self, state: State) -> int:
        """The steps to take in the state, as a mask; steps that are not enabled may be in it."""
        tables = self.tables
        true = mask(i for i, value in enumerate(self.truths(state, state)) if value)
        enabled = mask(i for i, needs in enumerate(self.needs) if not needs & ~true) & tables.steps
        best, least = enabled, enabled.bit_count()
        if tables.starts:
            for start in tables.starts:
                begun = self.begin(start, true, enabled)
                if begun is None:
                    continue  # so with every start, where the goal holds: then all is done that can be
                found = self.closed_set(begun, true, enabled, least) & enabled
                if found.bit_count() < least:
                    best, least = found, found.bit_count()
        else:
            for i in range(enabled.bit_length()):
                if enabled >> i & 1:
                    found = self.closed_set(1 << i, true, enabled, least) & enabled
                    if found.bit_count() < least:
                        best, least = found, found.bit_count()
        return best

    def begin(self, start: tuple[tuple[int, ...], ...], true: int, enabled: int) -> int | None:
        """The enablers of a false condition of each group; None where all conditions of a group hold."""
        found = 0
        for group in start:
            adding = self.fewest(group, true, enabled, found)
            if adding is None:
                return None
            found |= adding
        return found

    def closed_set(self, found: int, true: int, enabled: int, least: int) -> int:
        """The set with all that its members bring; or less, once that has `least` enabled steps."""
        pending = found
        while pending and (found & enabled).bit_count() < least:
            among = pending & enabled or pending  # what an enabled step brings is no choice
            i = (among & -among).bit_length() - 1
            pending &= ~(1 << i)
            if enabled >> i & 1:
                adding = self.tables.dependent[i] & ~found
            else:
                bringing = self.fewest(self.tables.guards[i], true, enabled, found)
                assert bringing is not None, "a step that is not enabled has a condition that is false"
                adding = bringing & ~found
            found |= adding
            pending |= adding
        return found

    def fewest(self, group: tuple[int, ...], true: int, enabled: int, found: int) -> int | None:
        """The enablers of the false condition of the group that add the fewest enabled steps, then the fewest; else the first."""
        best: tuple[int, int] | None = None
        chosen = None
        for condition in group:
            if not true >> condition & 1:
                adding = self.tables.enablers[condition] & ~found
                cost = ((adding & enabled).bit_count(), adding.bit_count())
                if best is None or cost < best:
                    best, chosen = cost, adding
        return chosen
