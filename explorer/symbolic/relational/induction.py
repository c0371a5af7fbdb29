"""Proofs by induction of relational systems, for sorts of any size, and what stands in the way of one.

The lemmas hold at the start; no action breaks one while all of them hold; they imply the properties. Each is one query to z3,
and `unsat` the only answer that counts. A lemma that an action breaks is shown on the smallest state where it does, which need
not be reachable; the evaluator of `finite.py` takes that step too, and must find the same.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Literal, TypeAlias

import z3

from explorer.errors import ModelError
from explorer.process.stop import broken_off
from explorer.symbolic.answers import (
    ClaimText,
    LemmaProof,
    ObstacleText,
    ProofAction,
    ProofAnswer,
    PropertyProof,
    QueryText,
)
from explorer.symbolic.encode import leave_interrupts
from explorer.symbolic.relational.finite import Finite, State, Taken
from explorer.symbolic.relational.formulas import (
    And,
    Becomes,
    Equal,
    Forall,
    Formula,
    Function,
    Holds,
    Implies,
    Member,
    Named,
    Not,
    Or,
    Relation,
    Sort,
    Sorted,
    Symbol,
    Term,
    Value,
    Variable,
    show,
    sort_name,
    words,
)
from explorer.symbolic.relational.system import Action, Claim, RelationalSystem

QUERY_LIMIT = 20_000_000  # z3's own count of steps for one query: the same on every machine and every run
LARGEST = 4  # elements of one sort in a state that is shown
START, PROPERTIES = "the start", "the lemmas"

Z3: TypeAlias = Any  # z3's own classes have no useful types
Meaning: TypeAlias = Mapping[Symbol, Callable[..., Z3]]
Environment: TypeAlias = Mapping[Variable, Z3]


@dataclass(frozen=True)
class Obstacle:
    """A state where all lemmas hold, a step from it, and the state after, in which the claim is false.

    `sizes`: of each sort. For a claim that does not hold at the start or is not implied, there is no step.
    """

    sizes: dict[str, int]
    before: State
    taken: Taken | None

    def text(self, system: RelationalSystem) -> ObstacleText:
        """Its facts as lines."""
        finite = Finite(system, self.sizes)
        step = "" if self.taken is None else finite.show_step(self.taken)
        after = [] if self.taken is None else finite.show(self.taken.after)
        return ObstacleText(self.sizes, tuple(finite.show(self.before)), step, tuple(after))


@dataclass(frozen=True)
class Query:
    """`by`: an action, START (does the claim hold there?) or PROPERTIES (do the lemmas imply the claim?)."""

    by: str
    claim: str
    answer: Literal["proved", "fails", "unknown"]
    obstacle: Obstacle | None = None


@dataclass(frozen=True)
class Report:
    """What the proof of a system came to.

    `queries`: of all lemmas, with all lemmas assumed. `kept`: the lemmas that are true whether or not the others are: they
    hold at the start, and no action breaks one while these hold. `properties`: whether they imply each property.
    `impossible`: actions that no state in which the lemmas hold is known to allow.
    """

    system: RelationalSystem
    queries: tuple[Query, ...]
    kept: tuple[str, ...]
    properties: tuple[Query, ...]
    impossible: tuple[str, ...]

    @property
    def proved(self) -> bool:
        return all(query.answer == "proved" for query in (*self.queries, *self.properties))

    @property
    def failures(self) -> list[tuple[str, str]]:
        """(action, claim) of every query that is not proved."""
        return [(query.by, query.claim) for query in self.queries if query.answer != "proved"]

    def answer(self) -> ProofAnswer:
        """As the user reads it."""
        system = self.system

        def words_of(claim: Claim) -> tuple[str, str, str]:
            return claim.name, claim.text, show(claim.formula)

        return ProofAnswer(
            proof=system.name,
            switches=system.switches,
            sorts=tuple(sort.name for sort in system.sorts),
            proved=self.proved,
            z3=z3.get_version_string(),
            properties=tuple(
                PropertyProof(*words_of(claim), query.answer == "proved")
                for claim, query in zip(system.properties, self.properties, strict=True)
            ),
            start=tuple(ClaimText(*words_of(claim)) for claim in system.initial),
            lemmas=tuple(LemmaProof(*words_of(claim), claim.name in self.kept) for claim in system.lemmas),
            actions=tuple(
                ProofAction(
                    a.name,
                    a.kernel,
                    a.text,
                    tuple(v.name for v in a.parameters),
                    tuple(show(c) for c in a.guard),
                    tuple(line for update in a.updates for line in update.text),
                )
                for a in system.actions
            ),
            definitions=tuple(ClaimText(show(d), words(d.function), show(d.body)) for d in system.definitions()),
            impossible=tuple(self.impossible),
            queries=tuple(
                QueryText(
                    q.by,
                    {START: "start", PROPERTIES: "property"}.get(q.by, "action"),
                    q.claim,
                    q.answer,
                    None if q.obstacle is None else q.obstacle.text(system),
                )
                for q in (*self.queries, *self.properties)
            ),
        )


def prove(system: RelationalSystem) -> Report:
    """All queries of the proof. Raises ModelError where no state is known to meet the claims of the start."""
    theory = Theory(system)
    if theory.check(theory.solver([theory.universal(claim, theory.now) for claim in system.initial])) != z3.sat:
        names = ", ".join(claim.name for claim in system.initial)
        raise ModelError(f"no state is known at which {system.name} can start: {names}")
    queries = list(theory.claims(START, system.initial, system.lemmas))
    for action in system.actions:
        queries += theory.action(action)
    impossible = [action.name for action in system.actions if not theory.can_happen(action)]
    broken = {q.claim for q in queries if q.answer != "proved"}
    kept = remaining_lemmas(system, broken) if broken else system.lemmas
    properties = theory.claims(PROPERTIES, kept, system.properties, explain=not broken)
    return Report(system, tuple(queries), tuple(c.name for c in kept), tuple(properties), tuple(impossible))


def remaining_lemmas(system: RelationalSystem, broken: set[str]) -> list[Claim]:
    """The lemmas that are proved without the broken ones, and so without those that need them."""
    while True:
        left = [c for c in system.lemmas if c.name not in broken]
        theory, lost = Theory(replace(system, lemmas=left)), set[str]()
        for action in system.actions:
            asked = [c for c in left if c.name not in lost]
            lost |= {q.claim for q in theory.action(action, asked, explain=False) if q.answer != "proved"}
        if not lost:
            return left
        broken = broken | lost


def keeps(system: RelationalSystem, action: str, lemma: str = "") -> bool:
    """Whether it is proved that the action keeps that lemma, or every one."""
    theory = Theory(system)
    (asked,) = (a for a in system.actions if a.name == action)
    claims = [c for c in system.lemmas if c.name == lemma or not lemma]
    return all(query.answer == "proved" for query in theory.action(asked, claims, explain=False))


class Theory:
    """A system as z3 terms, in a context of its own."""

    def __init__(self, system: RelationalSystem) -> None:
        self.system = system
        self.context = z3.Context()
        self.made = 0
        self.sorts = {sort: z3.DeclareSort(sort.name, self.context) for sort in system.sorts}
        self.members: dict[Enum, Z3] = {}
        self.enums: dict[type[Enum], Z3] = {}
        for symbol in system.symbols:
            if isinstance(symbol, Function) and not isinstance(symbol.result, Sort):
                self._enum(symbol.result)
        for action in system.actions:
            for variable in action.parameters:
                if not isinstance(variable.sort, Sort):
                    self._enum(variable.sort)
        self.now: dict[Symbol, Callable[..., Z3]] = {symbol: self._symbol(symbol) for symbol in system.symbols}
        self.lemmas = [self.universal(claim, self.now) for claim in system.lemmas]

    # ------------------------------------------------------------ queries

    def claims(self, by: str, known: list[Claim], wanted: list[Claim], explain: bool = True) -> Iterator[Query]:
        """Whether the known claims imply the wanted ones. `explain`: with a state for each that they do not."""
        solver = self.solver([self.universal(claim, self.now) for claim in known])
        for claim in wanted:
            falsified = self.falsified_term(claim, self.now)
            answer = self.ask(solver, falsified)
            found = self.smallest(solver, falsified) if explain and answer == "fails" else None
            yield Query(by, claim.name, answer, None if found is None else Obstacle(found[0], found[1], None))

    def can_happen(self, action: Action) -> bool:
        """Whether some state in which all lemmas hold is known to allow the action."""
        return bool(self.check(self.before(action, self.values(action))) == z3.sat)

    def action(self, action: Action, claims: list[Claim] | None = None, explain: bool = True) -> list[Query]:
        """Whether the action keeps each lemma, or each claim given. `explain`: with a state for each that it does not keep."""
        values = self.values(action)
        solver, after = self.before(action, values), self.after(action, values)
        queries = []
        for claim in self.system.lemmas if claims is None else claims:
            falsified = self.falsified_term(claim, after)
            answer = self.ask(solver, falsified)
            asked = explain and answer == "fails"
            obstacle = self.obstacle(solver, falsified, action, claim) if asked else None
            queries.append(Query(action.name, claim.name, answer, obstacle))
        return queries

    def values(self, action: Action) -> Environment:
        """Any values of the action's parameters."""
        return {v: self.constant(v) for v in action.parameters}

    def before(self, action: Action, values: Environment) -> Z3:
        """A solver that knows: all lemmas hold, and the action may happen."""
        guard = [self.formula(condition, self.now, values) for condition in action.guard]
        return self.solver([*self.lemmas, *guard])

    def solver(self, assertions: list[Z3]) -> Z3:
        solver = z3.Solver(ctx=self.context)
        solver.set("rlimit", QUERY_LIMIT)
        leave_interrupts(solver)
        solver.add(*assertions)
        return solver

    def ask(self, solver: Z3, falsified: Z3) -> Literal["proved", "fails", "unknown"]:
        """Whether nothing makes the claim false."""
        solver.push()
        solver.add(falsified)
        answer = self.check(solver)
        solver.pop()
        return "proved" if answer == z3.unsat else "fails" if answer == z3.sat else "unknown"

    def check(self, solver: Z3) -> Z3:
        """z3's answer; running into a limit in any way is `unknown`."""

        def given_up() -> Z3:
            try:
                return solver.check()
            except z3.Z3Exception:
                return z3.unknown

        return broken_off(given_up, solver.ctx.interrupt)

    # ------------------------------------------------------------ what stands in the way

    def obstacle(self, solver: Z3, falsified: Z3, action: Action, claim: Claim) -> Obstacle | None:
        """The step on a smallest state, made simpler, as the evaluator takes it; None where none is found.

        Raises AssertionError where z3 and the evaluator disagree about the step.
        """
        found = self.smallest(solver, falsified)
        if found is None:
            return None
        sizes, before = found
        finite = Finite(self.system, sizes)

        def breaks(state: State) -> Taken | None:
            if finite.violated_claims(self.system.lemmas, state):
                return None
            steps = finite.steps(state, action.name)
            return next((step for step in steps if finite.counterexample(claim, step.after) is not None), None)

        assert breaks(before) is not None, f"z3 and the evaluator disagree about {action.name} and {claim.name}"
        simpler: State | None = before
        while simpler is not None:
            before = simpler
            simpler = next((state for state in finite.simpler(before) if breaks(state) is not None), None)
        before = finite.representative(before)
        return Obstacle(sizes, before, breaks(before))

    def smallest(self, solver: Z3, falsified: Z3) -> tuple[dict[str, int], State] | None:
        """A state with few elements that meets everything."""
        sorts = self.system.sorts
        choices = sorted(itertools.product(range(1, LARGEST + 1), repeat=len(sorts)), key=lambda c: (sum(c), c))
        for chosen in choices:
            elements = {
                sort: [z3.Const(f"{sort.name}!{i}", self.sorts[sort]) for i in range(n)]
                for sort, n in zip(sorts, chosen, strict=True)
            }
            solver.push()
            solver.add(falsified)
            for sort, constants in elements.items():
                x = z3.Const("any", self.sorts[sort])
                solver.add(z3.ForAll([x], z3.Or([x == c for c in constants])), z3.Distinct(*constants))
            found = self.check(solver) == z3.sat
            read = self.read(solver.model(), elements) if found else None
            solver.pop()
            if read is not None:
                return {sort.name: n for sort, n in zip(sorts, chosen, strict=True)}, read
        return None

    def read(self, model: Z3, elements: dict[Sort, list[Z3]]) -> State:
        """The state of the model, its elements numbered."""

        def true(term: Z3) -> bool:
            return bool(z3.is_true(model.eval(term, model_completion=True)))

        def number(term: Z3, sort: Sorted) -> int:
            options = elements[sort] if isinstance(sort, Sort) else [self.members[m] for m in sort]
            return next(i for i, option in enumerate(options) if true(term == option))

        tables: dict[str, Any] = {}
        for symbol in self.system.symbols:
            if isinstance(symbol, Relation):
                rows = itertools.product(*(range(len(elements[s])) for s in symbol.sorts))
                tables[symbol.name] = [
                    row
                    for row in rows
                    if true(self.now[symbol](*(elements[s][i] for s, i in zip(symbol.sorts, row, strict=True))))
                ]
            else:
                tables[symbol.name] = [number(self.now[symbol](e), symbol.result) for e in elements[symbol.sort]]
        sizes = {sort.name: len(found) for sort, found in elements.items()}
        return Finite(self.system, sizes).state(tables)

    # ------------------------------------------------------------ terms

    def constant(self, variable: Variable) -> Z3:
        """A value of the variable's sort, of which nothing is known."""
        self.made += 1
        return z3.Const(f"{variable.name}!{self.made}", self.sort(variable.sort))

    def universal(self, claim: Claim, meaning: Meaning) -> Z3:
        """The claim, for all values of its variables."""
        return self.quantified_term(claim.variables, claim.formula, meaning, {})

    def quantified_term(
        self, variables: tuple[Variable, ...], body: Formula, meaning: Meaning, values: Environment
    ) -> Z3:
        inner = {v: self.constant(v) for v in variables}
        formula = self.formula(body, meaning, {**values, **inner})
        return z3.ForAll(list(inner.values()), formula) if inner else formula

    def falsified_term(self, claim: Claim, meaning: Meaning) -> Z3:
        """Some values of its variables make the claim false."""
        return z3.Not(self.formula(claim.formula, meaning, {v: self.constant(v) for v in claim.variables}))

    def formula(self, formula: Formula, meaning: Meaning, values: Environment) -> Z3:
        match formula:
            case Holds(relation, arguments):
                return meaning[relation](*(self.term(a, meaning, values) for a in arguments))
            case Equal(left, right):
                return self.term(left, meaning, values) == self.term(right, meaning, values)
            case Not(part):
                return z3.Not(self.formula(part, meaning, values))
            case And(parts):
                return z3.And([self.formula(p, meaning, values) for p in parts]) if parts else self._truth(True)
            case Or(parts):
                return z3.Or([self.formula(p, meaning, values) for p in parts]) if parts else self._truth(False)
            case Implies(condition, then):
                return z3.Implies(self.formula(condition, meaning, values), self.formula(then, meaning, values))
            case Named(_, _, body, _):
                return self.formula(body, meaning, values)
            case Forall(variables, body):
                return self.quantified_term(variables, body, meaning, values)
        raise TypeError(formula)

    def term(self, term: Term, meaning: Meaning, values: Environment) -> Z3:
        match term:
            case Member(member):
                return self.members[member]
            case Value(function, argument):
                return meaning[function](self.term(argument, meaning, values))
        assert isinstance(term, Variable)
        return values[term]

    def after(self, action: Action, values: Environment) -> Meaning:
        """What the symbols mean in the state after the action."""
        return {**self.now, **{update.symbol: self._after(update, values) for update in action.updates}}

    def sort(self, sort: Sorted) -> Z3:
        return self.sorts[sort] if isinstance(sort, Sort) else self.enums[sort]

    def _truth(self, value: bool) -> Z3:
        return z3.BoolVal(value, self.context)

    def _enum(self, enum: type[Enum]) -> None:
        if enum not in self.enums:
            members = list(enum)
            self.enums[enum], constants = z3.EnumSort(sort_name(enum), [m.name for m in members], ctx=self.context)
            self.members.update(zip(members, constants, strict=True))

    def _symbol(self, symbol: Symbol) -> Callable[..., Z3]:
        if isinstance(symbol, Relation):
            ranges = [self.sorts[s] for s in symbol.sorts]
            made = z3.Function(symbol.name, *ranges, z3.BoolSort(self.context))
        else:
            made = z3.Function(symbol.name, self.sorts[symbol.sort], self.sort(symbol.result))
        return lambda *arguments: made(*arguments)

    def _after(self, update: Any, values: Environment) -> Callable[..., Z3]:
        """What the symbol means in the state after."""
        if isinstance(update, Becomes):
            at = self.term(update.argument, self.now, values)
            value = self.term(update.value, self.now, values)
            return lambda x: z3.If(x == at, value, self.now[update.symbol](x))
        return lambda *arguments: self.formula(
            update.formula, self.now, {**values, **dict(zip(update.formals, arguments, strict=True))}
        )
