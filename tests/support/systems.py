"""Random Systems, made directly and not from source: every operator, every kind of cell, any number of words.

What the lowering would never make (a comparison of two control points, say) is here too: an engine must agree with the
evaluator on every well-formed System.
"""

from __future__ import annotations

from random import Random
from typing import Literal

from explorer.system.form import (
    OPERATORS,
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

HERE = Span("generated.py", 1)


class Generator:
    """One random system. `wide`: cells that nobody reads, so that a state takes several words."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.seed = seed
        self.wide = self.random.random() < 0.4
        self.cells: list[Cell] = []
        self.threads: list[Thread] = []

    def system(self) -> System:
        random = self.random
        for t in range(random.randint(0, 3)):
            points = random.randint(1, 5)
            labels = ("finished", *(f"p{i}" for i in range(1, points + 1)))
            self.cells.append(Cell(f"pc{t}", Domain("location", 0, points, labels=labels), (1,), owner=f"t{t}"))
            waits = tuple(at for at in range(1, points + 1) if random.random() < 0.2)
            self.threads.append(Thread(f"t{t}", t, 0, waits, (None,) * (points + 1)))
        for i in range(random.randint(2, 5)):
            self.cells.append(self.cell(i))
        if self.wide:
            for i in range(random.randint(1, 4)):
                top = 1 << random.choice((20, 33, 50, 61))
                self.cells.append(Cell(f"wide{i}", Domain("range", -7, top), (random.choice((-7, 0, top)),)))
        if random.random() < 0.3:
            self.cells.append(Cell("rule", Domain("enum", 0, 1, "Rule", ("a", "b")), (0, 1), constant=True))
        actions: list[Action] = []
        for t, thread in enumerate(self.threads):
            for at in range(1, len(thread.locations)):
                for _ in range(random.choice((1, 1, 2, 3))):
                    actions += self.actions(thread, t, at)
        for i in range(random.randint(0 if self.threads else 1, 4)):
            actions += self.actions(None, i, 0)
        return System(
            f"random {self.seed}", tuple(self.cells), tuple(actions), tuple(self.properties()), tuple(self.threads)
        )

    def cell(self, i: int) -> Cell:
        random = self.random
        kind = random.choice(("bool", "bool?", "range", "range", "range", "enum", "scalarset?", "single"))
        optional = kind.endswith("?")
        if kind.startswith("bool"):
            domain = Domain("bool", 0, 1, optional=optional)
        elif kind == "enum":
            domain = Domain("enum", 0, 2, "Color", ("red", "green", "blue"))
        elif kind.startswith("scalarset"):
            domain = Domain("scalarset", 0, random.randint(0, 2), "Frame", optional=optional)
        elif kind == "single":
            domain = Domain("range", 3, 3)
        else:
            lo = random.randint(-4, 2)
            domain = Domain("range", lo, lo + random.randint(1, 6), optional=random.random() < 0.2)
        values = range(domain.lo, domain.top + 1)
        initial = sorted(random.sample(values, random.choice((1, 1, 1, 2)))) if len(values) > 1 else [domain.lo]
        return Cell(f"x{i}", domain, tuple(initial))

    # ------------------------------------------------------------ expressions

    def expr(self, type_: str, depth: int, before: bool = False) -> Expr:
        """A random expression of that type. `before`: it may read the state before the step."""
        random = self.random
        if depth == 0 or random.random() < 0.2:
            fitting = [i for i, c in enumerate(self.cells) if ("bool" if c.domain.truth else "int") == type_]
            if type_ == "int":
                fitting = [i for i in fitting if self.cells[i].domain.top < 1000]
            if fitting and random.random() < 0.75:
                return Read(random.choice(fitting), type_, before and random.random() < 0.5)
            return Constant(random.random() < 0.5) if type_ == "bool" else Constant(random.randint(-3, 5))
        op = random.choice([name for name, (_, result) in OPERATORS.items() if result == type_])
        types = OPERATORS[op][0]
        if types[-1] == "*":
            types = (types[0],) * random.randint(2, 3)
        return Apply(op, tuple(self.expr(t, depth - 1, before) for t in types))

    def stored(self, cell: int) -> Expr:
        """A value for the cell that its domain holds."""
        domain = self.cells[cell].domain
        if domain.truth:
            return self.expr("bool", 2)
        value = self.expr("int", 2)
        if self.random.random() < 0.3:
            return Constant(self.random.choice((domain.lo, domain.top)))
        if self.random.random() < 0.5:
            return Apply("min", (Apply("max", (value, Constant(domain.lo))), Constant(domain.top)))
        width = domain.top - domain.lo + 1
        if width >= 1 << 62:
            return Constant(domain.lo)
        return Apply("add", (Apply("mod", (value, Constant(width))), Constant(domain.lo)))

    def guard(self, thread: Thread | None, at: int) -> Expr:
        conditions: list[Expr] = []
        if thread is not None:
            conditions.append(Apply("eq", (Read(thread.cell, "int"), Constant(at))))
        for _ in range(self.random.choice((0, 1, 1, 2))):
            condition = self.expr("bool", 2)
            conditions.append(condition if self.random.random() < 0.6 else Apply("not", (condition,)))
            if self.random.random() < 0.3:
                conditions.append(self.test())
        if not conditions:
            return Constant(True)
        return conditions[0] if len(conditions) == 1 else Apply("and", tuple(conditions))

    def test(self) -> Expr:
        """One cell compared with one code: what the compiled search branches on."""
        numbers = [i for i, c in enumerate(self.cells) if not c.domain.truth]
        if not numbers:
            return Constant(True)
        cell = self.random.choice(numbers)
        domain = self.cells[cell].domain
        return Apply("eq", (Read(cell, "int"), Constant(self.random.choice((domain.lo, domain.top)))))

    # ------------------------------------------------------------ actions, properties

    def actions(self, thread: Thread | None, number: int, at: int) -> list[Action]:
        random = self.random
        actor = "device" if thread is None else thread.name
        guard = self.guard(thread, at)
        rule = f"r{number}" if thread is None else ""
        name = "" if thread is None else thread.name
        label = f"p{at}" if thread is not None else rule

        def location(to: int) -> tuple[int, int, int] | None:
            return None if thread is None else (thread.cell, at, to)

        kind = random.random()
        if kind < 0.06:
            there = Span("generated.py", 1 + (number + at) % 3)  # several actions may fail one assertion
            failure = Failure(random.choice(("assert", "assert", "range", "index", "value")), "no", there)
            return [
                Action(actor, label, HERE, guard, (), location(at), name, name=rule, outcome="failure", failure=failure)
            ]
        if kind < 0.12:
            failure = Failure("value", "nothing to choose", HERE)
            return [
                Action(actor, label, HERE, guard, (), location(at), name, name=rule, outcome="blocked", failure=failure)
            ]
        changing = [i for i, c in enumerate(self.cells) if c.domain.kind != "location" and not c.constant]
        chosen = sorted(random.sample(changing, min(len(changing), random.choice((0, 1, 1, 2, 3)))))
        updates = tuple((cell, self.stored(cell)) for cell in chosen)
        to = 0
        if thread is not None:
            points = len(thread.locations) - 1
            to = random.choice((at % points + 1, at % points + 1, random.randint(0, points)))
        return [Action(actor, label, HERE, guard, updates, location(to), name, name=rule)]

    def properties(self) -> list[Property]:
        random = self.random
        found = []
        for i in range(random.choice((0, 1, 3, 4))):
            kinds: list[Literal["always", "always_step", "reachable"]] = ["always", "always_step", "reachable"]
            kind = random.choice(kinds)
            look_back = kind == "always_step"
            undefined: tuple[tuple[Expr, Failure], ...] = ()
            if random.random() < 0.15:
                rare = Apply("and", (self.test(), self.test(), self.test(), self.expr("bool", 1, look_back)))
                undefined = ((rare, Failure("value", "no value", HERE)),)
            parts = [self.expr("bool", 2, look_back), *([self.test()] if random.random() < 0.7 else [])]
            holds: Expr = Apply("and", tuple(parts)) if len(parts) > 1 else parts[0]
            if kind != "reachable" and random.random() < 0.7:
                holds = Apply("not", (holds,))
            found.append(Property(f"q{i}", kind, holds, undefined=undefined))
        return found


def random_system(seed: int) -> System:
    """The system of that seed, always the same."""
    return Generator(seed).system()
