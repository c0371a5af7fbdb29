"""How messages quote what stands in a model."""

from __future__ import annotations

import ast
import copy
import dataclasses
import functools
import itertools
import types
from collections.abc import Iterable
from typing import Any

from explorer.language.sorts import Atom, is_record

MAPPINGS = (dict, types.MappingProxyType)  # what maps static keys to static values


def names_an_atom(value: Any) -> bool:
    """True for an atom, and for a tuple, a set, a mapping or a record that holds one."""
    return first_inside(value, Atom) is not None


def first_inside(value: Any, kinds: type | tuple[type, ...]) -> Any:
    """The value itself, if it is of one of these classes, or the first such that it holds; None where there is none."""
    if isinstance(value, kinds):
        return value
    held: Iterable[Any] = ()
    if isinstance(value, tuple | frozenset | list | set):
        held = value
    elif isinstance(value, MAPPINGS):
        held = itertools.chain(value.keys(), value.values())
    elif is_record(type(value)):
        held = (getattr(value, f.name) for f in dataclasses.fields(value))
    found = (first_inside(one, kinds) for one in held)
    return next((one for one in found if one is not None), None)


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


@functools.lru_cache(maxsize=10_000)
def array_reads(node: ast.AST) -> tuple[ast.Attribute, ...]:
    """What the expression indexes that is an attribute, ``memory.pte`` of ``memory.pte[process, page]``, as `ast.walk` goes."""
    return tuple(read.value for read in indexed_attributes(node) if isinstance(read.value, ast.Attribute))


def indexed_attributes(node: ast.AST) -> list[ast.Subscript]:
    """Where the expression indexes an attribute."""
    return [n for n in ast.walk(node) if isinstance(n, ast.Subscript) and isinstance(n.value, ast.Attribute)]


def named(node: ast.AST, names: tuple[str | None, ...]) -> ast.AST:
    """The expression with names in the place of `array_reads`, where there is one."""
    made = copy.deepcopy(node)
    for read, name in zip(indexed_attributes(made), names, strict=True):
        if name is not None:
            read.value = ast.Name(name, ast.Load())
    return made


def as_read(target: ast.expr) -> ast.expr:
    """The tree of an assignment target as an expression."""
    if isinstance(target, ast.Name):
        return ast.copy_location(ast.Name(target.id, ast.Load()), target)
    if isinstance(target, ast.Attribute):
        return ast.copy_location(ast.Attribute(target.value, target.attr, ast.Load()), target)
    if isinstance(target, ast.Subscript):
        return ast.copy_location(ast.Subscript(target.value, target.slice, ast.Load()), target)
    return target
