"""What a path through a step already knows."""

from __future__ import annotations

from explorer.lowering.limits import Work, check_nested
from explorer.system.expressions import constant, neg, rebuild
from explorer.system.form import FALSE, TRUE, Apply, Cell, Constant, Domain, Expr, Read

COMPARISONS = frozenset(("eq", "lt", "le"))
FAR = 10**9  # stands for "no bound known"
MOST_CASES = 1_000


class Facts:
    """What a path has assumed so far, to settle later conditions and to narrow ranges."""

    def __init__(self, cells: list[Cell], work: Work | None = None, plain: dict[Expr, Expr] | None = None) -> None:
        """`plain`: what expressions come to where nothing is known of what they read; shared by all who have the same cells."""
        self.cells = cells
        self.work = Work() if work is None else work
        self.plain: dict[Expr, Expr] = {} if plain is None else plain
        self.about = 0  # the cells of which something is known, a bit each
        self.truths: dict[Expr, bool] = {}
        self.ranges: dict[int, tuple[int, int]] = {}
        self.memo: dict[Expr, Expr] = {}
        self.known_bounds: dict[Expr, tuple[int, int]] = {}

    def copy(self) -> Facts:
        self.work.add(1 + len(self.truths) // 8)
        other = Facts(self.cells, self.work, self.plain)
        other.truths, other.ranges, other.about = dict(self.truths), dict(self.ranges), self.about
        other.memo, other.known_bounds = self.memo, self.known_bounds  # as long as both know the same
        return other

    def assume(self, condition: Expr, value: bool = True) -> None:
        """From here on the condition is true, or false."""
        if isinstance(condition, Constant):
            return
        reads = condition.reads
        self.memo = {e: known for e, known in self.memo.items() if not e.reads & reads}
        self.known_bounds = {e: known for e, known in self.known_bounds.items() if not e.reads & reads}
        self.about |= reads
        self._assume(condition, value)

    def _assume(self, condition: Expr, value: bool) -> None:
        self.truths[condition] = value
        self.truths[neg(condition)] = not value
        if not isinstance(condition, Apply):
            return
        if condition.op == "not":
            self._assume(condition.args[0], not value)
        elif condition.op == ("and" if value else "or"):
            for arg in condition.args:
                self._assume(arg, value)
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
            else:  # with what was excluded before
                while lo < hi and self.truths.get(Apply("eq", (read, Constant(lo)))) is False:
                    lo += 1
                while lo < hi and self.truths.get(Apply("eq", (read, Constant(hi)))) is False:
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
        return self.ranges.get(cell, values_of(domain))

    def simplify(self, expr: Expr) -> Expr:
        if type(expr) is Constant:
            return expr
        known = self.truths.get(expr)
        if known is not None:
            return TRUE if known else FALSE
        if type(expr) is Read:
            if expr.type == "int" and not expr.before:
                lo, hi = self.range_of(expr.cell)
                if lo == hi:
                    return Constant(lo)
            return expr
        assert type(expr) is Apply
        memo = self.memo if expr.reads & self.about else self.plain
        done = memo.get(expr)
        if done is None:
            check_nested(expr.depth)
            args = expr.args
            self.work.add(1 + len(args))
            made = tuple([a if type(a) is Constant else self.simplify(a) for a in args])
            done = expr if made == args else rebuild(expr.op, made)  # what is built from the same is the same
            if type(done) is Apply and done.op in COMPARISONS:
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
            memo[expr] = done
        return done

    def bounds(self, expr: Expr) -> tuple[int, int]:
        """The least and greatest value an integer expression can have, as far as the facts say."""
        if isinstance(expr, Constant):
            return int(expr.value), int(expr.value)
        if isinstance(expr, Read):
            domain = self.cells[expr.cell].domain
            return values_of(domain) if expr.before else self.range_of(expr.cell)
        known = self.known_bounds.get(expr)
        if known is None:
            self.work.add()
            known = self.known_bounds[expr] = self.bounds_of(expr)
        return known

    def bounds_of(self, expr: Apply) -> tuple[int, int]:
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

    def bounds_given(self, expr: Expr, given: Expr, cases: list[int] | None = None) -> tuple[int, int] | None:
        """The same, where `given` holds besides; None where it can't. `cases`: how many are looked at before they are taken
        together."""
        cases = [MOST_CASES] if cases is None else cases
        cases[0] -= 1
        given = self.simplify(given)
        if given is FALSE:
            return None
        if given is TRUE or type(expr) is Constant:
            return self.bounds(expr)
        facts = self.copy()
        facts.assume(given)
        if not isinstance(expr, Apply) or expr.op != "ite" or cases[0] < 0:
            return facts.bounds(expr)
        # the condition that chooses the value often chooses what is given about it, too
        found = []
        for way, value in ((expr.args[0], expr.args[1]), (neg(expr.args[0]), expr.args[2])):
            way = self.simplify(way)
            if way == FALSE:
                continue
            inner = self.copy()
            inner.assume(way)
            bounds = inner.bounds_given(value, given, cases)
            if bounds is not None:
                found.append(bounds)
        return (min(lo for lo, _ in found), max(hi for _, hi in found)) if found else None


def _far(x: int) -> int:
    return max(-FAR, min(FAR, x))


def values_of(domain: Domain) -> tuple[int, int]:
    """The least and the greatest code of a value: what a cell holds that has none is never looked at."""
    return domain.lo, domain.none if domain.optional else domain.hi
