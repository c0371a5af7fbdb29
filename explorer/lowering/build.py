"""Building expressions: constants are folded, negations pushed in, and what a path already knows is used."""

from __future__ import annotations

from collections.abc import Iterable

from explorer.system import FALSE, TRUE, Apply, Cell, Constant, Expr, Read

FAR = 10**9  # stands for "no bound known"


def constant(value: bool | int) -> Constant:
    return (TRUE if value else FALSE) if isinstance(value, bool) else Constant(value)


def conj(*args: Expr) -> Expr:
    return _junction("and", TRUE, FALSE, args)


def disj(*args: Expr) -> Expr:
    return _junction("or", FALSE, TRUE, args)


def _junction(op: str, unit: Constant, zero: Constant, args: Iterable[Expr]) -> Expr:
    kept: list[Expr] = []
    seen: set[Expr] = set()
    for arg in args:
        parts = arg.args if isinstance(arg, Apply) and arg.op == op else (arg,)
        for part in parts:
            if part == unit or part in seen:
                continue
            if part == zero or neg(part) in seen:
                return zero
            seen.add(part)
            kept.append(part)
    if not kept:
        return unit
    return kept[0] if len(kept) == 1 else Apply(op, tuple(kept))


def neg(a: Expr) -> Expr:
    if isinstance(a, Constant):
        return constant(not a.value)
    if isinstance(a, Apply):
        if a.op == "not":
            return a.args[0]
        if a.op == "lt":
            return Apply("le", (a.args[1], a.args[0]))
        if a.op == "le":
            return Apply("lt", (a.args[1], a.args[0]))
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
        return choose(a.args[0], eq(a.args[1], b), eq(a.args[2], b))
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
        return choose(c, a, b)
    if isinstance(c, Apply) and c.op == "not":
        c, a, b = c.args[0], b, a
    return Apply("ite", (c, a, b))


def choose(c: Expr, a: Expr, b: Expr) -> Expr:
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
            return choose(*args)
        case "int":
            return to_int(args[0])
        case _:
            return arithmetic(op, args[0], args[1])


def cells_read(expr: Expr, into: set[int] | None = None) -> set[int]:
    """The cells that the expression reads."""
    found = set() if into is None else into
    pending: list[Expr] = [expr]
    seen: set[int] = set()
    while pending:
        e = pending.pop()
        if isinstance(e, Read):
            found.add(e.cell)
        elif isinstance(e, Apply) and id(e) not in seen:
            seen.add(id(e))
            pending.extend(e.args)
    return found


class Facts:
    """What a path has assumed so far, to settle later conditions and to narrow ranges."""

    def __init__(self, cells: list[Cell]) -> None:
        self.cells = cells
        self.truths: dict[Expr, bool] = {}
        self.ranges: dict[int, tuple[int, int]] = {}
        self.memo: dict[Expr, Expr] = {}

    def copy(self) -> Facts:
        other = Facts(self.cells)
        other.truths, other.ranges = dict(self.truths), dict(self.ranges)
        return other

    def assume(self, condition: Expr, value: bool = True) -> None:
        self.memo = {}
        if isinstance(condition, Constant):
            return
        self.truths[condition] = value
        self.truths[neg(condition)] = not value
        if not isinstance(condition, Apply):
            return
        if condition.op == "not":
            self.assume(condition.args[0], not value)
        elif condition.op == ("and" if value else "or"):
            for arg in condition.args:
                self.assume(arg, value)
        elif condition.op in ("eq", "lt", "le"):
            a, b = condition.args
            if isinstance(b, Constant):
                self.narrow(a, condition.op, int(b.value), value, left=True)
            elif isinstance(a, Constant):
                self.narrow(b, condition.op, int(a.value), value, left=False)

    def narrow(self, read: Expr, op: str, k: int, value: bool, left: bool) -> None:
        if not isinstance(read, Read) or read.before:
            return
        lo, hi = self.range_of(read.cell)
        if op == "eq":
            if value:
                lo = hi = k
            elif k == lo:
                lo += 1
            elif k == hi:
                hi -= 1
        else:
            strict = (op == "lt") == value  # x < k, or not (x <= k) i.e. x > k
            upper = left == value  # the constraint bounds x from above
            edge = k - 1 if upper and strict else k + 1 if strict else k
            if upper:
                hi = min(hi, edge)
            else:
                lo = max(lo, edge)
        self.ranges[read.cell] = (lo, hi)

    def range_of(self, cell: int) -> tuple[int, int]:
        domain = self.cells[cell].domain
        return self.ranges.get(cell, (domain.lo, domain.top))

    def simplify(self, expr: Expr) -> Expr:
        if isinstance(expr, Constant):
            return expr
        known = self.truths.get(expr)
        if known is not None:
            return constant(known)
        if isinstance(expr, Read):
            if expr.type == "int" and not expr.before:
                lo, hi = self.range_of(expr.cell)
                if lo == hi:
                    return Constant(lo)
            return expr
        done = self.memo.get(expr)
        if done is None:
            done = rebuild(expr.op, tuple([self.simplify(a) for a in expr.args]))
            if isinstance(done, Apply) and done.op in ("eq", "lt", "le"):
                (a, b), (c, d) = self.bounds(done.args[0]), self.bounds(done.args[1])
                if b < c:
                    done = constant(done.op != "eq")
                elif d < a:
                    done = FALSE
                elif done.op == "le" and b <= c:
                    done = TRUE
                elif done.op == "lt" and d <= a:
                    done = FALSE
            known = self.truths.get(done)
            if known is not None:
                done = constant(known)
            self.memo[expr] = done
        return done

    def bounds(self, expr: Expr) -> tuple[int, int]:
        """The least and greatest value an integer expression can have, as far as the facts say."""
        if isinstance(expr, Constant):
            return int(expr.value), int(expr.value)
        if isinstance(expr, Read):
            domain = self.cells[expr.cell].domain
            return (domain.lo, domain.top) if expr.before else self.range_of(expr.cell)
        args = expr.args
        if expr.op == "int":
            return 0, 1
        if expr.op == "ite":
            (a, b), (c, d) = self.bounds(args[1]), self.bounds(args[2])
            return min(a, c), max(b, d)
        if expr.type == "bool":
            return 0, 1
        (a, b), (c, d) = self.bounds(args[0]), self.bounds(args[1])
        match expr.op:
            case "add":
                return _far(a + c), _far(b + d)
            case "sub":
                return _far(a - d), _far(b - c)
            case "mul":
                corners = [a * c, a * d, b * c, b * d]
                return _far(min(corners)), _far(max(corners))
            case "min":
                return min(a, c), min(b, d)
            case "max":
                return max(a, c), max(b, d)
            case "mod" if c == d and c > 0:
                return (a, b) if 0 <= a and b < c else (0, c - 1)
            case "mod":
                return min(c + 1, 0), max(d - 1, 0)
            case "floordiv" if c == d and c > 0:
                return a // c, b // c
            case _:
                reach = max(abs(a), abs(b))
                return -reach, reach

    def bounds_given(self, expr: Expr, given: Expr) -> tuple[int, int] | None:
        """The same, where `given` holds besides; None where it can't."""
        given = self.simplify(given)
        if isinstance(given, Constant):
            return self.bounds(expr) if given.value else None
        facts = self.copy()
        facts.assume(given)
        if not isinstance(expr, Apply) or expr.op != "ite":
            return facts.bounds(expr)
        # the condition that chooses the value often chooses what is given about it, too
        found = []
        for way, value in ((expr.args[0], expr.args[1]), (neg(expr.args[0]), expr.args[2])):
            inner = self.copy()
            inner.assume(inner.simplify(way))
            bounds = None if self.simplify(way) == FALSE else inner.bounds_given(value, given)
            if bounds is not None:
                found.append(bounds)
        return (min(lo for lo, _ in found), max(hi for _, hi in found)) if found else None


def _far(x: int) -> int:
    return max(-FAR, min(FAR, x))
