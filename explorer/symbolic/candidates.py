"""What may always be true of a system: candidates for inductive invariants, read off a sample of its reachable states.

Whatever is false in some sampled state is no invariant, and all that is true in the sample has yet to be proved: a sample
only keeps the number of questions small. Three forms:

- a cell never holds some values of its domain;
- if one cell holds a value, another does (or does not) hold one: `pte present => refcount is not 0`, `at "alloc" => locked`;
- affine relations between the counters of a value of a scalarset and what refers to it: `refcount[f] = mappings + pins`
  (the null space of the sample, as Karr's affine relations, ACTA Informatica 1976, from states instead of code).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from explorer.semantics import Semantics, State, predicate
from explorer.system import Apply, Cell, Constant, Expr, Read, System

SAMPLE = 3_000  # states: the first of a breadth-first search, and as many again on its way down
MOST_CODES = 8  # of a cell whose values are told apart one by one
PRIME = 2_147_483_629  # affine relations are computed modulo it
LARGEST = 2  # coefficient of an affine relation
MOST_FEATURES = 120  # of one affine relation


def sample(system: System, most: int = SAMPLE) -> list[State]:
    """Reachable states, the first `most` of a breadth-first search and then those of straight runs from its last level."""
    semantics = Semantics(system)
    seen: dict[State, None] = dict.fromkeys(semantics.initial)
    level = list(seen)
    while level and len(seen) < most:
        following: dict[State, None] = {}
        for state in level:
            for _, after in semantics.successors(state):
                if after is not None and after not in seen:
                    following[after] = None
            if len(seen) + len(following) >= most:
                break
        seen.update(following)
        level = list(following)
    turn = 0
    while level and turn < most:  # straight on, another way at each state, from each of the last in its turn
        state = level[turn % len(level)]
        after = [t for _, t in semantics.successors(state) if t is not None and t not in seen]
        turn += 1
        if after:
            level[(turn - 1) % len(level)] = after[turn % len(after)]
            seen[after[turn % len(after)]] = None
    return list(seen)


def candidates(system: System, states: Sequence[State]) -> list[Expr]:
    """Candidates that hold in all the states, none of them twice."""
    columns = list(zip(*states, strict=True))
    found = [
        *unused_values(system, columns),
        *implications(system, states, columns),
        *affine(system, states, columns),
    ]
    return list(dict.fromkeys(found))


# ---------------------------------------------------------------- one cell


def unused_values(system: System, columns: Sequence[Sequence[int]]) -> Iterator[Expr]:
    """The values that a cell does not hold."""
    for index, (cell, column) in enumerate(zip(system.cells, columns, strict=True)):
        seen = set(column)
        codes = range(cell.domain.lo, cell.domain.top + 1)
        if len(seen) == len(codes):
            continue
        if len(seen) == 1:
            yield equals(cell, index, min(seen))
            continue
        if not cell.domain.truth and max(seen) < cell.domain.top:
            yield Apply("le", (Read(index, "int"), Constant(max(seen))))
        yield from (
            negation(equals(cell, index, c)) for c in range(cell.domain.lo, min(max(seen), 64)) if c not in seen
        )


def equals(cell: Cell, index: int, code: int) -> Expr:
    """The cell holds the code."""
    if cell.domain.truth:
        return Read(index, "bool") if code else Apply("not", (Read(index, "bool"),))
    return Apply("eq", (Read(index, "int"), Constant(code)))


def negation(expr: Expr) -> Expr:
    return expr.args[0] if isinstance(expr, Apply) and expr.op == "not" else Apply("not", (expr,))


# ---------------------------------------------------------------- two cells


@dataclass(frozen=True)
class Literal:
    """A test of one cell, and the sampled states in which it is true, a bit each."""

    expr: Expr
    cell: int
    states: int


def implications(system: System, states: Sequence[State], columns: Sequence[Sequence[int]]) -> Iterator[Expr]:
    """If one cell holds a value, another does, or does not: where the sample shows it and no chain of others says it."""
    everywhere = (1 << len(states)) - 1
    tests: list[Literal] = []
    for index, (cell, column) in enumerate(zip(system.cells, columns, strict=True)):
        where: dict[int, int] = {}
        for at, code in enumerate(column):
            where[code] = where.get(code, 0) | 1 << at
        if len(where) < 2 or len(where) > MOST_CODES and cell.domain.kind != "location":
            continue
        tests += [Literal(equals(cell, index, code), index, bits) for code, bits in sorted(where.items())]
    literals = [*tests, *(Literal(negation(t.expr), t.cell, everywhere & ~t.states) for t in tests)]
    literals.sort(key=lambda t: t.states.bit_count())
    for first in tests:
        kept: list[int] = []
        for then in literals:
            if then.cell == first.cell or first.states & ~then.states:
                continue
            if any(not k & ~then.states for k in kept):  # a stronger one implies it
                continue
            kept.append(then.states)
            yield Apply("or", (negation(first.expr), then.expr))


# ---------------------------------------------------------------- counters


def affine(system: System, states: Sequence[State], columns: Sequence[Sequence[int]]) -> Iterator[Expr]:
    """Linear relations with small coefficients between a counter kept for a value of a scalarset and what refers to it."""
    for sort, size in system.scalarsets:
        name = sort.lower()
        holders = [
            i for i, c in enumerate(system.cells) if c.domain.kind == "scalarset" and c.domain.name.lower() == name
        ]
        for value in range(size):
            mine = re.compile(rf"[\[,(]{re.escape(name)} {value}[\],)]")
            counters: dict[Expr, tuple[int, ...]] = {}
            others: dict[Expr, tuple[int, ...]] = {}
            for index, cell in enumerate(system.cells):
                if mine.search(cell.name) and len(set(columns[index])) > 1:
                    if cell.domain.kind == "range":
                        counters[Read(index, "int")] = tuple(columns[index])
                    elif cell.domain.truth:
                        others[Apply("int", (Read(index, "bool"),))] = tuple(columns[index])
            if not counters:
                continue
            references = [test for index in holders for test in refers(system, index, value)]
            for test, truth in zip(references, zip(*map(predicate(references), states, states), strict=True), strict=True):
                if any(truth) and len(others) < MOST_FEATURES:
                    others[Apply("int", (test,))] = tuple(map(int, truth))
            yield from relations(others, counters)


def refers(system: System, index: int, value: int) -> Iterator[Expr]:
    """Tests of whether a cell holds the value: of a local of a thread, one for each control point of the thread."""
    cell = system.cells[index]
    present = [
        Read(i, "bool")
        for i, c in enumerate(system.cells)
        if c.variable == cell.variable and c.domain.truth and c.path[-1:] == ("?",)
        and cell.path[: len(c.path) - 1] == c.path[:-1]
    ]  # fmt: skip
    here = [*present, equals(cell, index, value)]
    thread = next((t for t in system.threads if t.name == cell.owner), None)
    if thread is None:
        yield both(here)
        return
    for code in range(1, system.cells[thread.cell].domain.hi + 1):
        yield both([equals(system.cells[thread.cell], thread.cell, code), *here])


def both(parts: list[Expr]) -> Expr:
    return parts[0] if len(parts) == 1 else Apply("and", tuple(parts))


def relations(
    others: Mapping[Expr, tuple[int, ...]], counters: Mapping[Expr, tuple[int, ...]]
) -> Iterator[Expr]:
    """Of each counter that is a sum of others on all the states: that it is."""
    import numpy as np

    names: list[Expr | None] = [None, *others, *counters]  # None: the number 1
    length = len(next(iter(counters.values())))
    rows = sorted(set(zip([1] * length, *others.values(), *counters.values(), strict=True)))
    matrix = np.array(rows, np.int64)
    pivots: list[int] = []
    for column in range(matrix.shape[1]):  # to reduced row echelon form, modulo a prime
        top = len(pivots)
        found = np.flatnonzero(matrix[top:, column])
        if not len(found):
            continue
        matrix[[top, top + found[0]]] = matrix[[top + found[0], top]]
        matrix[top] = matrix[top] * pow(int(matrix[top, column]), -1, PRIME) % PRIME
        factors = matrix[:, column].copy()
        factors[top] = 0
        changed = np.flatnonzero(factors)
        matrix[changed] = (matrix[changed] - factors[changed, None] * matrix[top]) % PRIME
        pivots.append(column)
    for column in range(1 + len(others), len(names)):
        if column in pivots:
            continue
        sums = [(int(matrix[row, column]), names[pivot]) for row, pivot in enumerate(pivots) if matrix[row, column]]
        signed = [(c if c < PRIME // 2 else c - PRIME, name) for c, name in sums]
        counter = names[column]
        assert counter is not None
        if all(abs(c) <= LARGEST or name is None and abs(c) < 64 for c, name in signed):
            yield Apply("eq", (counter, total(signed)))


def total(terms: list[tuple[int, Expr | None]]) -> Expr:
    """The sum of the terms, each with its coefficient; None stands for 1."""
    result: Expr = Constant(sum(c for c, name in terms if name is None))
    for coefficient, name in terms:
        if name is not None:
            part = name if abs(coefficient) == 1 else Apply("mul", (Constant(abs(coefficient)), name))
            result = Apply("add" if coefficient > 0 else "sub", (result, part))
    return result
