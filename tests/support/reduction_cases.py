"""The smallest systems on which a wrong reduction goes wrong, each with the depth of what it must find.

Random systems rarely show these faults: of two thousand, none showed that steps which commute in the state at hand need not
commute later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from explorer.system.expressions import conj, eq
from explorer.system.form import Action, Apply, Cell, Constant, Domain, Expr, Property, Read, Span, System

HERE = Span("cases.py", 1)
DIGIT = Domain("range", 0, 2)


class Made:
    """A system in the making: cells of 0..2, and rules."""

    def __init__(self, **initial: int) -> None:
        self.names = list(initial)
        self.cells = [Cell(name, DIGIT, (code,)) for name, code in initial.items()]
        self.actions: list[Action] = []

    def read(self, name: str) -> Expr:
        return Read(self.names.index(name), "int")

    def at(self, **codes: int) -> Expr:
        """Every cell named holds its code."""
        return conj(*(eq(self.read(name), Constant(code)) for name, code in codes.items()))

    def rule(self, name: str, guard: Expr, **updates: int | Expr) -> None:
        stored = tuple(
            (self.names.index(cell), Constant(value) if isinstance(value, int) else value)
            for cell, value in updates.items()
        )
        self.actions.append(Action(name, name, HERE, guard, stored, None, name=name))

    def system(self, *properties: Property) -> System:
        return System("case", tuple(self.cells), tuple(self.actions), properties)

    def reaching(self, **codes: int) -> System:
        return self.system(Property("goal", "reachable", self.at(**codes)))


def taken_away() -> System:
    """`first` takes `second` away: only `second` before `first` reaches the goal."""
    made = Made(x=0, y=0)
    made.rule("first", made.at(x=0), x=1)
    made.rule("second", made.at(x=0, y=0), y=1)
    return made.reaching(x=1, y=1)


def only_here() -> System:
    """`test` does nothing until `count` has counted to 2: in the first state the two commute."""
    made = Made(x=0, y=0)
    made.rule("test", made.at(), x=Apply("ite", (made.at(y=2), Constant(1), made.read("x"))))
    counted = Apply("add", (made.read("y"), Constant(1)))
    made.rule("count", Apply("lt", (made.read("y"), Constant(2))), y=counted)
    return made.reaching(x=1)


def not_yet() -> System:
    """What reaches the goal waits for another step."""
    made = Made(x=0, y=0)
    made.rule("before", made.at(x=0), x=1)
    made.rule("after", made.at(x=1), y=1)
    return made.reaching(y=1)


def different_ends() -> System:
    """Neither takes the other away, but who writes last decides."""
    made = Made(x=0, y=0, z=0)
    made.rule("one", made.at(y=0), x=1, y=1)
    made.rule("two", made.at(z=0), x=2, z=1)
    return made.reaching(x=1, y=1, z=1)


def other_setting() -> System:
    """`second` can be taken under one setting of the rule only, and that is not the first."""
    made = Made(rule=0, x=0, y=0)
    made.cells[0] = Cell("rule", Domain("range", 0, 1), (0, 1), constant=True)
    made.rule("first", made.at(x=0), x=1)
    made.rule("second", made.at(rule=1, x=0, y=0), y=1)
    return made.reaching(x=1, y=1)


def first_setting(system: System) -> System:
    """The system under the first of its settings alone."""
    return replace(system, cells=tuple(replace(c, initial=c.initial[:1]) for c in system.cells))


def by_way_of_others() -> System:
    """The goal is about a cell that gets its value from a cell that gets it from another."""
    made = Made(x=0, y=0, z=0)
    made.rule("begin", made.at(x=0), x=1)
    made.rule("pass", made.at(), y=made.read("x"))
    made.rule("arrive", made.at(), z=made.read("y"))
    return made.reaching(z=1)


def wrong_step() -> System:
    """No state is wrong, only the step from 2 to 0, which a step that is independent of it allows."""
    made = Made(x=0, y=0)
    made.rule("up", made.at(x=0), x=2)
    made.rule("other", made.at(y=0), y=1)
    made.rule("down", made.at(x=2, y=1), x=0)
    rises = Apply("le", (Read(0, "int", True), Read(0, "int")))
    return made.system(Property("goal", "always_step", rises))


def stuck() -> Made:
    """Two locks, taken in both orders: x and y say who holds them, p and q how far the two are."""
    made = Made(x=0, y=0, p=0, q=0)
    made.rule("first takes x", made.at(p=0, x=0), p=1, x=1)
    made.rule("first takes y", made.at(p=1, y=0), p=2, y=1)
    made.rule("first is done", made.at(p=2), p=0, x=0, y=0)
    made.rule("second takes y", made.at(q=0, y=0), q=1, y=2)
    made.rule("second takes x", made.at(q=1, x=0), q=2, x=2)
    made.rule("second is done", made.at(q=2), q=0, x=0, y=0)
    return made


def both_wait() -> System:
    """A deadlock, with nobody at rest: a thread that has a control point and no step."""
    from explorer.system.form import Thread

    made = stuck()
    made.cells.append(Cell("pc", Domain("location", 0, 1, labels=("finished", "waits")), (1,), owner="t"))
    system = made.system()
    return System(system.name, system.cells, system.actions, (), (Thread("t", 4, 0, (), (None, None)),))


# the system, what is found in it, and at which depth
CASES: Mapping[str, tuple[System, str, int]] = {
    "taken away": (taken_away(), "goal", 2),
    "only here": (only_here(), "goal", 3),
    "not yet": (not_yet(), "goal", 2),
    "different ends": (different_ends(), "goal", 2),
    "other setting": (other_setting(), "goal", 2),
    "by way of others": (by_way_of_others(), "goal", 3),
    "wrong step": (wrong_step(), "goal", 3),
    "both wait": (both_wait(), "deadlock_freedom", 2),
}
