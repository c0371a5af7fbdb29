"""Sorts: the finite sets of values that state can hold.

A sort lists its values in a fixed order. Values are ordinary Python values: ``bool``, ``int``, members of an
``Enum``, atoms of a scalarset, records, tuples, frozensets and ``None``.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import (
    Annotated,
    Any,
    Generic,
    Self,
    TypeVar,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
    overload,
)

from explorer.errors import LanguageError, did_you_mean

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")


class Sort(Generic[T]):
    """A finite set of values of type T in a fixed order. Iterable where its values are known statically."""

    def values(self) -> tuple[T, ...]:
        """All values, in order. Raises LanguageError where a scalarset's size is not known here."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[T]:
        return iter(self.values())

    def __len__(self) -> int:
        return len(self.values())

    def __contains__(self, value: object) -> bool:
        return any(value is v or (type(value) is type(v) and value == v) for v in self.values())

    @property
    def first(self) -> T:
        """The first value: for initial values, the only place that may name a member of a scalarset."""
        return self.values()[0]


class Atom:
    """A value of a scalarset: it can be compared for equality, used as an index, chosen; nothing else."""

    _index: int
    _made: dict[int, Any]

    def __init_subclass__(cls) -> None:
        refuse_own_code(cls, Atom)
        cls._made = {}

    def __new__(cls, index: int) -> Self:
        """The same object for the same index, so that ``is`` and ``==`` agree."""
        made: Self | None = cls._made.get(index)
        if made is None:
            made = cls._made[index] = super().__new__(cls)
            made._index = index
        return made

    def __repr__(self) -> str:
        return f"{type(self).__name__.lower()} {self._index}"

    def __hash__(self) -> int:
        return hash((type(self).__name__, self._index))

    def __eq__(self, other: object) -> bool:
        return self is other

    def __reduce__(self) -> tuple[type, tuple[int]]:
        return type(self), (self._index,)


AtomT = TypeVar("AtomT", bound=Atom)

OWN_CODE: dict[
    type, tuple[str, ...]
] = {  # what no class of values of the state says anew: lowering knows what Python's does
    Enum: ("__eq__", "__ne__", "__bool__", "__len__"),
    Atom: ("__eq__", "__ne__", "__bool__", "__len__", "__new__"),
    object: ("__eq__", "__ne__", "__bool__", "__len__", "__new__", "__post_init__"),
}


def refuse_own_code(cls: type, kind: type) -> None:
    """Raises LanguageError for a class of values of the state that are made, compared or tested by code of its own. `kind`:
    Enum, Atom, or object for what becomes a record."""
    for name in OWN_CODE[kind]:
        base = next((base for base in cls.__mro__ if name in vars(base)), object)
        if base is object or base is kind or is_record(base):
            continue
        own = f"has its own {name}" if base is cls else f"has {name} of {base.__name__}"
        plain = {Enum: "a plain Enum, class Name(Enum)", Atom: "any Atom", object: "any @record"}[kind]
        raise LanguageError(
            f"{cls.__name__} {own}: values of the state are made, compared and tested for truth as those of {plain}"
        )


class BoolSort(Sort[bool]):
    def values(self) -> tuple[bool, ...]:
        return (False, True)

    def __repr__(self) -> str:
        return "bool"


class EnumSort(Sort[Any]):
    def __init__(self, cls: type[Enum]) -> None:
        self.cls = cls

    def values(self) -> tuple[Any, ...]:
        return tuple(self.cls)

    def __repr__(self) -> str:
        return self.cls.__name__


class RangeSort(Sort[int]):
    def __init__(self, lo: int, hi: int) -> None:
        if type(lo) is not int or type(hi) is not int or lo > hi:
            raise LanguageError(f"Range(lo, hi) must be two integers with lo <= hi, not Range({lo!r}, {hi!r})")
        self.lo, self.hi = lo, hi

    def values(self) -> tuple[int, ...]:
        return tuple(range(self.lo, self.hi + 1))

    def __repr__(self) -> str:
        return f"{self.lo}..{self.hi}"


class ScalarsetSort(Sort[AtomT]):
    def __init__(self, cls: type[AtomT], size: int) -> None:
        if not (isinstance(cls, type) and issubclass(cls, Atom) and cls is not Atom):
            raise LanguageError(f"Scalarset(cls, size) must be given a subclass of Atom, not {cls!r}")
        if type(size) is not int or size < 1:
            raise LanguageError(f"Scalarset({cls.__name__}, size) must have a size of at least 1, not {size!r}")
        self.cls, self.size = cls, size

    def values(self) -> tuple[AtomT, ...]:
        return tuple(self.cls(i) for i in range(self.size))

    def __repr__(self) -> str:
        return f"{self.cls.__name__.lower()} 0..{self.size - 1}"


class AtomSort(Sort[Any]):
    """A scalarset named by its class alone (a record's field); the model says how large it is."""

    def __init__(self, cls: type[Atom]) -> None:
        self.cls = cls

    def values(self) -> tuple[Any, ...]:
        raise LanguageError(
            f"the size of the scalarset {self.cls.__name__} is not known here; "
            f"a part must declare Scalarset({self.cls.__name__}, n) as the index or the element of some state"
        )

    def __repr__(self) -> str:
        return self.cls.__name__.lower()


class OptionalSort(Sort[T | None]):
    def __init__(self, inner: Sort[T]) -> None:
        if isinstance(inner, OptionalSort):
            raise LanguageError("optional(optional(s)) has two values None; use optional(s)")
        self.inner = inner

    def values(self) -> tuple[T | None, ...]:
        return (None, *self.inner.values())

    def __repr__(self) -> str:
        return f"{self.inner!r} or None"


class RecordSort(Sort[Any]):
    def __init__(self, cls: type) -> None:
        self.cls = cls

    def fields(self) -> Mapping[str, Sort[Any]]:
        """Field name -> sort, in declaration order."""
        return record_fields(self.cls)

    def always(self) -> Mapping[str, Any]:
        """Field name -> value, of the fields that have the same value always."""
        return {}

    def make(self, fields: Mapping[str, Any]) -> Any:
        """The record with these fields."""
        return self.cls(**fields, **self.always())

    def values(self) -> tuple[Any, ...]:
        parts = [s.values() for s in self.fields().values()]
        names = tuple(self.fields())
        return tuple(self.make(dict(zip(names, row, strict=True))) for row in itertools.product(*parts))

    def __repr__(self) -> str:
        return self.cls.__name__


class WithoutSort(RecordSort):
    """A record some of whose fields always have their defaults."""

    def __init__(self, cls: type, names: tuple[str, ...]) -> None:
        super().__init__(cls)
        self.names = names

    def fields(self) -> Mapping[str, Sort[Any]]:
        return {name: sort for name, sort in record_fields(self.cls).items() if name not in self.names}

    def always(self) -> Mapping[str, Any]:
        known = defaults_of(self.cls)
        return {name: known[name] for name in self.names}

    def __repr__(self) -> str:
        return f"{self.cls.__name__} without {' and '.join(self.names)}" if self.names else self.cls.__name__


@dataclasses.dataclass(frozen=True)
class Slot:
    """A place for a field of the records of a union: those of them that have it, by number, share it."""

    name: str
    sort: Sort[Any]
    kinds: tuple[int, ...]


class UnionSort(Sort[Any]):
    """A record of one of several classes."""

    def __init__(self, of: tuple[RecordSort, ...]) -> None:
        self.of = of

    @property
    def classes(self) -> tuple[type, ...]:
        return tuple(sort.cls for sort in self.of)

    def case(self, cls: type) -> RecordSort | None:
        """The sort of the records of this class."""
        return next((sort for sort in self.of if sort.cls is cls), None)

    def slots(self) -> tuple[Slot, ...]:
        """Fields of one name and one sort share a slot: a value has but one class at a time. The slots of a class stand in
        the order of its fields; where that can't be, a field has a slot of its own."""
        found: list[Slot] = []
        for number, record in enumerate(self.of):
            at = 0  # behind the slot of the field before
            for name, sort in record.fields().items():
                shared = [
                    i for i, slot in enumerate(found) if i >= at and (slot.name, repr(slot.sort)) == (name, repr(sort))
                ]
                if shared:
                    at = shared[0]
                    found[at] = Slot(name, sort, (*found[at].kinds, number))
                else:
                    found.insert(at, Slot(name, sort, (number,)))
                at += 1
        return tuple(found)

    def values(self) -> tuple[Any, ...]:
        return tuple(value for sort in self.of for value in sort.values())

    def __repr__(self) -> str:
        return " or ".join(map(repr, self.of))


@functools.cache
def defaults_of(cls: type) -> Mapping[str, Any]:
    """Field name -> default, of the fields of a record class that have one."""
    return {f.name: f.default for f in dataclasses.fields(cls) if f.default is not dataclasses.MISSING}


@functools.cache
def record_fields(cls: type) -> Mapping[str, Sort[Any]]:
    """Field name -> sort of a record class; the annotations are evaluated once."""
    hints = get_type_hints(cls, include_extras=True)
    return {f.name: sort_of_annotation(hints[f.name], cls, f.name) for f in dataclasses.fields(cls)}


class SubsetSort(Sort[frozenset[T]]):
    def __init__(self, of: Sort[T]) -> None:
        self.of = of

    def values(self) -> tuple[frozenset[T], ...]:
        members = self.of.values()
        return tuple(frozenset(c) for n in range(len(members) + 1) for c in itertools.combinations(members, n))

    def __repr__(self) -> str:
        return f"subset of {self.of!r}"


class PairSort(Sort[tuple[A, B]]):
    def __init__(self, a: Sort[A], b: Sort[B]) -> None:
        for sort in (a, b):
            if isinstance(sort.inner if isinstance(sort, OptionalSort) else sort, UnionSort):
                raise LanguageError("a union can't be in a pair: declare a variable or an array of it")
        self.a, self.b = a, b

    def values(self) -> tuple[tuple[A, B], ...]:
        return tuple(itertools.product(self.a.values(), self.b.values()))

    def __repr__(self) -> str:
        return f"({self.a!r}, {self.b!r})"


BOOL = BoolSort()


@dataclass_transform(frozen_default=True)
def record(cls: type[T]) -> type[T]:
    """Class decorator: an immutable value with named fields. Its sort is every combination of its fields.

    A field is annotated with ``bool``, an ``Enum``, a subclass of ``Atom``, another record, ``X | None`` of
    these, or ``Annotated[int, Range(lo, hi)]``.
    """
    refuse_own_code(cls, object)
    made = dataclasses.dataclass(frozen=True)(cls)
    made.__explorer_record__ = True  # type: ignore[attr-defined]
    return made


def is_record(cls: object) -> bool:
    """True for a class made by ``@record``."""
    return isinstance(cls, type) and "__explorer_record__" in cls.__dict__


def replace(value: T, **changes: Any) -> T:
    """A copy of the record with some fields changed, as ``dataclasses.replace``."""
    return dataclasses.replace(value, **changes)  # type: ignore[type-var]


def sort_of_annotation(hint: Any, cls: type, field: str) -> Sort[Any]:
    if get_origin(hint) is Annotated:
        for extra in get_args(hint)[1:]:
            if isinstance(extra, Sort):
                return extra
    if hint is int:
        raise LanguageError(
            f"the field {cls.__name__}.{field} must say its range: write Annotated[int, Range(lo, hi)], not int"
        )
    arguments = get_args(hint)
    if type(None) in arguments and len(arguments) == 2:
        return OptionalSort(sort_of_annotation(next(a for a in arguments if a is not type(None)), cls, field))
    if get_origin(hint) is tuple and len(arguments) == 2:
        return PairSort(sort_of_annotation(arguments[0], cls, field), sort_of_annotation(arguments[1], cls, field))
    return as_sort(hint)


def as_sort(of: Sort[T] | type[T]) -> Sort[T]:
    """The sort that `of` names: a sort itself, ``bool``, an ``Enum`` class, a record class or an atom class."""
    if isinstance(of, Sort):
        return of
    if of is bool:
        return BOOL  # type: ignore[return-value]
    if isinstance(of, type) and issubclass(of, Enum):
        refuse_own_code(of, Enum)
        return EnumSort(of)
    if is_record(of):
        return RecordSort(of)
    if isinstance(of, type) and issubclass(of, Atom) and of is not Atom:
        return AtomSort(of)
    hint = "; write Range(lo, hi)" if of is int else ""
    if isinstance(of, int) and not isinstance(of, bool) and of > 0:
        hint = f"; {of} values are Range(0, {of - 1})"
    if isinstance(of, float) or of is float:
        hint = "; numbers are integers: count in smaller units"
    if of is str:
        hint = "; write an Enum class with a member for each text"
    if any(
        t in (list, tuple, dict, set, frozenset) for t in (of, getattr(of, "__origin__", None)) if isinstance(t, type)
    ):
        hint = "; declare self.a = array(index, element, init), or a subset"
    raise LanguageError(
        f"a sort must be bool, an Enum class, a @record class, Range, Scalarset, optional, subset, pairs or union, "
        f"not {getattr(of, '__name__', repr(of))}{hint}"
    )


def Range(lo: int, hi: int) -> Sort[int]:
    """The integers from lo to hi, both included."""
    return RangeSort(lo, hi)


def Scalarset(cls: type[AtomT], size: int) -> Sort[AtomT]:
    """`size` interchangeable values of the class: ``==`` and use as an index, nothing else (Murphi's scalarset)."""
    return ScalarsetSort(cls, size)


def optional(of: Sort[T] | type[T]) -> Sort[T | None]:
    """None, or a value of the sort."""
    return OptionalSort(as_sort(of))


@overload
def union(a: Sort[A] | type[A], /) -> Sort[A]: ...
@overload
def union(a: Sort[A] | type[A], b: Sort[B] | type[B], /) -> Sort[A | B]: ...
@overload
def union(a: Sort[A] | type[A], b: Sort[B] | type[B], c: Sort[C] | type[C], /) -> Sort[A | B | C]: ...
@overload
def union(
    a: Sort[A] | type[A], b: Sort[B] | type[B], c: Sort[C] | type[C], d: Sort[D] | type[D], /
) -> Sort[A | B | C | D]: ...
@overload
def union(*of: Any) -> Sort[Any]: ...
def union(*of: Any) -> Sort[Any]:
    """A record of one of several classes: a value is told by ``isinstance`` or ``match``. Of one class: that record's sort."""
    sorts = tuple(map(as_sort, of))
    if not sorts:
        raise LanguageError("union takes one or more @record classes: union(Pte, SwapEntry)")
    records = tuple(sort for sort in sorts if isinstance(sort, RecordSort))
    wrong = [sort for sort in sorts if not isinstance(sort, RecordSort)]
    if wrong:
        hint = ": write optional(union(...))" if isinstance(wrong[0], OptionalSort) else ""
        raise LanguageError(f"union takes @record classes, not {wrong[0]!r}{hint}")
    classes = [sort.cls for sort in records]
    twice = [cls for i, cls in enumerate(classes) if cls in classes[:i]]
    if twice:
        raise LanguageError(f"union is given {twice[0].__name__} twice")
    return records[0] if len(records) == 1 else UnionSort(records)


def without(of: type[T], *fields: str) -> Sort[T]:
    """The record with these fields always at their defaults: they take no place in the state."""
    if not is_record(of):
        raise LanguageError(f"without takes a @record class and names of its fields, not {name_of_value(of)}")
    cls: Any = of
    known, declared = defaults_of(cls), record_fields(cls)
    for field in fields:
        if field not in declared:
            raise LanguageError(f"{of.__name__} has no field {field!r}{did_you_mean(field, declared)}")
        if field not in known:
            raise LanguageError(f"the field {of.__name__}.{field} has no default, so it can't be left out")
    return WithoutSort(of, fields) if fields else as_sort(of)


def subset(of: Sort[T] | type[T]) -> Sort[frozenset[T]]:
    """The frozensets of values of the sort."""
    return SubsetSort(as_sort(of))


def pairs(a: Sort[A] | type[A], b: Sort[B] | type[B]) -> Sort[tuple[A, B]]:
    """The tuples (x, y) with x of sort a and y of sort b; nests for three and more."""
    return PairSort(as_sort(a), as_sort(b))


def show(value: object) -> str:
    """The value as text output and schedules name it."""
    if isinstance(value, Enum):
        return value.name.lower()
    if isinstance(value, frozenset):
        return "{" + ", ".join(sorted(map(show, value))) + "}"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(show, value)) + ")"
    if is_record(type(value)):
        fields = dataclasses.fields(value)  # type: ignore[arg-type]
        return f"{type(value).__name__}({', '.join(f'{f.name}={show(getattr(value, f.name))}' for f in fields)})"
    return repr(value)


def name_of_value(value: object) -> str:
    """The value as a message names what was given: a short literal, or the name of a class or function."""
    name = getattr(value, "__name__", None)
    if isinstance(name, str):
        return name
    text = show(value)
    if len(text) <= 40 and " object at 0x" not in text:
        return text
    return an(type(value).__name__)


def an(noun: str) -> str:
    """The noun with its article."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def state_text(value: object, sort: Sort[Any] | None = None) -> str:
    """A value of the state for a reader: a record as its fields, ``frame 0, not writable``, without those that have their
    defaults. `sort`: of a union, the records after the first have their class before them, ``swap entry, slot 0``.
    """
    if isinstance(value, bool):
        return str(value).lower()
    if is_record(type(value)):
        cls: Any = type(value)
        usual = defaults_of(cls)
        fields = [(f.name, getattr(value, f.name)) for f in dataclasses.fields(value)]  # type: ignore[arg-type]
        said = [field_text(name, v) for name, v in fields if name not in usual or v != usual[name]]
        union_of = sort.inner if isinstance(sort, OptionalSort) else sort
        if isinstance(union_of, UnionSort) and type(value) is not union_of.classes[0]:
            said = [class_text(type(value).__name__), *(said or (["plain"] if fields else []))]
        return ", ".join(said) or "plain"
    if isinstance(value, frozenset):
        return "{" + ", ".join(sorted(map(state_text, value))) + "}"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(state_text, value)) + ")"
    return show(value)


def class_text(name: str) -> str:
    """The name of a class in words: ``SwapEntry`` is a swap entry."""
    return re.sub(r"(?<=.)(?=[A-Z])", " ", name).lower()


def field_text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return name if value else f"not {name}"
    if isinstance(value, Atom) and type(value).__name__.lower() == name:
        return show(value)
    text = state_text(value)
    return f"{name}=({text})" if is_record(type(value)) else f"{name}={text}"
