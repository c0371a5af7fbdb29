"""Python's own functions that are part of the language."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, get_args

from explorer.errors.blame import shown_error
from explorer.language.sorts import Sort
from explorer.lowering import layout, values
from explorer.lowering.elements import Elements, refuse_order
from explorer.lowering.limits import check_listed
from explorer.lowering.path import Activation, Unreached
from explorer.lowering.text import text_of
from explorer.lowering.values import Guarded, Maybe, OneOf, Scalar, SetOf, Struct, describe, scalar, symbolic
from explorer.system.expressions import arithmetic, conj, disj, ite, lt, neg, to_int
from explorer.system.form import FALSE, TRUE, Constant, Expr

Builtin = Callable[[Elements, list[Any], dict[str, Any], ast.Call, Activation], Any]


def _all(path: Elements, args: list[Any], kwargs: dict[str, Any], node: ast.Call, top: Activation) -> Any:
    items = path.items(args[0], node, top)
    return path.boolean_value(path.facts.simplify(conj(*(disj(neg(c), path.truth(v, node, top)) for c, v in items))))


def _any(path: Elements, args: list[Any], kwargs: dict[str, Any], node: ast.Call, top: Activation) -> Any:
    items = path.items(args[0], node, top)
    return path.boolean_value(path.facts.simplify(disj(*(conj(c, path.truth(v, node, top)) for c, v in items))))


def _sum(path: Elements, args: list[Any], kwargs: dict[str, Any], node: ast.Call, top: Activation) -> Any:
    terms: list[Expr] = [path.integer(args[1], node, top) if len(args) > 1 else Constant(0)]
    for condition, value in numbers(path, path.items(args[0], node, top), node, top):
        given = scalar(value)
        if given is not None and given.kind is bool:
            term = to_int(conj(condition, given.expr))
        else:
            term = ite(condition, path.integer(value, node, top), Constant(0))
        terms.append(term)
    return path.number(sum_of(terms))


def sum_of(terms: list[Expr]) -> Expr:
    """The sum; of many, by halves."""
    if len(terms) > values.SHORT:
        middle = len(terms) // 2
        return arithmetic("add", sum_of(terms[:middle]), sum_of(terms[middle:]))
    total = terms[0]
    for term in terms[1:]:
        total = arithmetic("add", total, term)
    return total


def numbers(
    path: Elements, items: Iterable[tuple[Expr, Any]], node: ast.Call, top: Activation
) -> Iterator[tuple[Expr, Any]]:
    """The items without None, which is an error of the model where the item is there."""
    for condition, value in items:
        path.context.append(condition)
        try:
            value = path.present(value, "None is not a number", node, top)
        except Unreached:
            continue
        finally:
            path.context.pop()
        yield condition, value


def _len(path: Elements, args: list[Any], kwargs: dict[str, Any], node: ast.Call, top: Activation) -> Any:
    return path.number(sum_of([Constant(0), *(to_int(condition) for condition, _ in path.items(args[0], node, top))]))


def _extreme(op: str) -> Builtin:
    def run(path: Elements, args: list[Any], kwargs: dict[str, Any], node: ast.Call, top: Activation) -> Any:
        items = path.items(args[0], node, top) if len(args) == 1 else [(TRUE, a) for a in args]
        if set(kwargs) - {"default"}:
            path.error(f"{op} takes values or one iterable, and default=", node, top)
        found: list[tuple[Expr, Expr]] = []  # present, value
        if "default" in kwargs:
            some = disj(*(c for c, _ in items))
            items = [*items, (neg(some), kwargs["default"])]
        for condition, value in numbers(path, items, node, top):
            found.append((condition, path.integer(value, node, top)))

        def beside(a: tuple[Expr, Expr], b: tuple[Expr, Expr]) -> tuple[Expr, Expr]:
            return disj(a[0], b[0]), ite(a[0], ite(b[0], arithmetic(op, a[1], b[1]), a[1]), b[1])

        def least(found: list[tuple[Expr, Expr]]) -> tuple[Expr, Expr]:
            if len(found) > values.SHORT // 2:
                middle = len(found) // 2
                return beside(least(found[:middle]), least(found[middle:]))
            return functools.reduce(beside, found)

        best = least(found) if found else None
        text = f"{op}() of nothing: no value qualifies in this state, and there is no default="
        path.check(FALSE if best is None else best[0], "value", text, node, top)
        if best is None:
            raise Unreached
        return path.number(path.facts.simplify(best[1]))

    return run


def _tuple(path: Elements, args: list[Any], kwargs: dict[str, Any], node: ast.Call, top: Activation) -> Any:
    if not args:
        return ()
    items = path.items(args[0], node, top)
    if all(c == TRUE for c, _ in items):
        refuse_order(path, [v for _, v in items], node, top)
        return tuple(v for _, v in items)
    path.error(
        "how many elements this has depends on the state: keep the comprehension, and use any(...), all(...), "
        "sum(...) or len(...)",
        node,
        top,
    )


def _frozenset(path: Elements, args: list[Any], kwargs: dict[str, Any], node: ast.Call, top: Activation) -> Any:
    if not args:
        return frozenset()
    if isinstance(args[0], SetOf):
        return args[0]
    return path.make_set(path.items(args[0], node, top), node, top)


def _bool(path: Elements, args: list[Any], kwargs: dict[str, Any], node: ast.Call, top: Activation) -> Any:
    return path.boolean_value(path.truth(args[0], node, top)) if args else False


def _int(path: Elements, args: list[Any], kwargs: dict[str, Any], node: ast.Call, top: Activation) -> Any:
    return path.number(path.integer(args[0], node, top))


def _abs(path: Elements, args: list[Any], kwargs: dict[str, Any], node: ast.Call, top: Activation) -> Any:
    x = path.integer(args[0], node, top)
    return path.number(ite(lt(x, Constant(0)), arithmetic("sub", Constant(0), x), x))


def _isinstance(path: Elements, args: list[Any], kwargs: dict[str, Any], node: ast.Call, top: Activation) -> Any:
    value = args[0]
    if not symbolic(value):
        return isinstance(value, args[1])
    classes = tuple(args[1]) if isinstance(args[1], tuple) else get_args(args[1]) or (args[1],)
    present: Expr = TRUE
    if isinstance(value, Maybe):
        if type(None) in classes:
            path.error("isinstance can't be asked for None; write is None or is not None", node, top)
        present, value = value.present, value.value
    cases = values.cases_of(value)
    if cases is None:
        path.error(
            f"isinstance tells records of a union apart, and this is {describe(value)}; write is None, or compare with ==",
            node,
            top,
        )
    found = disj(*(condition for cls, (condition, _) in cases.items() if issubclass(cls, classes)))
    return path.boolean_value(path.facts.simplify(conj(present, found)))


def _static(function: Callable[..., Any]) -> Builtin:
    def run(path: Elements, args: list[Any], kwargs: dict[str, Any], node: ast.Call, top: Activation) -> Any:
        plain = []
        for a in args:
            if isinstance(a, Sort):
                a = tuple(layout.members_of(a, path.world.sizes))
            if isinstance(a, Guarded) and all(c == TRUE for c, _ in a.items):
                a = tuple(v for _, v in a.items)
            if isinstance(a, SYMBOLIC_ARGUMENT):
                hint = ": go over all that may be there, and test inside with if" if function is range else ""
                path.error(f"{function.__name__}() can't take a value that depends on the state{hint}", node, top)
            if isinstance(a, tuple):
                refuse_order(path, a, node, top)
            plain.append(a)
        try:
            made = function(*plain, **kwargs)
        except Exception as e:
            path.error(f"{text_of(node)} fails: {shown_error(e)}", node, top)
        if isinstance(made, range):
            check_listed(len(made), text_of(node))
        return made if isinstance(made, str | int) else tuple(made)

    return run


CONSUMERS = (all, any, sum, min, max, tuple, list, frozenset, set, enumerate, zip)
MANY = 99
TAKES: dict[Any, tuple[int, int, tuple[str, ...]]] = {  # least and most arguments, keywords
    all: (1, 1, ()),
    any: (1, 1, ()),
    sum: (1, 2, ()),
    len: (1, 1, ()),
    min: (1, MANY, ("default",)),
    max: (1, MANY, ("default",)),
    abs: (1, 1, ()),
    int: (1, 1, ()),
    isinstance: (2, 2, ()),
    range: (1, 3, ()),
    enumerate: (1, 2, ("start",)),
    zip: (1, MANY, ("strict",)),
    reversed: (1, 1, ()),
}
SYMBOLIC_ARGUMENT = (Scalar, Maybe, Struct, OneOf, SetOf, Guarded)
BUILTINS: dict[Any, Builtin] = {
    all: _all,
    any: _any,
    sum: _sum,
    len: _len,
    min: _extreme("min"),
    max: _extreme("max"),
    tuple: _tuple,
    list: _tuple,
    frozenset: _frozenset,
    set: _frozenset,
    bool: _bool,
    int: _int,
    abs: _abs,
    isinstance: _isinstance,
    range: _static(range),
    enumerate: _static(enumerate),
    zip: _static(zip),
    reversed: _static(reversed),
    str: _static(str),
}
