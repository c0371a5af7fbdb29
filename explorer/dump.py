"""A System as text, every action with its source line: what `explore dump` prints."""

from __future__ import annotations

import os
from collections.abc import Iterator

from explorer.system import Action, Constant, Expr, Failure, Read, System

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
            yield f"    undefined if {show(system, condition)}: {told(system, failure)}"


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
    yield f"      if {show(system, action.guard)}"
    if action.outcome != "step":
        assert action.failure is not None
        yield f"      {action.outcome}: {told(system, action.failure)}"
    for cell, expr in action.updates:
        yield f"      {system.cells[cell].name} := {show(system, expr, cell)}"


def told(system: System, failure: Failure) -> str:
    """The failure's text, with the expression of what would be stored or used."""
    return failure.text if failure.value is None else failure.text.replace("{value}", show(system, failure.value))


def show(system: System, expr: Expr, cell: int | None = None, level: int = 0) -> str:
    """An expression as text; a constant beside a cell is shown as that cell's value."""
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
        text = f" {INFIX[expr.op][0]} ".join(show(system, a, beside, 5) for a in args)
        return f"({text})" if level > 4 else text
    if expr.op == "not":
        return f"not {show(system, args[0], None, 7)}"
    if expr.op in ("ite", "choose"):
        text = f"{show(system, args[1], cell, 3)} if {show(system, args[0], None, 3)} else {show(system, args[2], cell, 3)}"
        return f"({text})" if level > 0 else text
    if expr.op in INFIX:
        symbol, binding = INFIX[expr.op]
        text = f" {symbol} ".join(show(system, a, None, binding + 1) for a in args)
        return f"({text})" if level > binding else text
    return f"{expr.op}({', '.join(show(system, a) for a in args)})"
