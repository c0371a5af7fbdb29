"""Random systems in the form of a race: threads of a few guarded steps each, over a few cells that all of them use.

What a reduction may get wrong shows here more often than in `systems.py`: steps that are often independent, that take each
other away, and that store a value under a condition only.
"""

from __future__ import annotations

from random import Random
from typing import Literal

from explorer.system.expressions import conj, eq, neg
from explorer.system.form import (
    Action,
    Apply,
    Cell,
    Constant,
    Domain,
    Expr,
    Failure,
    Property,
    Read,
    Span,
    System,
    Thread,
)
from tests.support.systems import HERE

DIGIT = Domain("range", 0, 2)


class Race:
    def __init__(self, seed: int) -> None:
        self.random, self.seed = Random(seed), seed
        self.shared = self.random.randint(1, 3)
        self.cells = [Cell(f"x{i}", DIGIT, (0,)) for i in range(self.shared)]
        if self.random.random() < 0.3:
            self.cells[0] = Cell("rule", DIGIT, (0, 1), constant=True)
        self.threads: list[Thread] = []
        self.actions: list[Action] = []

    def system(self) -> System:
        for number in range(self.random.randint(2, 3)):
            self.thread(number)
        return System(
            f"race {self.seed}", tuple(self.cells), tuple(self.actions), tuple(self.properties()), tuple(self.threads)
        )

    def thread(self, number: int) -> None:
        random = self.random
        points, cell = random.randint(1, 3), len(self.cells)
        labels = ("finished", *(f"p{i}" for i in range(1, points + 1)))
        self.cells.append(Cell(f"pc{number}", Domain("location", 0, points, labels=labels), (1,), owner=f"t{number}"))
        name = f"t{number}"
        self.threads.append(Thread(name, cell, 0, (), (None,) * (points + 1)))
        for at in range(1, points + 1):
            to = random.choice((1, 0, 0, 0)) if at == points else at + 1
            guard = conj(eq(Read(cell, "int"), Constant(at)), *(self.test() for _ in range(random.choice((0, 0, 1)))))
            location = (cell, at, to)
            if random.random() < 0.08:
                failure = Failure("assert", "no", Span("generated.py", at))
                self.actions.append(
                    Action(name, f"p{at}", HERE, guard, (), location, name, outcome="failure", failure=failure)
                )
            else:
                self.actions.append(Action(name, f"p{at}", HERE, guard, self.updates(), location, name))

    def test(self) -> Expr:
        found = eq(Read(self.random.randrange(self.shared), "int"), Constant(self.random.randint(0, 2)))
        return found if self.random.random() < 0.5 else neg(found)

    def updates(self) -> tuple[tuple[int, Expr], ...]:
        random = self.random
        cell = random.randrange(self.shared)
        if self.cells[cell].constant or random.random() < 0.2:
            return ()
        read = Read(cell, "int")
        kind = random.randint(0, 3)
        if kind == 0:
            return ((cell, Constant(random.randint(0, 2))),)
        if kind == 1:
            return ((cell, Apply("min", (Apply("add", (read, Constant(1))), Constant(2)))),)
        if kind == 2:
            return ((cell, Apply("max", (Apply("add", (read, Constant(-1))), Constant(0)))),)
        return ((cell, Apply("ite", (self.test(), Constant(random.randint(0, 2)), read))),)

    def properties(self) -> list[Property]:
        random = self.random
        kinds: list[Literal["always", "reachable"]] = ["always", "reachable"]
        places = [
            eq(Read(t.cell, "int"), Constant(random.randint(0, 3))) for t in self.threads if random.random() < 0.5
        ]
        goal = conj(self.test(), *places)
        kind = random.choice(kinds)
        found = [Property("goal", kind, goal if kind == "reachable" else neg(goal))]
        if random.random() < 0.3:
            cell = random.randrange(self.shared)
            found.append(Property("step", "always_step", Apply("le", (Read(cell, "int", True), Read(cell, "int")))))
        return found


def race(seed: int) -> System:
    """The system of that seed, always the same."""
    return Race(seed).system()
