"""The system: guarded atomic actions over flat cells. Every engine reads this and nothing else.

All values are integers. A cell of kind ``bool`` holds 0 or 1 and reads as a truth value; an ``enum`` or ``scalarset``
cell holds the position of the value in its sort; an optional cell holds ``domain.none`` for None.
This file is data. What it means is in ``semantics.py``; what makes it well formed is in ``check``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import RLock
from typing import Any, Literal, Union, cast
from weakref import ref

Kind = Literal["bool", "range", "enum", "scalarset", "location"]


@dataclass(frozen=True)
class Domain:
    """The values of one cell: the integers lo..hi, and hi + 1 for None where `optional`.

    `blank`: a cell of atoms that sometimes holds no value, and then hi + 1, which is no atom.
    """

    kind: Kind
    lo: int
    hi: int
    name: str = ""
    labels: tuple[str, ...] = ()
    optional: bool = False
    blank: bool = False

    @property
    def none(self) -> int:
        return self.hi + 1

    @property
    def top(self) -> int:
        """The largest code a cell of this domain may hold."""
        return self.hi + 1 if self.optional or self.blank else self.hi

    @property
    def truth(self) -> bool:
        """True where the cell reads as a truth value."""
        return self.kind == "bool" and not self.optional

    def show(self, code: int) -> str:
        if code == self.none and (self.optional or self.blank):
            return "None" if self.optional else "nothing"
        if self.kind == "bool":
            return "true" if code else "false"
        if self.kind in ("enum", "location"):
            return self.labels[code - self.lo] if self.lo <= code <= self.hi else str(code)
        if self.kind == "scalarset":
            return f"{self.name} {code}"
        return str(code)


@dataclass(frozen=True)
class Cell:
    """One variable of the flattened state.

    `initial`: the codes it may start with (more than one for a constant left open). `owner`: the thread whose local it
    is, or "". `variable`: the declared variable it belongs to, with `path` the place inside its value
    (record fields, "?" for presence, set members); `constant`: no action changes it; `ghost`: only properties read it.
    `indexes`: the values of scalarsets and enums that it is of (its array's index, its thread's parameters, a set's member),
    each the name of the domain and a code; `pattern`: its name without them. `kinds`: of a field of a union, the codes of the
    cell that says of which class the record is (its place ends in "is") with which the field is there; `usual`: the code of
    the field's default, which a reader is not told.
    """

    name: str
    domain: Domain
    initial: tuple[int, ...]
    variable: str = ""
    path: tuple[str, ...] = ()
    owner: str = ""
    constant: bool = False
    ghost: bool = False
    pattern: str = ""
    indexes: tuple[tuple[str, int], ...] = ()
    kinds: tuple[int, ...] = ()
    usual: int | None = None


# operator -> (types of the arguments, type of the result); "*" repeats the type before it
OPERATORS: dict[str, tuple[tuple[str, ...], str]] = {
    "and": (("bool", "*"), "bool"),
    "or": (("bool", "*"), "bool"),
    "not": (("bool",), "bool"),
    "iff": (("bool", "bool"), "bool"),
    "eq": (("int", "int"), "bool"),
    "lt": (("int", "int"), "bool"),
    "le": (("int", "int"), "bool"),
    "add": (("int", "int"), "int"),
    "sub": (("int", "int"), "int"),
    "mul": (("int", "int"), "int"),
    "floordiv": (("int", "int"), "int"),  # rounds down; 0 where the divisor is 0 (a check forbids it before)
    "mod": (("int", "int"), "int"),  # the sign of the divisor; 0 where the divisor is 0
    "min": (("int", "int"), "int"),
    "max": (("int", "int"), "int"),
    "ite": (("bool", "int", "int"), "int"),
    "choose": (("bool", "bool", "bool"), "bool"),  # if-then-else of truth values
    "int": (("bool",), "int"),  # false is 0, true is 1
}


class Interned:
    """The only object of its key: what is equal is the same, so that comparing and hashing look at nothing inside."""

    __slots__ = ("__weakref__",)


class _Known(ref[Any]):
    """A weak reference that says under which key its object is known."""

    __slots__ = ("key",)
    key: Any


_known: dict[Any, _Known] = {}
_lock = RLock()  # two threads that make the same at once must get one; the forgetting may come in the middle


def _forget(gone: _Known) -> None:
    with _lock:
        if _known.get(gone.key) is gone:
            del _known[gone.key]


def _note(key: Any, made: Any) -> Any:
    """The one of that key: `made`, or what another thread has made meanwhile."""
    with _lock:
        noted = _known.get(key)
        known = None if noted is None else noted()
        if known is not None:
            return known
        noted = _Known(made, _forget)
        noted.key = key
        _known[key] = noted
        return made


class Constant(Interned):
    """A literal: a bool or an int. Equal ones are one object."""

    __slots__ = ("value", "type")
    value: bool | int
    type: str
    reads = 0

    def __new__(cls, value: bool | int) -> Constant:
        key = (type(value), value)
        noted = _known.get(key)
        known = None if noted is None else noted()
        if known is not None:
            return cast(Constant, known)
        made = super().__new__(cls)
        made.value, made.type = value, "bool" if type(value) is bool else "int"
        return cast(Constant, _note(key, made))

    def __reduce__(self) -> tuple[Any, tuple[bool | int]]:
        return Constant, (self.value,)

    def __repr__(self) -> str:
        return f"Constant({self.value!r})"


class Read(Interned):
    """The value of a cell, before the action; `before` (in always_step properties): in the state before the step. Equal ones
    are one object."""

    __slots__ = ("cell", "type", "before", "reads")
    cell: int
    type: str
    before: bool
    reads: int

    def __new__(cls, cell: int, type: str, before: bool = False) -> Read:
        key = (cell, type, before)  # of one type alone: an expression of another system is none of this
        noted = _known.get(key)
        known = None if noted is None else noted()
        if known is not None:
            return cast(Read, known)
        made = super().__new__(cls)
        made.cell, made.type, made.before = cell, type, before
        made.reads = 1 << cell
        return cast(Read, _note(key, made))

    def __reduce__(self) -> tuple[Any, tuple[int, str, bool]]:
        return Read, (self.cell, self.type, self.before)

    def __repr__(self) -> str:
        return f"Read({self.cell}{', before' if self.before else ''})"


class Apply(Interned):
    """An operator of OPERATORS on arguments. Equal ones are one object: what is nested and shared is compared at once.

    `size`: how many operators its text has, where what is shared is written each time. `depth`: how many are nested. `reads`: the
    cells that it reads, a bit each.
    """

    __slots__ = ("op", "args", "type", "size", "depth", "reads")
    op: str
    args: tuple[Expr, ...]
    type: str
    size: int
    depth: int
    reads: int

    def __new__(cls, op: str, args: tuple[Expr, ...]) -> Apply:
        key = (op, args)
        noted = _known.get(key)
        known = None if noted is None else noted()
        if known is not None:
            return cast(Apply, known)
        made = super().__new__(cls)
        made.op, made.args = op, args
        made.type = OPERATORS[op][1]
        size, depth, reads = 1, 0, 0
        for a in args:
            reads |= a.reads
            if type(a) is Apply:
                size += a.size
                depth = max(depth, a.depth)
        made.size, made.depth, made.reads = size, depth + 1, reads
        return cast(Apply, _note(key, made))

    def __reduce__(self) -> tuple[Any, tuple[str, tuple[Expr, ...]]]:
        return Apply, (self.op, self.args)

    def __repr__(self) -> str:
        return f"Apply({self.op!r}, {self.args!r})"


Expr = Union[Constant, Read, Apply]
TRUE = Constant(True)
FALSE = Constant(False)


@dataclass(frozen=True)
class Span:
    """Where in the source: file, first line (1-based), column and end column (0-based)."""

    file: str
    line: int
    column: int = 0
    end_column: int = 0


@dataclass(frozen=True)
class Branch:
    """A branch that a path took: the condition's text, its line, and which way."""

    text: str
    line: int
    outcome: bool
    file: str = ""
    function: str = ""


@dataclass(frozen=True)
class Failure:
    """Why a path ends in the error state. `kind`: "assert" (a property), "range", "index" or "value" (model errors)."""

    kind: Literal["assert", "range", "index", "value"]
    text: str
    span: Span
    value: Expr | None = None  # what stands for ``{value}`` in the text: what would be stored, or is used as an index


@dataclass(frozen=True)
class Action:
    """One path through one step: if `guard` holds, all `updates` (cell, expression over the state before) at once.

    `location`: (cell of the thread's control point, code before, code after), None for what no thread does. `outcome`: "step"; or
    "failure": taking it is an error, there is no successor; or "blocked": not a transition, it marks the states in which
    the step is held up by an empty choose alone.
    """

    actor: str
    label: str
    span: Span
    guard: Expr
    updates: tuple[tuple[int, Expr], ...]
    location: tuple[int, int, int] | None
    thread: str = ""  # "" for what no thread does
    function: str = ""
    kernel: str = ""  # "mm/memory.c:do_wp_page()" of the routine that holds the step
    stack: tuple[tuple[str, str], ...] = ()  # the routines entered, outermost first: (name, kernel reference)
    branches: tuple[Branch, ...] = ()
    passed: tuple[Branch, ...] = ()  # every branch of the source on the way, also those that need no decision here
    choices: tuple[tuple[str, str], ...] = ()
    name: str = ""  # "name(p=parent)" of what no thread does, as a schedule writes it
    outcome: Literal["step", "failure", "blocked"] = "step"
    failure: Failure | None = None
    calls: tuple[tuple[str, str, int], ...] = ()  # plain routines entered on the way: (name, kernel ref, depth)
    voluntary: bool = False
    may_wait: bool = False
    fairness: Literal["none", "weak", "strong"] = "none"  # what it demands: none where the step is voluntary
    pattern: str = ""  # of what no thread does: its name, and
    indexes: tuple[tuple[str, int], ...] = ()  # the atoms and enum members among its parameters, as in Cell


LIVENESS = ("eventually", "leads_to")  # the kinds of properties that speak about whole runs


@dataclass(frozen=True)
class Property:
    """A named claim. `holds` is read in every state ("always", "reachable") or over each transition ("always_step").

    "eventually": on every fair run `holds` is true in some state. "leads_to": after every state of it in which `trigger`
    is true, or in that state. `undefined`: conditions under which evaluating it is an error of the model, with the reason.
    """

    name: str
    kind: Literal["always", "always_step", "reachable", "eventually", "leads_to"]
    holds: Expr
    text: str = ""
    source: str = ""
    span: Span | None = None
    undefined: tuple[tuple[Expr, Failure], ...] = ()
    trigger: Expr = TRUE


@dataclass(frozen=True)
class Thread:
    """A thread: the cell of its control point, the code of "finished", and the codes at which it may wait for ever."""

    name: str
    cell: int
    finished: int | None
    may_wait: tuple[int, ...]
    locations: tuple[Span | None, ...]


@dataclass(frozen=True)
class Source:
    """A branch in the source of a thread's step, for the report of branches that never fired."""

    thread: str
    step: str
    text: str
    line: int
    outcome: bool


@dataclass(frozen=True)
class Interchangeable:
    """Values that a model says it does not tell apart: the name of their domain, their codes and what they are called, and where
    it says so."""

    domain: str
    codes: tuple[int, ...]
    labels: tuple[str, ...]
    span: Span


@dataclass(frozen=True)
class System:
    """Cells, actions in the order that breaks ties between counterexamples, properties, threads."""

    name: str
    cells: tuple[Cell, ...]
    actions: tuple[Action, ...]
    properties: tuple[Property, ...]
    threads: tuple[Thread, ...] = ()
    warnings: tuple[str, ...] = ()
    scalarsets: tuple[tuple[str, int], ...] = field(default=())
    interchangeable: tuple[Interchangeable, ...] = field(default=())

    def index(self, name: str) -> int:
        """The position of the cell of that name. Raises KeyError."""
        for i, cell in enumerate(self.cells):
            if cell.name == name:
                return i
        raise KeyError(name)
