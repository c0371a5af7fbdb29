"""The least and the largest value that an expression could have, from the domains of the cells it reads."""

from __future__ import annotations

from explorer.system.form import Constant, Expr, Read, System


class Intervals:
    """Intervals that hold the values of expressions of one system, whatever the state."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.known: dict[Expr, tuple[int, int]] = {}

    def of(self, expr: Expr) -> tuple[int, int]:
        """(least, largest); 0 and 1 for truth values."""
        if isinstance(expr, Constant):
            return int(expr.value), int(expr.value)
        if isinstance(expr, Read):
            domain = self.system.cells[expr.cell].domain
            return (0, 1) if expr.type == "bool" else (domain.lo, domain.top)
        if expr not in self.known:
            self.known[expr] = self.apply(expr.op, [self.of(a) for a in expr.args])
        return self.known[expr]

    @staticmethod
    def apply(op: str, args: list[tuple[int, int]]) -> tuple[int, int]:
        if op in ("and", "or", "not", "iff", "eq", "lt", "le", "choose", "int"):
            return 0, 1
        if op == "ite":
            return min(args[1][0], args[2][0]), max(args[1][1], args[2][1])
        (a, b), (c, d) = args
        if op == "add":
            return a + c, b + d
        if op == "sub":
            return a - d, b - c
        if op == "mul":
            products = [x * y for x in (a, b) for y in (c, d)]
            return min(products), max(products)
        if op == "min":
            return min(a, c), min(b, d)
        if op == "max":
            return max(a, c), max(b, d)
        if op == "mod":
            return min(c + 1, 0), max(d - 1, 0)
        assert op == "floordiv", op
        largest = max(abs(a), abs(b))
        return -largest, largest
