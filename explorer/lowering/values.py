"""Values while lowering: ordinary Python values where they are static, and these classes where they depend on the state.

A value is symbolic if it is one of the classes below or a tuple that holds one.
"""

from __future__ import annotations

import dataclasses
import inspect
import numbers
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from explorer.language.model import Part
from explorer.language.sorts import (
    Atom,
    Sort,
    an,
    is_record,
    show,
)
from explorer.language.state import Array, Declaration
from explorer.system.expressions import conj, constant, disj, eq, iff, ite, neg, to_int
from explorer.system.form import FALSE, TRUE, Constant, Expr


@dataclass(frozen=True, eq=False)
class Scalar:
    """A bool, int, enum member or atom; `kind` is its Python class."""

    expr: Expr
    kind: type


@dataclass(frozen=True, eq=False)
class Maybe:
    """None, or `value` where `present`."""

    present: Expr
    value: Any


@dataclass(frozen=True, eq=False)
class Struct:
    """A record some of whose fields are symbolic."""

    cls: type
    fields: dict[str, Any]


@dataclass(frozen=True, eq=False)
class OneOf:
    """A record of one of several classes: for each its condition and its value. One condition holds, and no two."""

    cases: dict[type, tuple[Expr, Any]]


@dataclass(frozen=True, eq=False)
class SetOf:
    """A frozenset: for each possible member, the condition under which it is in."""

    members: dict[Any, Expr]


@dataclass(frozen=True, eq=False)
class Guarded:
    """What a comprehension gives: (condition, value) pairs in order; `unordered` for a set comprehension."""

    items: tuple[tuple[Expr, Any], ...]


SYMBOLIC = (Scalar, Maybe, Struct, OneOf, SetOf, Guarded)


class NeedsMembers(Exception):
    """A set has members that can't be listed (integers)."""


class Mismatch(Exception):
    """Two values of different sorts met; the message names them."""


def symbolic(value: Any) -> bool:
    if isinstance(value, tuple):
        return any(map(symbolic, value))
    return isinstance(value, SYMBOLIC)


def code_of(value: Any) -> int:
    """The integer that a cell holds for a scalar value."""
    if isinstance(value, bool | int):
        return int(value)
    if isinstance(value, Enum):
        return list(type(value)).index(value)
    if isinstance(value, Atom):
        return value._index
    raise Mismatch(f"{describe(value)} is not a value that state can hold")


def scalar(value: Any) -> Scalar | None:
    """The value as a Scalar; None if it is not a bool, int, enum member or atom."""
    if isinstance(value, Scalar):
        return value
    if isinstance(value, bool):
        return Scalar(constant(value), bool)
    if isinstance(value, int) and not isinstance(value, Enum):
        return Scalar(Constant(value), int)
    if isinstance(value, Enum | Atom):
        return Scalar(Constant(code_of(value)), type(value))
    return None


def settle(value: Any, members: Callable[[type], list[Any]]) -> Any:
    """A scalar whose expression is a constant as the Python value it is."""
    if isinstance(value, Scalar) and isinstance(value.expr, Constant):
        if value.kind in (bool, int):
            return value.expr.value
        return members(value.kind)[int(value.expr.value)]
    return value


def maybe(present: Expr, value: Any) -> Any:
    if present == TRUE:
        return value
    return None if present == FALSE else Maybe(present, value)


def describe(value: Any) -> str:
    """The value's sort in words, for messages."""
    if isinstance(value, Scalar):
        return an(value.kind.__name__)
    if isinstance(value, Maybe):
        return f"{describe(value.value)} or None"
    if isinstance(value, Struct):
        return an(value.cls.__name__)
    if isinstance(value, OneOf):
        return " or ".join(an(cls.__name__) for cls in value.cases)
    if isinstance(value, SetOf):
        return "a frozenset"
    if isinstance(value, Guarded):
        return "a comprehension"
    if isinstance(value, tuple):
        return "a tuple"
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if value is None or isinstance(value, bool | int | Atom):
        return show(value)
    if isinstance(value, Array):
        return f"the array {value.name}"
    if isinstance(value, Part):
        return f"the part {value.part_name}"
    if isinstance(value, Sort):
        return f"the sort {value!r}"
    if isinstance(value, Declaration):
        return "a declaration of state that no part took"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if inspect.isroutine(value):
        return f"the routine {value.__name__}"
    return an(type(value).__name__)


def parts_of(value: Any) -> tuple[type, dict[str, Any]] | None:
    """Class and fields of a record value, static or symbolic."""
    if isinstance(value, Struct):
        return value.cls, value.fields
    if is_record(type(value)):
        return type(value), {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    return None


def cases_of(value: Any) -> dict[type, tuple[Expr, Any]] | None:
    """The classes that a record may be of, each with its condition and the record; None for what is no record."""
    if isinstance(value, OneOf):
        return value.cases
    record = parts_of(value)
    return None if record is None else {record[0]: (TRUE, value)}


def one_of(cases: dict[type, tuple[Expr, Any]]) -> Any:
    """The record of one of these classes, without those that it can't be of."""
    possible = {cls: (condition, value) for cls, (condition, value) in cases.items() if condition != FALSE}
    if len(possible) == 1:
        return next(iter(possible.values()))[1]
    return OneOf(possible)


def as_set(value: Any) -> dict[Any, Expr] | None:
    if isinstance(value, SetOf):
        return value.members
    if isinstance(value, frozenset | set):
        return {v: TRUE for v in sorted(value, key=show)}
    return None


def merge(c: Expr, a: Any, b: Any) -> Any:
    """if c then a else b. Raises Mismatch where the two have no sort in common."""
    if c == TRUE or a is b:
        return a
    if c == FALSE:
        return b
    if a is None or b is None or isinstance(a, Maybe) or isinstance(b, Maybe):
        pa, va = (a.present, a.value) if isinstance(a, Maybe) else (constant(a is not None), a)
        pb, vb = (b.present, b.value) if isinstance(b, Maybe) else (constant(b is not None), b)
        value = vb if va is None else va if vb is None else merge(c, va, vb)
        return maybe(ite(c, pa, pb), value)
    sa, sb = scalar(a), scalar(b)
    if sa is not None and sb is not None:
        if sa.kind is sb.kind:
            return Scalar(ite(c, sa.expr, sb.expr), sa.kind)
        if {sa.kind, sb.kind} == {bool, int}:
            return Scalar(ite(c, as_int(sa), as_int(sb)), int)
    ra, rb = parts_of(a), parts_of(b)
    if ra is not None and rb is not None and ra[0] is rb[0]:
        return Struct(ra[0], {k: merge(c, ra[1][k], rb[1][k]) for k in ra[1]})
    ca, cb = cases_of(a), cases_of(b)
    if ca is not None and cb is not None:
        both: dict[type, tuple[Expr, Any]] = {}
        for cls in [*ca, *(cls for cls in cb if cls not in ca)]:
            (pa, va), (pb, vb) = ca.get(cls, (FALSE, None)), cb.get(cls, (FALSE, None))
            both[cls] = (ite(c, pa, pb), vb if va is None else va if vb is None else merge(c, va, vb))
        return one_of(both)
    if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
        return tuple(merge(c, x, y) for x, y in zip(a, b, strict=True))
    ma, mb = as_set(a), as_set(b)
    if ma is not None and mb is not None:
        keys = list(ma) + [k for k in mb if k not in ma]
        return SetOf({k: ite(c, ma.get(k, FALSE), mb.get(k, FALSE)) for k in keys})
    if not symbolic(a) and not symbolic(b) and type(a) is type(b) and a == b:
        return a
    raise Mismatch(f"{describe(a)} or {describe(b)}, depending on the state")


SHORT = 32  # cases told one after the other; more are told by halves, so that they are not nested as deeply as they are many


def merged_value(cases: list[tuple[Expr, Any]]) -> Any:
    """The value of the case whose condition holds, of conditions one of which does and no two. Raises Mismatch."""
    if len(cases) <= SHORT:
        result = cases[-1][1]
        for condition, value in reversed(cases[:-1]):
            result = merge(condition, value, result)
        return result
    middle = len(cases) // 2
    first = disj(*(condition for condition, _ in cases[:middle]))
    return merge(first, merged_value(cases[:middle]), merged_value(cases[middle:]))


def as_int(value: Scalar) -> Expr:
    return to_int(value.expr) if value.kind is bool else value.expr


def whole(value: Any) -> Any:
    """A number that equals an integer, as that integer; anything else as it is."""
    if not isinstance(value, numbers.Number) or isinstance(value, int):
        return value
    found: Any = value
    return int(found.real) if found == found.real and found.real % 1 == 0 else value


def equal(a: Any, b: Any) -> Expr:
    """The condition a == b; values of different sorts are never equal, as in Python."""
    if not symbolic(a) and not symbolic(b):
        return constant(bool(a == b))
    if isinstance(a, Maybe) or isinstance(b, Maybe):
        if a is None or b is None:
            other = b if a is None else a
            return neg(other.present)
        pa, va = (a.present, a.value) if isinstance(a, Maybe) else (TRUE, a)
        pb, vb = (b.present, b.value) if isinstance(b, Maybe) else (TRUE, b)
        same = equal(va, vb)
        if pa == TRUE or pb == TRUE:
            return conj(pa, pb, same)
        return disj(conj(neg(pa), neg(pb)), conj(pa, pb, same))
    sa, sb = scalar(a), scalar(b)
    if sa is not None and sb is not None:
        if sa.kind is sb.kind:
            return iff(sa.expr, sb.expr) if sa.kind is bool else eq(sa.expr, sb.expr)
        if {sa.kind, sb.kind} == {bool, int}:
            return eq(as_int(sa), as_int(sb))
        return FALSE
    ra, rb = parts_of(a), parts_of(b)
    if ra is not None and rb is not None:
        return conj(*(equal(ra[1][k], rb[1][k]) for k in ra[1])) if ra[0] is rb[0] else FALSE
    ca, cb = cases_of(a), cases_of(b)
    if ca is not None and cb is not None:
        return disj(*(conj(ca[cls][0], cb[cls][0], equal(ca[cls][1], cb[cls][1])) for cls in ca if cls in cb))
    if isinstance(a, numbers.Number) or isinstance(
        b, numbers.Number
    ):  # one of them depends on the state, the other is 1.0
        wa, wb = whole(a), whole(b)
        return FALSE if wa is a and wb is b else equal(wa, wb)
    if isinstance(a, tuple) and isinstance(b, tuple):
        return conj(*(equal(x, y) for x, y in zip(a, b, strict=True))) if len(a) == len(b) else FALSE
    ma, mb = as_set(a), as_set(b)
    if ma is not None and mb is not None:
        keys = list(ma) + [k for k in mb if k not in ma]
        return conj(*(iff(ma.get(k, FALSE), mb.get(k, FALSE)) for k in keys))
    return FALSE
