"""The conditions of branches as a kernel developer writes them: ``page_maybe_dma_pinned() == false``."""

from __future__ import annotations

import ast
import warnings

NEGATED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
FUNCTIONS = frozenset({"all", "any", "sum", "len", "min", "max", "abs", "bool", "int", "set", "frozenset"})


def readable(text: str, outcome: bool) -> tuple[str, ...]:
    """The source text of a condition and which way it went, as lines that state what was found.

    ``not x`` is turned round, a conjunction that held (a disjunction that failed) becomes one line for each part, a
    comparison that failed is negated, anything else gets ``== true`` or ``== false``. ``self.`` and locals passed to
    routines are dropped, as in the kernel's own diagrams. Empty for a constant.
    """
    try:
        with warnings.catch_warnings():  # of a doubtful escape, say: the model's affair, not the reader's
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return (f"{' '.join(text.split())} == {_word(outcome)}",) if text.strip() else ()
    return tuple(_lines(_Plain().visit(tree), outcome))


def _word(outcome: bool) -> str:
    return "true" if outcome else "false"


def _lines(node: ast.expr, outcome: bool) -> list[str]:
    if isinstance(node, ast.Constant):
        return []
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return _lines(node.operand, not outcome)
    if isinstance(node, ast.BoolOp):
        if isinstance(node.op, ast.And) == outcome:
            return [line for value in node.values for line in _lines(value, outcome)]
        return [_show(node)] if outcome else [f"({_show(node)}) == false"]
    if isinstance(node, ast.Compare):
        if outcome:
            return [_show(node)]
        if len(node.ops) == 1:
            return [_show(ast.Compare(node.left, [NEGATED[type(node.ops[0])]()], node.comparators))]
        return [f"({_show(node)}) == false"]
    shown = _show(node)
    if not isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call):
        shown = f"({shown})"
    return [f"{shown} == {_word(outcome)}"]


def _show(node: ast.expr) -> str:
    """The expression as text, with C's spelling of and, or, not at its top."""
    if isinstance(node, ast.BoolOp):
        joined = " && " if isinstance(node.op, ast.And) else " || "
        return joined.join(f"({_show(v)})" if isinstance(v, ast.BoolOp) else _show(v) for v in node.values)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        inner = _show(node.operand)
        return f"!({inner})" if isinstance(node.operand, ast.BoolOp | ast.Compare) else f"!{inner}"
    if isinstance(node, ast.Compare):
        ops = [ast.Eq() if isinstance(o, ast.Is) else ast.NotEq() if isinstance(o, ast.IsNot) else o for o in node.ops]
        node = ast.Compare(node.left, ops, node.comparators)
    return " ".join(ast.unparse(ast.fix_missing_locations(node)).split())


class _Plain(ast.NodeTransformer):
    """Drops what a reader of the diagram has no use for: ``self.``, an enum's class, locals as arguments."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name):
            owner = node.value.id
            if owner == "self" or (owner[:1].isupper() and not owner.isupper() and node.attr.isupper()):
                return ast.Name(node.attr, ast.Load())
        self.generic_visit(node)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name and name not in FUNCTIONS:
            told = [arg for arg in node.args if not isinstance(arg, ast.Name)]  # a local's name tells nothing
            node = ast.Call(ast.Name(name, ast.Load()), told, [])
        self.generic_visit(node)
        return node
