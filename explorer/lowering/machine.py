"""Partial evaluation of one step: every path from a control point to the next, as guards and updates.

A path is found by running the routine's instructions from the start of the step with a list of decisions (which way an
undecided branch goes, which value is chosen); where the list ends the first option is taken and the others are noted
for later runs. So the code below reads like an ordinary interpreter and never has to fork.
"""

from __future__ import annotations

import ast
import copy
import dataclasses
import functools
import inspect
import itertools
import types
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NoReturn, TypeAlias, assert_never, get_args

from explorer import stop
from explorer.blame import is_users, shown_error
from explorer.errors import LanguageError, did_you_mean
from explorer.expressions import arithmetic, cells_read, conj, constant, disj, eq, ite, le, lt, neg, to_int
from explorer.language import properties as kinds
from explorer.language import sorts, state, steps
from explorer.language.model import Model, Part, Thread, Threads
from explorer.language.rules import LeftOpen, Open, Rules, open_rule
from explorer.language.sorts import Atom, AtomSort, ScalarsetSort, Sort, an, is_record, show
from explorer.language.steps import choice_names
from explorer.lowering import limits, values
from explorer.lowering.code import Code, compile_routine, names_used
from explorer.lowering.facts import Facts
from explorer.lowering.limits import MOST_NESTED, TooMuch, Work, listed
from explorer.lowering.source import Sources, bound_names, place, span
from explorer.lowering.values import (
    Guarded,
    Maybe,
    Mismatch,
    OneOf,
    Scalar,
    SetOf,
    Struct,
    describe,
    scalar,
    symbolic,
)
from explorer.system import FALSE, TRUE, Action, Branch, Cell, Constant, Expr, Failure, Read, Span

# what changes a list or a set in Python, and what to write instead
CHANGING = {
    "append": "(*items, new)",
    "extend": "(*items, *more)",
    "insert": "a new tuple",
    "pop": "items[:-1]",
    "remove": "a new tuple or items - {old}",
    "clear": "()",
    "sort": "a tuple in that order",
    "reverse": "tuple(reversed(items))",
    "add": "items | {new}",
    "discard": "items - {old}",
    "update": "items | more",
}

MISSING = object()
CLASSES = (type, types.UnionType)  # what isinstance takes
NEAREST = 4  # conditions around an expression that are looked at: in any() and all() each element adds one
LONGEST_PATH = 50_000  # instructions in one step


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


class Unreached(Exception):
    """On this path, conditions around the current expression exclude that it is evaluated: its value does not matter."""


VARARGS = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS

Line: TypeAlias = tuple[str, int]  # a file and a number


@dataclass
class World:
    """What all paths of one lowering share."""

    model: Model
    sizes: values.Sizes
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
    branches: dict[tuple[ast.AST, bool], Branch] = field(default_factory=dict)  # by the test and the way it goes

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


@dataclass(frozen=True)
class Saved:
    """A path before one of its instructions, and how many decisions it had taken: another that decides differently only after
    these goes on from here."""

    decided: int
    path: Path
    stack: list[Activation]


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

    def copied(self, stack: list[Activation]) -> tuple[Path, list[Activation]]:
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
    def condition_only(self) -> Iterator[None]:
        """Inside, nothing may change the state or choose."""
        self.pure += 1
        try:
            yield
        except Impure as e:
            self.error("a condition must not change the state or choose; do it in the step", e.node, e.activation)
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
        if self.context and self.given().simplify(condition) == TRUE:
            return
        for outer in reversed(self.context):
            condition = disj(neg(outer), condition)
        if not self.decide(condition):
            raise PathEnd(Failure(kind, text, span(activation.code.source.file, node), value))

    def given(self) -> Facts:
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
        return values.load(variable.sort, pairs, self.world.sizes)

    def write(self, variable: Variable, value: Any, node: ast.AST, activation: Activation, where: Expr = TRUE) -> None:
        if self.pure:
            raise Impure(node, activation)

        def need(condition: Expr, message: str) -> None:
            text = f"{variable.name} can't hold it: {message}"
            self.check(disj(neg(where), condition), "value", text, node, activation)

        try:
            exprs = values.store(variable.sort, value, self.world.sizes, need)
        except Mismatch as m:
            self.error(f"{variable.name} can't hold it: {m}", node, activation)
        if values.lossy(variable.sort) and variable.cells:
            exact = values.merge(where, values.dynamic(variable.sort, value), self.read(variable))
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
        if self.may_leave(index, array):
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

    def may_leave(self, index: Any, array: ArrayVariable) -> bool:
        """True where the index could have a value that is not in the index sort."""

        def inside(value: Any, keys: list[Any]) -> bool:
            if isinstance(value, tuple):
                return all(inside(v, [k[i] for k in keys]) for i, v in enumerate(value))
            given = scalar(value)
            if isinstance(value, Maybe) or given is None:
                return False
            if given.kind is int:
                lo, hi = self.facts.bounds(given.expr)
                return hi - lo < 10_000 and all(i in keys for i in range(lo, hi + 1))
            return all(m in keys for m in self.world.members(given.kind))

        keys = list(array.elements)
        if isinstance(keys[0], tuple) and not isinstance(index, tuple):
            return True
        return not inside(index, keys)

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

    # ------------------------------------------------------------ running

    def enter(
        self,
        function: Callable[..., Any],
        args: list[Any],
        kwargs: dict[str, Any],
        node: ast.AST | None,
        caller: Activation | None,
    ) -> Activation:
        """A new activation of a user routine, its arguments bound as a call binds them."""
        receiver: Any = None
        if isinstance(function, types.MethodType):
            receiver, function = function.__self__, function.__func__
            args = [receiver, *args]
        elif isinstance(function, Bound):
            receiver, function = function.receiver, function.function
            args = [receiver, *args]
        function = inspect.unwrap(function)
        try:
            code = self.world.code(function)
        except LanguageError as e:
            if e.place is None and node is not None and caller is not None:
                self.error(e.message, node, caller)
            raise
        activation = Activation(code, receiver)
        plain = function.__code__
        if (
            not kwargs
            and len(args) == plain.co_argcount
            and not plain.co_kwonlyargcount
            and not plain.co_flags & VARARGS
        ):
            activation.env = dict(zip(plain.co_varnames, args, strict=False))
            return activation
        try:
            bound = bind(function, args, kwargs)
        except TypeError as e:
            if node is None or caller is None:
                raise LanguageError(f"{code.source.name}(): {e}", place(code.source.file, code.source.node)) from None
            self.error(f"{code.source.name}(): {e}", node, caller)
        bound.apply_defaults()
        activation.env = dict(bound.arguments)
        return activation

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

    def truth(self, value: Any, node: ast.AST, activation: Activation) -> Expr:
        """The condition under which Python takes the value for true."""
        if not symbolic(value):
            if isinstance(value, sorts.Sort | Part | state.Array | Thread | Threads) or callable(value):
                hint = (
                    f"; call it: {text_of(node)}()" if inspect.isroutine(value) and isinstance(node, ast.expr) else ""
                )
                self.error(f"a condition must be a bool, not {describe(value)}{hint}", node, activation)
            return constant(bool(value))
        if isinstance(value, Scalar):
            if value.kind is bool:
                return value.expr
            return neg(eq(value.expr, Constant(0))) if value.kind is int else TRUE
        if isinstance(value, Maybe):
            return conj(value.present, self.truth(value.value, node, activation))
        if isinstance(value, SetOf):
            return disj(*value.members.values())
        if isinstance(value, Guarded):
            return disj(*(c for c, _ in value.items))
        return TRUE

    def run(self, stack: list[Activation], saved: list[Saved] | None = None) -> Park | None:
        """Execute until the next step (returned; the top activation stands at it) or the end of the last routine.

        `saved`: where to keep the path as it was before the instructions that decide something.
        """
        base = len(self.active)
        for activation in stack:
            self.active.append((activation.code, activation.owner))
        return self.go_on(stack, saved, base)

    def go_on(self, stack: list[Activation], saved: list[Saved] | None, base: int = 0) -> Park | None:
        top = stack[-1]
        try:
            with self.bounded(top.code.instructions[top.pc].node, top):
                self.world.work.path()
                return self._run(stack, saved)
        finally:
            del self.active[base:]

    def save(self, stack: list[Activation], saved: list[Saved]) -> None:
        decided = len(self.options)
        while saved and saved[-1].decided >= decided:
            saved.pop()
        saved.append(Saved(decided, *self.copied(stack)))

    def _run(self, stack: list[Activation], saved: list[Saved] | None) -> Park | None:
        stop.here()
        work = self.world.work
        while True:
            top = stack[-1]
            instruction = top.code.instructions[top.pc]
            if saved is not None:
                self.save(stack, saved)
            work.now((top.code.source.file, instruction.value or instruction.node))
            work.add()
            self.lines.add((top.code.source.file, getattr(instruction.node, "lineno", 0)))
            self.length += 1
            if self.length > LONGEST_PATH:
                node, at = self.back or (instruction.node, top)
                self.error("this loop goes round and round without a step: put await step(...) inside it", node, at)
            match instruction.op:
                case "assign":
                    assert instruction.value is not None and instruction.target is not None
                    value = self.statement_value(instruction.value, top)
                    self.assign(instruction.target, value, instruction.node, top)
                    top.pc += 1
                case "augment":
                    assert instruction.value is not None and instruction.target is not None
                    assert instruction.operator is not None
                    self.augment(instruction.target, instruction.operator, instruction.value, instruction.node, top)
                    top.pc += 1
                case "branch":
                    assert instruction.value is not None
                    condition = self.facts.simplify(self.condition(instruction.value, top))
                    if isinstance(condition, Constant):
                        way = bool(condition.value)
                        if self.world.settled.setdefault(instruction.node, way) != way:
                            self.world.tests.add(instruction.node)  # by what was done before, as for a retry
                    else:
                        self.world.tests.add(instruction.node)
                        key = (top, top.pc)
                        if instruction.loop and key in self.looped:
                            self.error(
                                "this loop depends on the state and has no await, so how often it runs in one step has no bound: "
                                "put await step(...) inside it, or write for over a static range with if and break",
                                instruction.node,
                                top,
                            )
                        if instruction.loop:
                            self.looped.add(key)
                        way = self.decide(condition)
                        self.branches.append(self.branch(instruction.node, way, top))
                    self.passed[self.branch(instruction.node, way, top)] = None
                    top.pc = instruction.to if way else instruction.other
                case "enter":
                    self.looped.discard((top, top.pc + 1))
                    top.pc += 1
                case "jump":
                    if instruction.to < top.pc:
                        self.back = (top.code.instructions[instruction.to].node, top)
                    top.pc = instruction.to
                case "do":
                    assert instruction.value is not None
                    self.value(instruction.value, top)
                    top.pc += 1
                case "for":
                    assert instruction.value is not None
                    top.env[instruction.slot] = (tuple(self.iterable(instruction.value, top)), 0)
                    top.pc += 1
                case "next":
                    assert instruction.target is not None
                    items, at = top.env[instruction.slot]
                    if at < len(items):
                        top.env[instruction.slot] = (items, at + 1)
                        self.assign(instruction.target, items[at], instruction.node, top)
                        top.pc = instruction.to
                    else:
                        del top.env[instruction.slot]
                        top.pc = instruction.other
                case "assert":
                    assert instruction.value is not None
                    self.assertion(instruction.value, instruction.target, instruction.node, top)
                    top.pc += 1
                case "call":
                    assert isinstance(instruction.value, ast.Call)
                    park = self.awaited(instruction.value, stack)
                    if park is not None:
                        return park
                case "return":
                    value = None if instruction.value is None else self.statement_value(instruction.value, top)
                    stack.pop()
                    self.active.pop()
                    if not stack:
                        self.returned = value
                        return None
                    caller = stack[-1]
                    call = caller.code.instructions[caller.pc]
                    if call.target is not None:
                        self.assign(call.target, value, call.node, caller)
                    caller.pc += 1
                case _:
                    raise AssertionError(instruction.op)

    def branch(self, node: ast.AST, way: bool, activation: Activation) -> Branch:
        """One way out of a test in the source."""
        source = activation.code.source
        made = self.world.branches.get((node, way))
        if made is None:
            text = _text(node, source.file)
            made = Branch(text, getattr(node, "lineno", 0), way, source.file, source.name)
            self.world.branches[node, way] = made
        return made

    def assertion(self, test: ast.expr, message: ast.expr | None, node: ast.AST, activation: Activation) -> None:
        condition = self.facts.simplify(self.condition(test, activation))
        text = text_of(test)
        if message is not None:
            said = self.value(message, activation)
            text = said if isinstance(said, str) else text
        if not self.decide(condition):
            raise PathEnd(Failure("assert", text, span(activation.code.source.file, node)))

    def awaited(self, call: ast.Call, stack: list[Activation]) -> Park | None:
        top = stack[-1]
        function = self.value(call.func, top)
        if function is steps.step:
            return self.park(call, top)
        if not callable(function) and not isinstance(function, Bound):
            self.error(f"{describe(function)} can't be awaited: await step(...) or an async def", call, top)
        plain: Any = function.function if isinstance(function, Bound) else getattr(function, "__func__", function)
        if not inspect.iscoroutinefunction(inspect.unwrap(plain)):
            if inspect.isasyncgenfunction(inspect.unwrap(plain)):
                self.error(f"{text_of(call.func)} contains yield, which makes it a generator, not a routine", call, top)
            if isinstance(plain, types.FunctionType) and not is_users(plain.__code__.co_filename):
                self.error(
                    f"{text_of(call.func)}() belongs to Python's library and is not part of the language: a thread awaits "
                    "step(...) and the routines of the model, one after the other",
                    call,
                    top,
                )
            what = (
                f"the class {function.__name__}"
                if isinstance(function, type)
                else f"{text_of(call.func)}() is a plain def"
            )
            self.error(f"{what} and has no steps: call it without await", call, top)
        args, kwargs = self.arguments(call, top)
        entered = self.enter(function, args, kwargs, call, top)
        self.recursion(entered, call, top)
        stack.append(entered)
        self.active.append((entered.code, entered.owner))
        return None

    def recursion(self, entered: Activation, call: ast.AST, top: Activation) -> None:
        key = (entered.code, entered.owner)
        if key in self.active or len(self.active) > 60:
            self.error(
                f"{entered.code.source.name}() calls itself; recursion is not part of the language: write a loop",
                call,
                top,
            )

    def park(self, call: ast.Call, top: Activation) -> Park:
        keywords = {k.arg: k.value for k in call.keywords}
        known = ("when", "voluntary", "may_wait", "fairness")
        if len(call.args) != 1 or not set(keywords) <= set(known):
            wrong = [k for k in keywords if k not in known]
            given = f"{wrong[0]}=" if wrong and wrong[0] else f"{len(call.args)} arguments" if call.args else "no label"
            self.error(
                f'step takes one label, and when=, voluntary=, may_wait=, fairness=; not {given}: await step("label")',
                call,
                top,
            )
        when = keywords.get("when")
        if isinstance(when, ast.Constant) and when.value is None:
            when = None
        if when is not None and not isinstance(when, ast.Lambda):
            self.error(
                "the condition of a step is evaluated when the step is scheduled, not here: write "
                f"when=lambda: {text_of(when)}{'()' if self.is_routine(when, top) else ''}",
                when,
                top,
            )
        if when is not None and (when.args.args or when.args.kwonlyargs or when.args.vararg or when.args.posonlyargs):
            self.error(
                "the condition of a step takes no parameters, it reads the names around it: write when=lambda: ...",
                when,
                top,
            )
        label = self.value(call.args[0], top)
        if not isinstance(label, str):
            self.error(
                f"the label of a step must be a string known before the run, not {describe(label)}", call.args[0], top
            )
        flags = {}
        for name in ("voluntary", "may_wait"):
            flag = self.value(keywords[name], top) if name in keywords else False
            if not isinstance(flag, bool):
                what = "a bool that depends on the state" if symbolic(flag) else describe(flag)
                self.error(f"{name}= must be True or False, known before the run, not {what}", keywords[name], top)
            flags[name] = flag
        fairness = self.value(keywords["fairness"], top) if "fairness" in keywords else None
        if fairness not in (None, "strong"):
            given = repr(fairness) if isinstance(fairness, str) else describe(fairness)
            self.error(f"fairness= of a step must be 'strong' or left out, not {given}", keywords["fairness"], top)
        if fairness is not None and flags["voluntary"]:
            self.error("a voluntary step is outside any fairness: leave out fairness=", keywords["fairness"], top)
        return Park(label, when, flags["voluntary"], flags["may_wait"], call, fairness)

    # ------------------------------------------------------------ assignment

    def statement_value(self, node: ast.expr, top: Activation) -> Any:
        """The value of the right side of an assignment or of a return: where choose and local may stand."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            function = self.name(node.func, top)
            if function is steps.choose:
                return self.choose(node, top)
            if function is state.local:
                return self.call_local(node, top)
        return self.value(node, top)

    def assign(self, target: ast.expr, value: Any, node: ast.AST, top: Activation) -> None:
        if isinstance(target, ast.Name):
            declared = top.env.get("." + target.id)
            if isinstance(value, DeclaredLocal):
                top.env["." + target.id] = value.sort
                value, declared = value.init, value.sort
            if declared is not None:
                value = self.declared(target.id, declared, value, node, top)
            top.env[target.id] = value
            top.assigned[target.id] = node
        elif isinstance(target, ast.Tuple | ast.List):
            if isinstance(value, Guarded) or not isinstance(value, tuple | list):
                self.error(
                    f"{describe(value)} can't be unpacked into {len(target.elts)} names: a tuple can", target, top
                )
            if len(value) != len(target.elts):
                self.error(f"{len(value)} values can't be unpacked into {len(target.elts)} names", target, top)
            for element, item in zip(target.elts, value, strict=True):
                self.assign(element, item, node, top)
        elif isinstance(target, ast.Subscript):
            holder = self.value(target.value, top)
            array = self.array(holder)
            if array is None:
                self.error(
                    f"only the elements of an array of state can be assigned, and {text_of(target.value)} is "
                    f"{describe(holder)}: declare self.a = array(index, element, init)",
                    target,
                    top,
                )
            self.touch(array.name, target, top)
            self.write_elements(self.subscript(array, self.value(target.slice, top), target, top), value, node, top)
        elif isinstance(target, ast.Attribute):
            holder = self.value(target.value, top)
            if isinstance(holder, Part):
                name = f"{holder.part_name}.{target.attr}"
                attribute = self.world.variables.get(name)
                if isinstance(attribute, Variable):
                    self.touch(name, target, top)
                    self.write(attribute, value, node, top)
                    return
                if isinstance(attribute, ArrayVariable):
                    self.error(
                        f"{name} is an array: assign its elements, {text_of(target)}[index] = value", target, top
                    )
                static = target.attr in vars(holder)
                what = (
                    "is a static value and is never assigned after __init__" if static else "is not declared as state"
                )
                near = "" if static else did_you_mean(target.attr, holder.part_state)
                self.error(
                    f"{name} {what}{near}; in __init__, declare self.{target.attr} = var(sort, init)", target, top
                )
            if values.cases_of(holder) is not None or isinstance(holder, Maybe):
                held = text_of(target.value)
                self.error(
                    f"a record is immutable: store a new one, {held} = replace({held}, {target.attr}=...)", target, top
                )
            self.error(f"the attribute {target.attr} of {describe(holder)} can't be assigned", target, top)
        else:
            self.error("only a local, state, or a tuple of these can be assigned", target, top)

    def write_elements(self, found: list[tuple[Variable, Expr]], value: Any, node: ast.AST, top: Activation) -> None:
        for variable, condition in found:
            self.write(variable, value, node, top, condition)

    def read_elements(self, found: list[tuple[Variable, Expr]]) -> Any:
        self.world.work.add(len(found))
        elements = [(condition, self.read(element)) for element, condition in found]
        nothing = self.of_no_index(*found[-1])
        return values.merged(elements if nothing is MISSING else [*elements, (TRUE, nothing)])

    def of_no_index(self, variable: Variable, condition: Expr) -> Any:
        """What is read where the index names no element, because its cell may hold no value; MISSING where it can't.

        No state that is reached reads it. But with it no index comes last, which stood for "or else": so the text alone
        shows that two of them are alike.
        """
        domains = [self.world.cells[c].domain for c in variable.cells]
        held = [self.world.cells[c].domain for c in cells_read(condition)]
        if not any(d.top > d.hi for d in held):
            return MISSING
        codes = values.default(variable.sort, self.world.sizes)
        pairs = list(zip(codes, domains, strict=True))
        if any(isinstance(code, Constant) and not d.truth and not d.lo <= code.value <= d.top for code, d in pairs):
            return MISSING
        return values.load(variable.sort, iter(pairs), self.world.sizes)

    def augment(
        self, target: ast.expr, operator: ast.operator, right: ast.expr, node: ast.AST, top: Activation
    ) -> None:
        """``target op= right``: what the target names is found once, before the right side is evaluated."""
        array = self.array(self.value(target.value, top)) if isinstance(target, ast.Subscript) else None
        if not isinstance(target, ast.Subscript) or array is None:
            old = self.value(_load(target), top)
            self.assign(target, self.binary(operator, old, self.value(right, top), node, top), node, top)
            return
        self.touch(array.name, target, top)
        found = self.subscript(array, self.value(target.slice, top), target, top)
        old = self.read_elements(found)
        self.write_elements(found, self.binary(operator, old, self.value(right, top), node, top), node, top)

    def declared(self, name: str, sort: Sort[Any], value: Any, node: ast.AST, top: Activation) -> Any:
        """A value for a local declared with local(sort, init): always symbolic, so that it is a cell and not a control point.

        Its range is checked when the action ends.
        """
        try:
            values.store(
                sort,
                value,
                self.world.sizes,
                lambda c, m: self.check(c, "value", f"{name} can't hold it: {m}", node, top),
            )
        except Mismatch as m:
            self.error(f"{name} can't hold it: {m}", node, top)
        return values.dynamic(sort, value)

    def choose(self, call: ast.Call, top: Activation) -> Any:
        if self.pure or self.context:
            raise Impure(call, top)
        if len(call.args) != 1 or call.keywords:
            self.error(
                f"choose takes one iterable, not {len(call.args)} arguments: choose(f for f in frames if ...)",
                call,
                top,
            )
        if self.stateless:
            self.error(
                "before a thread's first step no state is read, written or chosen: put await step(...) before choose(...)",
                call,
                top,
            )
        argument = call.args[0]
        if isinstance(argument, ast.GeneratorExp | ast.ListComp | ast.SetComp):
            items = list(self.comprehension(argument, top))
        else:
            items = self.items(self.value(argument, top), argument, top)
        self.world.work.add(len(items))
        qualifies: dict[tuple[type, Any], list[Expr]] = {}
        for condition, value in items:
            if symbolic(value):
                self.error(
                    "choose picks among static values; choose the index first and read the state after it", call, top
                )
            qualifies.setdefault((type(value), value), []).append(condition)
        options = [(v, self.facts.simplify(disj(*cs))) for (_, v), cs in qualifies.items()]
        options = [(v, c) for v, c in options if c != FALSE]
        some = self.facts.simplify(disj(*(c for _, c in options)))
        at = self.pick(len(options) + (some != TRUE))
        if at == len(options):
            self.assume(neg(some))
            raise PathEnd(None, _choice_text(argument), span(top.code.source.file, call))
        value, condition = options[at]
        self.assume(condition)
        self.choices.extend(choice_names(value))
        return self.dynamic(value)

    def dynamic(self, value: Any) -> Any:
        """A chosen value: known on this path, but kept in a cell and not in the control point if it lives on."""
        if isinstance(value, tuple):
            return tuple(map(self.dynamic, value))
        given = scalar(value)
        return value if given is None else given

    # ------------------------------------------------------------ expressions

    def condition(self, node: ast.expr, top: Activation) -> Expr:
        """Whether Python takes the expression for true."""
        if isinstance(node, ast.BoolOp):
            found = [c for c, _ in self.operands(node, top, truth=True)]
            return conj(*found) if isinstance(node.op, ast.And) else disj(*found)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return neg(self.condition(node.operand, top))
        return self.truth(self.value(node, top), node, top)

    def name(self, node: ast.Name, top: Activation) -> Any:
        if node.id in top.env:
            return top.env[node.id]
        if node.id in top.code.locals:
            self.error(
                f"the local {node.id} is read here, and on the way here it may not have been assigned", node, top
            )
        try:
            return self.outside(top.code.source.lookup(node.id), node, top)
        except KeyError:
            names = {*top.env, *top.code.source.function.__code__.co_freevars, *top.code.source.function.__globals__}
            near = did_you_mean(node.id, [n for n in names if not n.startswith(".")])
            self.error(f"the name {node.id} is not defined{near}", node, top)

    def outside(self, value: Any, node: ast.AST, top: Activation) -> Any:
        """A static value from outside the routine. Refuses those that no step may know."""
        if isinstance(value, Open):
            self.error(
                "any_of(...) leaves a rule open and is no value: put it in a field of a record of rules (class Kernel(Rules)), "
                "and read that",
                node,
                top,
            )
        if names_an_atom(value):
            what = f"{describe(value)} that holds some" if not isinstance(value, Atom) else "one"
            self.error(
                "the values of a scalarset are interchangeable, so a step can't name one: choose it, or read it from the state "
                f"(only initial values may name one); {text_of(node)} is {what}",
                node,
                top,
            )
        return value

    def is_routine(self, node: ast.expr, top: Activation) -> bool:
        """True for an expression that names a routine instead of calling it."""
        try:
            return isinstance(node, ast.Name | ast.Attribute) and inspect.isroutine(self.value(node, top))
        except LanguageError:
            return False

    def value(self, node: ast.expr, top: Activation) -> Any:
        self.world.work.add()
        match node:
            case ast.Name():
                value = self.name(node, top)
                if isinstance(value, state.Declaration):
                    self.error(
                        "a declaration is no value: state is declared in a part, self.x = var(sort, init)", node, top
                    )
                return value
            case ast.Attribute():
                return self.attribute(self.value(node.value, top), node.attr, node, top)
            case ast.Constant():
                return node.value
            case ast.Subscript():
                return self.item(node, top)
            case ast.Call():
                return self.call(node, top)
            case ast.Compare():
                return self.compare(node, top)
            case ast.BoolOp():
                return self.boolean(node, top)
            case ast.UnaryOp():
                return self.unary(node, top)
            case ast.BinOp():
                return self.binary(node.op, self.value(node.left, top), self.value(node.right, top), node, top)
            case ast.IfExp():
                return self.conditional(node, top)
            case ast.Tuple():
                return tuple(self.value(e, top) for e in node.elts)
            case ast.List():
                return tuple(self.value(e, top) for e in node.elts)
            case ast.Set():
                return self.make_set([(TRUE, self.value(e, top)) for e in node.elts], node, top)
            case ast.ListComp():
                return Guarded(tuple(self.comprehension(node, top)))
            case ast.GeneratorExp():
                self.error(
                    "a generator is evaluated when it is consumed, and only once; it may stand after for in a comprehension, and "
                    "in any(...), sum(...) and their kin; write a list here: [...]",
                    node,
                    top,
                )
            case ast.SetComp():
                return self.make_set(list(self.comprehension(node, top)), node, top)
            case ast.JoinedStr():
                return self.formatted(node, top)
            case ast.Lambda():
                self.error(
                    "a lambda may stand only where a condition is asked for, when=lambda: ... and before(lambda: ...): "
                    "write a def outside the coroutine",
                    node,
                    top,
                )
            case _:
                self.error(f"the expression {text_of(node)} is not part of the language", node, top)

    def formatted(self, node: ast.JoinedStr, top: Activation) -> str:
        out = ""
        for part in node.values:
            if isinstance(part, ast.Constant):
                out += str(part.value)
            else:
                assert isinstance(part, ast.FormattedValue)
                value = self.value(part.value, top)
                if symbolic(value):
                    self.error(
                        f"an f-string may use static values only, and {text_of(part.value)} depends on the state: "
                        "leave it out, the trace shows the state",
                        part.value,
                        top,
                    )
                out += show(value) if isinstance(value, Enum | Atom) else str(value)
        return out

    def array(self, value: Any) -> ArrayVariable | None:
        if isinstance(value, state.Array):
            found = self.world.variables.get(value.name)
            return found if isinstance(found, ArrayVariable) else None
        return None

    def attribute(self, holder: Any, name: str, node: ast.AST, top: Activation) -> Any:
        if isinstance(holder, Maybe) or holder is None:
            holder = self.present(holder, f"{held_by(node)} is None, which has no attribute {name!r}", node, top)
        if isinstance(holder, Part):
            full = f"{holder.part_name}.{name}"
            state_variable = self.world.variables.get(full)
            if isinstance(state_variable, Variable):
                self.touch(full, node, top)
                self.note_ghost(state_variable, node, top)
                return self.read(state_variable)
        if isinstance(holder, Thread | Threads) and name == "finished":
            threads = [holder] if isinstance(holder, Thread) else list(holder.threads())
            self.touch(f"{held_by(node)}.finished", node, top)
            return Scalar(conj(*(eq(self.cell(self.world.finished[t.name]), Constant(0)) for t in threads)), bool)
        if isinstance(holder, Rules):
            self.world.model.rules_read.note(holder, name)
            opened = open_rule(holder, name)
            if opened is not None:
                try:
                    self.touch(f"the rule {name}, left open here,", node, top)
                except LanguageError as e:
                    raise LeftOpen(name, e.message, e.place) from None
                if name not in self.world.constants:
                    self.error(f"the rule {name} is open here but was not found when the model was lowered", node, top)
                return self.read(self.world.constants[name])
        if isinstance(holder, OneOf):
            return self.attribute_of_one(holder, name, node, top)
        if isinstance(holder, Struct):
            if name in holder.fields:
                return holder.fields[name]
            found = getattr(holder.cls, name, MISSING)
            if isinstance(found, types.FunctionType):
                return Bound(found, holder)
            if isinstance(found, property) and found.fget is not None:
                return self.invoke(Bound(found.fget, holder), [], {}, node, top)  # type: ignore[arg-type]
            near = did_you_mean(name, holder.fields) or f"; it has {', '.join(holder.fields)}"
            self.error(f"{describe(holder)} has no attribute {name!r}{near}", node, top)
        if isinstance(holder, Scalar):
            found = getattr(holder.kind, name, MISSING)
            if isinstance(found, types.FunctionType) and issubclass(holder.kind, Enum):
                return Bound(found, holder)
            if issubclass(holder.kind, Atom):
                self.error(
                    f"{held_by(node)} is {describe(holder)}, a value of a scalarset: it can be compared for equality, used as an "
                    "index and chosen, and has no attributes",
                    node,
                    top,
                )
            self.error(
                f"{held_by(node)} depends on the state, so its attribute {name!r} is not known here: "
                "compare it with == or use it as an index",
                node,
                top,
            )
        if isinstance(holder, SetOf | Guarded) or (isinstance(holder, tuple) and symbolic(holder)):
            self.error(f"{describe(holder)} has no attribute {name!r} in the language", node, top)
        if isinstance(holder, Atom) and name in ("_index", "_made"):
            self.error(
                f"{held_by(node)} is a value of a scalarset: its number has no meaning; compare it with ==", node, top
            )
        descriptor = inspect.getattr_static(type(holder), name, None)
        if isinstance(descriptor, property) and descriptor.fget is not None and not isinstance(holder, Enum | Sort):
            return self.invoke(types.MethodType(descriptor.fget, holder), [], {}, node, top)
        try:
            found = getattr(holder, name)
        except AttributeError:
            if name in ("__aenter__", "__aexit__"):
                self.error(
                    "async with takes a lock, a part with async def __aenter__(self) and async def __aexit__(self, *args), "
                    f"not {describe(holder)}",
                    node,
                    top,
                )
            known = [n for n in dir(holder) if not n.startswith(("_", "part_"))]
            if isinstance(holder, Part):
                known += holder.part_state
            what = holder.part_name if isinstance(holder, Part) else describe(holder)
            if isinstance(holder, tuple | frozenset) and name in CHANGING:
                self.error(
                    f".{name}() changes a list or a set in place, and values don't change here: write {CHANGING[name]} for a "
                    "value that the step makes, and keep state in self.a = array(index, element, init)",
                    node,
                    top,
                )
            self.error(f"{what} has no attribute {name!r}{did_you_mean(name, known)}", node, top)
        return self.outside(found, node, top)

    def possible(self, value: OneOf) -> dict[type, tuple[Expr, Any]]:
        """The classes that the record may be of, as far as the path and the conditions around the expression say."""
        given = self.given()
        cases = {cls: (given.simplify(condition), case) for cls, (condition, case) in value.cases.items()}
        return {cls: (condition, case) for cls, (condition, case) in cases.items() if condition != FALSE}

    def attribute_of_one(self, holder: OneOf, name: str, node: ast.AST, top: Activation) -> Any:
        """An attribute of a record of one of several classes: one that has no such attribute is an error of the model."""
        cases = self.possible(holder)
        if not cases:
            raise Unreached
        if len(cases) == 1:
            return self.attribute(next(iter(cases.values()))[1], name, node, top)
        having: list[tuple[Expr, Any]] = []
        for condition, case in cases.values():
            record = values.parts_of(case)
            if record is not None and name in record[1]:
                having.append((condition, record[1][name]))
        known = [field for cls in cases for field in dict(values.fields_of(cls))]
        which = " or ".join(an(cls.__name__) for cls in cases)
        if not having:
            near = did_you_mean(name, known)
            self.error(f"{held_by(node)} is {which} here, and none has the field {name!r}{near}; test it first: "
                       f"isinstance({held_by(node)}, {next(iter(cases)).__name__})", node, top)  # fmt: skip
        without = [cls.__name__ for cls in cases if name not in dict(values.fields_of(cls))]
        if without:
            text = f"{held_by(node)} is {an(' or '.join(without))}, which has no field {name!r}"
            self.check(disj(*(condition for condition, _ in having)), "value", text, node, top)
        found = having[-1][1]
        try:
            for condition, value in reversed(having[:-1]):
                found = values.merge(condition, value, found)
        except Mismatch as m:
            self.error(f"{held_by(node)}.{name} is {m}", node, top)
        return found

    def item(self, node: ast.Subscript, top: Activation) -> Any:
        holder = self.value(node.value, top)
        index = self.value(node.slice, top)
        array = self.array(holder)
        if array is not None:
            self.touch(array.name, node, top)
            elements = self.subscript(array, index, node, top)
            for element, _ in elements:
                self.note_ghost(element, node, top)
            return self.read_elements(elements)
        if symbolic(index):
            self.error(
                f"only arrays of state can be indexed by a value that depends on the state, and {text_of(node.value)} is "
                f"{describe(holder)}: declare self.a = array(index, element, init)",
                node,
                top,
            )
        if not hasattr(type(holder), "__getitem__") or isinstance(holder, SYMBOLIC_ARGUMENT):
            self.error(f"{text_of(node.value)} is {describe(holder)}, which has no elements", node, top)
        try:
            return holder[index]
        except LanguageError as e:
            self.error(e.message, node, top)
        except (TypeError, KeyError, IndexError) as e:
            self.error(f"{text_of(node)} fails: {shown_error(e)}", node, top)

    def note_ghost(self, variable: Variable, node: ast.AST, top: Activation) -> None:
        if variable.ghost:
            for cell in variable.cells:
                self.ghosts.setdefault(cell, span(top.code.source.file, node))

    def static_index(self, value: Any) -> Any:
        return values.settle(value, self.world.members)

    def compare(self, node: ast.Compare, top: Activation) -> Any:
        left = self.value(node.left, top)
        results: list[Expr] = []
        pushed = 0
        try:
            for op, right_node in zip(node.ops, node.comparators, strict=True):
                try:
                    right, result = self.beside(op, left, right_node, node, top)
                except Unreached:
                    results.append(FALSE)
                    break
                except Impure:
                    if not pushed or self.pure or len(self.context) > pushed:
                        raise
                    # the operand changes the state: decide what stands before it, then run it as code
                    del self.context[len(self.context) - pushed :]
                    pushed = 0
                    if not self.decide(conj(*results)):
                        return False
                    results = []
                    right, result = self.beside(op, left, right_node, node, top)
                result = self.facts.simplify(result)
                results.append(result)
                if result == FALSE:
                    break
                left = right
                self.context.append(result)
                pushed += 1
        finally:
            del self.context[len(self.context) - pushed :]
        return self.boolean_value(conj(*results))

    def beside(
        self, op: ast.cmpop, left: Any, right_node: ast.expr, node: ast.AST, top: Activation
    ) -> tuple[Any, Expr]:
        """The right operand of one comparison, and the condition that it holds."""
        if isinstance(right_node, ast.GeneratorExp) and isinstance(op, ast.In | ast.NotIn):
            inside = disj(
                *self.until(right_node, top, lambda inner: values.equal(left, self.value(right_node.elt, inner)))
            )
            return None, inside if isinstance(op, ast.In) else neg(inside)
        right = self.value(right_node, top)
        return right, self.relation(op, left, right, node, top)

    def boolean_value(self, expr: Expr) -> Any:
        return bool(expr.value) if isinstance(expr, Constant) else Scalar(expr, bool)

    def relation(self, op: ast.cmpop, a: Any, b: Any, node: ast.AST, top: Activation) -> Expr:
        match op:
            case ast.Eq():
                return self.same(a, b, node, top)
            case ast.NotEq():
                return neg(self.same(a, b, node, top))
            case ast.Is() | ast.IsNot():
                for value in (a, b):
                    given = scalar(value.value if isinstance(value, Maybe) else value)
                    if given is not None and given.kind is int and a is not None and b is not None:
                        self.error("is compares identity, and integers have none: compare them with ==", node, top)
                    if values.cases_of(value) is not None and a is not None and b is not None:
                        self.error("is compares identity, and records have none: compare them with ==", node, top)
                if not symbolic(a) and not symbolic(b):
                    same: Expr = constant(a is b)
                else:
                    same = values.equal(a, b)
                return same if isinstance(op, ast.Is) else neg(same)
            case ast.In() | ast.NotIn():
                inside = self.contains(a, b, node, top)
                return inside if isinstance(op, ast.In) else neg(inside)
        a = self.present(a, "None has no order: the left side of the comparison is None", node, top)
        b = self.present(b, "None has no order: the right side of the comparison is None", node, top)
        ia, ib = self.integer(a, node, top), self.integer(b, node, top)
        match op:
            case ast.Lt():
                return lt(ia, ib)
            case ast.LtE():
                return le(ia, ib)
            case ast.Gt():
                return lt(ib, ia)
            case _:
                return le(ib, ia)

    def same(self, a: Any, b: Any, node: ast.AST, top: Activation) -> Expr:
        if isinstance(a, Guarded) or isinstance(b, Guarded):
            self.error("comprehensions can't be compared: write all(...) or any(...) over the elements", node, top)
        return values.equal(a, b)

    def contains(self, a: Any, b: Any, node: ast.AST, top: Activation) -> Expr:
        held = values.as_set(b)
        if held is not None:
            return disj(*(conj(c, values.equal(a, m)) for m, c in held.items()))
        if isinstance(b, Guarded):
            return disj(*(conj(c, values.equal(a, m)) for c, m in b.items))
        if isinstance(b, Sort | tuple | range | list) or (isinstance(b, type) and issubclass(b, Enum)):
            return disj(*(values.equal(a, m) for _, m in self.items(b, node, top)))
        self.error(f"in needs a set, a sort or a tuple on its right, not {describe(b)}", node, top)

    def integer(self, value: Any, node: ast.AST, top: Activation) -> Expr:
        given = scalar(value)
        if given is None or given.kind not in (bool, int):
            if given is not None and issubclass(given.kind, Atom):
                self.error(
                    f"an integer is needed here, not {an(given.kind.__name__)}: the values of a scalarset have no order and no "
                    "arithmetic; they can be compared for equality, used as an index and chosen",
                    node,
                    top,
                )
            hint = ": members of an Enum can be compared for equality only" if given is not None else ""
            if isinstance(value, float):
                hint = ": numbers are integers; count in smaller units"
            if isinstance(value, str):
                hint = ": text can't be made of state; labels are fixed"
            self.error(f"an integer is needed here, not {describe(value)}{hint}", node, top)
        return values.as_int(given)

    def operands(self, node: ast.BoolOp, top: Activation, truth: bool) -> list[tuple[Expr, Any]]:
        """The condition and the value of each operand that may be evaluated; with `truth` no value is wanted.

        An operand that changes the state runs as code, after a decision on what stands before it.
        """
        is_and = isinstance(node.op, ast.And)
        passes = TRUE if is_and else FALSE
        found: list[tuple[Expr, Any]] = []
        pushed = 0

        def evaluate(operand: ast.expr) -> tuple[Expr, Any]:
            if truth:
                return self.condition(operand, top), None
            value = self.value(operand, top)
            return self.truth(value, operand, top), value

        try:
            for operand in node.values:
                try:
                    condition, value = evaluate(operand)
                except Unreached:
                    if not found:
                        raise
                    break
                except Impure:
                    if not pushed or self.pure or len(self.context) > pushed:
                        raise
                    before = [c for c, _ in found]
                    del self.context[len(self.context) - pushed :]
                    pushed = 0
                    if self.decide(conj(*before) if is_and else disj(*before)) != is_and:
                        return found
                    found = []
                    condition, value = evaluate(operand)
                condition = self.facts.simplify(condition)
                found.append((condition, value))
                if condition == neg(passes):
                    break
                if condition != passes:
                    self.context.append(condition if is_and else neg(condition))
                    pushed += 1
        finally:
            if pushed:
                del self.context[len(self.context) - pushed :]
        return found

    def boolean(self, node: ast.BoolOp, top: Activation) -> Any:
        """``a and b``, ``a or b``: the operand that settles it, as in Python."""
        is_and = isinstance(node.op, ast.And)
        found = self.operands(node, top, truth=False)
        if all(isinstance(v, bool) or isinstance(v, Scalar) and v.kind is bool for _, v in found):
            return self.boolean_value(conj(*(c for c, _ in found)) if is_and else disj(*(c for c, _ in found)))
        result = found[-1][1]
        try:
            for condition, value in reversed(found[:-1]):
                if is_and:
                    result = values.merge(condition, result, value)
                else:  # true, so not None
                    result = values.merge(condition, value.value if isinstance(value, Maybe) else value, result)
        except Mismatch as m:
            self.error(f"this is {m}", node, top)
        return result

    def unary(self, node: ast.UnaryOp, top: Activation) -> Any:
        if isinstance(node.op, ast.Not):
            return self.boolean_value(neg(self.condition(node.operand, top)))
        value = self.value(node.operand, top)
        if isinstance(node.op, ast.USub | ast.UAdd):
            expr = self.integer(
                self.present(value, f"{text_of(node.operand)} is None, no number", node, top), node, top
            )
            return self.number(expr if isinstance(node.op, ast.UAdd) else arithmetic("sub", Constant(0), expr))
        self.error("of the operators before a value only not, - and + are part of the language", node, top)

    def number(self, expr: Expr) -> Any:
        return expr.value if isinstance(expr, Constant) else Scalar(expr, int)

    def binary(self, op: ast.operator, a: Any, b: Any, node: ast.AST, top: Activation) -> Any:
        sa, sb = values.as_set(a), values.as_set(b)
        if sa is not None and sb is not None:
            keys = list(sa) + [k for k in sb if k not in sa]
            combine: Callable[[Expr, Expr], Expr]
            match op:
                case ast.BitOr():
                    combine = disj
                case ast.BitAnd():
                    combine = conj
                case ast.Sub():

                    def combine(x: Expr, y: Expr) -> Expr:
                        return conj(x, neg(y))
                case _:
                    self.error("of the operators between sets only | & - are part of the language", node, top)
            return self.finished_set({k: combine(sa.get(k, FALSE), sb.get(k, FALSE)) for k in keys})
        if not symbolic(a) and not symbolic(b) and not (isinstance(a, int) and isinstance(b, int)):
            if isinstance(a, str) and isinstance(b, str) or isinstance(a, tuple) and isinstance(b, tuple):
                if isinstance(op, ast.Add):
                    return a + b  # type: ignore[operator]
            if isinstance(op, ast.BitOr) and isinstance(a, CLASSES) and isinstance(b, CLASSES):
                return a | b
        names = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.FloorDiv: "floordiv", ast.Mod: "mod"}
        name = names.get(type(op))
        if name is None:
            self.error("of the arithmetic operators only + - * // % are part of the language, on integers", node, top)
        left, right = operands(node)
        x = self.integer(self.present(a, f"{left} is None, no number", node, top), node, top)
        y = self.integer(self.present(b, f"{right} is None, no number", node, top), node, top)
        if name in ("floordiv", "mod"):
            self.check(neg(eq(y, Constant(0))), "value", f"division by zero: {right} is 0", node, top)
        return self.number(self.facts.simplify(arithmetic(name, x, y)))

    def conditional(self, node: ast.IfExp, top: Activation) -> Any:
        condition = self.facts.simplify(self.condition(node.test, top))
        if isinstance(condition, Constant):
            return self.value(node.body if condition.value else node.orelse, top)
        found: list[tuple[Expr, Any]] = []
        try:
            for way, branch in ((condition, node.body), (neg(condition), node.orelse)):
                try:
                    found.append((way, self.under(way, branch, top)))
                except Unreached:
                    pass
            if not found:
                raise Unreached
            return found[0][1] if len(found) == 1 else values.merge(condition, found[0][1], found[1][1])
        except (Impure, Mismatch) as e:
            if self.pure or self.context:
                if isinstance(e, Mismatch):
                    self.error(f"this is {e}", node, top)
                raise
            return self.value(node.body if self.decide(condition) else node.orelse, top)

    def under(self, condition: Expr, node: ast.expr, top: Activation) -> Any:
        self.context.append(condition)
        try:
            return self.value(node, top)
        finally:
            self.context.pop()

    def comprehension(
        self, node: ast.GeneratorExp | ast.ListComp | ast.SetComp, top: Activation
    ) -> Iterator[tuple[Expr, Any]]:
        """(condition, value) of every element, in order."""
        inner = Activation(top.code, top.receiver, top.pc, dict(top.env))
        with self.unchanging():
            yield from list(self.generate(node, 0, inner, lambda at: self.value(node.elt, at)))

    def until(self, node: ast.GeneratorExp, top: Activation, test: Callable[[Activation], Expr]) -> list[Expr]:
        """For each element, the condition that it is there and passes the test; none is looked at after one that does."""
        inner = Activation(top.code, top.receiver, top.pc, dict(top.env))
        found: list[Expr] = []
        base, added = len(self.context), 0
        try:
            with self.unchanging():
                for present, passes in self.generate(node, 0, inner, test):
                    found.append(self.facts.simplify(conj(present, passes)))
                    if found[-1] != FALSE:
                        self.context.insert(base, neg(found[-1]))
                        added += 1
        finally:
            del self.context[base : base + added]
        return found

    @contextmanager
    def unchanging(self) -> Iterator[None]:
        self.pure += 1
        try:
            yield
        except Impure as e:
            self.error(
                "inside a comprehension nothing may change the state or be chosen; do it before", e.node, e.activation
            )
        finally:
            self.pure -= 1

    def generate(
        self,
        node: ast.GeneratorExp | ast.ListComp | ast.SetComp,
        depth: int,
        inner: Activation,
        element: Callable[[Activation], Any],
    ) -> Iterator[tuple[Expr, Any]]:
        if depth == len(node.generators):
            try:
                value = element(inner)
            except Unreached:
                return
            yield TRUE, value
            return
        self.world.work.add()
        generator = node.generators[depth]
        self.not_rebound(node, depth, inner)
        for present, item in self.stream(generator.iter, inner):
            saved = dict(inner.env)
            self.assign(generator.target, item, generator.target, inner)
            conditions = [present]
            pushed = 0
            if present != TRUE:
                self.context.append(present)
                pushed += 1
            try:
                for test in generator.ifs:
                    try:
                        condition = self.facts.simplify(self.condition(test, inner))
                    except Unreached:
                        condition = FALSE
                    conditions.append(condition)
                    if condition == FALSE:
                        break
                    if condition != TRUE:
                        self.context.append(condition)
                        pushed += 1
                together = self.facts.simplify(conj(*conditions))
                if together != FALSE:
                    for deeper, value in self.generate(node, depth + 1, inner, element):
                        yield conj(together, deeper), value
            finally:
                if pushed:
                    del self.context[len(self.context) - pushed :]
                inner.env = saved

    def stream(self, node: ast.expr, top: Activation) -> Iterator[tuple[Expr, Any]]:
        """What a comprehension goes over. The elements of a generator are evaluated as they are asked for, as in Python."""
        if isinstance(node, ast.GeneratorExp):
            own = Activation(top.code, top.receiver, top.pc, dict(top.env))
            return self.generate(node, 0, own, lambda at: self.value(node.elt, at))
        if isinstance(node, ast.Call) and any(isinstance(a, ast.GeneratorExp) for a in node.args):
            function = self.value(node.func, top)
            if function is enumerate or function is zip:
                self.fits(function, node, top)
                return self.side_by_side(function, node, top)
        return iter(self.items(self.value(node, top), node, top))

    def side_by_side(self, function: Any, node: ast.Call, top: Activation) -> Iterator[tuple[Expr, Any]]:
        """enumerate() and zip() of generators. How many elements there are must not depend on the state."""
        streams = [self.stream(a, top) for a in node.args[: 1 if function is enumerate else None]]
        options = {k.arg: self.value(k.value, top) for k in node.keywords if k.arg}
        if function is enumerate:
            start = self.value(node.args[1], top) if len(node.args) > 1 else options.get("start", 0)
            if not isinstance(start, int):
                self.error(f"enumerate() starts with an integer known before the run, not {describe(start)}", node, top)
            streams.insert(0, ((TRUE, i) for i in itertools.count(start)))
        while True:
            found: list[Any] = []
            for each in streams:
                present, value = next(each, (FALSE, None))
                if present == FALSE:
                    break
                if present != TRUE:
                    self.error(
                        f"how many elements {function.__name__}() is given depends on the state: go over all that may be there, "
                        "and test inside with if",
                        node,
                        top,
                    )
                found.append(value)
            if len(found) < len(streams):
                if options.get("strict") and (found or any(next(s, None) is not None for s in streams[1:])):
                    self.error(f"{text_of(node)} fails: its arguments are not of one length", node, top)
                return
            ordered(self, [v for v in found if not symbolic(v)], node, top)
            yield TRUE, tuple(found)

    def not_rebound(self, node: ast.GeneratorExp | ast.ListComp | ast.SetComp, depth: int, top: Activation) -> None:
        """Refuse a generator inside a comprehension that would see a name bound anew while it runs."""
        over = node.generators[depth].iter
        if depth == 0 or not any(isinstance(n, ast.GeneratorExp) for n in ast.walk(over)):
            return
        bound = {n.id for g in node.generators[depth:] for n in ast.walk(g.target) if isinstance(n, ast.Name)}
        for name in sorted(bound & names_used(over)):
            self.error(
                f"the generator reads {name}, and this comprehension binds {name} anew while the generator runs: "
                "use another name",
                over,
                top,
            )

    def items(self, value: Any, node: ast.AST, top: Activation) -> list[tuple[Expr, Any]]:
        """The elements of an iterable, each with the condition of its presence."""
        if isinstance(value, Guarded):
            return list(value.items)
        if isinstance(value, SetOf):
            return [(c, m) for m, c in value.members.items() if c != FALSE]
        if isinstance(value, Sort):
            return [(TRUE, v) for v in values.members_of(value, self.world.sizes)]
        if isinstance(value, range):
            listed(len(value), text_of(node))
        if isinstance(value, frozenset | set):
            return [(TRUE, v) for v in sorted(value, key=show)]
        if isinstance(value, type) and issubclass(value, Enum):
            return [(TRUE, v) for v in value]
        if isinstance(value, tuple | range | list):
            return [(TRUE, v) for v in value]
        if isinstance(value, state.Array):
            self.error(
                f"{value.name} is an array of state: loop over its index sort instead, {value.name}[i] for i in ...",
                node,
                top,
            )
        hint = f": write range({value})" if isinstance(value, int) and not isinstance(value, bool) and value > 0 else ""
        self.error(f"{describe(value)} has no elements to go over{hint}", node, top)

    def iterable(self, node: ast.expr, top: Activation) -> list[Any]:
        """What a for statement runs over: static values only."""
        value = self.value(node, top)
        if isinstance(value, ScalarsetSort | AtomSort):
            self.error(
                f"a for statement runs in an order, and the values of the scalarset {value.cls.__name__} have none: "
                "write any(...), all(...), sum(...) or choose(...)",
                node,
                top,
            )
        items = self.items(value, node, top)
        if any(c != TRUE or symbolic(v) for c, v in items):
            self.error(
                "a for statement goes over values known before the run, and these depend on the state: "
                "go over all that may be there, and test inside with if",
                node,
                top,
            )
        if any(names_an_atom(v) for _, v in items):
            self.error(
                "a for statement runs in an order, and the values of a scalarset have none: "
                "write any(...), all(...), sum(...) or choose(...)",
                node,
                top,
            )
        return [v for _, v in items]

    def make_set(self, items: list[tuple[Expr, Any]], node: ast.AST, top: Activation) -> Any:
        members: dict[Any, Expr] = {}
        for condition, value in items:
            if not symbolic(value):
                members[value] = disj(members.get(value, FALSE), condition)
                continue
            given = scalar(value)
            if given is None:
                self.error(f"a set can hold bools, integers, enum members and atoms, not {describe(value)}", node, top)
            if given.kind is int:
                lo, hi = self.facts.bounds(given.expr)
                if hi - lo > 256:
                    self.error("this integer has too many possible values for a set; keep its range small", node, top)
                possible: list[Any] = list(range(lo, hi + 1))
            else:
                possible = self.world.members(given.kind)
            for member in possible:
                members[member] = disj(members.get(member, FALSE), conj(condition, values.equal(given, member)))
        return self.finished_set(members)

    def finished_set(self, members: dict[Any, Expr]) -> Any:
        members = {k: self.facts.simplify(c) for k, c in members.items()}
        if all(isinstance(c, Constant) for c in members.values()):
            return frozenset(k for k, c in members.items() if c == TRUE)
        return SetOf({k: c for k, c in members.items() if c != FALSE})

    # ------------------------------------------------------------ calls

    def arguments(self, call: ast.Call, top: Activation) -> tuple[list[Any], dict[str, Any]]:
        return [self.value(a, top) for a in call.args], {
            k.arg: self.value(k.value, top) for k in call.keywords if k.arg
        }

    def call(self, node: ast.Call, top: Activation) -> Any:
        function = self.value(node.func, top)
        if function is steps.step:
            self.error("step(...) without await does nothing: write await step(...)", node, top)
        if function is steps.choose:
            self.error(
                "choose(...) stands alone on the right of = or in return, x = choose(...), never inside an expression, "
                "a condition or a property",
                node,
                top,
            )
        if function is kinds.before:
            return self.call_before(node, top)
        if function is assert_never:
            self.check(FALSE, "assert", "assert_never() is reached: a case is missing before it", node, top)
            raise Unreached
        if function is state.local:
            self.error(
                "local(...) stands alone on the right of an assignment: tries = local(Range(0, 3), 0)", node, top
            )
        if function in (state.var, state.array, state.ghost):
            self.error(
                "state is declared in the __init__ of a part, not in a step: the number of cells is fixed", node, top
            )
        if isinstance(function, kinds.PropertyFunction):
            function = function.function
        builtin = BUILTINS.get(function) if isinstance(function, types.BuiltinFunctionType | type) else None
        if builtin is not None:
            self.fits(function, node, top)
            return self.call_builtin(function, builtin, node, top)
        args, kwargs = self.arguments(node, top)
        if function is sorts.replace or function is dataclasses.replace:
            return self.call_replace(args, kwargs, node, top)
        if is_record(function):
            return self.construct(function, args, kwargs, node, top)
        if isinstance(function, type) or isinstance(function, types.BuiltinFunctionType | types.BuiltinMethodType):
            self.allowed(function, node, top)
            if symbolic(tuple(args)) or symbolic(tuple(kwargs.values())):
                self.error(f"{text_of(node.func)}() can't take a value that depends on the state", node, top)
            try:
                return function(*args, **kwargs)
            except Exception as e:  # the user's own constructor, run as it stands
                self.error(f"{text_of(node)} fails: {shown_error(e)}", node, top)
        if isinstance(function, Bound | types.FunctionType | types.MethodType):
            plain: Any = getattr(function, "__func__", getattr(function, "function", function))
            plain = inspect.unwrap(plain)
            if inspect.iscoroutinefunction(plain):
                self.error(f"{text_of(node.func)} may contain steps: write await {text_of(node.func)}(...)", node, top)
            if plain.__module__ == "explorer.language.sorts":
                return function(*args, **kwargs)  # type: ignore[operator]
            return self.invoke(function, args, kwargs, node, top)
        self.error(f"{text_of(node.func)} is {describe(function)}, which can't be called", node, top)

    def fits(self, function: Any, node: ast.Call, top: Activation) -> None:
        """Refuse the wrong number of arguments, and keywords, of a builtin."""
        least, most, keywords = TAKES.get(function, (0, 1, ()))
        wrong = [k.arg for k in node.keywords if k.arg not in keywords]
        if wrong or not least <= len(node.args) <= most:
            counts = f"{least}" if least == most else f"at least {least}" if most > 9 else f"{least} to {most}"
            given = f"the keyword {wrong[0]}=" if wrong else f"{len(node.args)}"
            also = "".join(f" and {k}=" for k in keywords)
            plural = "" if counts.endswith("1") else "s"
            self.error(f"{function.__name__} takes {counts} argument{plural}{also} here, not {given}", node, top)

    def allowed(self, function: Any, node: ast.Call, top: Activation) -> None:
        """Refuse what is no Python source and may have an effect, or makes a value that may change."""
        name = text_of(node.func)
        if isinstance(function, type):
            if issubclass(function, Atom):
                self.error(
                    "the values of a scalarset are interchangeable, so a step can't make one: choose it, or read it from the "
                    "state (only initial values may name one)",
                    node,
                    top,
                )
            frozen = dataclasses.is_dataclass(function) and function.__dataclass_params__.frozen  # type: ignore[attr-defined]
            if not (frozen or issubclass(function, Enum | tuple)):
                self.error(
                    f"{name}(...) makes an object that may change, and static values must not: use @record, a NamedTuple or "
                    "an Enum",
                    node,
                    top,
                )
            return
        owner = getattr(function, "__self__", None)
        if isinstance(owner, list | dict | set | bytearray):
            self.error(
                f"{name}(...) works on {describe(owner)}, which may change, and static values must not: use a tuple or a "
                "frozenset; what changes is state, self.a = array(index, element, init)",
                node,
                top,
            )
        pure = isinstance(owner, types.ModuleType) and owner.__name__ in ("math", "_operator")
        if not pure and not isinstance(owner, str | int | tuple | frozenset | bytes):
            names = ", ".join(sorted(f.__name__ for f in BUILTINS))
            self.error(f"{name}() is not part of the language; of Python's own functions these are: {names}", node, top)

    def call_builtin(self, function: Any, builtin: Builtin, node: ast.Call, top: Activation) -> Any:
        if len(node.args) == 1 and isinstance(node.args[0], ast.GeneratorExp) and not node.keywords:
            generator = node.args[0]
            if function is any:
                found = self.until(generator, top, lambda inner: self.condition(generator.elt, inner))
                return self.boolean_value(self.facts.simplify(disj(*found)))
            if function is all:
                found = self.until(generator, top, lambda inner: neg(self.condition(generator.elt, inner)))
                return self.boolean_value(self.facts.simplify(neg(disj(*found))))
        args: list[Any] = []
        for argument in node.args:
            if not isinstance(argument, ast.GeneratorExp):
                args.append(self.value(argument, top))
            elif function in CONSUMERS:
                args.append(Guarded(tuple(self.comprehension(argument, top))))
            else:
                hint = "count with sum(1 for ...)" if function is len else "write a list: [...]"
                self.error(f"{function.__name__}() of a generator is not what is meant; {hint}", argument, top)
        return builtin(self, args, {k.arg: self.value(k.value, top) for k in node.keywords if k.arg}, node, top)

    def invoke(self, function: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST, top: Activation) -> Any:
        """Call a plain def. In a condition all its paths are merged into one value; elsewhere it is part of the path."""
        if self.pure or self.context:
            return self.merged(lambda path: path.perform(function, args, kwargs, node, top), node, top)
        return self.perform(function, args, kwargs, node, top)

    def perform(self, function: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST, top: Activation) -> Any:
        entered = self.enter(function, args, kwargs, node, top)
        self.recursion(entered, node, top)
        self.calls.append((entered.code.source.name, entered.code.source.kernel, len(self.active)))
        saved = self.context
        self.context = [] if not self.pure else saved
        try:
            self.run([entered])
        finally:
            self.context = saved
        return self.returned

    def merged(self, evaluate: Callable[[Path], Any], node: ast.AST, top: Activation) -> Any:
        """Evaluate without changing the state, in every way it can go, and merge the values."""
        key = (tuple(self.decisions[: len(self.options)]), self.asked)
        self.asked += 1
        if key not in self.known:
            self.known[key] = self.every_way(evaluate)
        found = self.known[key]
        self.passed.update(found.passed)
        self.lines |= found.lines
        for cell, where in found.ghosts.items():
            self.ghosts.setdefault(cell, where)
        if found.unreached is not None:
            raise found.unreached
        for condition, failure in found.failures:
            broken = condition
            for outer in reversed(self.context):
                broken = conj(outer, broken)
            if self.decide(broken):
                raise PathEnd(failure)
        if not found.results:
            return None
        try:
            return values.merged(found.results)
        except Mismatch as m:
            self.error(f"this returns {m}", node, top)

    def every_way(self, evaluate: Callable[[Path], Any]) -> Merged:
        found = Merged()
        memo: Memo = {}
        decisions: list[int] | None = []
        while decisions is not None:
            path = Path(self.world, decisions, self.facts.copy(), memo)
            path.writes, path.written, path.exact, path.pure = self.writes, self.written, self.exact, 1
            path.before, path.stateless, path.active = self.before, self.stateless, list(self.active)
            path.may_look_back, path.ghosts, path.lines = self.may_look_back, found.ghosts, found.lines
            try:
                value = evaluate(path)
                found.results.append((conj(*path.guard), value))
            except PathEnd as end:
                assert end.failure is not None
                found.failures.append((conj(*path.guard), end.failure))
            except Unreached as e:
                found.unreached = e
                return found
            found.passed.update(path.passed)
            decisions = path.alternatives()
            if len(found.results) + len(found.failures) > limits.MOST_PATHS:
                raise too_many_paths(path)
        return found

    def call_before(self, node: ast.Call, top: Activation) -> Any:
        if not self.may_look_back:
            self.error(
                "before(...) has a meaning only in a property of steps, @always_step: a step keeps what it read in a local",
                node,
                top,
            )
        if len(node.args) != 1 or not isinstance(node.args[0], ast.Lambda):
            given = text_of(node.args[0]) if node.args else "part.x"
            self.error(f"before takes a lambda: before(lambda: {given})", node, top)
        if self.before:
            self.error("before(...) can't stand inside before(...): there is one state before the step", node, top)
        self.before = True
        try:
            return self.value(node.args[0].body, top)
        finally:
            self.before = False

    def call_local(self, node: ast.Call, top: Activation) -> Any:
        args, kwargs = self.arguments(node, top)
        if len(args) != 2 or kwargs:
            self.error(
                f"local takes a sort and the initial value, tries = local(Range(0, 3), 0), not {len(args)} of them",
                node,
                top,
            )
        return DeclaredLocal(sorts.as_sort(args[0]), args[1])

    def construct(self, cls: type, args: list[Any], kwargs: dict[str, Any], node: ast.AST, top: Activation) -> Any:
        try:
            bound = bind(cls, args, kwargs)
        except TypeError as e:
            self.error(f"{cls.__name__}(): {e}", node, top)
        bound.apply_defaults()
        fields = bound.arguments
        return Struct(cls, dict(fields)) if symbolic(tuple(fields.values())) else cls(**fields)

    def call_replace(self, args: list[Any], kwargs: dict[str, Any], node: ast.Call, top: Activation) -> Any:
        if len(args) != 1:
            self.error("replace takes a record and the changed fields: replace(pte, writable=False)", node, top)
        whole = text_of(node.args[0])
        record = self.present(args[0], f"{whole} is None, which has no fields to replace", node, top)
        cases = values.cases_of(record)
        if cases is None:
            self.error(f"replace takes a record, not {describe(args[0])}", node, top)
        if isinstance(record, OneOf):
            cases = self.possible(record)
        changed: dict[type, tuple[Expr, Any]] = {}
        for cls, (condition, case) in cases.items():
            parts = values.parts_of(case)
            assert parts is not None
            for name in kwargs:
                if name not in parts[1]:
                    self.error(f"{cls.__name__} has no field {name!r}; it has {', '.join(parts[1])}", node, top)
            changed[cls] = (condition, self.construct(cls, [], {**parts[1], **kwargs}, node, top))
        if not changed:
            raise Unreached
        return next(iter(changed.values()))[1] if len(changed) == 1 else values.one_of(changed)


def too_many_paths(path: Path) -> TooMuch:
    """The error that names the places where the ways part."""
    lines = sorted({(b.file, b.line) for b in path.branches})
    where = f" (the ways part in lines {', '.join(str(line) for _, line in lines)})" if lines else ""
    return TooMuch(
        f"there are more than {limits.MOST_PATHS:,} paths through this{where}: each branch and each value chosen makes paths "
        "of its own, and those of one step are multiplied. Put await step(...) between them, or compute a value, "
        "x if c else y, instead"
    )


def bind(function: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]) -> inspect.BoundArguments:
    """The arguments as Python binds them. Raises TypeError, which names an unknown keyword rather than what it leaves out."""
    signature = inspect.signature(function)
    known = signature.parameters
    for keyword in kwargs:
        if keyword not in known and all(p.kind is not p.VAR_KEYWORD for p in known.values()):
            raise TypeError(f"there is no parameter {keyword!r}{did_you_mean(keyword, known)}")
    return signature.bind(*args, **kwargs)


@dataclass(frozen=True)
class DeclaredLocal:
    """The value of local(sort, init) until it is assigned."""

    sort: Sort[Any]
    init: Any


def names_an_atom(value: Any) -> bool:
    """True for an atom, and for a tuple, a set or a record that holds one."""
    if isinstance(value, tuple | frozenset | list | set):
        return any(map(names_an_atom, value))
    if isinstance(value, dict):
        return any(map(names_an_atom, value.values()))
    if is_record(type(value)):
        return any(names_an_atom(getattr(value, f.name)) for f in dataclasses.fields(value))
    return isinstance(value, Atom)


def operands(node: ast.AST) -> tuple[str, str]:
    """The text of the two sides of an operator."""
    if isinstance(node, ast.BinOp):
        return text_of(node.left), text_of(node.right)
    if isinstance(node, ast.AugAssign):
        return text_of(node.target), text_of(node.value)
    return "the left side", "the right side"


def held_by(node: ast.AST) -> str:
    """The text of what an attribute is taken of."""
    return text_of(node.value) if isinstance(node, ast.Attribute) else text_of(node)


def _choice_text(node: ast.expr) -> str:
    if isinstance(node, ast.GeneratorExp | ast.ListComp | ast.SetComp):
        tests = [text_of(t) for g in node.generators for t in g.ifs]
        return f"no {text_of(node.elt)}" + (f" with {' and '.join(tests)}" if tests else "")
    return f"nothing in {text_of(node)}"


@functools.lru_cache(maxsize=10_000)
def text_of(node: ast.AST) -> str:
    """The source of the expression, as messages quote it."""
    return ast.unparse(node)


def _text(node: ast.AST, file: str) -> str:
    try:
        return text_of(node).replace("\n", " ")
    except Exception:
        return ""


def _load(target: ast.expr) -> ast.expr:
    """The tree of an assignment target as an expression."""
    if isinstance(target, ast.Name):
        return ast.copy_location(ast.Name(target.id, ast.Load()), target)
    if isinstance(target, ast.Attribute):
        return ast.copy_location(ast.Attribute(target.value, target.attr, ast.Load()), target)
    if isinstance(target, ast.Subscript):
        return ast.copy_location(ast.Subscript(target.value, target.slice, ast.Load()), target)
    return target


# ---------------------------------------------------------------- builtins

Builtin = Callable[[Path, list[Any], dict[str, Any], ast.Call, Activation], Any]


def _all(path: Path, args: list[Any], kwargs: dict[str, Any], node: ast.Call, top: Activation) -> Any:
    items = path.items(args[0], node, top)
    return path.boolean_value(path.facts.simplify(conj(*(disj(neg(c), path.truth(v, node, top)) for c, v in items))))


def _any(path: Path, args: list[Any], kwargs: dict[str, Any], node: ast.Call, top: Activation) -> Any:
    items = path.items(args[0], node, top)
    return path.boolean_value(path.facts.simplify(disj(*(conj(c, path.truth(v, node, top)) for c, v in items))))


def _sum(path: Path, args: list[Any], kwargs: dict[str, Any], node: ast.Call, top: Activation) -> Any:
    terms: list[Expr] = [path.integer(args[1], node, top) if len(args) > 1 else Constant(0)]
    for condition, value in numbers(path, path.items(args[0], node, top), node, top):
        given = scalar(value)
        if given is not None and given.kind is bool:
            term = to_int(conj(condition, given.expr))
        else:
            term = ite(condition, path.integer(value, node, top), Constant(0))
        terms.append(term)
    return path.number(added(terms))


def added(terms: list[Expr]) -> Expr:
    """The sum; of many, by halves."""
    if len(terms) > values.SHORT:
        middle = len(terms) // 2
        return arithmetic("add", added(terms[:middle]), added(terms[middle:]))
    total = terms[0]
    for term in terms[1:]:
        total = arithmetic("add", total, term)
    return total


def numbers(
    path: Path, items: Iterable[tuple[Expr, Any]], node: ast.Call, top: Activation
) -> Iterator[tuple[Expr, Any]]:
    """The items without None, which is an error of the model where the item is there."""
    for condition, value in items:
        path.context.append(condition)
        try:
            value = path.present(value, "None is not a number", node, top)
        except Unreached:
            continue
        finally:
            path.context.pop()
        yield condition, value


def _len(path: Path, args: list[Any], kwargs: dict[str, Any], node: ast.Call, top: Activation) -> Any:
    return path.number(added([Constant(0), *(to_int(condition) for condition, _ in path.items(args[0], node, top))]))


def _extreme(op: str) -> Builtin:
    def run(path: Path, args: list[Any], kwargs: dict[str, Any], node: ast.Call, top: Activation) -> Any:
        items = path.items(args[0], node, top) if len(args) == 1 else [(TRUE, a) for a in args]
        if set(kwargs) - {"default"}:
            path.error(f"{op} takes values or one iterable, and default=", node, top)
        found: list[tuple[Expr, Expr]] = []  # present, value
        if "default" in kwargs:
            some = disj(*(c for c, _ in items))
            items = [*items, (neg(some), kwargs["default"])]
        for condition, value in numbers(path, items, node, top):
            found.append((condition, path.integer(value, node, top)))

        def beside(a: tuple[Expr, Expr], b: tuple[Expr, Expr]) -> tuple[Expr, Expr]:
            return disj(a[0], b[0]), ite(a[0], ite(b[0], arithmetic(op, a[1], b[1]), a[1]), b[1])

        def least(found: list[tuple[Expr, Expr]]) -> tuple[Expr, Expr]:
            if len(found) > values.SHORT // 2:
                middle = len(found) // 2
                return beside(least(found[:middle]), least(found[middle:]))
            return functools.reduce(beside, found)

        best = least(found) if found else None
        text = f"{op}() of nothing: no value qualifies in this state, and there is no default="
        path.check(FALSE if best is None else best[0], "value", text, node, top)
        if best is None:
            raise Unreached
        return path.number(path.facts.simplify(best[1]))

    return run


def ordered(path: Path, items: Iterable[Any], node: ast.Call, top: Activation) -> None:
    """Refuse values of a scalarset where their order would show."""
    if any(isinstance(v, Atom) for v in items):
        path.error(
            f"{text_of(node.func)}() gives its values an order, and those of a scalarset have none: use the scalarset "
            "itself in a comprehension, or choose(...)",
            node,
            top,
        )


def _tuple(path: Path, args: list[Any], kwargs: dict[str, Any], node: ast.Call, top: Activation) -> Any:
    if not args:
        return ()
    items = path.items(args[0], node, top)
    if all(c == TRUE for c, _ in items):
        ordered(path, [v for _, v in items], node, top)
        return tuple(v for _, v in items)
    path.error(
        "how many elements this has depends on the state: keep the comprehension, and use any(...), all(...), "
        "sum(...) or len(...)",
        node,
        top,
    )


def _frozenset(path: Path, args: list[Any], kwargs: dict[str, Any], node: ast.Call, top: Activation) -> Any:
    if not args:
        return frozenset()
    if isinstance(args[0], SetOf):
        return args[0]
    return path.make_set(path.items(args[0], node, top), node, top)


def _bool(path: Path, args: list[Any], kwargs: dict[str, Any], node: ast.Call, top: Activation) -> Any:
    return path.boolean_value(path.truth(args[0], node, top)) if args else False


def _int(path: Path, args: list[Any], kwargs: dict[str, Any], node: ast.Call, top: Activation) -> Any:
    return path.number(path.integer(args[0], node, top))


def _abs(path: Path, args: list[Any], kwargs: dict[str, Any], node: ast.Call, top: Activation) -> Any:
    x = path.integer(args[0], node, top)
    return path.number(ite(lt(x, Constant(0)), arithmetic("sub", Constant(0), x), x))


def _isinstance(path: Path, args: list[Any], kwargs: dict[str, Any], node: ast.Call, top: Activation) -> Any:
    value = args[0]
    if not symbolic(value):
        return isinstance(value, args[1])
    classes = tuple(args[1]) if isinstance(args[1], tuple) else get_args(args[1]) or (args[1],)
    present: Expr = TRUE
    if isinstance(value, Maybe):
        if type(None) in classes:
            path.error("isinstance can't be asked for None; write is None or is not None", node, top)
        present, value = value.present, value.value
    cases = values.cases_of(value)
    if cases is None:
        path.error(
            f"isinstance tells records of a union apart, and this is {describe(value)}; write is None, or compare with ==",
            node,
            top,
        )
    found = disj(*(condition for cls, (condition, _) in cases.items() if issubclass(cls, classes)))
    return path.boolean_value(path.facts.simplify(conj(present, found)))


def _static(function: Callable[..., Any]) -> Builtin:
    def run(path: Path, args: list[Any], kwargs: dict[str, Any], node: ast.Call, top: Activation) -> Any:
        plain = []
        for a in args:
            if isinstance(a, Sort):
                a = tuple(values.members_of(a, path.world.sizes))
            if isinstance(a, Guarded) and all(c == TRUE for c, _ in a.items):
                a = tuple(v for _, v in a.items)
            if isinstance(a, SYMBOLIC_ARGUMENT):
                hint = ": go over all that may be there, and test inside with if" if function is range else ""
                path.error(f"{function.__name__}() can't take a value that depends on the state{hint}", node, top)
            if isinstance(a, tuple):
                ordered(path, a, node, top)
            plain.append(a)
        try:
            made = function(*plain, **kwargs)
        except Exception as e:
            path.error(f"{text_of(node)} fails: {shown_error(e)}", node, top)
        if isinstance(made, range):
            listed(len(made), text_of(node))
        return made if isinstance(made, str | int) else tuple(made)

    return run


CONSUMERS = (all, any, sum, min, max, tuple, list, frozenset, set, enumerate, zip)
MANY = 99
TAKES: dict[Any, tuple[int, int, tuple[str, ...]]] = {  # least and most arguments, keywords
    all: (1, 1, ()),
    any: (1, 1, ()),
    sum: (1, 2, ()),
    len: (1, 1, ()),
    min: (1, MANY, ("default",)),
    max: (1, MANY, ("default",)),
    abs: (1, 1, ()),
    int: (1, 1, ()),
    isinstance: (2, 2, ()),
    range: (1, 3, ()),
    enumerate: (1, 2, ("start",)),
    zip: (1, MANY, ("strict",)),
    reversed: (1, 1, ()),
}
SYMBOLIC_ARGUMENT = (Scalar, Maybe, Struct, OneOf, SetOf, Guarded)
BUILTINS: dict[Any, Builtin] = {
    all: _all,
    any: _any,
    sum: _sum,
    len: _len,
    min: _extreme("min"),
    max: _extreme("max"),
    tuple: _tuple,
    list: _tuple,
    frozenset: _frozenset,
    set: _frozenset,
    bool: _bool,
    int: _int,
    abs: _abs,
    isinstance: _isinstance,
    range: _static(range),
    enumerate: _static(enumerate),
    zip: _static(zip),
    reversed: _static(reversed),
    str: _static(str),
}

__all__ = [
    "Activation",
    "ArrayVariable",
    "DeclaredLocal",
    "Park",
    "Path",
    "PathEnd",
    "Variable",
    "World",
    "bound_names",
]
