"""A System as text, every action with its source line: what `explore dump` prints."""

from __future__ import annotations

import os
from collections.abc import Iterator

from explorer.system.form import Action, Apply, Constant, Expr, Failure, Read, System

INFIX = {
    "and": ("and", 2),
    "or": ("or", 1),
    "iff": ("==", 4),
    "eq": ("==", 4),
    "lt": ("<", 4),
    "le": ("<=", 4),
    "add": ("+", 5),
    "sub": ("-", 5),
    "mul": ("*", 6),
    "floordiv": ("//", 6),
    "mod": ("%", 6),
}


def dump(system: System) -> str:
    """The whole system, deterministic: equal systems give equal text."""
    return "\n".join(_lines(system)) + "\n"


def _lines(system: System) -> Iterator[str]:
    yield f"system {system.name or '(unnamed)'}: {len(system.cells)} cells, {len(system.actions)} actions"
    yield ""
    yield "cells"
    for cell in system.cells:
        domain = cell.domain
        if domain.kind == "location":
            values = f"{domain.hi + 1} control points"
        elif domain.labels:
            values = "{" + ", ".join(domain.labels) + "}"
        elif domain.kind == "scalarset":
            values = f"{domain.name} {domain.lo}..{domain.hi}"
        else:
            values = "bool" if domain.kind == "bool" else f"{domain.lo}..{domain.hi}"
        flags = "".join(f", {name}" for name, on in (("ghost", cell.ghost), ("constant", cell.constant)) if on)
        none = " or None" if domain.optional else ""
        start = " | ".join(domain.show(c) for c in cell.initial)
        yield f"  {cell.name}: {values}{none} = {start}{flags}"
    for thread in system.threads:
        yield ""
        yield f"thread {thread.name}"
        for code, span in enumerate(thread.locations):
            label = system.cells[thread.cell].domain.show(code)
            where = "" if span is None else f"  {os.path.basename(span.file)}:{span.line}"
            yield f"  {code}: {label}{where}{'  (may wait)' if code in thread.may_wait else ''}"
    yield ""
    yield "actions"
    for index, action in enumerate(system.actions):
        yield from _action(system, index, action)
    yield ""
    yield "properties"
    for prop in system.properties:
        yield f"  {prop.kind} {prop.name}: {show(system, prop.holds)}"
        if prop.kind == "leads_to":
            yield f"    whenever {show(system, prop.trigger)}"
        for condition, failure in prop.undefined:
            yield f"    undefined if {show(system, condition)}: {failure_text(system, failure)}"


def _action(system: System, index: int, action: Action) -> Iterator[str]:
    chosen = "".join(f" {k}={v}" for k, v in action.choices)
    kernel = f"  {action.kernel}" if action.kernel else ""
    at = f"{os.path.basename(action.span.file)}:{action.span.line}"
    move = ""
    if action.location is not None:
        domain = system.cells[action.location[0]].domain
        move = f"  [{domain.show(action.location[1])} -> {domain.show(action.location[2])}]"
    yield f"  {index} {action.actor}: {action.label}{chosen}{move}  {at}{kernel}"
    if action.fairness != "none":
        yield f"      # {action.fairness} fairness"
    for branch in action.branches:
        yield f"      # {branch.text} is {str(branch.outcome).lower()} (line {branch.line})"
    value = None if action.failure is None else action.failure.value
    names = shared_names([action.guard, *(e for _, e in action.updates), *([] if value is None else [value])])
    yield f"      if {show(system, action.guard, names=names)}"
    if action.outcome != "step":
        assert action.failure is not None
        yield f"      {action.outcome}: {failure_text(system, action.failure, names)}"
    for cell, expr in action.updates:
        yield f"      {system.cells[cell].name} := {show(system, expr, cell, names=names)}"
    for expr, name in names.items():
        yield f"      where {name} is {show(system, expr, names={e: n for e, n in names.items() if e is not expr})}"


def failure_text(system: System, failure: Failure, names: Names | None = None) -> str:
    """The failure's text, with the expression of what would be stored or used."""
    if failure.value is None:
        return failure.text
    return failure.text.replace("{value}", show(system, failure.value, names=names))


Names = dict[Apply, str]
LONGEST = 2_000  # operators that are written out


def shared_names(exprs: list[Expr]) -> Names:
    """Names for what large expressions have in common, innermost first; none where they are not large."""
    if sum(e.size for e in exprs if isinstance(e, Apply)) <= LONGEST:
        return {}
    counts: dict[Apply, int] = {}
    order: list[Apply] = []

    def count(expr: Expr) -> None:
        if isinstance(expr, Apply):
            counts[expr] = counts.get(expr, 0) + 1
            if counts[expr] == 1:
                for arg in expr.args:
                    count(arg)
                order.append(expr)

    for expr in exprs:
        count(expr)
    many = [expr for expr in order if counts[expr] > 1 and expr.size > 4]
    return {expr: f"({i})" for i, expr in enumerate(many, 1)}


def show(system: System, expr: Expr, cell: int | None = None, level: int = 0, names: Names | None = None) -> str:
    """An expression as text; a constant beside a cell is shown as that cell's value. `names`: what stands for a part of it. Of a
    part that is too large to be written out only the size is told."""
    if isinstance(expr, Apply):
        if names and expr in names:
            return names[expr]
        if not names and expr.size > LONGEST * 5:
            return f"({expr.size:,} operators)"
    return _show(system, expr, cell, level, names)


def _show(system: System, expr: Expr, cell: int | None, level: int, names: Names | None) -> str:
    def inner(expr: Expr, cell: int | None, level: int) -> str:
        return show(system, expr, cell, level, names)

    if isinstance(expr, Constant):
        if expr.type == "int" and cell is not None and not isinstance(cell, bool):
            return system.cells[cell].domain.show(int(expr.value))
        return str(expr.value).lower() if expr.type == "bool" else str(expr.value)
    if isinstance(expr, Read):
        name = system.cells[expr.cell].name
        return f"before({name})" if expr.before else name
    args = expr.args
    if expr.op in ("eq", "lt", "le"):
        beside = next((a.cell for a in args if isinstance(a, Read)), None)
        text = f" {INFIX[expr.op][0]} ".join(inner(a, beside, 5) for a in args)
        return f"({text})" if level > 4 else text
    if expr.op == "not":
        return f"not {inner(args[0], None, 7)}"
    if expr.op in ("ite", "choose"):
        text = f"{inner(args[1], cell, 3)} if {inner(args[0], None, 3)} else {inner(args[2], cell, 3)}"
        return f"({text})" if level > 0 else text
    if expr.op in INFIX:
        symbol, binding = INFIX[expr.op]
        text = f" {symbol} ".join(inner(a, None, binding + 1) for a in args)
        return f"({text})" if level > binding else text
    return f"{expr.op}({', '.join(inner(a, None, 0) for a in args)})"
