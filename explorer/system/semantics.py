"""What a System means: a plain evaluator, and the definition every other engine is tested against.

A state is a tuple of integers, one per cell. Every operator of `system.OPERATORS` has one entry in OPERATIONS: the Python
text that computes it. Guards and updates become Python functions made from that text, one per control point, so that a
state is expanded by looking only at the actions its threads can take.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from explorer.system.form import Action, Apply, Constant, Expr, Failure, Property, Read, System

State = tuple[int, ...]

OPERATIONS: dict[str, str] = {
    "and": " and ",
    "or": " or ",
    "not": "not {}",
    "iff": "{} == {}",
    "eq": "{} == {}",
    "lt": "{} < {}",
    "le": "{} <= {}",
    "add": "{} + {}",
    "sub": "{} - {}",
    "mul": "{} * {}",
    "floordiv": "_floordiv({}, {})",
    "mod": "_mod({}, {})",
    "min": "min({}, {})",
    "max": "max({}, {})",
    "ite": "{1} if {0} else {2}",
    "choose": "{1} if {0} else {2}",
    "int": "1 if {} else 0",
}


def _floordiv(a: int, b: int) -> int:
    return a // b if b else 0


def _mod(a: int, b: int) -> int:
    return a % b if b else 0


HELPERS: dict[str, Any] = {"_floordiv": _floordiv, "_mod": _mod}


DEEPEST = 100  # brackets inside one another: Python reads no more than 200


class Text:
    """Python text of expressions, with sub-expressions that occur more than once computed once."""

    def __init__(self) -> None:
        self.names: dict[Expr, str] = {}
        self.counts: dict[Expr, int] = {}
        self.inside: dict[Expr, int] = {}  # how many brackets the text of one has inside one another

    def count(self, expr: Expr) -> None:
        if not isinstance(expr, Apply):
            return
        seen = self.counts.get(expr, 0)
        self.counts[expr] = seen + 1
        if not seen:
            for arg in expr.args:
                self.count(arg)

    def of(self, expr: Expr, lines: list[str], indent: str = "") -> str:
        """The text of the value; a truth value as a Python bool. Shared parts are assigned in `lines` first."""
        if isinstance(expr, Constant):
            return repr(expr.value)
        if isinstance(expr, Read):
            cell = f"{'b' if expr.before else 's'}[{expr.cell}]"
            return f"({cell} != 0)" if expr.type == "bool" else cell
        if expr in self.names:
            return self.names[expr]
        args = [self.of(a, lines, indent) for a in expr.args]
        operation = OPERATIONS[expr.op]
        text = "(" + (operation.join(args) if "{" not in operation else operation.format(*args)) + ")"
        inside = [self.inside[a] for a in expr.args if isinstance(a, Apply) and a not in self.names]
        deep = self.inside[expr] = 2 + max(inside, default=0)
        if self.counts.get(expr, 0) > 1 or deep > DEEPEST:
            name = f"t{len(self.names)}"
            lines.append(f"{indent}{name} = {text}")
            self.names[expr] = name
            return name
        return text


def evaluate(expr: Expr, state: Sequence[int], before: Sequence[int] = ()) -> int | bool:
    """The value of one expression in a state: the definition, one operator at a time."""
    value: int | bool = predicate([expr])(tuple(state), tuple(before))[0]
    return value


def held_up_text(where: str, text: str, actor: str, label: str) -> str:
    """A warning: there a step was held up by nothing but an empty choose."""
    return f"{text} {where}: {actor} could not do {label!r} there, so behaviour may be missing"


def failure_text(failure: Failure, state: Sequence[int], before: Sequence[int] = ()) -> str:
    """The failure's text, with the value that would be stored or used in that state."""
    if failure.value is None:
        return failure.text
    return failure.text.replace("{value}", str(int(evaluate(failure.value, state, before))))


def predicate(exprs: Sequence[Expr]) -> Callable[[State, State], Any]:
    """A function (state, state before) -> tuple of the values of the expressions."""
    text = Text()
    for e in exprs:
        text.count(e)
    lines: list[str] = []
    results = [text.of(e, lines, "    ") for e in exprs]
    source = "def f(s, b):\n" + "\n".join(lines) + f"\n    return ({', '.join(results)}{',' if results else ''})\n"
    made: Callable[[State, State], Any] = _made(source)
    return made


def _made(source: str) -> Any:
    space: dict[str, Any] = dict(HELPERS)
    exec(compile(source, "<system>", "exec"), space)  # generated from a checked System
    return space["f"]


class Semantics:
    """The successors of states of one system.

    `successors(state)` gives (action index, successor), thread by thread and then what no thread does, each in the order of the
    actions, which is the order in which lowering makes them; the successor is None for an action whose outcome is "failure"
    or "blocked".
    """

    def __init__(self, system: System) -> None:
        self.system = system
        self.initial: list[State] = [
            tuple(codes) for codes in itertools.product(*(cell.initial for cell in system.cells))
        ]
        groups: dict[tuple[int, int] | None, list[int]] = {}
        for index, action in enumerate(system.actions):
            key = None if action.location is None else action.location[:2]
            groups.setdefault(key, []).append(index)
        made = {key: _made(self._source(indexes)) for key, indexes in groups.items()}

        def nothing(s: State, out: list[Any]) -> None:
            return

        self.tables: list[tuple[int, list[Callable[[State, list[Any]], None]]]] = []
        for thread in system.threads:
            width = system.cells[thread.cell].domain.hi + 1
            self.tables.append((thread.cell, [made.get((thread.cell, code), nothing) for code in range(width)]))
        self.others: Callable[[State, list[Any]], None] = made.get(None, nothing)

    def successors(self, state: State) -> list[tuple[int, State | None]]:
        out: list[tuple[int, State | None]] = []
        for cell, table in self.tables:
            table[state[cell]](state, out)
        self.others(state, out)
        return out

    def _source(self, indexes: list[int]) -> str:
        lines = ["def f(s, out):"]
        for index in indexes:
            action = self.system.actions[index]
            updates = list(action.updates)
            text = Text()
            text.count(action.guard)
            inner: list[str] = []
            guard_lines: list[str] = []
            guard = text.of(action.guard, guard_lines, "    ")
            lines += guard_lines
            lines.append(f"    if {guard}:")
            for _, e in updates:
                text.count(e)
            if action.outcome != "step":
                lines.append(f"        out.append(({index}, None))")
                continue
            values = [(c, text.of(e, inner, "        "), e) for c, e in updates]
            lines += inner
            lines.append("        n = list(s)")
            for cell, value, e in values:
                lines.append(f"        n[{cell}] = {f'1 if {value} else 0' if e.type == 'bool' else value}")
            if action.location is not None:
                lines.append(f"        n[{action.location[0]}] = {action.location[2]}")
            lines.append(f"        out.append(({index}, tuple(n)))")
        return "\n".join(lines) + "\n"


def holds(system: System, properties: Sequence[Property]) -> Callable[[State, State], Any]:
    """A function (state, state before) -> tuple: for each property, whether it holds."""
    return predicate([p.holds for p in properties])


def show_state(system: System, state: State) -> dict[str, str]:
    """Every cell's name and its value as text."""
    return {cell.name: cell.domain.show(code) for cell, code in zip(system.cells, state, strict=True)}


def enabled(system: System, action: Action, state: State) -> bool:
    """True where the action's guard holds, by direct evaluation."""
    return bool(evaluate(action.guard, state))


def at_rest(system: System, state: Sequence[int]) -> bool:
    """Whether every thread is finished, or parked at a step that may wait for ever."""
    return all(state[t.cell] == t.finished or state[t.cell] in t.may_wait for t in system.threads)
