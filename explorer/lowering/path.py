"""One way through a step: what it has decided, what it knows, what it reads and writes.

Floors from the ground: a path (here), operators, elements of collections, evaluation of expressions, the machine that executes
instructions. Each is a class on the one below it, and says at its top what it asks of those above.
"""

from __future__ import annotations

import ast
import copy
import itertools
import math
import types
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NoReturn, Self, TypeAlias

from explorer.errors import LanguageError
from explorer.language import state
from explorer.language.model import Model, Part
from explorer.language.sorts import Atom, AtomSort, Sort
from explorer.lowering import layout, limits, values
from explorer.lowering.code import Code, compile_routine
from explorer.lowering.facts import Facts
from explorer.lowering.limits import MOST_NESTED, TooMuch, Work
from explorer.lowering.source import Sources, place, span
from explorer.lowering.text import text_of
from explorer.lowering.values import Maybe, Mismatch, describe, scalar, symbolic
from explorer.system.expressions import cells_read, disj, ite, neg
from explorer.system.form import FALSE, TRUE, Action, Branch, Cell, Constant, Expr, Failure, Read, Span

NEAREST = 4  # conditions around an expression that are looked at: in any() and all() each element adds one
MISSING = object()


@dataclass
class Variable:
    """A declared variable (or a local): its sort and the cells that hold it, in the order of `leaves`."""

    name: str
    sort: Sort[Any]
    cells: list[int]
    ghost: bool = False


@dataclass
class ArrayVariable:
    """An array: its index sort's values, and a Variable for each."""

    name: str
    index: Sort[Any]
    elements: dict[Any, Variable]


@dataclass(eq=False)
class Activation:
    """One routine in progress: its code, where it is, and its names."""

    code: Code
    receiver: Any
    pc: int = 0
    env: dict[str, Any] = field(default_factory=dict)
    assigned: dict[str, ast.AST] = field(default_factory=dict)  # where this step last assigned each local

    @property
    def owner(self) -> int:
        """Tells the routines of different parts apart. Other receivers are values, like arguments."""
        return id(self.receiver) if isinstance(self.receiver, Part) else 0


@dataclass(frozen=True)
class Bound:
    """A method of a symbolic record."""

    function: types.FunctionType
    receiver: Any


@dataclass(frozen=True)
class Park:
    """The step at which a path ended."""

    label: str
    when: ast.expr | None
    voluntary: bool
    may_wait: bool
    node: ast.Call
    fairness: str | None = None


class PathEnd(Exception):
    """A path ends before its step is complete. `failure` None: blocked by an empty choose named `text` at `at`."""

    def __init__(self, failure: Failure | None, text: str = "", at: Span | None = None) -> None:
        self.failure, self.text, self.at = failure, text, at


class Impure(Exception):
    """A condition changed the state or chose a value: it has to run as a path of its own."""

    def __init__(self, node: ast.AST, activation: Activation) -> None:
        self.node, self.activation = node, activation


IN_A_CONDITION = "a condition must not change the state or choose; do it in the step"


class Unreached(Exception):
    """On this path, conditions around the current expression exclude that it is evaluated: its value does not matter."""


Line: TypeAlias = tuple[str, int]  # a file and a number


@dataclass
class World:
    """What all paths of one lowering share."""

    model: Model
    sizes: layout.Sizes
    sources: Sources
    cells: list[Cell]
    variables: dict[str, Variable | ArrayVariable]
    constants: dict[str, Variable]  # rules left open
    finished: dict[str, int]  # thread -> cell of its control point
    codes: dict[tuple[Any, ...], Code] = field(default_factory=dict)
    tests: set[ast.AST] = field(default_factory=set)  # of if and while, those that went both ways
    settled: dict[ast.AST, bool] = field(default_factory=dict)  # where a test went that did not ask the state
    lines: dict[int, tuple[Action, frozenset[Line]]] = field(default_factory=dict)  # by id of an action: those it runs
    begun: set[Line] = field(default_factory=set)  # those that threads run before their first step
    work: Work = field(default_factory=Work)
    plain: dict[Expr, Expr] = field(default_factory=dict)  # simplified expressions, of which no path knows anything
    branches: dict[tuple[ast.AST, bool, tuple[str | None, ...]], Branch] = field(
        default_factory=dict
    )  # see Machine.branch

    def code(self, function: Callable[..., Any]) -> Code:
        key = (
            getattr(function, "__code__", None),
            tuple([id(c) for c in getattr(function, "__closure__", None) or ()]),
        )
        if key not in self.codes:
            self.codes[key] = compile_routine(self.sources.of(function))
        return self.codes[key]

    def members(self, kind: type) -> list[Any]:
        if issubclass(kind, Enum):
            return list(kind)
        if kind is bool:
            return [False, True]
        if issubclass(kind, Atom):
            if kind not in self.sizes:
                AtomSort(kind).values()
            return [kind(i) for i in range(self.sizes[kind])]
        raise values.NeedsMembers


@dataclass
class Merged:
    """What an evaluation that changes nothing comes to in every way it can go, and what it passed on the way."""

    results: list[tuple[Expr, Any]] = field(default_factory=list)
    failures: list[tuple[Expr, Failure]] = field(default_factory=list)
    unreached: Unreached | None = None  # it came to a place where no state is
    passed: dict[Branch, None] = field(default_factory=dict)
    lines: set[Line] = field(default_factory=set)
    ghosts: dict[int, Span] = field(default_factory=dict)


# The runs through a step differ from a decision on: up to there they ask for the same values. The decisions so far, and how many
# values were asked for.
Memo = dict[tuple[tuple[int, ...], int], Merged]


class Path:
    """One run through one step (or one evaluation of a condition)."""

    def __init__(
        self, world: World, decisions: list[int], facts: Facts | None = None, merged: Memo | None = None
    ) -> None:
        """`merged`: what runs before this one, of the same step, have worked out; see `Memo`."""
        self.world = world
        self.known: Memo = {} if merged is None else merged
        self.asked = 0  # how many values were merged
        self.decisions = decisions  # what to decide, in order
        self.options: list[int] = []  # how many options each decision taken had
        self.facts = Facts(world.cells, world.work, world.plain) if facts is None else facts
        self.guard: list[Expr] = []
        self.writes: dict[int, Expr] = {}
        self.written: dict[int, Span] = {}  # where each cell was last written
        self.branches: list[Branch] = []
        self.passed: dict[Branch, None] = {}  # with those that need no decision here, and those inside conditions
        self.choices: list[tuple[str, str]] = []
        self.calls: list[tuple[str, str, int]] = []
        self.context: list[Expr] = []  # conditions of the short-circuit expressions around the current one
        self.pure = 0  # > 0: inside a condition that must not change the state
        self.before = False  # reading the state before the step
        self.stateless = False  # before a thread's first step
        self.exact: dict[
            int, tuple[Variable, Any]
        ] = {}  # first cell -> what was written, where cells can't hold it all
        self.looped: set[tuple[Activation, int]] = set()  # the tests of while loops in progress in this step
        self.length = 0
        self.back: tuple[ast.AST, Activation] | None = None  # the loop that last began again
        self.ghosts: dict[int, Span] = {}  # where each ghost was first read
        self.may_look_back = False  # before(...) has a meaning here: in an always_step property
        self.active: list[tuple[Any, int]] = []
        self.lines: set[Line] = set()  # that were run

    def copy_with(self, stack: list[Activation]) -> tuple[Self, list[Activation]]:
        """The path and its routines, as they are between two instructions; what happens to one is nothing to the other."""
        copies = {id(a): Activation(a.code, a.receiver, a.pc, dict(a.env), dict(a.assigned)) for a in stack}
        other = copy.copy(self)
        other.facts = self.facts.copy()
        other.options, other.guard, other.branches = list(self.options), list(self.guard), list(self.branches)
        other.choices, other.calls, other.active = list(self.choices), list(self.calls), list(self.active)
        other.writes, other.written, other.exact = dict(self.writes), dict(self.written), dict(self.exact)
        other.passed, other.ghosts, other.lines = dict(self.passed), dict(self.ghosts), set(self.lines)
        other.looped = {(copies[id(a)], at) for a, at in self.looped if id(a) in copies}
        if self.back is not None:
            node, at = self.back
            other.back = node, copies.get(id(at), at)
        return other, [copies[id(a)] for a in stack]

    @contextmanager
    def pure_only(self, refusal: str) -> Iterator[None]:
        """Inside, nothing may change the state or choose."""
        self.pure += 1
        try:
            yield
        except Impure as e:
            self.error(refusal, e.node, e.activation)
        finally:
            self.pure -= 1

    # ------------------------------------------------------------ decisions

    def pick(self, options: int) -> int:
        at = len(self.options)
        choice = self.decisions[at] if at < len(self.decisions) else 0
        self.options.append(options)
        if at >= len(self.decisions):
            self.decisions = [*self.decisions, choice]
        return choice

    def alternatives(self) -> list[int] | None:
        """The next list of decisions in depth-first order, None after the last."""
        for at in range(len(self.options) - 1, -1, -1):
            if self.decisions[at] + 1 < self.options[at]:
                return [*self.decisions[:at], self.decisions[at] + 1]
        return None

    def assume(self, condition: Expr) -> None:
        if condition != TRUE:
            self.guard.append(condition)
            self.facts.assume(condition)

    def decide(self, condition: Expr) -> bool:
        """Which way this run goes; settled where the path already knows."""
        known = self.facts.simplify(condition)
        if isinstance(known, Constant):
            return bool(known.value)
        way = self.pick(2) == 0
        self.assume(known if way else neg(known))
        return way

    def check(
        self, condition: Expr, kind: Any, text: str, node: ast.AST, activation: Activation, value: Expr | None = None
    ) -> None:
        """The condition must hold here; where it may not, a path of its own ends in the error.

        `value`: what stands for ``{value}`` in the text.
        """
        if self.context and self.given_facts().simplify(condition) == TRUE:
            return
        for outer in reversed(self.context):
            condition = disj(neg(outer), condition)
        if not self.decide(condition):
            raise PathEnd(Failure(kind, text, span(activation.code.source.file, node), value))

    def given_facts(self) -> Facts:
        """What the path knows, and what the nearest conditions around the current expression add."""
        if not self.context:
            return self.facts
        facts = self.facts.copy()
        for condition in self.context[-NEAREST:]:
            facts.assume(condition)
        return facts

    # ------------------------------------------------------------ errors

    def error(self, message: str, node: ast.AST, activation: Activation) -> NoReturn:
        raise LanguageError(message, place(activation.code.source.file, node))

    @contextmanager
    def bounded(self, node: ast.AST, activation: Activation) -> Iterator[None]:
        """Inside, what passes a limit is an error of the expression that took most."""
        work, before = self.world.work, self.world.work.at
        work.now((activation.code.source.file, node))
        try:
            yield
        except TooMuch as e:
            file, where = (e.file, e.node) if e.node is not None else work.at or (activation.code.source.file, node)
            raise LanguageError(e.text, place(file, where)) from None
        except RecursionError:
            text = f"this is an expression of more than {MOST_NESTED} operators inside one another: make it from parts"
            raise LanguageError(text, place(*(work.at or (activation.code.source.file, node)))) from None
        finally:
            work.now(before)

    # ------------------------------------------------------------ state

    def touch(self, name: str, node: ast.AST, activation: Activation) -> None:
        if self.stateless:
            self.error(
                f"{name} is state, and before a thread's first step no state is read, written or chosen: "
                "put await step(...) before it",
                node,
                activation,
            )

    def cell(self, index: int) -> Expr:
        written = None if self.before else self.writes.get(index)
        if written is not None:
            return written
        cell = self.world.cells[index]
        return self.facts.simplify(Read(index, "bool" if cell.domain.truth else "int", self.before))

    def read(self, variable: Variable) -> Any:
        if not self.before and variable.cells and variable.cells[0] in self.exact:
            return self.exact[variable.cells[0]][1]
        domains = [self.world.cells[c].domain for c in variable.cells]
        pairs = iter([(self.cell(c), d) for c, d in zip(variable.cells, domains, strict=True)])
        return layout.load(variable.sort, pairs, self.world.sizes)

    def write(self, variable: Variable, value: Any, node: ast.AST, activation: Activation, where: Expr = TRUE) -> None:
        if self.pure:
            raise Impure(node, activation)

        def need(condition: Expr, message: str) -> None:
            text = f"{variable.name} can't hold it: {message}"
            self.check(disj(neg(where), condition), "value", text, node, activation)

        try:
            exprs = layout.store(variable.sort, value, self.world.sizes, need)
        except Mismatch as m:
            self.error(f"{variable.name} can't hold it: {m}", node, activation)
        if layout.lossy(variable.sort) and variable.cells:
            exact = values.merge(where, layout.dynamic(variable.sort, value), self.read(variable))
            self.exact[variable.cells[0]] = (variable, exact)
            self.written[variable.cells[0]] = span(activation.code.source.file, node)
        facts = self.facts
        if where != TRUE:
            facts = self.facts.copy()
            facts.assume(where)
        for cell, expr in zip(variable.cells, exprs, strict=True):
            old = self.cell(cell)
            new = self.facts.simplify(ite(where, facts.simplify(expr), old))
            if new != old:
                self.writes[cell] = new
                self.written[cell] = span(activation.code.source.file, node)

    def subscript(
        self, array: ArrayVariable, index: Any, node: ast.AST, activation: Activation
    ) -> list[tuple[Variable, Expr]]:
        """The elements the index may name, each with its condition. The conditions exclude each other."""
        tree = node.slice if isinstance(node, ast.Subscript) else node
        index = self.present(index, f"{text_of(tree)} is None, which is not an index of {array.name}", node, activation)
        if not symbolic(index):
            if index in array.elements and self.same_kind(index, next(k for k in array.elements if k == index)):
                return [(array.elements[index], TRUE)]
            if isinstance(index, int) and isinstance(next(iter(array.elements)), int):
                self.check(
                    FALSE,
                    "index",
                    f"index {index} is outside {array.name}, whose index sort is {array.index!r}",
                    node,
                    activation,
                )
                return [(next(iter(array.elements.values())), TRUE)]
            self.error(
                f"{describe(index)} is not an index of {array.name}, whose index sort is {array.index!r}",
                node,
                activation,
            )
        found = []
        for key, variable in array.elements.items():
            condition = self.facts.simplify(values.equal(index, key))
            if condition != FALSE:
                found.append((variable, condition))
        if not found and not self.same_kind(index, next(iter(array.elements))):
            self.error(
                f"{describe(index)} is not an index of {array.name}, whose index sort is {array.index!r}",
                node,
                activation,
            )
        inside = disj(*(c for _, c in found))
        if self.may_leave(index, array.elements):
            number = scalar(index)
            known = number.expr if number is not None and number.kind is int else None
            text = "index {value}" if known is not None else f"the index {text_of(tree)}"
            self.check(
                inside,
                "index",
                f"{text} is outside {array.name}, whose index sort is {array.index!r}",
                node,
                activation,
                known,
            )
        if not found:
            found = [(next(iter(array.elements.values())), TRUE)]
        return found

    def same_kind(self, index: Any, key: Any) -> bool:
        if isinstance(index, tuple) and isinstance(key, tuple) and len(index) == len(key):
            return all(self.same_kind(i, k) for i, k in zip(index, key, strict=True))
        a, b = scalar(index), scalar(key)
        if a is None or b is None:
            return False
        return a.kind is b.kind or {a.kind, b.kind} == {bool, int}  # as in Python, True is 1

    def may_leave(self, index: Any, keys: Collection[Any]) -> bool:
        """True where the index could have a value that is none of the keys."""
        possible = self.possible_values(index)
        return possible is None or any(value not in keys for value in possible)

    def possible_values(self, value: Any) -> list[Any] | None:
        """All that it may be, as far as its bounds tell; None where that can't be told, or is too much."""
        if not symbolic(value):
            return [value]
        if isinstance(value, Maybe):
            inner = self.possible_values(value.value)
            return None if inner is None else [None, *inner]
        if isinstance(value, tuple):
            columns = [self.possible_values(v) for v in value]
            if any(c is None for c in columns) or math.prod(len(c or ()) for c in columns) > limits.MOST_VALUES:
                return None
            return list(itertools.product(*(c for c in columns if c is not None)))
        given = scalar(value)
        if given is None:
            return None
        if given.kind is int:
            lo, hi = self.facts.bounds(given.expr)
            return list(range(lo, hi + 1)) if hi - lo < 10_000 else None
        return self.world.members(given.kind)

    def present(self, value: Any, message: str, node: ast.AST, activation: Activation) -> Any:
        """The value without its None; None here is an error of the model."""
        if value is None:
            self.check(FALSE, "value", message, node, activation)
            raise Unreached
        if isinstance(value, Maybe):
            self.check(value.present, "value", message, node, activation)
            return value.value
        if isinstance(value, tuple):
            return tuple(self.present(v, message, node, activation) if isinstance(v, Maybe) else v for v in value)
        return value

    def note_ghost(self, variable: Variable, node: ast.AST, top: Activation) -> None:
        if variable.ghost:
            for cell in variable.cells:
                self.ghosts.setdefault(cell, span(top.code.source.file, node))

    def array(self, value: Any) -> ArrayVariable | None:
        if isinstance(value, state.Array):
            found = self.world.variables.get(value.name)
            return found if isinstance(found, ArrayVariable) else None
        return None

    def read_elements(self, found: list[tuple[Variable, Expr]]) -> Any:
        self.world.work.add(len(found))
        elements = [(condition, self.read(element)) for element, condition in found]
        nothing = self.of_no_index(*found[-1])
        return values.merged_value(elements if nothing is MISSING else [*elements, (TRUE, nothing)])

    def write_elements(self, found: list[tuple[Variable, Expr]], value: Any, node: ast.AST, top: Activation) -> None:
        for variable, condition in found:
            self.write(variable, value, node, top, condition)

    def of_no_index(self, variable: Variable, condition: Expr) -> Any:
        """What is read where the index names no element, because its cell may hold no value; MISSING where it can't.

        No state that is reached reads it. But with it no index comes last, which stood for "or else": so the text alone
        shows that two of them are alike.
        """
        domains = [self.world.cells[c].domain for c in variable.cells]
        held = [self.world.cells[c].domain for c in cells_read(condition)]
        if not any(d.top > d.hi for d in held):
            return MISSING
        codes = layout.default(variable.sort, self.world.sizes)
        pairs = list(zip(codes, domains, strict=True))
        if any(isinstance(code, Constant) and not d.truth and not d.lo <= code.value <= d.top for code, d in pairs):
            return MISSING
        return layout.load(variable.sort, iter(pairs), self.world.sizes)


def too_many_paths(path: Path) -> TooMuch:
    """The error that names the places where the ways part."""
    lines = sorted({(b.file, b.line) for b in path.branches})
    where = f" (the ways part in lines {', '.join(str(line) for _, line in lines)})" if lines else ""
    return TooMuch(
        f"there are more than {limits.MOST_PATHS:,} paths through this{where}: each branch and each value chosen makes paths "
        "of its own, and those of one step are multiplied. Put await step(...) between them, or compute a value, "
        "x if c else y, instead"
    )
