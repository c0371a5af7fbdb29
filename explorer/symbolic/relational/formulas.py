"""First-order formulas over uninterpreted sorts, as plain data.

Python's operators build them: ``holds(t, v, f) & ~writable(mm(t), v)``, ``at(t) == Step.FORK_SHARE``, ``a.implies(b)``,
``forall((u, w), ~holds(u, w, f))``. A sort is a `Sort`, which may have any number of elements, or an Enum class.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias, Union

from explorer.errors import ModelError


@dataclass(frozen=True)
class Sort:
    """A set of any size above 0, of which nothing is known."""

    name: str

    def variable(self, name: str) -> Variable:
        return Variable(name, self)


Sorted: TypeAlias = Union[Sort, type[Enum]]


def sort_name(sort: Sorted) -> str:
    return sort.name if isinstance(sort, Sort) else sort.__name__


class Term:
    """What stands for an element. `==` and `!=` make formulas of terms, so terms are told apart by identity."""

    sort: Sorted

    def __eq__(self, other: object) -> Formula:  # type: ignore[override]
        return Equal(self, term(other, self.sort))

    def __ne__(self, other: object) -> Formula:  # type: ignore[override]
        return Not(Equal(self, term(other, self.sort)))

    __hash__ = object.__hash__

    def among(self, *members: Enum) -> Formula:
        """It is one of the members."""
        return Or(tuple(Equal(self, term(m, self.sort)) for m in members))


@dataclass(frozen=True, eq=False)
class Variable(Term):
    name: str
    sort: Sorted


@dataclass(frozen=True, eq=False)
class Member(Term):
    """A member of an Enum class."""

    member: Enum

    @property
    def sort(self) -> Sorted:  # type: ignore[override]
        return type(self.member)


@dataclass(frozen=True, eq=False)
class Value(Term):
    """A function's value."""

    function: Function
    argument: Term

    @property
    def sort(self) -> Sorted:  # type: ignore[override]
        return self.function.result


def term(given: object, sort: Sorted) -> Term:
    """The term that is given, or stands for the Enum member given. Raises ModelError for one of another sort."""
    found = Member(given) if isinstance(given, Enum) else given
    if not isinstance(found, Term) or found.sort != sort:
        raise ModelError(f"{show(found) if isinstance(found, Term) else given!r} is not of the sort {sort_name(sort)}")
    return found


class Formula:
    """A truth value in a state."""

    def __and__(self, other: Formula) -> Formula:
        return And((self, other))

    def __or__(self, other: Formula) -> Formula:
        return Or((self, other))

    def __invert__(self) -> Formula:
        return Not(self)

    def implies(self, other: Formula) -> Formula:
        return Implies(self, other)

    def __bool__(self) -> bool:
        raise ModelError("a formula has no truth value of its own: write & for and, | for or, ~ for not")


@dataclass(frozen=True, eq=False)
class Holds(Formula):
    """The relation holds between the arguments."""

    relation: Relation
    arguments: tuple[Term, ...]


@dataclass(frozen=True, eq=False)
class Equal(Formula):
    left: Term
    right: Term


@dataclass(frozen=True, eq=False)
class Not(Formula):
    part: Formula


@dataclass(frozen=True, eq=False)
class And(Formula):
    parts: tuple[Formula, ...]


@dataclass(frozen=True, eq=False)
class Or(Formula):
    parts: tuple[Formula, ...]


@dataclass(frozen=True, eq=False)
class Implies(Formula):
    condition: Formula
    then: Formula


@dataclass(frozen=True, eq=False)
class Forall(Formula):
    variables: tuple[Variable, ...]
    body: Formula


@dataclass(frozen=True, eq=False)
class Named(Formula):
    """The formula, shown as ``name(arguments)``."""

    name: str
    arguments: tuple[Term, ...]
    body: Formula
    function: Callable[..., Formula]

    def general(self) -> Named:
        """The same with the function's own parameters as arguments."""
        known = zip(inspect.signature(self.function).parameters, self.arguments, strict=True)
        variables = tuple(Variable(name, argument.sort) for name, argument in known)
        return Named(self.name, variables, self.function(*variables), self.function)


TRUE, FALSE = And(()), Or(())


def named_formula(function: Callable[..., Formula]) -> Callable[..., Formula]:
    """A function from terms to a formula, which is then shown by the function's name."""

    @functools.wraps(function)
    def made(*arguments: Term) -> Formula:
        return Named(function.__name__, arguments, function(*arguments), function)

    return made


def words(function: Callable[..., object]) -> str:
    """A docstring on one line."""
    return " ".join((inspect.getdoc(function) or "").split())


def forall(variables: tuple[Variable, ...], body: Formula) -> Formula:
    return Forall(variables, body)


# ---------------------------------------------------------------- symbols, and what an action makes of them


@dataclass(frozen=True)
class Relation:
    """A relation between elements of its sorts, which actions may change."""

    name: str
    sorts: tuple[Sort, ...]

    def __call__(self, *arguments: Term) -> Formula:
        if len(arguments) != len(self.sorts):
            raise ModelError(f"{self.name} is between {len(self.sorts)} elements, not {len(arguments)}")
        return Holds(self, tuple(term(a, s) for a, s in zip(arguments, self.sorts, strict=True)))

    def same(self) -> Redefined:
        """It does not change."""
        formals = tuple(Variable(f"_{i}", sort) for i, sort in enumerate(self.sorts))
        return Redefined(self, formals, self(*formals), ())

    def replaced(self, *prefix: Term, by: tuple[Term, ...] = ()) -> Redefined:
        """Of what begins with the prefix, it holds of `by` alone."""
        old = self.same()
        here, only = begins(old.formals, prefix), begins(old.formals, (*prefix, *by))
        text = show(self(*prefix, *by))
        if by:
            text += f", and no other {self.name}({', '.join([*map(show, prefix), '...'])})"
        return Redefined(self, old.formals, only | (old.formula & ~here), (text,))

    def cleared(self, *prefix: Term) -> Redefined:
        """It holds of nothing that begins with the prefix."""
        return self.same().cleared(*prefix)

    def added_where(self, variables: tuple[Variable, ...], condition: Formula) -> Redefined:
        """It holds also where the condition, which speaks about the variables, does."""
        text = f"{show(self(*variables))} where {show(condition)}"
        return Redefined(self, variables, self(*variables) | condition, (text,))


def begins(formals: tuple[Variable, ...], prefix: tuple[Term, ...]) -> Formula:
    """The formals begin with the prefix."""
    return And(tuple(Equal(x, term(a, x.sort)) for x, a in zip(formals, prefix, strict=False)))


@dataclass(frozen=True)
class Function:
    """A function of one argument. Where its values are elements of a `Sort`, no action changes it."""

    name: str
    sort: Sort
    result: Sorted

    def __call__(self, argument: Term) -> Term:
        return Value(self, term(argument, self.sort))

    def becomes(self, argument: Term, value: Term | Enum) -> Becomes:
        if isinstance(self.result, Sort):
            raise ModelError(f"no action may change the function {self.name}")
        return Becomes(self, term(argument, self.sort), term(value, self.result))


Symbol: TypeAlias = Union[Relation, Function]


@dataclass(frozen=True)
class Redefined:
    """After the action the relation holds where the formula, which speaks about `formals` and the state before, does.

    `text`: the same for a reader.
    """

    symbol: Relation
    formals: tuple[Variable, ...]
    formula: Formula
    text: tuple[str, ...]

    def cleared(self, *prefix: Term) -> Redefined:
        """And the relation holds of nothing that begins with the prefix."""
        rest = ", ..." if len(prefix) < len(self.formals) else ""
        text = f"not {self.symbol.name}({', '.join(map(show, prefix))}{rest})"
        formula = self.formula & ~begins(self.formals, prefix)
        return Redefined(self.symbol, self.formals, formula, (*self.text, text))


@dataclass(frozen=True)
class Becomes:
    """After the action the function has another value at one argument."""

    symbol: Function
    argument: Term
    value: Term

    @property
    def text(self) -> tuple[str, ...]:
        return (f"{self.symbol.name}({show(self.argument)}) := {show(self.value)}",)


Update: TypeAlias = Union[Redefined, Becomes]


# ---------------------------------------------------------------- looking into formulas


def parts(formula: Formula) -> tuple[Formula, ...]:
    """The formulas that it is made of."""
    match formula:
        case Not(part):
            return (part,)
        case And(inner) | Or(inner):
            return inner
        case Implies(condition, then):
            return condition, then
        case Forall(_, body) | Named(_, _, body, _):
            return (body,)
    return ()


def terms(formula: Formula) -> Iterator[Term]:
    """The terms in it, outermost ones only."""
    if isinstance(formula, Holds):
        yield from formula.arguments
    elif isinstance(formula, Equal):
        yield formula.left
        yield formula.right
    for part in parts(formula):
        yield from terms(part)


def names(formula: Formula) -> Iterator[Named]:
    """The named formulas in it, those inside first."""
    for part in parts(formula):
        yield from names(part)
    if isinstance(formula, Named):
        yield formula


def free(formula: Formula) -> set[Variable]:
    """The variables that are not bound in it."""
    found = set()
    for at in terms(formula):
        while isinstance(at, Value):
            at = at.argument
        if isinstance(at, Variable):
            found.add(at)
    return found - {v for v in bound(formula)}


def bound(formula: Formula) -> Iterator[Variable]:
    """The variables that are bound in it."""
    if isinstance(formula, Forall):
        yield from formula.variables
    for part in parts(formula):
        yield from bound(part)


def show(given: Term | Formula, within: str = "") -> str:
    """As text. `within`: the operator around it."""
    match given:
        case Variable(name, _):
            return name
        case Member(member):
            return member.name
        case Value(function, argument):
            return f"{function.name}({show(argument)})"
        case Holds(relation, arguments):
            return f"{relation.name}({', '.join(map(show, arguments))})"
        case Equal(left, right):
            return f"{show(left)} == {show(right)}"
        case Named(name, arguments, _, _):
            return f"{name}({', '.join(map(show, arguments))})"
        case Not(Equal(left, right)):
            return f"{show(left)} != {show(right)}"
        case Not(part):
            return f"not {show(part, 'not')}"
        case And(()):
            return "true"
        case Or(()):
            return "false"
        case And(inner) | Or(inner):
            if len(inner) == 1:
                return show(inner[0], within)
            one = _one_of(given)
            if one is not None:
                return one
            word = "and" if isinstance(given, And) else "or"
            text = f" {word} ".join(show(part, word) for part in inner)
            return f"({text})" if within not in ("", word) else text
        case Implies(condition, then):
            text = f"{show(condition, '->')} -> {show(then, '->')}"
            return f"({text})" if within else text
        case Forall(variables, body):
            text = f"for all {', '.join(v.name for v in variables)}: {show(body)}"
            return f"({text})" if within else text
    raise TypeError(given)


def _one_of(given: Formula) -> str | None:
    """``at(t) in (A, B)`` for an `among`, None for any other formula."""
    if not isinstance(given, Or) or not given.parts:
        return None
    lefts, members = [], []
    for part in given.parts:
        if not isinstance(part, Equal) or not isinstance(part.right, Member):
            return None
        lefts.append(part.left)
        members.append(part.right.member.name)
    if any(left is not lefts[0] for left in lefts):
        return None
    return f"{show(lefts[0])} in ({', '.join(members)})"
