"""A System as z3 terms: states, guards and updates, in a context of its own.

Truth values are Booleans, all other values signed bit-vectors of one width, wide enough for whatever an expression computes
from values in the domains of the cells it reads (`Intervals`): nothing wraps, so they are the evaluator's integers. A cell
has only the bits that its domain needs. `mod` and `floordiv` are Python's, and 0 where the divisor is 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import z3

from explorer.process.stop import broken_off
from explorer.system.form import Action, Apply, Constant, Expr, Property, Read, System
from explorer.system.intervals import Intervals

Term = Any  # z3's own classes have no useful types
SOLVER = f"z3 {z3.get_version_string()}"
MOST_BITS = 32  # products and quotients of more take z3 minutes and gigabytes, which its own limit does not count
QUERY_LIMIT = 2_000_000  # z3's own count of steps for one query: the same on every machine and every run


class Symbols(list[Term]):
    """A term for each cell of a state, and the terms made of them so far."""

    def __init__(self, terms: Iterable[Term]) -> None:
        super().__init__(terms)
        self.known: dict[tuple[Expr, int], Term] = {}


class Encoding:
    """Terms of one system. `system` may be given more expressions than its own: they must stay in its intervals, or be given
    in `others`."""

    def __init__(self, system: System, others: Iterable[Expr] = ()) -> None:
        self.system = system
        self.context = z3.Context()
        self.width = width(system, others)
        self.true, self.false = z3.BoolVal(True, self.context), z3.BoolVal(False, self.context)
        self.numbers: dict[int, Term] = {}

    # ------------------------------------------------------------ states

    def state(self, suffix: str = "") -> Symbols:
        """Any state: one term a cell, a Boolean where the cell reads as a truth value, else a bit-vector."""
        terms = []
        for cell in self.system.cells:
            domain, name = cell.domain, cell.name + suffix
            if domain.truth:
                terms.append(z3.Bool(name, self.context))
            elif domain.lo == domain.top:
                terms.append(self.number(domain.lo))
            else:
                bits = (domain.top - domain.lo).bit_length()
                narrow = z3.BitVec(name, bits, self.context)
                term = z3.ZeroExt(self.width - bits, narrow)
                terms.append(term + self.number(domain.lo) if domain.lo else term)
        return Symbols(terms)

    def domain(self, state: Sequence[Term]) -> Term:
        """Every cell holds a value of its domain."""
        parts = []
        for cell, term in zip(self.system.cells, state, strict=True):
            domain = cell.domain
            size = domain.top - domain.lo + 1
            if not domain.truth and size & (size - 1):  # the bits could hold more
                parts.append(term <= self.number(domain.top))
        return self.both(parts)

    def initial(self, state: Sequence[Term]) -> Term:
        """The state is one that the system may start in."""
        parts = []
        for cell, term in zip(self.system.cells, state, strict=True):
            codes = [self.code(cell.domain.truth, code) for code in dict.fromkeys(cell.initial)]
            parts.append(self.either([self.same(term, code) for code in codes]))
        return self.both(parts)

    def after(self, action: Action, state: Symbols) -> Symbols:
        """The state after the action, whose guard is not asked for here."""
        terms = list(state)
        for cell, expr in action.updates:
            terms[cell] = self.expr(expr, state)
        if action.location is not None:
            terms[action.location[0]] = self.number(action.location[2])
        return Symbols(terms)

    def equal(self, a: Sequence[Term], b: Sequence[Term], cells: Iterable[int] | None = None) -> Term:
        """The two states hold the same values, in these cells (default: in all)."""
        wanted = range(len(a)) if cells is None else cells
        return self.both([self.same(a[i], b[i]) for i in wanted if a[i] is not b[i]])

    def values(self, model: Any, state: Sequence[Term]) -> tuple[int, ...]:
        """The codes of a state in a model that z3 found."""
        found = []
        for cell, term in zip(self.system.cells, state, strict=True):
            value = model.eval(term, model_completion=True)
            found.append(int(z3.is_true(value)) if cell.domain.truth else int(value.as_signed_long()))
        return tuple(found)

    # ------------------------------------------------------------ expressions

    def expr(self, expr: Expr, state: Symbols, before: Symbols | None = None) -> Term:
        """The term of an expression over a state, and over the state before where it reads one."""
        if isinstance(expr, Constant):
            return self.code(isinstance(expr.value, bool), expr.value)
        if isinstance(expr, Read):
            if expr.before:
                assert before is not None, "this property is over a step"
                return before[expr.cell]
            return state[expr.cell]
        key = (expr, id(before))
        found = state.known.get(key)
        if found is None:
            found = self.apply(expr.op, [self.expr(a, state, before) for a in expr.args])
            state.known[key] = found
        return found

    def apply(self, op: str, args: list[Term]) -> Term:
        """The term of an operator of `OPERATORS`."""
        if op == "and":
            return self.both(args)
        if op == "or":
            return self.either(args)
        if op == "not":
            return self.no(args[0])
        if op in ("iff", "eq"):
            return self.same(args[0], args[1])
        if op in ("ite", "choose"):
            return z3.If(args[0], args[1], args[2])
        if op == "lt":
            return args[0] < args[1]
        if op == "le":
            return args[0] <= args[1]
        if op == "add":
            return args[0] + args[1]
        if op == "sub":
            return args[0] - args[1]
        if op == "mul":
            return args[0] * args[1]
        if op == "int":
            return z3.If(args[0], self.number(1), self.number(0))
        a, b = args
        if op == "min":
            return z3.If(a <= b, a, b)
        if op == "max":
            return z3.If(a >= b, a, b)
        zero = self.number(0)
        rest = a % b  # SMT-LIB's bvsmod: the sign of the divisor, as Python's
        if op == "mod":
            return z3.If(b == zero, zero, rest)
        assert op == "floordiv", op
        return z3.If(b == zero, zero, (a - rest) / b)

    def number(self, value: int) -> Term:
        """A bit-vector of the width of all values."""
        if value not in self.numbers:
            self.numbers[value] = z3.BitVecVal(value, self.width, self.context)
        return self.numbers[value]

    def code(self, truth: bool, value: int) -> Term:
        """A literal: a Boolean or a bit-vector."""
        return (self.true if value else self.false) if truth else self.number(int(value))

    # by z3's C interface: what z3's Python checks of each argument takes ten times as long

    def both(self, parts: Sequence[Term]) -> Term:
        """The conjunction of Booleans."""
        return self.joined_term(z3.Z3_mk_and, parts) if len(parts) > 1 else parts[0] if parts else self.true

    def either(self, parts: Sequence[Term]) -> Term:
        """The disjunction of Booleans."""
        return self.joined_term(z3.Z3_mk_or, parts) if len(parts) > 1 else parts[0] if parts else self.false

    def joined_term(self, make: Any, parts: Sequence[Term]) -> Term:
        terms = (z3.Ast * len(parts))(*(p.ast for p in parts))
        return z3.BoolRef(make(self.context.ref(), len(parts), terms), self.context)

    def no(self, part: Term) -> Term:
        """The negation of a Boolean."""
        return z3.BoolRef(z3.Z3_mk_not(self.context.ref(), part.ast), self.context)

    def same(self, a: Term, b: Term) -> Term:
        """Two terms of one kind are equal."""
        return z3.BoolRef(z3.Z3_mk_eq(self.context.ref(), a.ast, b.ast), self.context)

    # ------------------------------------------------------------ asking

    def solver(self, *facts: Term, limit: int = QUERY_LIMIT) -> z3.Solver:
        """A solver of the facts, each of whose queries ends after `limit` of z3's steps; at once where values are wide."""
        solver = z3.SolverFor("QF_BV", ctx=self.context)
        solver.set("rlimit", limit if self.width <= MOST_BITS else 1)
        leave_interrupts(solver)
        for fact in facts:
            solver.add(fact)
        return solver


def leave_interrupts(solver: Term) -> None:
    """Leave Ctrl-C to Python, which raises KeyboardInterrupt after the query: z3 would say `unknown`, and less be proved."""
    solver.set("ctrl_c", False)


class Asker:
    """Who asks one solver, and counts the answers."""

    solver: z3.Solver
    queries: Counter[str]

    def refuted(self, *facts: Term) -> bool:
        """Whether no state is as asked; False for everything else that may happen."""
        self.solver.push()
        for fact in facts:
            self.solver.add(fact)
        answer = ask(self.solver)
        self.solver.pop()
        self.queries[answer] += 1
        return answer == "unsat"


def is_refuted(solver: z3.Solver, *assumptions: Term) -> bool:
    """Whether no state is as asked. False for everything else that z3 may say, or fail with."""
    return ask(solver, *assumptions) == "unsat"


def ask(solver: z3.Solver, *assumptions: Term) -> str:
    """ "sat", "unsat", or "unknown" for whatever else happens."""
    given = (z3.Ast * len(assumptions))(*(a.ast for a in assumptions))

    def given_up() -> Term:
        try:
            return z3.Z3_solver_check_assumptions(solver.ctx.ref(), solver.solver, len(assumptions), given)
        except z3.Z3Exception:
            return z3.Z3_L_UNDEF

    answer = broken_off(given_up, solver.ctx.interrupt)
    return {z3.Z3_L_TRUE: "sat", z3.Z3_L_FALSE: "unsat"}.get(answer, "unknown")


def width(system: System, others: Iterable[Expr] = ()) -> int:
    """The bits that hold all that expressions of the system compute, and the codes of its cells, with the sign."""
    intervals = Intervals(system)
    largest = 1
    seen: set[Expr] = set()
    pending: list[Expr] = [*expressions(system), *others]
    for cell in system.cells:
        largest = max(largest, abs(cell.domain.lo), abs(cell.domain.top) + 1)
    while pending:
        expr = pending.pop()
        if expr in seen:
            continue
        seen.add(expr)
        largest = max(largest, *map(abs, intervals.of(expr)))
        if isinstance(expr, Apply):
            pending.extend(expr.args)
            if expr.op == "floordiv":  # encoded by way of a difference
                largest = max(largest, 2 * sum(max(map(abs, intervals.of(a))) for a in expr.args))
    return largest.bit_length() + 1


def expressions(system: System) -> list[Expr]:
    """Every expression that says what a system does and is asked."""
    found: list[Expr] = []
    for action in system.actions:
        found.append(action.guard)
        found += [e for _, e in action.updates]
    for given in system.properties:
        found += of_property(given)
    return found


def of_property(given: Property) -> list[Expr]:
    """The expressions of a property."""
    return [given.holds, given.trigger, *(e for e, _ in given.undefined)]
