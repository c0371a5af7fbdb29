"""Values while lowering: ordinary Python values where they are static, and these classes where they depend on the state.

A value is symbolic if it is one of the classes below or a tuple that holds one.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

from explorer.errors import LanguageError
from explorer.expressions import conj, constant, disj, eq, iff, ite, le, neg, to_int
from explorer.language.model import Part
from explorer.language.sorts import (
    Atom,
    AtomSort,
    BoolSort,
    EnumSort,
    OptionalSort,
    PairSort,
    RangeSort,
    RecordSort,
    ScalarsetSort,
    Sort,
    SubsetSort,
    an,
    is_record,
    show,
)
from explorer.language.state import Array, Declaration
from explorer.system import FALSE, TRUE, Constant, Domain, Expr


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
class SetOf:
    """A frozenset: for each possible member, the condition under which it is in."""

    members: dict[Any, Expr]


@dataclass(frozen=True, eq=False)
class Guarded:
    """What a comprehension gives: (condition, value) pairs in order; `unordered` for a set comprehension."""

    items: tuple[tuple[Expr, Any], ...]


SYMBOLIC = (Scalar, Maybe, Struct, SetOf, Guarded)


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
    if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
        return tuple(merge(c, x, y) for x, y in zip(a, b, strict=True))
    ma, mb = as_set(a), as_set(b)
    if ma is not None and mb is not None:
        keys = list(ma) + [k for k in mb if k not in ma]
        return SetOf({k: ite(c, ma.get(k, FALSE), mb.get(k, FALSE)) for k in keys})
    if not symbolic(a) and not symbolic(b) and type(a) is type(b) and a == b:
        return a
    raise Mismatch(f"{describe(a)} or {describe(b)}, depending on the state")


def as_int(value: Scalar) -> Expr:
    return to_int(value.expr) if value.kind is bool else value.expr


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
    if isinstance(a, tuple) and isinstance(b, tuple):
        return conj(*(equal(x, y) for x, y in zip(a, b, strict=True))) if len(a) == len(b) else FALSE
    ma, mb = as_set(a), as_set(b)
    if ma is not None and mb is not None:
        keys = list(ma) + [k for k in mb if k not in ma]
        return conj(*(iff(ma.get(k, FALSE), mb.get(k, FALSE)) for k in keys))
    return FALSE


# ---------------------------------------------------------------- sorts and cells

Sizes = dict[type, int]
Named = tuple[str, tuple[tuple[str, int], ...]]  # the text of a value, and what is left open in it


def domain_of(sort: Sort[Any], sizes: Sizes) -> Domain | None:
    """The domain of the one cell that holds a value of the sort; None where it takes several cells."""
    if isinstance(sort, BoolSort):
        return Domain("bool", 0, 1)
    if isinstance(sort, RangeSort):
        return Domain("range", sort.lo, sort.hi)
    if isinstance(sort, EnumSort):
        members = tuple(sort.cls)
        return Domain("enum", 0, len(members) - 1, sort.cls.__name__, tuple(show(m) for m in members))
    if isinstance(sort, ScalarsetSort | AtomSort):
        if sort.cls not in sizes:
            AtomSort(sort.cls).values()
        return Domain("scalarset", 0, sizes[sort.cls] - 1, sort.cls.__name__.lower())
    if isinstance(sort, OptionalSort):
        inner = domain_of(sort.inner, sizes)
        return None if inner is None else dataclasses.replace(inner, optional=True)
    return None


def kind_of(sort: Sort[Any]) -> type:
    if isinstance(sort, BoolSort):
        return bool
    if isinstance(sort, RangeSort):
        return int
    if isinstance(sort, EnumSort | ScalarsetSort | AtomSort):
        return sort.cls
    raise AssertionError(sort)


def leaves(
    sort: Sort[Any], sizes: Sizes, path: tuple[str, ...] = (), *, absent: bool = False
) -> Iterator[tuple[tuple[str, ...], Domain, Named]]:
    """The cells that hold a value of the sort: place inside the value, domain, and that place as `pattern` gives it.

    `absent`: there may be no value at times.
    """
    domain = domain_of(sort, sizes)
    if domain is not None:
        # blank is no atom: else the one it is would not be like the others
        blank = absent and domain.kind == "scalarset" and domain.hi > domain.lo and not domain.optional
        yield path, dataclasses.replace(domain, blank=True) if blank else domain, (joined(path), ())
    elif isinstance(sort, OptionalSort):
        yield (*path, "?"), Domain("bool", 0, 1), (joined((*path, "?")), ())
        yield from leaves(sort.inner, sizes, path, absent=True)
    elif isinstance(sort, RecordSort):
        for name, field in sort.fields().items():
            yield from leaves(field, sizes, (*path, name), absent=absent)
    elif isinstance(sort, PairSort):
        yield from leaves(sort.a, sizes, (*path, "0"), absent=absent)
        yield from leaves(sort.b, sizes, (*path, "1"), absent=absent)
    elif isinstance(sort, SubsetSort):
        for member in members_of(sort.of, sizes):
            text, indexes = pattern(member)
            yield (*path, f"has {show(member)}"), Domain("bool", 0, 1), (joined((*path, f"has {text}")), indexes)
    else:
        raise LanguageError(f"state can't hold a value of the sort {sort!r}")


def joined(path: tuple[str, ...]) -> str:
    """A place inside a value, as the name of a cell ends."""
    return "".join(p if p == "?" else f".{p}" for p in path)


def pattern(value: Any) -> Named:
    """The value's text with its atoms and enum members left open, and these: (name of the domain, code)."""
    if isinstance(value, Atom):
        return "*", ((type(value).__name__.lower(), value._index),)
    if isinstance(value, Enum):
        return "*", ((type(value).__name__, code_of(value)),)
    parts = list(value) if isinstance(value, tuple) else []
    if is_record(type(value)):
        parts = [getattr(value, f.name) for f in dataclasses.fields(value)]
    if not parts:
        return show(value), ()
    texts, indexes = zip(*map(pattern, parts), strict=True)
    return f"({', '.join(texts)})", tuple(index for each in indexes for index in each)


def members_of(sort: Sort[Any], sizes: Sizes) -> list[Any]:
    """The values of a sort, with the scalarset sizes of the model."""
    if isinstance(sort, AtomSort | ScalarsetSort):
        if sort.cls not in sizes:
            AtomSort(sort.cls).values()
        return [sort.cls(i) for i in range(sizes[sort.cls])]
    if isinstance(sort, OptionalSort):
        return [None, *members_of(sort.inner, sizes)]
    if isinstance(sort, PairSort):
        return [(x, y) for x in members_of(sort.a, sizes) for y in members_of(sort.b, sizes)]
    if isinstance(sort, RecordSort):
        rows: list[dict[str, Any]] = [{}]
        for name, field in sort.fields().items():
            rows = [{**row, name: v} for row in rows for v in members_of(field, sizes)]
        return [sort.cls(**row) for row in rows]
    return list(sort.values())


def load(sort: Sort[Any], cells: Iterator[tuple[Expr, Domain]], sizes: Sizes) -> Any:
    """The value held by cells whose current contents are given in the order of `leaves`."""
    domain = domain_of(sort, sizes)
    if domain is not None:
        expr, _ = next(cells)
        if isinstance(sort, OptionalSort):
            kind = kind_of(sort.inner)
            inner = eq(expr, Constant(1)) if kind is bool else expr
            return maybe(neg(eq(expr, Constant(domain.none))), Scalar(inner, kind))
        return Scalar(expr, kind_of(sort))
    if isinstance(sort, OptionalSort):
        present, _ = next(cells)
        return maybe(present, load(sort.inner, cells, sizes))
    if isinstance(sort, RecordSort):
        return Struct(sort.cls, {name: load(f, cells, sizes) for name, f in sort.fields().items()})
    if isinstance(sort, PairSort):
        return (load(sort.a, cells, sizes), load(sort.b, cells, sizes))
    if isinstance(sort, SubsetSort):
        return SetOf({m: next(cells)[0] for m in members_of(sort.of, sizes)})
    raise AssertionError(sort)


def default(sort: Sort[Any], sizes: Sizes) -> list[Expr]:
    """What the cells of an absent value hold."""
    return [constant(False) if d.truth else Constant(blank(d)) for _, d, _ in leaves(sort, sizes, absent=True)]


def blank(domain: Domain) -> int:
    """What a cell holds that has no value: no atom, or the least code."""
    return domain.top if domain.kind == "scalarset" else domain.lo


Bounds = Callable[[Expr, Expr], tuple[int, int] | None]  # of an integer, where a condition holds; None: where it can't


def lossy(sort: Sort[Any]) -> bool:
    """True where cells of the sort can't hold every value of its kind, not even one that will be an error: an optional
    integer beyond its range looks like None, a set loses members."""
    if isinstance(sort, OptionalSort):
        return isinstance(sort.inner, RangeSort) or lossy(sort.inner)
    if isinstance(sort, RecordSort):
        return any(map(lossy, sort.fields().values()))
    if isinstance(sort, PairSort):
        return lossy(sort.a) or lossy(sort.b)
    return isinstance(sort, SubsetSort)


@dataclass(frozen=True)
class Limit:
    """What must hold of a value for its sort: the kind of failure where it does not, and what would have been stored."""

    kind: Literal["range", "value"]
    condition: Expr
    text: str
    value: Expr | None = None


def leaving(name: str, lo: int, hi: int) -> str:
    """The text of a failure; ``{value}`` stands for what would be stored."""
    return f"{name} would become {{value}}; its range is {lo}..{hi}"


def limits(sort: Sort[Any], value: Any, sizes: Sizes, bounds: Bounds, name: str, given: Expr = TRUE) -> Iterator[Limit]:
    """What must hold for the value to be of the sort, where `given` does. Leaves out what `bounds` shows to hold."""
    if isinstance(value, Maybe):
        value, given = value.value, conj(given, value.present)
    if isinstance(sort, OptionalSort):
        if value is not None:
            yield from limits(sort.inner, value, sizes, bounds, name, given)
    elif isinstance(sort, RangeSort):
        number = scalar(value)
        if number is not None and number.kind in (bool, int):
            expr = as_int(number)
            found = bounds(expr, given)
            if found is not None and (found[0] < sort.lo or found[1] > sort.hi):
                inside = conj(le(Constant(sort.lo), expr), le(expr, Constant(sort.hi)))
                yield Limit("range", disj(neg(given), inside), leaving(name, sort.lo, sort.hi), expr)
    elif isinstance(sort, RecordSort):
        record = parts_of(value)
        if record is not None:
            for attribute, of in sort.fields().items():
                yield from limits(of, record[1][attribute], sizes, bounds, f"{name}.{attribute}", given)
    elif isinstance(sort, PairSort):
        if isinstance(value, tuple) and len(value) == 2:
            yield from limits(sort.a, value[0], sizes, bounds, name, given)
            yield from limits(sort.b, value[1], sizes, bounds, name, given)
    elif isinstance(sort, SubsetSort):
        universe = members_of(sort.of, sizes)
        for member, condition in (as_set(value) or {}).items():
            if member not in universe:
                text = f"{name}: {show(member)} is not a value of the sort {sort.of!r}"
                yield Limit("value", neg(conj(given, condition)), text)


def dynamic(sort: Sort[Any], value: Any) -> Any:
    """A value of the sort as one that depends on the state: a cell will hold it, not a control point."""
    if isinstance(sort, OptionalSort):
        if isinstance(value, Maybe):
            return Maybe(value.present, dynamic(sort.inner, value.value))
        return None if value is None else dynamic(sort.inner, value)
    if isinstance(value, Maybe):
        value = value.value
    record = parts_of(value)
    if isinstance(sort, RecordSort) and record is not None:
        return Struct(sort.cls, {name: dynamic(of, record[1][name]) for name, of in sort.fields().items()})
    if isinstance(sort, PairSort) and isinstance(value, tuple):
        return dynamic(sort.a, value[0]), dynamic(sort.b, value[1])
    held = as_set(value)
    if isinstance(sort, SubsetSort) and held is not None:
        return SetOf(held)
    given = scalar(value)
    if given is None:
        return value
    return Scalar(as_int(given), int) if isinstance(sort, RangeSort) else given


def store(sort: Sort[Any], value: Any, sizes: Sizes, need: Callable[[Expr, str], None]) -> list[Expr]:
    """What the cells hold after the value is stored, in the order of `leaves`.

    `need(condition, message)`: a condition that must hold at run time. Raises Mismatch where the value is of another sort.
    """
    if isinstance(sort, OptionalSort):
        present, inner = (
            (value.present, value.value) if isinstance(value, Maybe) else (constant(value is not None), value)
        )
        domain = domain_of(sort, sizes)
        if domain is not None:
            none: Expr = Constant(domain.none)
            if inner is None:
                return [none]
            code = store(sort.inner, inner, sizes, need)[0]
            code = to_int(code) if code.type == "bool" else code
            return [ite(present, code, none)]
        nothing = default(sort.inner, sizes)
        if inner is None:
            return [FALSE, *nothing]
        return [
            present,
            *(ite(present, e, d) for e, d in zip(store(sort.inner, inner, sizes, need), nothing, strict=True)),
        ]
    if isinstance(value, Maybe):
        need(value.present, f"None is not a value of the sort {sort!r}")
        value = value.value
    given = scalar(value)
    if isinstance(sort, BoolSort | RangeSort | EnumSort | ScalarsetSort | AtomSort):
        kind = kind_of(sort)
        if isinstance(value, Atom) and isinstance(value, kind) and value._index >= sizes.get(kind, 0):
            raise Mismatch(
                f"{show(value)} is outside the scalarset {kind.__name__}, which has {sizes.get(kind, 0)} values"
            )
        if given is not None and given.kind is kind:
            return [given.expr]
        if given is not None and kind is int and given.kind is bool:
            return [to_int(given.expr)]
    elif isinstance(sort, RecordSort):
        record = parts_of(value)
        if record is not None and record[0] is sort.cls:
            return [e for name, f in sort.fields().items() for e in store(f, record[1][name], sizes, need)]
    elif isinstance(sort, PairSort):
        if isinstance(value, tuple) and len(value) == 2:
            return [*store(sort.a, value[0], sizes, need), *store(sort.b, value[1], sizes, need)]
    elif isinstance(sort, SubsetSort):
        held = as_set(value)
        if held is not None:
            return [held.get(m, FALSE) for m in members_of(sort.of, sizes)]
    raise Mismatch(f"{describe(value)} is not a value of the sort {sort!r}")


def sort_of(value: Any, bounds: Bounds, under: Expr = TRUE) -> Sort[Any]:
    """The sort of a value that a local is to hold across a step, where `under` holds.

    Raises Mismatch for values that cells can't hold.
    """
    if value is None:
        return OptionalSort(Nothing())
    if isinstance(value, Maybe):
        inner = sort_of(value.value, bounds, conj(under, value.present))
        return inner if isinstance(inner, OptionalSort) else OptionalSort(inner)
    given = scalar(value)
    if given is not None:
        if given.kind is bool:
            return BoolSort()
        if given.kind is int:
            found = bounds(given.expr, under)
            return Nothing() if found is None else RangeSort(*found)
        if issubclass(given.kind, Enum):
            return EnumSort(given.kind)
        assert issubclass(given.kind, Atom)
        return AtomSort(given.kind)
    record = parts_of(value)
    if record is not None:
        return wide_record(
            record[0], {name: widened(of, record[1][name], bounds, under) for name, of in fields_of(record[0])}
        )
    if isinstance(value, tuple) and len(value) == 2:
        return PairSort(sort_of(value[0], bounds, under), sort_of(value[1], bounds, under))
    held = as_set(value)
    if held is not None and not held:
        return SubsetSort(Nothing())
    if held:
        kinds = {type(m) for m in held}
        if len(kinds) == 1:
            kind = kinds.pop()
            if issubclass(kind, Atom):
                return SubsetSort(AtomSort(kind))
            if issubclass(kind, Enum):
                return SubsetSort(EnumSort(kind))
            if kind is int:
                return SubsetSort(RangeSort(min(held), max(held)))
    raise Mismatch(f"{describe(value)} can't be kept in a local across a step")


def fields_of(cls: type) -> list[tuple[str, Sort[Any]]]:
    return list(RecordSort(cls).fields().items())


def widened(sort: Sort[Any], value: Any, bounds: Bounds, under: Expr) -> Sort[Any]:
    """The sort of a record's field, or a wider one where the value in it may be outside: it is not checked before it is
    stored in the state."""
    if isinstance(value, Maybe):
        value, under = value.value, conj(under, value.present)
    if isinstance(sort, OptionalSort):
        return sort if value is None else OptionalSort(widened(sort.inner, value, bounds, under))
    given = scalar(value)
    if isinstance(sort, RangeSort) and given is not None:
        found = bounds(as_int(given), under)
        return sort if found is None else join(sort, RangeSort(*found))
    held = as_set(value)
    if isinstance(sort, SubsetSort) and isinstance(sort.of, RangeSort) and held:
        return SubsetSort(RangeSort(min(sort.of.lo, *held), max(sort.of.hi, *held)))
    if isinstance(sort, RecordSort) and parts_of(value) is not None:
        return sort_of(value, bounds, under)
    if isinstance(sort, PairSort) and isinstance(value, tuple):
        return PairSort(widened(sort.a, value[0], bounds, under), widened(sort.b, value[1], bounds, under))
    return sort


class WideRecord(RecordSort):
    """A record in a local some of whose fields may be outside their declared ranges."""

    def __init__(self, cls: type, of: dict[str, Sort[Any]]) -> None:
        super().__init__(cls)
        self.of = of

    def fields(self) -> dict[str, Sort[Any]]:
        return self.of

    def __repr__(self) -> str:
        return f"{self.cls.__name__}({', '.join(f'{name}: {sort!r}' for name, sort in self.of.items())})"


def wide_record(cls: type, of: dict[str, Sort[Any]]) -> RecordSort:
    same = all(repr(of[name]) == repr(sort) for name, sort in fields_of(cls))
    return RecordSort(cls) if same else WideRecord(cls, of)


class Nothing(Sort[Any]):
    """The sort of no value: what only None has been assigned to so far."""

    def values(self) -> tuple[Any, ...]:
        return ()

    def __repr__(self) -> str:
        return "nothing"


def join(a: Sort[Any], b: Sort[Any]) -> Sort[Any]:
    """The least sort that holds the values of both. Raises Mismatch."""
    if isinstance(a, Nothing):
        return b
    if isinstance(b, Nothing):
        return a
    if isinstance(a, OptionalSort) or isinstance(b, OptionalSort):
        x = a.inner if isinstance(a, OptionalSort) else a
        y = b.inner if isinstance(b, OptionalSort) else b
        return OptionalSort(join(x, y))
    if isinstance(a, RangeSort) and isinstance(b, RangeSort):
        return RangeSort(min(a.lo, b.lo), max(a.hi, b.hi))
    if isinstance(a, RangeSort) and isinstance(b, BoolSort) or isinstance(a, BoolSort) and isinstance(b, RangeSort):
        r = a if isinstance(a, RangeSort) else b
        assert isinstance(r, RangeSort)
        return RangeSort(min(r.lo, 0), max(r.hi, 1))
    if isinstance(a, PairSort) and isinstance(b, PairSort):
        return PairSort(join(a.a, b.a), join(a.b, b.b))
    if isinstance(a, SubsetSort) and isinstance(b, SubsetSort):
        return SubsetSort(join(a.of, b.of))
    if isinstance(a, RecordSort) and isinstance(b, RecordSort) and a.cls is b.cls:
        other = b.fields()
        return wide_record(a.cls, {name: join(of, other[name]) for name, of in a.fields().items()})
    if isinstance(a, AtomSort | ScalarsetSort) and isinstance(b, AtomSort | ScalarsetSort) and a.cls is b.cls:
        return AtomSort(a.cls)
    if type(a) is type(b) and repr(a) == repr(b):
        return a
    raise Mismatch(f"is now of the sort {a!r}, now of the sort {b!r}: use a local for each")


__all__ = [
    "Guarded",
    "Maybe",
    "Mismatch",
    "Scalar",
    "SetOf",
    "Sizes",
    "Struct",
    "as_int",
    "as_set",
    "code_of",
    "conj",
    "default",
    "describe",
    "disj",
    "domain_of",
    "equal",
    "join",
    "leaves",
    "load",
    "maybe",
    "members_of",
    "merge",
    "parts_of",
    "scalar",
    "settle",
    "sort_of",
    "store",
    "symbolic",
]
