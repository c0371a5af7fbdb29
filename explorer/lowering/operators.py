"""Comparisons, boolean operators, arithmetic and sets: what Python makes of two values, of which each may depend on the state."""

from __future__ import annotations

import ast
import inspect
import types
from collections.abc import Callable
from enum import Enum
from typing import Any

from explorer.language import sorts, state
from explorer.language.model import Part, Thread, Threads
from explorer.language.sorts import Atom, Sort, an
from explorer.lowering import values
from explorer.lowering.path import Activation, Impure, Path, Unreached
from explorer.lowering.text import MAPPINGS, operands, text_of
from explorer.lowering.values import Guarded, Maybe, Mismatch, Scalar, SetOf, describe, scalar, symbolic
from explorer.system.expressions import arithmetic, conj, constant, disj, eq, le, lt, neg
from explorer.system.form import FALSE, TRUE, Constant, Expr

CLASSES = (type, types.UnionType)  # what isinstance takes


class Operators(Path):
    def value(self, node: ast.expr, top: Activation) -> Any:
        """The value of an expression."""
        raise NotImplementedError

    def until(self, node: ast.GeneratorExp, top: Activation, test: Callable[[Activation], Expr]) -> list[Expr]:
        """For each element, the condition that it is there and passes the test; none is looked at after one that does."""
        raise NotImplementedError

    def items(self, value: Any, node: ast.AST, top: Activation) -> list[tuple[Expr, Any]]:
        """(condition, value) of every element of what can be gone over."""
        raise NotImplementedError

    def finished_set(self, members: dict[Any, Expr]) -> Any:
        """A set, plain where nothing of it depends on the state."""
        raise NotImplementedError

    # ------------------------------------------------------------ truth

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

    def condition(self, node: ast.expr, top: Activation) -> Expr:
        """Whether Python takes the expression for true."""
        if isinstance(node, ast.BoolOp):
            found = [c for c, _ in self.operands(node, top, truth=True)]
            return conj(*found) if isinstance(node.op, ast.And) else disj(*found)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return neg(self.condition(node.operand, top))
        return self.truth(self.value(node, top), node, top)

    def boolean_value(self, expr: Expr) -> Any:
        return bool(expr.value) if isinstance(expr, Constant) else Scalar(expr, bool)

    # ------------------------------------------------------------ comparisons

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
        if isinstance(b, (*MAPPINGS, Sort, tuple, range, list)) or (isinstance(b, type) and issubclass(b, Enum)):
            return disj(*(values.equal(a, m) for _, m in self.items(b, node, top)))
        self.error(f"in needs a set, a sort or a tuple on its right, not {describe(b)}", node, top)

    # ------------------------------------------------------------ boolean operators

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

    # ------------------------------------------------------------ arithmetic

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
