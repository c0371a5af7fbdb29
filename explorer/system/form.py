"""The system: guarded atomic actions over flat cells. Every engine reads this and nothing else.

All values are integers. A cell of kind ``bool`` holds 0 or 1 and reads as a truth value; an ``enum`` or ``scalarset``
cell holds the position of the value in its sort; an optional cell holds ``domain.none`` for None.
This file is data. What it means is in ``semantics.py``; what makes it well formed is in ``check``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Union
from weakref import WeakValueDictionary

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


class Constant:
    """A literal: a bool or an int. Equal ones are one object."""

    __slots__ = ("value", "__weakref__")
    value: bool | int
    reads = 0

    def __new__(cls, value: bool | int) -> Constant:
        known = _CONSTANTS.get((type(value), value))
        if known is None:
            known = _CONSTANTS[type(value), value] = super().__new__(cls)
            known.value = value
        return known

    def __reduce__(self) -> tuple[Any, tuple[bool | int]]:
        return Constant, (self.value,)

    @property
    def type(self) -> str:
        return "bool" if isinstance(self.value, bool) else "int"

    def __eq__(self, other: object) -> bool:
        return self is other or (
            type(other) is Constant and self.value == other.value and type(self.value) is type(other.value)
        )

    def __hash__(self) -> int:
        return hash(self.value)

    def __repr__(self) -> str:
        return f"Constant({self.value!r})"


class Read:
    """The value of a cell, before the action; `before` (in always_step properties): in the state before the step. Equal ones
    are one object."""

    __slots__ = ("cell", "type", "before", "reads", "_hash", "__weakref__")
    cell: int
    type: str
    before: bool
    reads: int
    _hash: int

    def __new__(cls, cell: int, type: str, before: bool = False) -> Read:
        known = _READS.get((cell, type, before))
        if known is None:
            known = _READS[cell, type, before] = super().__new__(cls)
            known.cell, known.type, known.before = cell, type, before
            known.reads = 1 << cell
            known._hash = hash(("read", cell, before))
        return known

    def __reduce__(self) -> tuple[Any, tuple[int, str, bool]]:
        return Read, (self.cell, self.type, self.before)

    def __eq__(self, other: object) -> bool:
        return self is other or (
            type(other) is Read
            and self.cell == other.cell
            and self.before == other.before
            and self.type == other.type  # else an expression of another system could stand for one of this
        )

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"Read({self.cell}{', before' if self.before else ''})"


class Apply:
    """An operator of OPERATORS on arguments. Equal ones are one object: what is nested and shared is compared at once.

    `size`: how many operators its text has, where what is shared is written each time. `depth`: how many are nested. `reads`: the
    cells that it reads, a bit each.
    """

    __slots__ = ("op", "args", "type", "size", "depth", "reads", "_hash", "__weakref__")
    op: str
    args: tuple[Expr, ...]
    type: str
    size: int
    depth: int
    reads: int
    _hash: int

    def __new__(cls, op: str, args: tuple[Expr, ...]) -> Apply:
        known = _MADE.get((op, args))
        if known is not None:
            return known
        made = super().__new__(cls)
        made.op, made.args = op, args
        made.type = OPERATORS[op][1]
        inner = [a for a in args if type(a) is Apply]
        made.size = 1 + sum([a.size for a in inner])
        made.depth = 1 + max([a.depth for a in inner]) if inner else 1
        reads = 0
        for a in args:
            reads |= a.reads
        made.reads = reads
        made._hash = hash((op, args))
        _MADE[op, args] = made
        return made

    def __reduce__(self) -> tuple[Any, tuple[str, tuple[Expr, ...]]]:
        return Apply, (self.op, self.args)

    def __eq__(self, other: object) -> bool:
        return self is other or (
            type(other) is Apply and self._hash == other._hash and self.op == other.op and self.args == other.args
        )

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"Apply({self.op!r}, {self.args!r})"


_MADE: WeakValueDictionary[tuple[str, tuple[Expr, ...]], Apply] = WeakValueDictionary()
_READS: WeakValueDictionary[tuple[int, str, bool], Read] = WeakValueDictionary()
_CONSTANTS: WeakValueDictionary[tuple[type, bool | int], Constant] = WeakValueDictionary()
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
