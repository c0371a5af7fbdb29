"""Symmetry: values that a system does not tell apart, and one state to stand for all that differ in their names alone.

Plain data, which a search may use once it is certified (`symbolic/symmetry.py`). Exchanging two neighbouring values of a sort
is a `Generator`; the exchanges of all neighbours make every permutation of the values.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from explorer.system.assertions import is_assertion, place
from explorer.system.form import LIVENESS, System

MOST_PERMUTATIONS = 5_040  # of all values together, that a search goes through where it has to

State = tuple[int, ...]
Codes = tuple[int, ...] | None  # where each code of a cell goes, counted from its domain's lowest; None: all stay


@dataclass(frozen=True)
class Generator:
    """The exchange of two values. What cell i holds goes to cell `cells[i]`, and its code becomes that in `codes[i]`.

    `images[i]`: what action i does in a state, the action of that number does in the state exchanged. `named`: the two
    values, as they are shown.
    """

    sort: str
    named: tuple[str, str]
    cells: tuple[int, ...]
    codes: tuple[Codes, ...]
    images: tuple[int, ...]


@dataclass(frozen=True)
class Symmetry:
    """Generators, those of a sort in the order of its values, each with its neighbour; and how many questions certify them."""

    generators: tuple[Generator, ...]
    queries: int = 0
    notes: tuple[str, ...] = ()

    @property
    def permutations(self) -> int:
        """Of all values together."""
        return math.prod(math.factorial(len(generators) + 1) for generators in self.sorts.values())

    @property
    def sorts(self) -> dict[str, tuple[Generator, ...]]:
        """The generators of each sort."""
        found: dict[str, list[Generator]] = {}
        for generator in self.generators:
            found.setdefault(generator.sort, []).append(generator)
        return {sort: tuple(generators) for sort, generators in found.items()}

    def __str__(self) -> str:
        named = " and ".join(plural(sort.lower()) for sort in self.sorts)
        asked = f"{self.queries:,} {'query' if self.queries == 1 else 'queries'}"
        return f"symmetry of {named} (certified: {asked if self.queries else 'the text of the actions says it'})"

    @cached_property
    def orbits(self) -> tuple[frozenset[int], ...]:
        """For each action, those that do the same under other names, itself among them."""
        return orbits([g.images for g in self.generators])

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "generators": [[g.sort, g.named, g.cells, g.codes, g.images] for g in self.generators],
            "queries": self.queries,
            "notes": self.notes,
        }

    @classmethod
    def of_json(cls, given: dict[str, Any]) -> Symmetry:
        """What `to_json` gave."""
        generators = (
            Generator(
                sort,
                (named[0], named[1]),
                tuple(cells),
                tuple(None if c is None else tuple(c) for c in codes),
                tuple(images),
            )
            for sort, named, cells, codes, images in given["generators"]
        )
        return cls(tuple(generators), given["queries"], tuple(given["notes"]))


@dataclass(frozen=True)
class Certified:
    """`symmetry`: what may be used, None where there is nothing. `refused`: for each other sort the reason.

    `answers`: how many questions were answered so, "letter" where nothing had to be asked. `apart`: the sorts that are alike,
    and not used because their values fail different assertions, with that reason.
    """

    symmetry: Symmetry | None
    refused: tuple[str, ...]
    answers: Mapping[str, int]
    apart: tuple[str, ...] = ()

    @property
    def unused(self) -> tuple[str, ...]:
        """Why each sort is not used that is not."""
        return *self.refused, *self.apart

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        symmetry = None if self.symmetry is None else self.symmetry.to_json()
        return {"symmetry": symmetry, "refused": self.refused, "answers": dict(self.answers), "apart": self.apart}

    @classmethod
    def of_json(cls, given: Mapping[str, Any]) -> Certified:
        """What `to_json` gave."""
        symmetry = None if given["symmetry"] is None else Symmetry.of_json(given["symmetry"])
        return cls(symmetry, tuple(given["refused"]), dict(given["answers"]), tuple(given["apart"]))


def plural(sort: str) -> str:
    """frames of frame; processes of process."""
    return sort + ("es" if sort.endswith(("s", "x", "sh", "ch")) else "s")


def orbits(images: Sequence[tuple[int, ...]]) -> tuple[frozenset[int], ...]:
    """For each number, all that the maps carry it to."""
    if not images:
        return ()
    known: dict[int, frozenset[int]] = {}
    for first in range(len(images[0])):
        if first in known:
            continue
        orbit, pending = {first}, [first]
        while pending:
            at = pending.pop()
            for image in images:
                if image[at] not in orbit:
                    orbit.add(image[at])
                    pending.append(image[at])
        for member in orbit:
            known[member] = frozenset(orbit)
    return tuple(known[i] for i in range(len(images[0])))


def shared_counts(counts: dict[int, int], symmetry: Symmetry | None) -> dict[int, int]:
    """How often each action was counted; under symmetry, together with those that do the same under other names."""
    if symmetry is None:
        return counts
    return {i: n for i, orbit in enumerate(symmetry.orbits) if (n := sum(counts.get(j, 0) for j in orbit))}


def certified_by(
    system: System, generators: Sequence[Generator], refused: Sequence[str], answers: Mapping[str, int]
) -> Certified:
    """What may be used where these generators are certified by these answers: one state stands for others only where each
    verdict is the same for all of them. Raises ValueError for a generator that is no exchange."""
    sorts = crossing_sorts(system, generators)
    kept = tuple(g for g in generators if g.sort not in sorts)
    queries = sum(n for answer, n in answers.items() if answer != "letter")
    symmetry = Symmetry(kept, queries, tuple(refused)) if kept else None
    if symmetry is not None:
        check_symmetry(system, symmetry)
    apart = tuple(f"{sort}: its values fail different assertions" for sort in sorts)
    return Certified(symmetry, tuple(refused), answers, apart)


def check_usable(system: System, symmetry: Symmetry | None) -> None:
    """That a search of this system may let one state stand for others. Raises ValueError."""
    if symmetry is not None and any(p.kind in LIVENESS for p in system.properties):
        raise ValueError("what is said about whole runs is not decided under symmetry")
    if symmetry is not None and crossing_sorts(system, symmetry.generators):
        raise ValueError("what is alike fails assertions in different places, each of which has a verdict")


def check_symmetry(system: System, symmetry: Symmetry) -> None:
    """That each generator is an exchange: of the cells, of the codes of each and of the actions, done twice it gives back what
    was; and that a code goes to one that the cell can hold. Raises ValueError."""
    for g in symmetry.generators:
        what = f"the exchange of {g.named[0]} and {g.named[1]}"
        for maps, count, of in ((g.cells, len(system.cells), "cells"), (g.images, len(system.actions), "actions")):
            if len(maps) != count or any(maps[maps[i]] != i for i in range(count)):
                raise ValueError(f"{what} done twice does not give back the {of}")
        if len(g.codes) != len(system.cells):
            raise ValueError(f"{what} does not say what becomes of the codes of each cell")
        for i, codes in enumerate(g.codes):
            here, there = system.cells[i].domain, system.cells[g.cells[i]].domain
            if (here.lo, here.top, here.truth) != (there.lo, there.top, there.truth):
                raise ValueError(f"{what} takes {system.cells[i].name} to a cell of another domain")
            back = g.codes[g.cells[i]]
            if codes is None and back is None:
                continue
            stay = range(here.lo, here.top + 1)
            forth, again = codes or tuple(stay), back or tuple(stay)
            if sorted(forth) != list(stay) or any(again[forth[c - here.lo] - here.lo] != c for c in stay):
                raise ValueError(f"{what} is no permutation of the codes of {system.cells[i].name}")


def exchanged_state(system: System, generator: Generator, state: Sequence[int]) -> State:
    """The state with the two values exchanged."""
    result = list(state)
    for i, code in enumerate(state):
        codes = generator.codes[i]
        result[generator.cells[i]] = code if codes is None else codes[code - system.cells[i].domain.lo]
    return tuple(result)


class Representatives:
    """Of all states that differ by a permutation the least, by trying each: slow and plain, the definition."""

    def __init__(self, system: System, symmetry: Symmetry) -> None:
        lows = [cell.domain.lo for cell in system.cells]
        identity = tuple((i, None) for i in range(len(lows)))
        # an element: for each cell, the cell that its content comes from, and where that cell's codes go
        elements: dict[Any, None] = {identity: None}
        pending: list[tuple[tuple[int, Codes], ...]] = [identity]
        while pending:
            element = pending.pop()
            for g in symmetry.generators:
                moved: list[tuple[int, Codes]] = [(0, None)] * len(lows)
                for i, (source, codes) in enumerate(element):
                    moved[g.cells[i]] = source, then(codes, g.codes[i], lows[i])
                new = tuple(moved)
                if new not in elements:
                    elements[new] = None
                    pending.append(new)
        self.elements = [
            [
                (source, None if codes is None else dict(zip(itertools.count(lows[source]), codes)))
                for source, codes in e
            ]
            for e in elements
        ]
        self.known: dict[State, State] = {}

    def __call__(self, state: State) -> State:
        """The least state of the orbit."""
        found = self.known.get(state)
        if found is None:
            found = self.known[state] = min(self.orbit(state))
        return found

    def orbit(self, state: State) -> set[State]:
        """All states that differ from this one by a permutation."""
        return {
            tuple(state[source] if codes is None else codes[state[source]] for source, codes in element)
            for element in self.elements
        }


def then(first: Codes, second: Codes, lo: int) -> Codes:
    """Where codes go by the one and then by the other; None where all stay."""
    if second is None:
        return first
    if first is None:
        return second
    both = tuple(second[code - lo] for code in first)
    return None if both == tuple(range(lo, lo + len(both))) else both


def crossing_sorts(system: System, generators: Iterable[Generator]) -> list[str]:
    """The sorts whose values fail assertions in different places.

    If one fails, others need not: the initial states may tell the values apart. What stands for a state would not say which.
    """
    asserts = {i: place(a) for i, a in enumerate(system.actions) if is_assertion(a)}
    return list(
        dict.fromkeys(g.sort for g in generators if any(asserts[g.images[i]] != at for i, at in asserts.items()))
    )
