"""How the values of a sort lie in cells: one cell for each leaf; loading and storing them; and the sort that a value needs."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

from explorer.errors import LanguageError
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
    UnionSort,
    WithoutSort,
    an,
    class_text,
    defaults_of,
    is_record,
    show,
)
from explorer.lowering.limits import check_listed
from explorer.lowering.values import (
    Maybe,
    Mismatch,
    OneOf,
    Scalar,
    SetOf,
    Struct,
    as_int,
    as_set,
    cases_of,
    code_of,
    describe,
    equal,
    maybe,
    one_of,
    parts_of,
    scalar,
    symbolic,
)
from explorer.system.expressions import conj, constant, disj, eq, ite, le, neg, to_int
from explorer.system.form import FALSE, TRUE, Apply, Constant, Domain, Expr

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


@dataclass(frozen=True)
class Leaf:
    """A cell that holds a part of a value: its place inside the value, its domain, that place as `pattern` gives it, and what
    `Cell` calls kinds and usual."""

    path: tuple[str, ...]
    domain: Domain
    named: Named
    kinds: tuple[int, ...] = ()
    usual: int | None = None


def leaves(sort: Sort[Any], sizes: Sizes, path: tuple[str, ...] = (), *, absent: bool = False) -> Iterator[Leaf]:
    """The cells that hold a value of the sort. `absent`: there may be no value at times."""
    domain = domain_of(sort, sizes)
    if domain is not None:
        # blank is no atom: else the one it is would not be like the others
        blank = absent and domain.kind == "scalarset" and domain.hi > domain.lo and not domain.optional
        yield Leaf(path, dataclasses.replace(domain, blank=True) if blank else domain, (joined_name(path), ()))
    elif isinstance(sort, OptionalSort):
        yield Leaf((*path, "?"), Domain("bool", 0, 1), (joined_name((*path, "?")), ()))
        yield from leaves(sort.inner, sizes, path, absent=True)
    elif isinstance(sort, RecordSort):
        for name, field in sort.fields().items():
            found = leaves(field, sizes, (*path, name), absent=absent)
            for leaf, usual in zip(found, usual_codes(sort.cls, name, field, sizes), strict=False):
                yield dataclasses.replace(leaf, usual=usual)
    elif isinstance(sort, UnionSort):
        labels = tuple(class_text(cls.__name__).replace(" ", "_") for cls in sort.classes)
        place = (*path, "is")  # the name of no field: it is a keyword
        yield Leaf(place, Domain("enum", 0, len(labels) - 1, repr(sort), labels), (joined_name(place), ()))
        slots = sort.slots()
        for i, slot in enumerate(slots):
            name = slot.name
            if any(other.name == name for other in slots[:i]):
                name = f"{sort.classes[slot.kinds[0]].__name__}_{name}"
            inside = leaves(slot.sort, sizes, (*path, name), absent=absent or len(slot.kinds) < len(labels))
            usual_in = [usual_codes(sort.classes[kind], slot.name, slot.sort, sizes) for kind in slot.kinds]
            for leaf, *codes in zip(inside, *usual_in, strict=False):
                usual = codes[0] if len(set(codes)) == 1 else None
                yield dataclasses.replace(leaf, kinds=slot.kinds, usual=usual)
    elif isinstance(sort, PairSort):
        yield from leaves(sort.a, sizes, (*path, "0"), absent=absent)
        yield from leaves(sort.b, sizes, (*path, "1"), absent=absent)
    elif isinstance(sort, SubsetSort):
        for member in members_of(sort.of, sizes):
            text, indexes = pattern(member)
            named = (joined_name((*path, f"has {text}")), indexes)
            yield Leaf((*path, f"has {show(member)}"), Domain("bool", 0, 1), named)
    else:
        raise LanguageError(f"state can't hold a value of the sort {sort!r}")


def usual_codes(cls: type, name: str, sort: Sort[Any], sizes: Sizes) -> Iterator[int | None]:
    """What the cells of a record's field hold when it has its default; None without end where it has none."""
    known = defaults_of(cls)
    if name not in known:
        return itertools.repeat(None)
    return iter([int(e.value) for e in store(sort, known[name], sizes, lambda c, m: None) if isinstance(e, Constant)])


def joined_name(path: tuple[str, ...]) -> str:
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
    """The values of a sort, with the scalarset sizes of the model. Raises TooMuch."""
    check_listed(size_of(sort, sizes), f"the sort {sort!r}")
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
        return [sort.make(row) for row in rows]
    if isinstance(sort, UnionSort):
        return [value for of in sort.of for value in members_of(of, sizes)]
    return list(sort.values())


def size_of(sort: Sort[Any], sizes: Sizes) -> int:
    """How many values a sort has, and of a subset sort at most 2**100."""
    if isinstance(sort, RangeSort):
        return sort.hi - sort.lo + 1
    if isinstance(sort, OptionalSort):
        return 1 + size_of(sort.inner, sizes)
    if isinstance(sort, PairSort):
        return size_of(sort.a, sizes) * size_of(sort.b, sizes)
    if isinstance(sort, RecordSort):
        return math.prod(size_of(field, sizes) for field in sort.fields().values())
    if isinstance(sort, UnionSort):
        return sum(size_of(record, sizes) for record in sort.of)
    if isinstance(sort, SubsetSort):
        return 1 << min(size_of(sort.of, sizes), 100)
    if isinstance(sort, AtomSort | ScalarsetSort):
        return sizes.get(sort.cls, 1)
    return len(sort.values())


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
        held = {name: load(f, cells, sizes) for name, f in sort.fields().items()}
        return Struct(sort.cls, {**held, **sort.always()})
    if isinstance(sort, UnionSort):
        code, _ = next(cells)
        slots = [(slot, load(slot.sort, cells, sizes)) for slot in sort.slots()]
        cases = {}
        for number, of in enumerate(sort.of):
            held = {slot.name: value for slot, value in slots if number in slot.kinds}
            cases[of.cls] = (eq(code, Constant(number)), Struct(of.cls, {**held, **of.always()}))
        return one_of(cases)
    if isinstance(sort, PairSort):
        return (load(sort.a, cells, sizes), load(sort.b, cells, sizes))
    if isinstance(sort, SubsetSort):
        return SetOf({m: next(cells)[0] for m in members_of(sort.of, sizes)})
    raise AssertionError(sort)


def default(sort: Sort[Any], sizes: Sizes) -> list[Expr]:
    """What the cells of an absent value hold."""
    domains = [leaf.domain for leaf in leaves(sort, sizes, absent=True)]
    return [constant(False) if d.truth else Constant(blank(d)) for d in domains]


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
    if isinstance(sort, UnionSort):
        return any(map(lossy, sort.of))
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


def leaving_text(name: str, lo: int, hi: int) -> str:
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
                yield Limit("range", disj(neg(given), inside), leaving_text(name, sort.lo, sort.hi), expr)
    elif isinstance(sort, UnionSort):
        for cls, (condition, case) in (cases_of(value) or {}).items():
            of_class = sort.case(cls)
            if of_class is not None:
                yield from limits(of_class, case, sizes, bounds, name, conj(given, condition))
    elif isinstance(sort, RecordSort):
        if isinstance(value, OneOf) and sort.cls in value.cases:
            given, value = conj(given, value.cases[sort.cls][0]), value.cases[sort.cls][1]
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
    cases = cases_of(value)
    if isinstance(sort, UnionSort) and cases is not None:
        known = {of.cls: of for of in sort.of}
        return one_of({cls: (c, dynamic(known[cls], v)) for cls, (c, v) in cases.items() if cls in known})
    if isinstance(sort, RecordSort) and cases is not None and sort.cls in cases:
        record = parts_of(cases[sort.cls][1])
        assert record is not None
        changing = {name: dynamic(of, record[1][name]) for name, of in sort.fields().items()}
        return Struct(sort.cls, {**record[1], **changing})
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
        cases = cases_of(value)
        if cases is not None and sort.cls in cases:
            condition, case = cases[sort.cls]
            others = [cls.__name__ for cls in cases if cls is not sort.cls]
            if others:
                need(condition, f"{an(' or '.join(others))} is not a value of the sort {sort!r}")
            return store_record(sort, case, sizes, need, condition)
    elif isinstance(sort, UnionSort):
        cases = cases_of(value)
        if cases is not None and any(sort.case(cls) is not None for cls in cases):
            return store_union(sort, cases, sizes, need)
    elif isinstance(sort, PairSort):
        if isinstance(value, tuple) and len(value) == 2:
            return [*store(sort.a, value[0], sizes, need), *store(sort.b, value[1], sizes, need)]
    elif isinstance(sort, SubsetSort):
        held = as_set(value)
        if held is not None:
            return [held.get(m, FALSE) for m in members_of(sort.of, sizes)]
    raise Mismatch(f"{describe(value)} is not a value of the sort {sort!r}")


def store_record(
    sort: RecordSort, value: Any, sizes: Sizes, need: Callable[[Expr, str], None], given: Expr
) -> list[Expr]:
    """The cells of a record of the sort's class, stored where `given` holds."""
    record = parts_of(value)
    assert record is not None
    for name, usual in sort.always().items():
        text = f"{sort.cls.__name__}.{name} must be {show(usual)}, which the sort {sort!r} has always"
        need(disj(neg(given), equal(record[1][name], usual)), text)
    return [e for name, f in sort.fields().items() for e in store(f, record[1][name], sizes, need)]


def store_union(
    sort: UnionSort, cases: dict[type, tuple[Expr, Any]], sizes: Sizes, need: Callable[[Expr, str], None]
) -> list[Expr]:
    """The cells of a record of one of these classes."""
    for cls, (condition, _) in cases.items():
        if sort.case(cls) is None:
            need(neg(condition), f"{an(cls.__name__)} is not a value of the sort {sort!r}")
    held = []  # of each class: its number, its condition, and its fields
    for number, of in enumerate(sort.of):
        condition, value = cases.get(of.cls, (FALSE, None))
        record = parts_of(value)
        if record is not None:

            def under(inner: Expr, message: str, condition: Expr = condition) -> None:
                need(disj(neg(condition), inner), message)

            store_record(of, value, sizes, under, condition)  # for what it needs
            held.append((number, condition, record[1]))
    codes: list[tuple[Expr, list[Expr]]] = [(condition, [Constant(number)]) for number, condition, _ in held]
    cells: list[Expr] = [same_code(codes) or select(codes, [Constant(0)])[0]]
    for slot in sort.slots():
        given = [
            (condition, store(slot.sort, fields[slot.name], sizes, lambda c, m: None))
            for number, condition, fields in held
            if number in slot.kinds
        ]
        cells += select(given, default(slot.sort, sizes) if len(given) < len(held) or not given else given.pop()[1])
    return cells


def select(given: list[tuple[Expr, list[Expr]]], other: list[Expr]) -> list[Expr]:
    """Of each cell: what it holds under the first of the conditions that is true; else that of `other`."""
    for condition, exprs in reversed(given):
        other = [a if a == b else ite(condition, a, b) for a, b in zip(exprs, other, strict=True)]
    return other


def same_code(codes: list[tuple[Expr, list[Expr]]]) -> Expr | None:
    """The expression that all these conditions compare with the codes beside them, if there is one."""
    found = {c.args[0] if isinstance(c, Apply) and c.op == "eq" and c.args[1] == code[0] else None for c, code in codes}
    return found.pop() if len(found) == 1 else None


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
    if isinstance(value, OneOf):
        possible = [
            sort_of(case, bounds, conj(under, condition))
            for condition, case in value.cases.values()
            if bounds(Constant(0), conj(under, condition)) is not None
        ]
        return functools.reduce(join, possible, Nothing())
    record = parts_of(value)
    if record is not None:
        cls, fields = record
        usual = defaults_of(cls)
        left_out = tuple(
            n for n in usual if not symbolic(fields[n]) and type(fields[n]) is type(usual[n]) and fields[n] == usual[n]
        )
        of = {n: widened_sort(sort, fields[n], bounds, under) for n, sort in fields_of(cls) if n not in left_out}
        return wide_record(cls, of, left_out)
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


def widened_sort(sort: Sort[Any], value: Any, bounds: Bounds, under: Expr) -> Sort[Any]:
    """The sort of a record's field, or a wider one where the value in it may be outside: it is not checked before it is
    stored in the state."""
    if isinstance(value, Maybe):
        value, under = value.value, conj(under, value.present)
    if isinstance(sort, OptionalSort):
        return sort if value is None else OptionalSort(widened_sort(sort.inner, value, bounds, under))
    given = scalar(value)
    if isinstance(sort, RangeSort) and given is not None:
        found = bounds(as_int(given), under)
        return sort if found is None else join(sort, RangeSort(*found))
    held = as_set(value)
    if isinstance(sort, SubsetSort) and isinstance(sort.of, RangeSort) and held:
        return SubsetSort(RangeSort(min(sort.of.lo, *held), max(sort.of.hi, *held)))
    if isinstance(sort, RecordSort) and parts_of(value) is not None:
        inside = sort_of(value, bounds, under)
        return join(inside, RecordSort(sort.cls)) if isinstance(inside, RecordSort) and inside.always() else inside
    if isinstance(sort, PairSort) and isinstance(value, tuple):
        return PairSort(widened_sort(sort.a, value[0], bounds, under), widened_sort(sort.b, value[1], bounds, under))
    return sort


class WideRecord(WithoutSort):
    """A record in a local some of whose fields may be outside their declared ranges, or always have their defaults."""

    def __init__(self, cls: type, of: dict[str, Sort[Any]], left_out: tuple[str, ...]) -> None:
        super().__init__(cls, left_out)
        self.of = of

    def fields(self) -> dict[str, Sort[Any]]:
        return self.of

    def __repr__(self) -> str:
        return f"{self.cls.__name__}({', '.join(f'{name}: {sort!r}' for name, sort in self.of.items())})"


def wide_record(cls: type, of: dict[str, Sort[Any]], left_out: tuple[str, ...]) -> RecordSort:
    same = all(repr(of[name]) == repr(sort) for name, sort in fields_of(cls) if name in of)
    if same:
        return WithoutSort(cls, left_out) if left_out else RecordSort(cls)
    return WideRecord(cls, of, left_out)


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
        mine, other = a.fields(), b.fields()
        of = {
            name: join(mine.get(name, sort), other.get(name, sort))
            for name, sort in fields_of(a.cls)
            if name in mine or name in other
        }
        return wide_record(a.cls, of, tuple(name for name in a.always() if name in b.always()))
    if isinstance(a, RecordSort | UnionSort) and isinstance(b, RecordSort | UnionSort):
        given = [*(a.of if isinstance(a, UnionSort) else (a,)), *(b.of if isinstance(b, UnionSort) else (b,))]
        together: dict[type, Any] = {}
        for sort in given:
            together[sort.cls] = join(together[sort.cls], sort) if sort.cls in together else sort
        return UnionSort(tuple(together.values()))
    if isinstance(a, AtomSort | ScalarsetSort) and isinstance(b, AtomSort | ScalarsetSort) and a.cls is b.cls:
        return AtomSort(a.cls)
    if type(a) is type(b) and repr(a) == repr(b):
        return a
    raise Mismatch(f"is now of the sort {a!r}, now of the sort {b!r}: use a local for each")
