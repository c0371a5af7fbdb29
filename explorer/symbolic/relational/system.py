"""A transition system over sorts of any size: symbols, actions, lemmas and properties, in a fragment that z3 decides.

A claim is one formula without quantifiers, for all values of its variables. A guard is a list of conditions, each without
quantifiers or with `Forall` where nothing negates it; what an action changes is given by formulas without quantifiers, and
functions to elements do not go round in a circle. So whether an action keeps a claim is a question about finitely many
elements, which z3 answers (Bernays and Schönfinkel).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from explorer.errors import ModelError
from explorer.symbolic.relational.formulas import (
    Forall,
    Formula,
    Function,
    Implies,
    Named,
    Not,
    Redefined,
    Sort,
    Sorted,
    Symbol,
    Update,
    Variable,
    bound,
    free,
    names,
    parts,
    show,
    words,
)


@dataclass(frozen=True)
class Claim:
    """For all values of the variables, the formula. `text`: the same in words."""

    name: str
    text: str
    variables: tuple[Variable, ...]
    formula: Formula


@dataclass(frozen=True)
class Action:
    """For some values of the parameters, all conditions hold; then all updates at once, and nothing else changes.

    `kernel`: the function of the kernel that it is a step of. `text`: what happens, in words.
    """

    name: str
    kernel: str
    text: str
    parameters: tuple[Variable, ...]
    guard: tuple[Formula, ...]
    updates: tuple[Update, ...]


@dataclass(frozen=True)
class Step:
    """What the function of an action returns: its conditions, and what it changes."""

    when: tuple[Formula, ...]
    then: tuple[Update, ...]


@dataclass
class RelationalSystem:
    """Sorts, symbols, the claims that the states at the start meet, actions, lemmas and properties.

    `switches`: the settings that it was made with, by name.
    """

    name: str
    sorts: tuple[Sort, ...]
    symbols: tuple[Symbol, ...]
    switches: dict[str, bool] = field(default_factory=dict)
    initial: list[Claim] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    lemmas: list[Claim] = field(default_factory=list)
    properties: list[Claim] = field(default_factory=list)

    def __post_init__(self) -> None:
        for sort in self.sorts:
            reached, todo = set(), [sort]
            while todo:
                at = todo.pop()
                for f in self.symbols:
                    if isinstance(f, Function) and f.sort == at and isinstance(f.result, Sort):
                        reached.add(f.result)
                        todo += [f.result] if f.result != sort else []
            if sort in reached:
                raise ModelError(f"functions lead from the sort {sort.name} back to it: z3 does not decide that")

    # ------------------------------------------------------------ decorators; a parameter's keyword says its sort

    def start(self, **sorts: Sort) -> Callable[[Callable[..., Formula]], Claim]:
        return self._claim(self.initial, sorts)

    def lemma(self, **sorts: Sort) -> Callable[[Callable[..., Formula]], Claim]:
        return self._claim(self.lemmas, sorts)

    def property(self, **sorts: Sort) -> Callable[[Callable[..., Formula]], Claim]:
        return self._claim(self.properties, sorts)

    def action(self, **sorts: Sorted) -> Callable[[Callable[..., Step]], Action]:
        """The docstring begins with the kernel's function: ``mm/gup.c:gup_pte_range(): reads the entry.``"""

        def made(function: Callable[..., Step]) -> Action:
            variables = tuple(Variable(name, sort) for name, sort in sorts.items())
            step = function(*variables)
            text = words(function)
            kernel, colon, rest = text.partition("(): ")
            if not colon or " " in kernel:
                raise ModelError(f"the docstring of the action {function.__name__} must begin with a kernel function")
            for condition in step.when:
                self._decidable(function.__name__, condition)
                self._closed(function.__name__, condition, variables)
            for update in step.then:
                if isinstance(update, Redefined):
                    self._plain(function.__name__, update.formula)
                    self._closed(function.__name__, update.formula, (*variables, *update.formals))
            changed = [u.symbol.name for u in step.then]
            if len(set(changed)) < len(changed):
                raise ModelError(f"the action {function.__name__} changes a symbol twice")
            action = Action(function.__name__, f"{kernel}()", rest, variables, step.when, step.then)
            self.actions.append(action)
            return action

        return made

    def _claim(self, to: list[Claim], sorts: dict[str, Sort]) -> Callable[[Callable[..., Formula]], Claim]:
        def made(function: Callable[..., Formula]) -> Claim:
            variables = tuple(sort.variable(name) for name, sort in sorts.items())
            claim = Claim(function.__name__, words(function), variables, function(*variables))
            self._plain(claim.name, claim.formula)
            self._closed(claim.name, claim.formula, variables)
            to.append(claim)
            return claim

        return made

    def definitions(self) -> list[Named]:
        """The named formulas, in the order of their use."""
        formulas = [c for action in self.actions for c in action.guard]
        formulas += [u.formula for action in self.actions for u in action.updates if isinstance(u, Redefined)]
        formulas += [claim.formula for claim in (*self.lemmas, *self.properties)]
        found: dict[str, Named] = {}
        for formula in formulas:
            for each in names(formula):
                found.setdefault(each.name, each.general())
        return list(found.values())

    # ------------------------------------------------------------ the fragment

    def _plain(self, name: str, formula: Formula) -> None:
        if any(True for _ in bound(formula)):
            raise ModelError(f"{name} has a quantifier inside, which z3 may not decide: {show(formula)}")

    def _decidable(self, name: str, formula: Formula, negated: bool = False) -> None:
        if isinstance(formula, Forall):
            if negated:
                raise ModelError(f"{name} negates a quantifier, which z3 may not decide: {show(formula)}")
            self._plain(name, formula.body)
            return
        for i, part in enumerate(parts(formula)):
            turned = isinstance(formula, Not) or (isinstance(formula, Implies) and i == 0)
            self._decidable(name, part, negated or turned)

    def _closed(self, name: str, formula: Formula, known: tuple[Variable, ...]) -> None:
        unknown = free(formula) - set(known)
        if unknown:
            raise ModelError(f"{name} speaks about {', '.join(sorted(v.name for v in unknown))}, which is no parameter")


def without(system: RelationalSystem, *, lemma: str = "", action: str = "", condition: int = -1) -> RelationalSystem:
    """The same system without a lemma, or without one condition of an action: to see what a proof rests on."""

    def weaker(given: Action) -> Action:
        if given.name != action:
            return given
        guard = given.guard[:condition] + given.guard[condition + 1 :]
        return Action(given.name, given.kernel, given.text, given.parameters, guard, given.updates)

    return RelationalSystem(
        system.name,
        system.sorts,
        system.symbols,
        dict(system.switches),
        list(system.initial),
        [weaker(a) for a in system.actions],
        [c for c in system.lemmas if c.name != lemma],
        list(system.properties),
    )


def conditions(system: RelationalSystem) -> Iterator[tuple[str, int, Formula]]:
    """(action, position, condition) of every condition of every action."""
    for action in system.actions:
        for i, condition in enumerate(action.guard):
            yield action.name, i, condition
