"""Random Systems with symmetry, made directly: whatever an action does for some values, another does for all others.

Frames and processes stand in every relation that the cells of a model can have: cells of a frame, cells that name one, of a
process or of a frame itself, cells of a frame and a process, control points of processes. Initial states are anything.
"""

from __future__ import annotations

from random import Random

from explorer.reduction.exchanges import Exchange, Forms, Renaming, content, exchange, sorts_alike, stored_values
from explorer.system.form import (
    Action,
    Apply,
    Cell,
    Constant,
    Domain,
    Expr,
    Failure,
    Interchangeable,
    Property,
    Read,
    Span,
    System,
    Thread,
)

HERE = Span("generated.py", 1)
NAMES = ("first", "second", "third", "other")


class Symmetric:
    """One random system, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.seed = seed
        self.frames = self.random.randint(2, 4)
        self.processes = self.random.choice((0, 0, 2, 2, 3))
        if self.processes:
            self.frames = min(self.frames, 5 - self.processes)
        # one process more, like no other
        self.extra = bool(self.processes) and self.random.random() < 0.4
        self.cells: list[Cell] = []
        self.threads: list[Thread] = []

    def system(self) -> System:
        self.declare()
        names = NAMES[: self.processes]
        declared = Interchangeable("Process", tuple(range(self.processes)), names, HERE)
        alike = (declared,) if names else ()
        bare = System("symmetric", tuple(self.cells), (), (), tuple(self.threads), (), (("Frame", self.frames),), alike)
        exchanges = [
            exchange(bare, sort, a, b)
            for sort in sorts_alike(bare)[0]
            for a, b in zip(sort.codes, sort.codes[1:], strict=False)
        ]
        actions = closed(bare, [self.action(i) for i in range(self.random.randint(4, 8))], exchanges)
        return System(
            bare.name, bare.cells, tuple(actions),
            tuple(self.properties(bare, exchanges)), bare.threads, (),
            bare.scalarsets, alike,
        )  # fmt: skip

    # ------------------------------------------------------------ cells

    def declare(self) -> None:
        random = self.random
        everyone = self.processes + self.extra
        for t in range(everyone if random.random() < 0.5 else 0):
            labels = ("finished", "a", "b")
            cell = Cell(
                f"p[{t}].at", Domain("location", 0, 2, labels=labels), (1,), owner=f"p[{t}]", pattern="p[*].at",
                indexes=(("Process", t),),
            )  # fmt: skip
            self.threads.append(Thread(f"p[{t}]", len(self.cells), 0, (2,), (None,) * 3))
            self.cells.append(cell)
        for number in range(random.randint(1, 2)):
            self.array(f"own{number}", Domain("range", 0, random.randint(1, 3)), "frame")
        for number in range(random.randint(1, 2)):
            self.array(f"named{number}", self.frame(), "")
        if random.random() < 0.3:
            self.array("next", self.frame(), "frame")
        if random.random() < 0.3:
            self.array("wide", Domain("range", 0, (1 << 40) + random.randint(0, 1)), random.choice(("", "frame")))
        if everyone:
            if random.random() < 0.6:
                self.array("count", Domain("range", 0, 2), "Process")
            if random.random() < 0.6:
                self.array("pte", self.frame(), "Process")
            if random.random() < 0.4:
                self.array("maps", Domain("bool", 0, 1), "frame", "Process")
            if random.random() < 0.4:
                self.array("owner", self.process(), random.choice(("", "frame")))
        if random.random() < 0.3:
            self.array("edge", Domain("bool", 0, 1), "frame", "frame")
        self.array("plain", Domain("range", 0, 2), "")

    def frame(self) -> Domain:
        return Domain("scalarset", 0, self.frames - 1, "frame", optional=self.random.random() < 0.6)

    def process(self) -> Domain:
        count = self.processes + self.extra
        return Domain("enum", 0, count - 1, "Process", NAMES[:count], optional=self.random.random() < 0.5)

    def array(self, name: str, domain: Domain, *of: str) -> None:
        """A cell for each combination of values of these sorts."""
        sizes = {"frame": self.frames, "Process": self.processes + self.extra}
        rows: list[tuple[tuple[str, int], ...]] = [()]
        for sort in filter(None, of):
            rows = [(*row, (sort, code)) for row in rows for code in range(sizes[sort])]
        for row in rows:
            initial = self.random.choice((domain.lo, domain.lo, domain.top)) if domain.top > 9 else domain.lo
            if domain.top <= 9 and self.random.random() < 0.3:
                initial = self.random.randint(domain.lo, domain.top)
            shown = ",".join(f"{sort} {code}" for sort, code in row)
            self.cells.append(Cell(f"{name}[{shown}]", domain, (initial,), pattern=name, indexes=row))

    # ------------------------------------------------------------ actions

    def test(self) -> Expr:
        """A test of a cell for a code, or of two cells of one kind for being equal."""
        i = self.random.randrange(len(self.cells))
        domain = self.cells[i].domain
        if domain.truth:
            return Read(i, "bool")
        same = [j for j, c in enumerate(self.cells) if c.domain == domain and j != i]
        if same and self.random.random() < 0.3:
            found: Expr = Apply("eq", (Read(i, "int"), Read(self.random.choice(same), "int")))
        elif domain.kind == "range" and self.random.random() < 0.4:
            found = Apply("lt", (Read(i, "int"), Constant(self.random.randint(1, 2))))
        else:
            found = Apply("eq", (Read(i, "int"), self.value(i)))
        return Apply("not", (found,)) if self.random.random() < 0.3 else found

    def value(self, cell: int) -> Expr:
        domain = self.cells[cell].domain
        if domain.truth:
            return self.test() if self.random.random() < 0.3 else Constant(self.random.random() < 0.6)
        same = [j for j, c in enumerate(self.cells) if c.domain == domain]
        draw = self.random.random()
        if draw < 0.25:
            return Read(self.random.choice(same), "int")
        if draw < 0.4:
            return Apply("ite", (self.test(), Read(self.random.choice(same), "int"), Read(cell, "int")))
        codes = (domain.lo, domain.lo + 1, domain.top) if domain.top > 9 else range(domain.lo, domain.top + 1)
        return Constant(self.random.choice(codes))

    def condition(self, tests: int) -> Expr:
        found = [self.test() for _ in range(tests)]
        return found[0] if len(found) == 1 else Apply(self.random.choice(("and", "and", "or")), tuple(found))

    def action(self, number: int) -> Action:
        random = self.random
        guard = self.condition(random.choice((1, 1, 2)))
        thread = random.choice(self.threads) if self.threads and random.random() < 0.5 else None
        location = None
        if thread is not None:
            before, after = random.choice(((1, 2), (2, 1), (1, 0), (2, 0), (1, 1)))
            location = (thread.cell, before, after)
            guard = Apply("and", (Apply("eq", (Read(thread.cell, "int"), Constant(before))), guard))
        free = [i for i, c in enumerate(self.cells) if c.domain.kind != "location"]
        cells = sorted(random.sample(free, min(len(free), random.choice((1, 1, 2, 3)))))
        updates = tuple((cell, self.value(cell)) for cell in cells)
        actor = f"rule{number}" if thread is None else thread.name
        made = Action(actor, f"does {number}", HERE, guard, updates, location, "" if thread is None else thread.name)
        ending = random.random()
        if ending > 0.06:
            return made
        failure = Failure("assert" if ending < 0.04 else "range", "fails", Span("generated.py", 1 + number % 2))
        stays = None if location is None else (location[0], location[1], location[1])
        return Action(actor, made.label, HERE, guard, (), stays, made.thread, outcome="failure", failure=failure)

    # ------------------------------------------------------------ properties

    def properties(self, system: System, exchanges: list[Exchange]) -> list[Property]:
        """Of every kind, and each as much about one value as about another."""
        found = []
        for name, kind, op in (
            ("always", "always", "and"),
            ("reached", "reachable", "or"),
            ("step", "always_step", "and"),
        ):
            expr = self.condition(2)
            if kind == "always":
                expr = Apply("not", (Apply("and", (expr, self.test(), self.test())),))
            if kind == "always_step":
                before = [Read(e.cell, e.type, True) if isinstance(e, Read) else e for e in (self.test(),)]
                changed = self.random.randrange(len(self.cells))
                type_ = "bool" if self.cells[changed].domain.truth else "int"
                stays = Apply("iff" if type_ == "bool" else "eq", (Read(changed, type_), Read(changed, type_, True)))
                expr = Apply("or", (stays, expr, *before))
            found.append(Property(name, kind, joined(op, images(expr, system, exchanges))))  # type: ignore[arg-type]
        return found


def joined(op: str, parts: list[Expr]) -> Expr:
    return parts[0] if len(parts) == 1 else Apply(op, tuple(parts))


def images(expr: Expr, system: System, exchanges: list[Exchange]) -> list[Expr]:
    """The expression under all permutations."""
    forms = Forms(system, exact=True)
    found = {forms.of(expr): expr}
    pending = [expr]
    while pending:
        at = pending.pop()
        for given in exchanges:
            image = Renaming(system, given).of(at)
            if forms.of(image) not in found:
                found[forms.of(image)] = image
                pending.append(image)
    return list(found.values())


def closed(system: System, actions: list[Action], exchanges: list[Exchange]) -> list[Action]:
    """The actions and what they are under all permutations."""
    forms = Forms(system, exact=True)
    found: dict[object, Action] = {}
    pending = list(actions)
    threads = {t.cell: t.name for t in system.threads}
    while pending:
        action = pending.pop(0)
        key = content(action, forms, action.guard, tuple(stored_values(action)))
        if key in found:
            continue
        found[key] = action
        for given in exchanges:
            renaming = Renaming(system, given)
            location = action.location
            if location is not None:
                location = (given.cells[location[0]], *location[1:])
            updates = dict(renaming.updates(action))
            if location is not None:
                updates.pop(location[0], None)
            thread = threads[location[0]] if location is not None else ""
            pending.append(
                Action(
                    thread or action.actor,
                    action.label,
                    HERE,
                    renaming.of(action.guard),
                    tuple(sorted(updates.items())),
                    location,
                    thread,
                    outcome=action.outcome,
                    failure=action.failure,
                )  # fmt: skip
            )
    # as lowering makes them: thread by thread, and then the rules
    order = [t.name for t in system.threads]
    return sorted(found.values(), key=lambda a: order.index(a.thread) if a.thread else len(order))
