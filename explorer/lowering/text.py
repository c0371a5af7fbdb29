"""How messages quote what stands in a model."""

from __future__ import annotations

import ast
import dataclasses
import functools
from typing import Any

from explorer.language.sorts import Atom, is_record


def names_an_atom(value: Any) -> bool:
    """True for an atom, and for a tuple, a set or a record that holds one."""
    if isinstance(value, tuple | frozenset | list | set):
        return any(map(names_an_atom, value))
    if isinstance(value, dict):
        return any(map(names_an_atom, value.values()))
    if is_record(type(value)):
        return any(names_an_atom(getattr(value, f.name)) for f in dataclasses.fields(value))
    return isinstance(value, Atom)


def operands(node: ast.AST) -> tuple[str, str]:
    """The text of the two sides of an operator."""
    if isinstance(node, ast.BinOp):
        return text_of(node.left), text_of(node.right)
    if isinstance(node, ast.AugAssign):
        return text_of(node.target), text_of(node.value)
    return "the left side", "the right side"


def held_by(node: ast.AST) -> str:
    """The text of what an attribute is taken of."""
    return text_of(node.value) if isinstance(node, ast.Attribute) else text_of(node)


def nothing_to_choose(node: ast.expr) -> str:
    if isinstance(node, ast.GeneratorExp | ast.ListComp | ast.SetComp):
        tests = [text_of(t) for g in node.generators for t in g.ifs]
        return f"no {text_of(node.elt)}" + (f" with {' and '.join(tests)}" if tests else "")
    return f"nothing in {text_of(node)}"


@functools.lru_cache(maxsize=10_000)
def text_of(node: ast.AST) -> str:
    """The source of the expression, as messages quote it."""
    return ast.unparse(node)


def one_line(node: ast.AST) -> str:
    try:
        return text_of(node).replace("\n", " ")
    except Exception:
        return ""


def as_read(target: ast.expr) -> ast.expr:
    """The tree of an assignment target as an expression."""
    if isinstance(target, ast.Name):
        return ast.copy_location(ast.Name(target.id, ast.Load()), target)
    if isinstance(target, ast.Attribute):
        return ast.copy_location(ast.Attribute(target.value, target.attr, ast.Load()), target)
    if isinstance(target, ast.Subscript):
        return ast.copy_location(ast.Subscript(target.value, target.slice, ast.Load()), target)
    return target
