"""Symmetry certified: that exchanging two values of a sort changes nothing a search can see.

For each exchange of neighbours, which together make all permutations, and each action: wherever the exchange changes the
state at all, the action's image can be taken in the exchanged state just where the action can be, and leads to what the
action leads to, exchanged. Where the exchange changes nothing, the action is its own image. And each property says the same
of both states. What is equal to the letter is not asked; everything else z3 must refute, and "unknown" is no answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import z3

from explorer.errors import ModelError, place_at
from explorer.reduction.exchanges import (
    Alike,
    Exchange,
    Forms,
    Images,
    Mixed,
    Renaming,
    Unlike,
    action_text,
    exchange,
    sorts_alike,
    threads_alike,
)
from explorer.reduction.letter import conditions_of, same
from explorer.reduction.relations import writes
from explorer.reduction.symmetry import Certified, Generator, certified_by, plural
from explorer.symbolic.encode import Encoding, Symbols, Term, ask
from explorer.symbolic.invariants import houdini
from explorer.system.expressions import cells_read
from explorer.system.form import LIVENESS, Action, Apply, Constant, Expr, Property, Read, System

Image = tuple[tuple[int, ...], tuple[bool, ...]]  # the image of each action, and whether it is so to the letter


def certify(system: System, learn: Callable[[], Sequence[Expr]] | None = None) -> Certified:
    """The symmetry of the system that can be certified. `learn`: gives invariants proved for this system; asked only where
    it takes more than that cells hold values where these are needed.

    Raises ModelError where the model declares interchangeable what is not.
    """
    return Certification(system, learn).run()


class Certification:
    def __init__(self, system: System, learn: Callable[[], Sequence[Expr]] | None) -> None:
        self.system, self.learn = system, learn
        self.answers: Counter[str] = Counter()
        self.images = Images(system)
        blanks = list(values_there(system))
        self.encoding = Encoding(system, blanks)
        self.invariants: Sequence[Expr] = ()
        if blanks:
            proved = houdini(self.encoding, blanks)
            self.answers += proved.queries
            self.invariants = proved.invariants

    def run(self) -> Certified:
        if any(p.kind in LIVENESS for p in self.system.properties):
            return Certified(None, ("what is said about whole runs is decided without symmetry",), self.answers)
        sorts, refused = sorts_alike(self.system)
        asked: list[tuple[Alike, list[Exchange], list[Image]]] = []
        for alike in sorts:
            try:
                pairs = zip(alike.codes, alike.codes[1:], strict=False)
                exchanges = [exchange(self.system, alike, a, b) for a, b in pairs]
                for given in exchanges:
                    threads_alike(self.system, given)
                asked.append((alike, exchanges, [self.images.of(given) for given in exchanges]))
            except Unlike as reason:
                refused.append(self.refusal(alike, reason))
        self.exchanges = [given for _, exchanges, _ in asked for given in exchanges]
        found: list[Generator] = []
        for alike, exchanges, images in asked:
            try:
                self.certify(exchanges, images)
            except Unlike as reason:
                refused.append(self.refusal(alike, reason))
                continue
            found += (
                Generator(alike.domain, given.named, given.cells, given.codes, image)
                for given, (image, _) in zip(exchanges, images, strict=True)
            )
        return certified_by(self.system, found, refused, self.answers)

    def certify(self, exchanges: list[Exchange], images: list[Image]) -> None:
        """That the exchanges of one sort change nothing. Raises Unlike."""
        try:
            self.ask(exchanges, images)
        except Unlike:
            if self.learn is None:
                raise
            self.invariants = [*self.invariants, *self.learn()]
            self.encoding = Encoding(self.system, self.invariants)
            self.learn = None
            self.ask(exchanges, images)

    def ask(self, exchanges: list[Exchange], images: list[Image]) -> None:
        """Everything about the exchanges of one sort. Raises Unlike."""
        facts = common(self.system, self.exchanges, self.invariants)
        for given, (image, literally) in zip(exchanges, images, strict=True):
            Question(self, given, facts).ask(image, literally)

    def refusal(self, alike: Alike, reason: Unlike) -> str:
        """Why values are not used as alike. Raises ModelError where the model declares that they are."""
        if alike.declared is None:
            return f"{plural(alike.domain)}: {reason}"
        at = alike.declared.span
        *others, last = (alike.value_text(code) for code in alike.codes)
        raise ModelError(
            f"the model declares {', '.join(others)} and {last} interchangeable, and they are not: {reason}",
            place_at(at.file, at.line, 0, None) if at.file else None,
        ) from None


class Question:
    """What is asked about one exchange."""

    def __init__(self, whole: Certification, given: Exchange, facts: Sequence[Expr]) -> None:
        self.system, self.encoding, self.answers, self.given = whole.system, whole.encoding, whole.answers, given
        self.facts = facts
        self.forms = whole.images.exact
        self.here = self.encoding.state()
        self.there = self.exchanged_state(self.here)
        self.solver = self.encoding.solver(*self.known_terms(self.here))

    def known_terms(self, state: Symbols) -> list[Term]:
        """What holds in every state that a search looks at."""
        return [self.encoding.domain(state), *(self.encoding.expr(e, state) for e in self.facts)]

    def exchanged_state(self, state: Symbols) -> Symbols:
        """The state with the two values exchanged."""
        terms = list(state)
        for i, term in enumerate(state):
            lo = self.system.cells[i].domain.lo
            new = term
            for at, code in enumerate(self.given.codes[i] or ()):
                if code != lo + at:
                    new = z3.If(term == self.encoding.number(lo + at), self.encoding.number(code), new)
            terms[self.given.cells[i]] = new
        return Symbols(terms)

    def ask(self, images: tuple[int, ...], literally: tuple[bool, ...]) -> None:
        """Everything. Raises Unlike."""
        renaming = Renaming(self.system, self.given)
        for given in self.system.properties:
            self.property(given, renaming)
        touched = [i for i, c in enumerate(self.given.cells) if c != i or self.given.codes[i] is not None]
        self.solver.add(self.encoding.no(self.encoding.equal(self.here, self.there, touched)))
        for action, image, literal in zip(self.system.actions, images, literally, strict=True):
            if literal:
                self.answers["letter"] += 1
            else:
                self.action(action, self.system.actions[image])

    def action(self, action: Action, image: Action) -> None:
        """That the image does in the exchanged state what the action does in this one."""
        if (action.outcome, action.failure and action.failure.kind) != (
            image.outcome,
            image.failure and image.failure.kind,
        ):
            raise Unlike(f"{action_text(action)} and {action_text(image)} end differently")
        encoding = self.encoding
        can, could = encoding.expr(action.guard, self.here), encoding.expr(image.guard, self.there)
        after, then = self.exchanged_state(encoding.after(action, self.here)), encoding.after(image, self.there)
        cells = {self.given.cells[i] for i in writes(action)} | writes(image)
        differ = encoding.no(encoding.equal(after, then, cells))
        self.solver.push()
        self.solver.add(encoding.either([encoding.no(can == could), encoding.both([can, differ])]))
        answer = ask(self.solver)
        self.answers[answer] += 1
        found = self.solver.model() if answer == "sat" else None
        state = None if found is None else encoding.values(found, self.here)
        ways = None if found is None else [z3.is_true(found.eval(t, model_completion=True)) for t in (can, could)]
        self.solver.pop()
        if answer == "unsat":
            return
        one, other = self.given.named
        if state is None or ways is None:
            raise Unlike(f"whether {action_text(action)} tells {one} from {other} could not be decided")
        reads = {c for e in (action.guard, image.guard) for c in cells_read(e)}
        reads = {c for c in reads if self.given.cells[c] != c or self.given.codes[c] is not None} or reads
        where = ", ".join(
            f"{self.system.cells[c].name} = {self.system.cells[c].domain.show(state[c])}" for c in sorted(reads)[:8]
        )
        what = (
            f"does not do the same with {one} and {other} exchanged"
            if ways[0] and ways[1]
            else f"can{'' if ways[0] else 'not'} be taken, and can{'not' if ways[0] else ''} with {one} and {other} exchanged"
        )
        raise Unlike(f"{action_text(action)} {what}, where {where}")

    def property(self, given: Property, renaming: Renaming) -> None:
        """That the property says the same of the exchanged state."""
        for expr in conditions_of(given):
            if same(expr, renaming, self.forms):
                self.answers["letter"] += 1
                continue
            before = self.encoding.state(" before")
            earlier = self.exchanged_state(before)
            solver = self.encoding.solver(*self.known_terms(self.here), *self.known_terms(before))
            here, there = (
                self.encoding.expr(expr, self.here, before),
                self.encoding.expr(expr, self.there, earlier),
            )
            solver.add(self.encoding.no(here == there))
            answer = ask(solver)
            self.answers[answer] += 1
            if answer != "unsat":
                one, other = self.given.named
                raise Unlike(
                    f"the property {given.name} {'tells' if answer == 'sat' else 'may tell'} {one} from {other}"
                )


def common(system: System, exchanges: Sequence[Exchange], invariants: Sequence[Expr]) -> list[Expr]:
    """Those of the invariants that hold in exchanged states too: a search looks at states that only stand for reachable ones."""
    forms = Forms(system, exact=True)
    renamings = [Renaming(system, given) for given in exchanges]
    kept = list(invariants)
    while True:
        known = {forms.of(e) for e in kept}

        def stays(expr: Expr, known: set[int] = known) -> bool:
            try:
                return all(forms.of(r.of(expr)) in known for r in renamings)
            except Mixed:
                return False

        fewer = [e for e in kept if stays(e)]
        if len(fewer) == len(kept):
            return kept
        kept = fewer


def values_there(system: System) -> list[Expr]:
    """Candidates: a cell that sometimes holds no value holds one where its record is present, and where its thread needs it."""
    found: list[Expr] = []
    threads = {t.name: t.cell for t in system.threads}
    for i, cell in enumerate(system.cells):
        if not cell.domain.blank:
            continue
        holds = Apply("not", (Apply("eq", (Read(i, "int"), Constant(cell.domain.none))),))
        absent: list[Expr] = [
            Apply("not", (Read(j, "bool"),))
            for j, c in enumerate(system.cells)
            if c.variable == cell.variable and c.path[-1:] == ("?",) and cell.path[: len(c.path) - 1] == c.path[:-1]
        ]
        absent += [  # of a union, its record is of another class
            Apply("eq", (Read(j, "int"), Constant(code)))
            for j, c in enumerate(system.cells)
            if cell.kinds and c.variable == cell.variable and c.path == (*cell.path[: len(c.path) - 1], "is")
            for code in range(c.domain.hi + 1)
            if code not in cell.kinds
        ]
        if cell.owner not in threads:
            found.append(Apply("or", (*absent, holds)) if absent else holds)
            continue
        at = threads[cell.owner]
        for code in range(system.cells[at].domain.hi + 1):
            elsewhere = Apply("not", (Apply("eq", (Read(at, "int"), Constant(code))),))
            found.append(Apply("or", (elsewhere, *absent, holds)))
    return found
