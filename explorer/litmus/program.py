"""A litmus test as data: what the parser makes of a file, and all that is known of it afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, Union

from explorer.errors import ModelError, Place, UsageError
from explorer.litmus.words import RETURNED

Fill = Literal["value", "none", "swapped", "same-page", "file"]
Quantifier = Literal["exists", "~exists", "forall"]
OBSERVATIONS = ("Never", "Sometimes", "Always", "Blocked")
FILESYSTEMS = ("ext4", "xfs", "btrfs", "tmpfs", "dax")
DEVICES = ("region", "odp", "sva", "iommu")  # a device is a memory region without ODP unless the test says otherwise


class LitmusError(UsageError):
    """A litmus test that says nothing, or not what its author means; points at line and column."""

    def __str__(self) -> str:
        if self.place is None:
            return self.message
        text = f"{self.place.shown}:{self.place.column + 1}: {self.message}"
        caret = self.place.caret()
        return f"{text}\n{caret}" if caret else text


class OutOfFrames(ModelError):
    """The machine of the model is too small for the test: what its runs would do then is not in the answer."""


@dataclass(frozen=True)
class Location:
    """A byte of memory, as the initial block gives it.

    `fill`: "value", an anonymous page that holds it; "none", mapped and untouched; "swapped"; "same-page", another byte of
    the page of `page_of`; "file", a page of `file`, mapped `shared` or private.
    """

    name: str
    fill: Fill = "value"
    value: str = "0"
    page_of: str = ""
    file: str = ""
    shared: bool = False
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Operation:
    """What a line does. `words`: the flags that follow (write, longterm, fast, fuse, r, rw, an advice of madvise).

    `register`: where the result goes, "" for nowhere. `location`, `other`: bytes of memory. `target`: a process or device.
    """

    verb: str
    location: str = ""
    other: str = ""
    value: str = ""
    target: str = ""
    file: str = ""
    number: int = 0
    words: frozenset[str] = frozenset()
    register: str = ""
    place: Place | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        given = (self.location, self.other, self.value, self.file, self.target)
        number = [str(self.number)] if self.verb in ("truncate", "extend") else []
        text = " ".join([self.verb, *(g for g in given if g), *number, *sorted(self.words)])
        return f"{self.register} = {text}" if self.register else text


@dataclass(frozen=True)
class Line:
    """A cell of the table that is not empty: its row, counted from 0, and what it does."""

    row: int
    operation: Operation


@dataclass(frozen=True)
class Column:
    """An actor. `process`: the process it is a thread of, "" for a device or the kernel."""

    name: str
    process: str
    lines: tuple[Line, ...] = ()
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Atom:
    """A condition that an end state makes true or false: ``moved(P0:x)``, ``P0:r0 = a``, ``disk(F) = a``.

    `actors`, `locations`: what stands before and after each colon; `name`: a register or a file.
    """

    predicate: str
    actors: tuple[str, ...] = ()
    locations: tuple[str, ...] = ()
    name: str = ""
    value: str = ""
    place: Place | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        if self.predicate == "register":
            return f"{self.actors[0]}:{self.name}={self.value}"
        if self.predicate == "disk":
            return f"disk({self.name})={self.value}"
        if not self.actors:
            return f"{self.predicate}({self.locations[0]})"
        if not self.locations:
            return f"{self.predicate}({self.actors[0]})"
        pages = [f"{a}:{x}" for a, x in zip(self.actors, self.locations, strict=True)]
        return f"{self.predicate}({', '.join(pages)})"


@dataclass(frozen=True)
class Not:
    of: Condition

    def __str__(self) -> str:
        return f"~{bracketed_text(self.of, self)}"


@dataclass(frozen=True)
class Both:
    left: Condition
    right: Condition

    def __str__(self) -> str:
        return rf"{bracketed_text(self.left, self)} /\ {bracketed_text(self.right, self)}"


@dataclass(frozen=True)
class Either:
    left: Condition
    right: Condition

    def __str__(self) -> str:
        return rf"{bracketed_text(self.left, self)} \/ {bracketed_text(self.right, self)}"


Condition = Union[Atom, Not, Both, Either]


def bracketed_text(inner: Condition, around: Condition) -> str:
    """The text of a condition inside another, in parentheses where it would be read otherwise."""
    bare = isinstance(inner, Atom | Not) or type(inner) is type(around)
    if isinstance(around, Not) and isinstance(inner, Atom):
        bare = inner.predicate not in ("register", "disk")
    return str(inner) if bare else f"({inner})"


def atoms(condition: Condition) -> Iterator[Atom]:
    """The atoms of a condition from left to right, repeated ones too."""
    match condition:
        case Atom():
            yield condition
        case Not(of):
            yield from atoms(of)
        case Both(left, right) | Either(left, right):
            yield from atoms(left)
            yield from atoms(right)


@dataclass(frozen=True)
class Expectation:
    """A line ``expect KERNEL OBSERVATION``."""

    kernel: str
    observation: str
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Program:
    """A litmus test. `question`: the text in quotes. `files`: name -> filesystem; `devices`: name -> kind.

    `ordered`: a line starts only when every line above it has returned. `text`: the test as it was written.
    """

    name: str
    question: str
    locations: tuple[Location, ...]
    files: tuple[tuple[str, str], ...]
    devices: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    ordered: bool
    quantifier: Quantifier
    condition: Condition
    expectations: tuple[Expectation, ...] = ()
    text: str = field(default="", compare=False, repr=False)

    @property
    def operations(self) -> Iterator[tuple[Column, Operation]]:
        for column in self.columns:
            for line in column.lines:
                yield column, line.operation

    @property
    def processes(self) -> tuple[str, ...]:
        """In the order of the columns."""
        return tuple(dict.fromkeys(c.process for c in self.columns if c.process))

    @property
    def forked(self) -> tuple[str, ...]:
        """The processes that a fork names."""
        return tuple(dict.fromkeys(o.target for _, o in self.operations if o.verb == "fork"))

    @property
    def registers(self) -> tuple[tuple[str, str], ...]:
        """(column, register), in the order of the columns and lines."""
        return tuple(dict.fromkeys((c.name, o.register) for c, o in self.operations if o.register))

    @property
    def atoms(self) -> tuple[Atom, ...]:
        """Of the condition, each once."""
        return tuple(dict.fromkeys(atoms(self.condition)))

    @property
    def values(self) -> tuple[str, ...]:
        """What a byte may hold: 0, the initial values, what is stored; in the order they are written."""
        stored = [o.value for _, o in self.operations if o.value]
        return tuple(dict.fromkeys(["0", *(x.value for x in self.locations), *stored]))

    @property
    def results(self) -> tuple[str, ...]:
        """What a register may hold: a value, or the name of an error."""
        return (*self.values, *RETURNED)
