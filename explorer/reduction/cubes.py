"""Sets of settings in few words: cubes, each a choice of values for some of the rules.

A set of settings is an integer, bit i for setting i. A cube has for each rule the values that it allows.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from functools import cache

Cube = tuple[tuple[int, ...], ...]  # for each rule the positions of the values allowed


def outside(sizes: Sequence[int], cubes: Sequence[Cube]) -> int:
    """How many settings of rules with so many values are in none of the cubes."""
    free = [[len(values) == size for values, size in zip(cube, sizes, strict=True)] for cube in cubes]

    @cache
    def count(rule: int, inside: frozenset[int]) -> int:
        if any(all(free[i][rule:]) for i in inside):
            return 0
        if not inside:
            return math.prod(sizes[rule:])
        return sum(
            count(rule + 1, frozenset(i for i in inside if value in cubes[i][rule])) for value in range(sizes[rule])
        )

    return count(0, frozenset(range(len(cubes))))


def merged_cubes(cubes: Sequence[Cube]) -> list[Cube]:
    """The same settings in fewer cubes: two that differ in the values of one rule are one."""
    found = list(dict.fromkeys(cubes))
    while True:
        for one, other in itertools.combinations(found, 2):
            apart = [i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
            if len(apart) == 1:
                both = tuple(sorted({*one[apart[0]], *other[apart[0]]}))
                found[found.index(one)] = (*one[: apart[0]], both, *one[apart[0] + 1 :])
                found.remove(other)
                break
        else:
            return found


class Points:
    """Settings as points: `points[i][v]` is the position of the value that setting i has of rule v."""

    def __init__(self, points: Sequence[Sequence[int]], sizes: Sequence[int]) -> None:
        self.points, self.sizes = points, sizes
        self.every = (1 << len(points)) - 1
        self.having = [
            [
                int("".join("1" if p[v] == value else "0" for p in reversed(points)) or "0", 2)
                for value in range(sizes[v])
            ]
            for v in range(len(sizes))
        ]

    def inside(self, cube: Cube) -> int:
        """The settings in the cube."""
        found = self.every
        for having, values in zip(self.having, cube, strict=True):
            allowed = 0
            for value in values:
                allowed |= having[value]
            found &= allowed
        return found

    def cover(self, wanted: int) -> list[Cube]:
        """Cubes that hold all wanted settings and no other that there is; none can grow, and none can be left out."""
        found: list[Cube] = []
        left = wanted
        while left:
            first = (left & -left).bit_length() - 1
            rules = list(range(len(self.sizes)))
            orders = [rules[i:] + rules[:i] for i in range(len(rules))] or [[]]
            grown = [self.grown(first, wanted, order) for order in orders]
            best = max(grown, key=lambda cube: ((self.inside(cube) & left).bit_count(), -self.words(cube)))
            found.append(best)
            left &= ~self.inside(best)
        for cube in list(found):
            others = 0
            for other in found:
                others |= self.inside(other) if other is not cube else 0
            if not wanted & ~others:
                found = [other for other in found if other is not cube]
        return sorted(found, key=lambda cube: (self.words(cube), cube))

    def grown(self, first: int, wanted: int, order: Sequence[int]) -> Cube:
        """The largest cube around a setting that growing along the rules in that order gives."""
        cube: list[tuple[int, ...]] = [(value,) for value in self.points[first]]
        for rule in order:
            before = cube[rule]
            cube[rule] = tuple(range(self.sizes[rule]))
            if not self.inside(tuple(cube)) & ~wanted:
                continue
            cube[rule] = before
            for value in range(self.sizes[rule]):
                if value not in before:
                    smaller = cube[rule]
                    cube[rule] = tuple(sorted((*smaller, value)))
                    if self.inside(tuple(cube)) & ~wanted:
                        cube[rule] = smaller
        return tuple(cube)

    def words(self, cube: Cube) -> int:
        """How many rules the cube speaks about."""
        return sum(len(values) < size for values, size in zip(cube, self.sizes, strict=True))
