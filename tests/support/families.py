"""Random families, and each setting of one compared with a search of it alone."""

from __future__ import annotations

import dataclasses
from random import Random
from typing import Any

from explorer.reduction.family import Family, alone, open_cells
from explorer.search import reference
from explorer.search.family_outcome import FamilyOutcome
from explorer.search.outcome import Bounds, Task
from explorer.system.assertions import failing_actions
from explorer.system.form import Apply, Cell, Constant, Domain, Expr, Read, System
from explorer.system.wellformed import check as check_system
from tests.support.systems import random_system

SAME = [f.name for f in dataclasses.fields(FamilyOutcome) if f.name not in ("engine", "seconds")]
BOUNDS = (Bounds(states=2000), Bounds(depth=3))


def system_with_rules(seed: int) -> System:
    """A random system whose guards, updates and properties are mixed with up to three rules left open."""
    random, system = Random(seed), random_system(seed)
    cells = list(system.cells)
    rules: list[int] = list(open_cells(system))
    for i in range(random.randint(1, 3)):
        domain = random.choice(
            (Domain("bool", 0, 1), Domain("range", -1, 1), Domain("enum", 0, 2, "E", ("a", "b", "c")))
        )
        cells.append(Cell(f"rule{i}", domain, tuple(range(domain.lo, domain.hi + 1)), constant=True))
        rules.append(len(cells) - 1)

    def test() -> Expr:
        rule = random.choice(rules)
        domain = cells[rule].domain
        if domain.truth:
            return Read(rule, "bool")
        return Apply("eq", (Read(rule, "int"), Constant(random.randint(domain.lo, domain.hi))))

    def guarded(guard: Expr) -> Expr:
        parts = guard.args if isinstance(guard, Apply) and guard.op == "and" else (guard,)
        extra = test() if random.random() < 0.6 else Apply("or", (test(), Apply("not", (test(),))))
        return Apply("and", (*parts, extra)) if random.random() < 0.5 else guard

    def stored(cell: int, expr: Expr) -> Expr:
        if random.random() < 0.6:
            return expr
        old = Read(cell, expr.type)
        return Apply("choose" if expr.type == "bool" else "ite", (test(), expr, old))

    actions = tuple(
        dataclasses.replace(a, guard=guarded(a.guard), updates=tuple((c, stored(c, e)) for c, e in a.updates))
        for a in system.actions
    )
    properties = tuple(
        dataclasses.replace(p, holds=Apply("or", (p.holds, test())) if random.random() < 0.5 else p.holds)
        for p in system.properties
    )
    made = dataclasses.replace(system, cells=tuple(cells), actions=actions, properties=properties)
    check_system(made)
    return made


def of_setting(outcome: FamilyOutcome, i: int) -> tuple[Any, ...]:
    """What the search of a family says of one setting."""
    depths = {name: d for name, known in outcome.first.items() for d, under in known.items() if under >> i & 1}
    error = any(under >> i & 1 for under in outcome.errors.values())
    last = max(d for d, under in enumerate(outcome.levels) if under >> i & 1)
    complete = not error and not outcome.running >> i & 1
    return depths, error, outcome.states_of[i], outcome.transitions_of[i], last, complete


def unequal(made: Family, outcome: FamilyOutcome, bounds: Bounds) -> list[str]:
    """The settings of which a search of each alone says something else. A family asks for all assertions together."""
    found = []
    for i, setting in enumerate(made.settings):
        one = reference.search(Task(alone(made.whole, setting), bounds))
        depths = {name: depth for name, depth in one.depths.items() if name not in failing_actions(made.whole)}
        theirs = depths, one.error is not None, one.states, one.transitions, one.depth, one.complete
        ours = of_setting(outcome, i)
        if ours != theirs:
            found.append(f"{made.whole.name} {setting} {bounds}: {ours}, alone {theirs}")
    return found
