"""Representatives by putting values in order: of all that a state says of each value of a sort, its own cells and the cells that
name it, the least comes first. Two of whom it says the same are alike, so this is exact, and no permutation is tried.

Where cells relate values of two sorts, or two of one sort, one sort is left to that order and the permutations of the others are
to be tried.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import factorial, prod
from operator import itemgetter

from explorer.reduction.symmetry import Generator, Representatives, State, Symmetry, orbits
from explorer.system.form import System

NIBBLE = 4  # bits of a code in a table of codes in one word
MOST_CODES = 1 << NIBBLE


@dataclass(frozen=True)
class Sort:
    """What a state says of each value of one sort, where it takes one value at a time.

    `own[v]`: the cells of value v, alike for each. `naming`: the cells that name a value or none. `codes[v]`: v's code in
    these. `relating`: the other cells that its permutations touch; `touched`: all of them.
    """

    generators: tuple[Generator, ...]
    own: tuple[tuple[int, ...], ...]
    naming: tuple[int, ...]
    codes: tuple[int, ...]
    relating: frozenset[int]
    touched: frozenset[int]


def sorts_of(system: System, symmetry: Symmetry) -> tuple[list[Sort], list[Sort]]:
    """The sorts whose values are put in order, and those whose permutations are tried."""
    found = [sort_of(system, generators) for generators in symmetry.sorts.values()]
    ordered: list[Sort] = []
    tried: list[Sort] = []
    for sort in sorted(found, key=lambda s: -len(s.own)):
        if sort.relating or any(sort.touched & other.touched for other in ordered):
            tried.append(sort)
        else:
            ordered.append(sort)
    touched = [s.touched for s in (*ordered, *tried)]
    return ordered, [alone(sort, frozenset().union(*(t for t in touched if t is not sort.touched))) for sort in tried]


def alone(sort: Sort, others: frozenset[int]) -> Sort:
    """The sort without the cells that permutations of other sorts touch."""
    keep = [i for i, cells in enumerate(zip(*sort.own, strict=True)) if not others & set(cells)]
    own = tuple(tuple(cells[i] for i in keep) for cells in sort.own)
    return Sort(
        sort.generators, own, tuple(c for c in sort.naming if c not in others), sort.codes, sort.relating, sort.touched
    )


def sort_of(system: System, generators: tuple[Generator, ...]) -> Sort:
    """What the exchanges of neighbours, in order, say of the cells."""
    cells = range(len(system.cells))
    touched = frozenset(i for i in cells if any(g.cells[i] != i or g.codes[i] is not None for g in generators))
    rows: list[tuple[int, ...]] = []  # a cell for each value
    naming: dict[int, tuple[int, ...]] = {}
    for orbit in dict.fromkeys(orbits([g.cells for g in generators])):
        first, domain = min(orbit), system.cells[min(orbit)].domain
        if not orbit & touched:
            continue
        if len(orbit) == 1:
            codes = [g.codes[first] for g in generators]
            found = line([[c for c, d in enumerate(d) if c != d] for d in codes if d is not None], len(generators))
            if found is not None and domain.lo == 0 and domain.top < MOST_CODES:
                naming[first] = found
        elif all(g.codes[c] is None for c in orbit for g in generators):
            found = line([[c for c in sorted(orbit) if g.cells[c] != c] for g in generators], len(generators))
            if found is not None and set(found) == orbit:
                rows.append(found)
    common = next(iter(naming.values()), tuple(range(len(generators) + 1)))
    naming = {i: codes for i, codes in naming.items() if codes == common}
    own = tuple(tuple(row[v] for row in rows) for v in range(len(generators) + 1))
    known = {*naming, *(c for row in rows for c in row)}
    return Sort(generators, own, tuple(naming), common, touched - known, touched)


def line(exchanges: list[list[int]], count: int) -> tuple[int, ...] | None:
    """The things that stand in a line, where the k-th exchange is of the k-th thing and the next one; None where they do not."""
    if len(exchanges) != count or any(len(pair) != 2 for pair in exchanges):
        return None
    at = next((x for x in exchanges[0] if count == 1 or x not in exchanges[1]), None)
    found = [] if at is None else [at]
    for pair in exchanges:
        if not found or found[-1] not in pair:
            return None
        found.append(pair[1] if pair[0] == found[-1] else pair[0])
    return tuple(found) if len(set(found)) == len(found) else None


def permutations_tried(system: System, symmetry: Symmetry) -> int:
    """How many permutations of a state are looked at to find its representative."""
    return prod(factorial(len(sort.own)) for sort in sorts_of(system, symmetry)[1])


def representatives(system: System, symmetry: Symmetry) -> Callable[[State], State]:
    """One state for all that differ by a permutation: by order where that suffices, else by trying each."""
    ordered, rest = sorts_of(system, symmetry)
    if rest:
        return Representatives(system, symmetry)
    orders = [Order(sort) for sort in ordered]

    def representative(state: State) -> State:
        for order in orders:
            state = order.of(state)
        return state

    return representative


class Order:
    """Puts the values of one sort in order, of which cells take one at a time."""

    def __init__(self, sort: Sort) -> None:
        self.own, self.naming = sort.own, sort.naming
        self.number = {code: v for v, code in enumerate(sort.codes)}
        self.codes = sort.codes
        self.values = range(len(sort.own))
        cells = [[*own] for own in sort.own]
        # itemgetter gives a tuple of two or more
        self.said = [
            itemgetter(*own, *own[:1]) if len(own) == 1 else itemgetter(*own) if own else None for own in cells
        ]

    def of(self, state: State) -> State:
        """The state with the values in order."""
        named: list[list[int]] = [[] for _ in self.values]
        number = self.number
        for cell in self.naming:
            v = number.get(state[cell])
            if v is not None:
                named[v].append(cell)
        keys = [(() if said is None else said(state), names) for said, names in zip(self.said, named, strict=True)]
        order = sorted(self.values, key=keys.__getitem__)
        if order == list(self.values):
            return state
        new = list(state)
        for place, v in enumerate(order):
            for here, there in zip(self.own[place], self.own[v], strict=True):
                new[here] = state[there]
            for cell in named[v]:
                new[cell] = self.codes[place]
        return tuple(new)
