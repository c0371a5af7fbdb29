"""Everything that a certificate says, asked again: as SMT-LIB text over integers, of z3 and of a second solver.

Nothing of the encoding that proved it is used: the text is that of `export`, each state after a step has variables of its own
instead of terms put in their place, and the solvers read the text. Every answer must be "unsat".
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from explorer.export.expressions import same
from explorer.export.names import Names
from explorer.export.smtlib import DIVISION, OPERATIONS, RESERVED, SmtWriter, number, products
from explorer.reduction.certificate import Certificate
from explorer.reduction.relations import writes
from explorer.system.expressions import cells_read
from explorer.system.form import Action, Constant, Expr, Property, Read, System

SOLVERS = ("z3", "cvc5")
STATES = ("", ".a", ".b", ".ab", ".ba")  # the state, after one step, after another, after both in each order


@dataclass
class Answers:
    """What a solver said: how often what, and to which questions something else than "unsat"."""

    solver: str
    counts: Counter[str] = field(default_factory=Counter)
    doubtful: list[str] = field(default_factory=list)


def available() -> list[str]:
    """The solvers that are installed."""
    found = []
    for name in SOLVERS:
        try:
            __import__(name)
        except ImportError:
            continue
        found.append(name)
    return found


def recheck(system: System, certificate: Certificate, independent: Sequence[tuple[int, int]], solver: str) -> Answers:
    """Ask the solver everything that the certificate says, and that these pairs of actions are independent."""
    script = Script(system, certificate)
    said = RUN[solver](script.whole(independent))
    answers = Answers(solver)
    for question, answer in zip(script.asked, said, strict=True):
        answers.counts[answer] += 1
        if answer != "unsat":
            answers.doubtful.append(question)
    return answers


def some_pairs(dependent: Sequence[int], steps: Sequence[int], count: int, seed: int) -> list[tuple[int, int]]:
    """At most `count` pairs of steps that are called independent, drawn with the seed. `dependent`: a mask for each action."""
    pairs = [(i, j) for n, i in enumerate(steps) for j in steps[n + 1 :] if not dependent[i] >> j & 1]
    drawn = random.Random(seed).sample(pairs, min(count, len(pairs)))
    return sorted(drawn)


class Script:
    """Lines of SMT-LIB, and what each `check-sat` of them asks."""

    def __init__(self, system: System, certificate: Certificate) -> None:
        self.system, self.certificate = system, certificate
        self.names = Names(system, RESERVED)
        self.asked: list[str] = []
        self.writers = {state: self.writer(state) for state in STATES}

    def writer(self, state: str) -> SmtWriter:
        return SmtWriter(self.names, OPERATIONS, lambda e: self.names.cells[e.cell] + state, ("false", "true"), number)

    def text(self, expr: Expr, state: str = "") -> str:
        return self.writers[state].of(expr)

    def ask(self, question: str, *facts: str) -> Iterator[str]:
        self.asked.append(question)
        yield "(push 1)"
        yield from (f"(assert {fact})" for fact in facts)
        yield "(check-sat)"
        yield "(pop 1)"

    def whole(self, independent: Sequence[tuple[int, int]]) -> str:
        """The text for a solver, which answers each of `asked`."""
        body = [*self.start(), *self.facts(), *self.pairs(independent)]
        return "\n".join([*self.head(), *body]) + "\n"  # the head names the constants that the rest has used

    def head(self) -> Iterator[str]:
        """The logic, constants and variables."""
        variables = [
            f"(declare-fun {name}{state} () {'Bool' if cell.domain.truth else 'Int'})"
            for state in STATES
            for name, cell in zip(self.names.cells, self.system.cells, strict=True)
        ]
        exprs = [e for a in self.system.actions for e in (a.guard, *(u for _, u in a.updates))]
        nonlinear = products([*exprs, *(p.holds for p in self.system.properties), *self.certificate.invariants])
        yield f"(set-logic {'QF_NIA' if nonlinear else 'QF_LIA'})"
        yield DIVISION
        for name, value in self.names.used_names():
            yield f"(define-fun {name} () Int {number(value)})"
        yield from variables

    def start(self) -> Iterator[str]:
        """The domains, and that the invariants hold at the start; then they are assumed."""
        invariants = [self.text(e) for e in self.certificate.invariants]
        for name, cell in zip(self.names.cells, self.system.cells, strict=True):
            if not cell.domain.truth:
                yield f"(assert (<= {number(cell.domain.lo)} {name} {number(cell.domain.top)}))"
        start = []
        for i, cell in enumerate(self.system.cells):
            codes = [Constant(bool(c) if cell.domain.truth else c) for c in same(cell.initial)]
            read = Read(i, "bool" if cell.domain.truth else "int")
            start.append("(or false " + " ".join(f"(= {self.text(read)} {self.text(c)})" for c in codes) + ")")
        if invariants:
            yield from self.ask("the invariants hold at the start", *start, negation(invariants))
        for given in self.system.properties:
            if given.name in self.certificate.proved:
                yield from self.ask(f"{given.name} holds at the start", *start, negation([self.text(given.holds)]))
        yield from (f"(assert {text})" for text in invariants)

    def facts(self) -> Iterator[str]:
        """Each step keeps the invariants; dead actions can't be taken; properties that are proved hold."""
        dead = set(self.certificate.dead)
        proved = [p for p in self.system.properties if p.name in self.certificate.proved]
        for i, action in enumerate(self.system.actions):
            if i in dead:
                yield from self.ask(f"action {i} never fires", self.text(action.guard))
            elif action.outcome == "step":
                yield from self.keeps(i, action, proved)
        for given in proved:
            for condition, _ in given.undefined:
                yield from self.ask(f"{given.name} can be evaluated", self.text(condition))

    def keeps(self, index: int, action: Action, proved: Sequence[Property]) -> Iterator[str]:
        changed = writes(action)
        step = [self.text(action.guard), *self.step(action, "", ".a")]
        kept = [self.text(e, ".a") for e in self.certificate.invariants if cells_read(e) & changed]
        if kept:
            yield from self.ask(f"action {index} keeps the invariants", *step, negation(kept))
        for given in proved:
            if cells_read(given.holds) & changed:
                claim, after = self.text(given.holds), self.text(given.holds, ".a")
                yield from self.ask(f"action {index} keeps {given.name}", *step, claim, negation([after]))

    def step(self, action: Action, before: str, after: str) -> Iterator[str]:
        """How the variables of the state after the action follow from those before."""
        stored: dict[int, Expr] = dict(action.updates)
        if action.location is not None:
            stored[action.location[0]] = Constant(action.location[2])
        for i, name in enumerate(self.names.cells):
            value = self.writers[before].of(stored[i], i) if i in stored else name + before
            yield f"(= {name}{after} {value})"

    def pairs(self, independent: Sequence[tuple[int, int]]) -> Iterator[str]:
        """Where both actions can be taken, each can after the other, and both orders end in the same state."""
        for i, j in independent:
            a, b = self.system.actions[i], self.system.actions[j]
            steps = [
                *self.step(a, "", ".a"),
                *self.step(b, "", ".b"),
                *self.step(b, ".a", ".ab"),
                *self.step(a, ".b", ".ba"),
            ]
            wrong = [f"(not {self.text(b.guard, '.a')})", f"(not {self.text(a.guard, '.b')})"]
            wrong += [f"(distinct {name}.ab {name}.ba)" for name in self.names.cells]
            both = [self.text(a.guard), self.text(b.guard)]
            yield from self.ask(f"actions {i} and {j} are independent", *both, *steps, f"(or {' '.join(wrong)})")


def negation(parts: Sequence[str]) -> str:
    """That not all of them are true."""
    return f"(not (and true {' '.join(parts)}))"


def by_z3(text: str) -> list[str]:
    import z3

    context = z3.Context()
    return str(z3.Z3_eval_smtlib2_string(context.ref(), text)).split()


def by_cvc5(text: str) -> list[str]:
    import cvc5

    solver = cvc5.Solver(cvc5.TermManager())
    solver.setOption("incremental", "true")
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "certificate")
    symbols = parser.getSymbolManager()
    said: list[str] = []
    while True:
        command = parser.nextCommand()
        if command.isNull():
            return said
        said += str(command.invoke(solver, symbols)).split()


RUN: dict[str, Callable[[str], list[str]]] = {"z3": by_z3, "cvc5": by_cvc5}
