"""What may always be true of a system: candidates for inductive invariants, read off a sample of its reachable states.

Whatever is false in some sampled state is no invariant, and all that is true in the sample has yet to be proved: a sample
only keeps the number of questions small. Three forms:

- a cell never holds some values of its domain;
- if one cell holds a value, another does (or does not) hold one: `pte present => refcount is not 0`, `at "alloc" => locked`;
- affine relations between the counters of a value of a scalarset and what refers to it: `refcount[f] = mappings + pins`, and
  between any counter and where the threads are: `readers = 1 where a thread is at "walk"` (the null space of the sample, as
  Karr's affine relations, ACTA Informatica 1976, from states instead of code).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_
from random import Random
from typing import Literal

from explorer.process import stop
from explorer.system.expressions import arithmetic, cells_read, to_int
from explorer.system.form import Apply, Cell, Constant, Expr, Read, System
from explorer.system.semantics import Semantics, State, predicate

SAMPLE = 3_000  # states: the first of a breadth-first search, and as many again on runs from there
LONGEST = 300  # steps of such a run
TURN = 8  # steps that one actor takes before others, about
MOST_CODES = 8  # of a cell whose values are told apart one by one
PRIME = 2_147_483_629  # affine relations are computed modulo it
LARGEST = 2  # coefficient of an affine relation
MOST_FEATURES = 120  # of one affine relation


def sample(system: System, most: int = SAMPLE) -> list[State]:
    """Reachable states, the first `most` of a breadth-first search and then as many of runs on from its last level."""
    semantics = Semantics(system)
    seen: dict[State, None] = dict.fromkeys(semantics.initial)
    level = list(seen)
    while level and len(seen) < most:
        stop.here()
        following: dict[State, None] = {}
        for state in level:
            for _, after in semantics.successors(state):
                if after is not None and after not in seen:
                    following[after] = None
            if len(seen) + len(following) >= most:
                break
        seen.update(following)
        level = list(following)
    left, random = most if level else 0, Random(0)
    while left > 0:
        stop.here()
        for state in run(system, semantics, random.choice(level), random):
            seen[state] = None
            left -= 1
    return list(seen)


def run(system: System, semantics: Semantics, state: State, random: Random) -> Iterator[State]:
    """The state and those of one way on from it, in which now one actor goes before all others, now another."""
    actors = sorted({a.actor for a in system.actions})
    for _ in range(LONGEST):
        yield state
        if not random.randrange(TURN):
            random.shuffle(actors)
        afterwards = [(system.actions[i].actor, t) for i, t in semantics.successors(state) if t not in (None, state)]
        if not afterwards:
            return
        first = min((actor for actor, _ in afterwards), key=actors.index)
        state = random.choice([t for actor, t in afterwards if actor == first and t is not None])


def candidates(system: System, states: Sequence[State], cells: Collection[int] | None = None) -> list[Expr]:
    """Candidates that hold in all the states, none of them twice. `cells`: about these alone."""
    columns = list(zip(*states, strict=True))
    if cells is not None:  # a cell that never changes says nothing
        columns = [c if i in cells else (system.cells[i].domain.lo,) * len(c) for i, c in enumerate(columns)]
        states = list(zip(*columns, strict=True))
    single = tests(system, columns)
    known = [e for e in unused_values(system, columns) if cells is None or cells_read(e) <= set(cells)]
    found = [*known, *implications(single, single, len(states)), *affine(counts_of_columns(system, columns), 1)]
    for sort, size in system.scalarsets:
        said = about(system, sort.lower(), size, states, columns)
        found += affine([s for s in said if s.kind != "anywhere"], size)
        found += affine(sorted(said, key=lambda s: s.kind == "there"), size)  # corrected only where it must be
        found += of_any_value(said, size, single, len(states))
    once: dict[object, Expr] = {}
    for expr in found:  # "a or b" is "b or a"
        once.setdefault(frozenset(expr.args) if isinstance(expr, Apply) and expr.op == "or" else expr, expr)
    return list(once.values())


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
class Test:
    """A test of what is called `of`, and the rows of the sample in which it is true, a bit each. `point`: of a control point."""

    expr: Expr
    of: str
    rows: int
    point: bool = False


def tests(system: System, columns: Sequence[Sequence[int]]) -> list[Test]:
    """Whether a cell holds a code, for all codes that it holds in the sample, where these are few; and of what may be absent,
    whether it is there and holds it."""
    found: list[Test] = []
    held = [where(column) for column in columns]
    for index, cell in enumerate(system.cells):
        rows = {} if cell.ghost else held[index]
        if 1 < len(rows) and (len(rows) <= MOST_CODES or cell.domain.kind == "location"):
            point = cell.domain.kind == "location"
            found += [Test(equals(cell, index, code), cell.name, bits, point) for code, bits in sorted(rows.items())]
            presence = parts_of(system, cell)
            present = reduce(and_, (held[i].get(1, 0) for i in presence), -1)
            for code, bits in sorted(rows.items()):
                if presence and 0 < bits & present < bits and bits & present != present:
                    expr = both([*(Read(i, "bool") for i in presence), equals(cell, index, code)])
                    found.append(Test(expr, cell.name, bits & present))
    return found


def parts_of(system: System, cell: Cell) -> list[int]:
    """The cells that say whether what the cell is part of is there."""
    return [
        i
        for i, c in enumerate(system.cells)
        if c.variable == cell.variable and c.domain.truth and c.path[-1:] == ("?",) and c is not cell
        and cell.path[: len(c.path) - 1] == c.path[:-1]
    ]  # fmt: skip


def where(column: Sequence[int]) -> dict[int, int]:
    """For each code, the rows that hold it, a bit each."""
    found: dict[int, int] = {}
    for at, code in enumerate(column):
        found[code] = found.get(code, 0) | 1 << at
    return found


def implications(
    given: Sequence[Test], then: Sequence[Test], count: int, about: Collection[str] | None = None
) -> Iterator[Expr]:
    """If one test is true, another is, or is not: where the sample shows it and no chain of others says it.

    `about`: one of the two is called so.
    """
    everywhere = (1 << count) - 1
    literals = [*then, *(Test(negation(t.expr), t.of, everywhere & ~t.rows, t.point) for t in then)]
    literals.sort(key=lambda t: t.rows.bit_count())
    for first in given:
        kept: list[int] = []
        said: dict[str, list[int]] = {}  # at a point of a thread, of each variable
        for second in literals:
            if second.of == first.of or first.rows & ~second.rows:
                continue
            if about is not None and first.of not in about and second.of not in about:
                continue
            if any(not rows & ~second.rows for rows in kept):  # a stronger one implies it
                continue
            if not first.point:
                kept.append(second.rows)
            else:
                before = said.setdefault(variable(second.of), [])
                if any(not rows & ~second.rows for rows in before):
                    continue
                before.append(second.rows)
            yield Apply("or", (negation(first.expr), second.expr))


def variable(of: str) -> str:
    """The variable of a cell, by name: `mm.pte[parent, page 0]` of `mm.pte[parent, page 0].frame`."""
    head, bracket, rest = of.partition("[")
    return head + bracket + rest.partition("]")[0]


# ---------------------------------------------------------------- what is said of a value of a scalarset


@dataclass(frozen=True)
class Said:
    """Something that is said of each value of a scalarset: an expression for each, and what it is in the sample.

    `kind`: "counter" and "flag", a number and a truth value that are kept for each value; "truth"; of a local of a thread
    "anywhere" or, for one control point, "there".
    """

    of: str
    exprs: tuple[Expr, ...]
    columns: tuple[tuple[int, ...], ...]
    kind: Literal["counter", "flag", "truth", "anywhere", "there"] = "truth"


def about(
    system: System, sort: str, size: int, states: Sequence[State], columns: Sequence[Sequence[int]]
) -> list[Said]:
    """Cells kept for each value, and tests of whether a cell holds the value: of a local, at each control point of its thread."""
    found: list[Said] = []
    positions = {cell.name: i for i, cell in enumerate(system.cells)}
    first = re.compile(rf"(?<=[\[,(]){re.escape(sort)} 0(?=[\],)])")
    for cell in system.cells:
        if len(first.findall(cell.name)) == 1:
            mine = [positions[first.sub(f"{sort} {v}", cell.name)] for v in range(size)]
            if cell.domain.kind == "range" or cell.domain.truth:
                reads = tuple(Read(i, "bool" if cell.domain.truth else "int") for i in mine)
                of = first.sub(f"any {sort}", cell.name)
                kind: Literal["counter", "flag"] = "counter" if cell.domain.kind == "range" else "flag"
                found.append(Said(of, reads, tuple(tuple(columns[i]) for i in mine), kind))
    holders = [i for i, c in enumerate(system.cells) if c.domain.kind == "scalarset" and c.domain.name.lower() == sort]
    references = [test for index in holders for test in refers(system, index, size)]
    if references:
        truths = list(zip(*map(predicate([e for r in references for e in r.exprs]), states, states), strict=True))
        for at, r in enumerate(references):
            rows = truths[at * size : (at + 1) * size]
            found.append(replace(r, columns=tuple(tuple(map(int, row)) for row in rows)))
    return [s for s in found if len({c for column in s.columns for c in column}) > 1]


def refers(system: System, index: int, size: int) -> Iterator[Said]:
    """Tests of whether a cell holds each value: of a local of a thread, at each control point of the thread too."""
    cell = system.cells[index]
    present = [Read(i, "bool") for i in parts_of(system, cell)]
    thread = next((t for t in system.threads if t.name == cell.owner), None)
    held = [both([*present, equals(cell, index, v)]) for v in range(size)]
    yield Said(cell.name, tuple(held), (), "truth" if thread is None else "anywhere")
    if thread is not None:
        for code in range(1, system.cells[thread.cell].domain.hi + 1):
            at = equals(system.cells[thread.cell], thread.cell, code)
            yield Said(cell.name, tuple(both([at, h]) for h in held), (), "there")


def both(parts: list[Expr]) -> Expr:
    return parts[0] if len(parts) == 1 else Apply("and", tuple(parts))


def of_any_value(said: Sequence[Said], size: int, single: Sequence[Test], count: int) -> Iterator[Expr]:
    """Implications that hold of every value alike, for each value: from or to something that is said of it. `single`: tests of
    cells, over the `count` states of the sample."""
    told: list[list[Test]] = []  # for each test, what it is of each value
    there: list[list[Test]] = []
    for s in said:
        rows = where([code for column in s.columns for code in column])
        if len(rows) > MOST_CODES:
            continue
        for code, bits in sorted(rows.items()):
            if s.kind == "counter":
                told.append([Test(Apply("eq", (e, Constant(code))), s.of, bits) for e in s.exprs])
            elif code:
                (there if s.kind == "there" else told).append([Test(e, s.of, bits) for e in s.exprs])
    every = sum(1 << v * count for v in range(size))
    others = [Test(t.expr, t.of, t.rows * every, t.point) for t in single]
    names = {s.of for s in said}
    for v in range(size):
        mine = [t[v] for t in told]
        yield from implications([*mine, *others], [*mine, *others], size * count, names)
        yield from implications([t[v] for t in there], mine, size * count, names)


# ---------------------------------------------------------------- counters


def counts_of_columns(system: System, columns: Sequence[Sequence[int]]) -> list[Said]:
    """Every counter, and where each thread is: how many readers a lock has is told by that, say."""
    found = []
    for index, (cell, column) in enumerate(zip(system.cells, columns, strict=True)):
        if cell.domain.kind == "location":
            for code in sorted(set(column))[
                1:
            ]:  # in terms of where it starts: a point that was not seen counts as that
                expr = equals(cell, index, code)
                found.append(Said(cell.name, (expr,), (tuple(int(c == code) for c in column),), "there"))
        elif cell.domain.kind == "range" and not cell.ghost and len(set(column)) > 1:
            found.append(Said(cell.name, (Read(index, "int"),), (tuple(column),), "counter"))
    return found


def affine(said: Sequence[Said], size: int) -> Iterator[Expr]:
    """Of each counter and flag that is a sum of other things that are said of the value, for every value alike: that it is."""
    import numpy as np

    counters = [s for kind in ("flag", "counter") for s in said if s.kind == kind]
    others = [s for s in said if s.kind not in ("flag", "counter")][:MOST_FEATURES]
    if not counters:
        return
    features = [*others, *counters]
    length = len(features[0].columns[0])
    rows = {row for v in range(size) for row in zip([1] * length, *(s.columns[v] for s in features), strict=True)}
    matrix = np.array(sorted(rows), np.int64)  # its first column is the number 1
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
    for column in range(1 + len(others), 1 + len(features)):
        if column in pivots:
            continue
        sums = [(int(matrix[row, column]), pivot) for row, pivot in enumerate(pivots) if matrix[row, column]]
        signed = [(c if c < PRIME // 2 else c - PRIME, pivot) for c, pivot in sums]
        if all(abs(c) <= LARGEST or not pivot and abs(c) < 64 for c, pivot in signed):
            for v in range(size):
                terms = [(c, features[pivot - 1].exprs[v] if pivot else None) for c, pivot in signed]
                yield Apply("eq", (number(features[column - 1].exprs[v]), total(terms)))


def total(terms: list[tuple[int, Expr | None]]) -> Expr:
    """The sum of the terms, each with its coefficient; None stands for 1."""
    result: Expr = Constant(sum(c for c, term in terms if term is None))
    for coefficient, term in terms:
        if term is not None:
            part = number(term)
            if abs(coefficient) != 1:
                part = arithmetic("mul", Constant(abs(coefficient)), part)
            result = arithmetic("add" if coefficient > 0 else "sub", result, part)
    return result


def number(term: Expr) -> Expr:
    """The term, a truth value as 0 or 1."""
    return to_int(term) if term.type == "bool" else term
