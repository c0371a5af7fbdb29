"""Building expressions: constants are folded and negations pushed in; what an expression reads; putting others in its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from explorer.system.form import FALSE, TRUE, Apply, Constant, Expr, Read


def constant(value: bool | int) -> Constant:
    return (TRUE if value else FALSE) if isinstance(value, bool) else Constant(value)


def conj(*args: Expr) -> Expr:
    return _junction("and", TRUE, FALSE, args)


def disj(*args: Expr) -> Expr:
    return _junction("or", FALSE, TRUE, args)


def _junction(op: str, unit: Constant, zero: Constant, args: Iterable[Expr]) -> Expr:
    kept: dict[Expr, None] = {}
    for arg in args:
        for part in arg.args if type(arg) is Apply and arg.op == op else (arg,):
            if part is unit or part in kept:
                continue
            if part is zero or neg(part) in kept:
                return zero
            kept[part] = None
    if not kept:
        return unit
    return next(iter(kept)) if len(kept) == 1 else Apply(op, tuple(kept))


def neg(a: Expr) -> Expr:
    if type(a) is Apply:
        op = a.op
        if op == "not":
            return a.args[0]
        if op == "lt":
            return Apply("le", (a.args[1], a.args[0]))
        if op == "le":
            return Apply("lt", (a.args[1], a.args[0]))
    elif type(a) is Constant:
        return FALSE if a.value else TRUE
    return Apply("not", (a,))


def eq(a: Expr, b: Expr) -> Expr:
    """Equality of two integers."""
    if a == b:
        return TRUE
    if isinstance(a, Constant):
        a, b = b, a
    if isinstance(a, Constant) and isinstance(b, Constant):
        return constant(a.value == b.value)
    if isinstance(a, Apply) and a.op == "ite" and isinstance(b, Constant):
        return truth_ite(a.args[0], eq(a.args[1], b), eq(a.args[2], b))
    if isinstance(a, Apply) and a.op == "int" and isinstance(b, Constant):
        return a.args[0] if b.value == 1 else neg(a.args[0]) if b.value == 0 else FALSE
    return Apply("eq", (a, b))


def iff(a: Expr, b: Expr) -> Expr:
    """Equality of two truth values."""
    if isinstance(a, Constant):
        a, b = b, a
    if isinstance(b, Constant):
        return a if b.value else neg(a)
    return TRUE if a == b else FALSE if a == neg(b) else Apply("iff", (a, b))


def lt(a: Expr, b: Expr) -> Expr:
    if isinstance(a, Constant) and isinstance(b, Constant):
        return constant(a.value < b.value)
    return FALSE if a == b else Apply("lt", (a, b))


def le(a: Expr, b: Expr) -> Expr:
    if isinstance(a, Constant) and isinstance(b, Constant):
        return constant(a.value <= b.value)
    return TRUE if a == b else Apply("le", (a, b))


def arithmetic(op: str, a: Expr, b: Expr) -> Expr:
    """add, sub, mul, floordiv, mod, min, max of two integers."""
    if isinstance(a, Constant) and isinstance(b, Constant):
        x, y = int(a.value), int(b.value)
        match op:
            case "add":
                return Constant(x + y)
            case "sub":
                return Constant(x - y)
            case "mul":
                return Constant(x * y)
            case "floordiv":
                return Constant(x // y if y else 0)
            case "mod":
                return Constant(x % y if y else 0)
            case "min":
                return Constant(min(x, y))
            case "max":
                return Constant(max(x, y))
    if op == "sub" and isinstance(b, Constant):
        op, b = "add", Constant(-b.value)
    if op == "add" and isinstance(a, Constant):
        a, b = b, a
    if op == "add" and isinstance(b, Constant):
        if b.value == 0:
            return a
        if isinstance(a, Apply) and a.op == "add" and isinstance(a.args[1], Constant):
            return arithmetic("add", a.args[0], Constant(a.args[1].value + b.value))
    return Apply(op, (a, b))


def ite(c: Expr, a: Expr, b: Expr) -> Expr:
    """if c then a else b, of integers or of truth values."""
    if isinstance(c, Constant):
        return a if c.value else b
    if a == b:
        return a
    if a.type == "bool":
        return truth_ite(c, a, b)
    if isinstance(c, Apply) and c.op == "not":
        c, a, b = c.args[0], b, a
    return Apply("ite", (c, a, b))


def truth_ite(c: Expr, a: Expr, b: Expr) -> Expr:
    """if c then a else b, of truth values."""
    if isinstance(c, Constant):
        return a if c.value else b
    if a == b:
        return a
    if a == TRUE or a == c:
        return disj(c, b)
    if a == FALSE:
        return conj(neg(c), b)
    if b == FALSE or b == c:
        return conj(c, a)
    if b == TRUE:
        return disj(neg(c), a)
    return Apply("choose", (c, a, b))


def to_int(a: Expr) -> Expr:
    return Constant(int(a.value)) if isinstance(a, Constant) else Apply("int", (a,))


def rebuild(op: str, args: tuple[Expr, ...]) -> Expr:
    match op:
        case "and":
            return conj(*args)
        case "or":
            return disj(*args)
        case "not":
            return neg(args[0])
        case "iff":
            return iff(args[0], args[1])
        case "eq":
            return eq(args[0], args[1])
        case "lt":
            return lt(args[0], args[1])
        case "le":
            return le(args[0], args[1])
        case "ite":
            return ite(*args)
        case "choose":
            return truth_ite(*args)
        case "int":
            return to_int(args[0])
        case _:
            return arithmetic(op, args[0], args[1])


def cells_read(expr: Expr) -> set[int]:
    """The cells that the expression reads."""
    found: set[int] = set()
    left = expr.reads
    while left:
        found.add((left & -left).bit_length() - 1)
        left &= left - 1
    return found


def conjuncts(expr: Expr) -> tuple[Expr, ...]:
    """The conditions that `and` joins, each once; none for true."""
    if expr == TRUE:
        return ()
    if isinstance(expr, Apply) and expr.op == "and":
        return tuple(dict.fromkeys(c for a in expr.args for c in conjuncts(a)))
    return (expr,)


def tested_cell(condition: Expr) -> tuple[Read | None, int]:
    """(cell read, code) of a test of one cell for one code; (None, 0) for any other condition."""
    if isinstance(condition, Apply) and condition.op == "eq":
        for a, b in (condition.args, condition.args[::-1]):
            if isinstance(a, Read) and isinstance(b, Constant):
                return a, int(b.value)
    return None, 0


def substitute(expr: Expr, values: Mapping[int, Expr], known: dict[Expr, Expr] | None = None) -> Expr:
    """The expression with `values` instead of reads of those cells. `known`: what was done before with the same values."""
    if isinstance(expr, Constant):
        return expr
    if isinstance(expr, Read):
        return expr if expr.before else values.get(expr.cell, expr)
    known = {} if known is None else known
    done = known.get(expr)
    if done is None:
        args = tuple([substitute(a, values, known) for a in expr.args])
        same = all(a is b for a, b in zip(args, expr.args, strict=True))
        known[expr] = done = expr if same else rebuild(expr.op, args)
    return done


def to_data(expr: Expr) -> Any:
    """The expression as plain lists: a literal, ["read", cell, type], ["before", cell, type], [operator, argument, ...]."""
    if isinstance(expr, Constant):
        return expr.value
    if isinstance(expr, Read):
        return ["before" if expr.before else "read", expr.cell, expr.type]
    return [expr.op, *map(to_data, expr.args)]


def of_data(given: Any) -> Expr:
    """What `to_data` gave. Raises LookupError, TypeError and ValueError for other data."""
    if not isinstance(given, list):
        if not isinstance(given, int):
            raise TypeError(f"a literal is a truth value or an integer, not {given!r}")
        return Constant(given)
    if given[0] in ("read", "before"):
        _, cell, kind = given
        if type(cell) is not int or type(kind) is not str:
            raise TypeError("a cell has a number, and a type")
        return Read(cell, kind, given[0] == "before")
    return Apply(given[0], tuple(map(of_data, given[1:])))
