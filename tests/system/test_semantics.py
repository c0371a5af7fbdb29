"""What a System means, and what makes it well formed."""

from __future__ import annotations

import dataclasses
import itertools
import operator
from collections.abc import Callable
from typing import Any

import pytest

from explorer.system.form import (
    FALSE,
    OPERATORS,
    TRUE,
    Action,
    Apply,
    Cell,
    Constant,
    Domain,
    Expr,
    Failure,
    Property,
    Read,
    Span,
    System,
    Thread,
)
from explorer.system.semantics import Semantics, evaluate, predicate
from explorer.system.wellformed import IllFormed, check

HERE = Span("file.py", 1)
NUMBERS = range(-4, 5)

# ---------------------------------------------------------------- operators

PYTHON: dict[str, Callable[..., Any]] = {
    "and": lambda *a: all(a),
    "or": lambda *a: any(a),
    "not": operator.not_,
    "iff": operator.eq,
    "eq": operator.eq,
    "lt": operator.lt,
    "le": operator.le,
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "floordiv": lambda a, b: operator.floordiv(a, b) if b else 0,
    "mod": lambda a, b: operator.mod(a, b) if b else 0,
    "min": min,
    "max": max,
    "ite": lambda c, a, b: a if c else b,
    "choose": lambda c, a, b: a if c else b,
    "int": int,
}


@pytest.mark.parametrize("name", OPERATORS)
def test_operator(name: str) -> None:
    operator_table(name)


def operator_table(*names: str) -> None:
    """Each operator on constants and on cells, by both ways to evaluate, is what Python computes."""
    for name in names or OPERATORS:
        types, result = OPERATORS[name]
        for n in (1, 2, 3) if types[-1] == "*" else (len(types),):
            kinds = types[:1] * n if types[-1] == "*" else types
            reads = Apply(name, tuple(Read(i, t) for i, t in enumerate(kinds)))
            through = predicate([reads])
            for values in itertools.product(*([False, True] if t == "bool" else NUMBERS for t in kinds)):
                wanted = PYTHON[name](*values)
                state = tuple(map(int, values))
                assert evaluate(Apply(name, tuple(map(Constant, values))), ()) == wanted, (name, values)
                assert evaluate(reads, state) == wanted == through(state, state)[0], (name, values)
                assert type(evaluate(reads, state)) is (bool if result == "bool" else int)


def test_division_rounds_down() -> None:
    """In words, and not as Python computes it: -3 // 2 is -2, and a remainder has the sign of the divisor."""
    for (a, b), (quotient, remainder) in {
        (-3, 2): (-2, 1), (3, -2): (-2, -1), (-3, -2): (1, -1), (3, 2): (1, 1), (-4, 2): (-2, 0), (5, 0): (0, 0),
    }.items():  # fmt: skip
        assert evaluate(Apply("floordiv", (Constant(a), Constant(b))), ()) == quotient
        assert evaluate(Apply("mod", (Constant(a), Constant(b))), ()) == remainder


def test_shared_expressions_are_computed_once_and_right() -> None:
    shared = Apply("add", (Read(0, "int"), Constant(1)))
    whole = Apply("mul", (shared, Apply("add", (shared, shared))))
    assert predicate([whole, shared, FALSE])((3,), (0,)) == (32, 4, False)
    assert evaluate(whole, (3,)) == 32
    assert predicate([])((3,), (3,)) == ()


# ---------------------------------------------------------------- a system by hand

AT = Cell("t.at", Domain("location", 0, 1, "t", ("finished", "go")), (1,), owner="t")
X = Cell("x", Domain("range", 0, 3), (1,), "x")
B = Cell("b", Domain("bool", 0, 1), (0,), "b")
G = Cell("g", Domain("range", 0, 3), (0,), "g", ghost=True)
K = Cell("k", Domain("range", 0, 1), (0, 1), "k", constant=True)
GO = Apply("eq", (Read(0, "int"), Constant(1)))
ADD = Apply("add", (Read(1, "int"), Constant(1)))
ACTION = Action(
    "t", "go", HERE, Apply("and", (GO, Apply("lt", (Read(1, "int"), Constant(3))))), ((1, ADD),), (0, 1, 0), "t"
)
PROPERTY = Property("p", "always", Apply("le", (Read(3, "int"), Read(1, "int"))))
SYSTEM = System("hand", (AT, X, B, G, K), (ACTION,), (PROPERTY,), (Thread("t", 0, 0, (), (None, HERE)),))  # fmt: skip


def test_updates_are_parallel() -> None:
    updates_read_the_state_before()


def updates_read_the_state_before() -> None:
    """Two cells are swapped by one action; a truth value is stored as 0 or 1."""
    swap = Action("dev", "swap", HERE, TRUE, ((0, Read(1, "int")), (1, Read(0, "int")), (2, TRUE)), None)
    system = System("swap", (X, dataclasses.replace(X, name="y", initial=(2,)), B), (swap,), ())
    (found,) = Semantics(system).successors((1, 2, 0))
    assert found == (0, (2, 1, 1)) and all(type(v) is int for v in found[1] or ())


def test_successors_are_in_the_order_of_the_actions() -> None:
    """A failure has no successor; a false guard gives nothing; every combination of initial codes is a state."""
    failure = dataclasses.replace(ACTION, updates=(), outcome="failure", failure=Failure("assert", "no", HERE))
    never = dataclasses.replace(ACTION, guard=Apply("and", (GO, FALSE)))
    system = dataclasses.replace(SYSTEM, actions=(failure, never, ACTION))
    semantics = Semantics(system)
    assert semantics.initial == [(1, 1, 0, 0, 0), (1, 1, 0, 0, 1)]
    assert semantics.successors(semantics.initial[0]) == [(0, None), (2, (0, 2, 0, 0, 0))]
    assert semantics.successors((0, 2, 0, 0, 0)) == []


# ---------------------------------------------------------------- well-formedness


def cell(which: str, /, **changes: Any) -> System:
    """The system by hand with a changed cell."""
    cells = tuple(dataclasses.replace(c, **changes) if c.name == which else c for c in SYSTEM.cells)
    return dataclasses.replace(SYSTEM, cells=cells)


def action(**changes: Any) -> System:
    """The same with a changed action."""
    return dataclasses.replace(SYSTEM, actions=(dataclasses.replace(ACTION, **changes),))


def claim(holds: Expr, kind: Any = "always", **changes: Any) -> System:
    return dataclasses.replace(SYSTEM, properties=(Property("p", kind, holds, **changes),))


NUMBER = Read(1, "int")
FAILURE = Failure("assert", "no", HERE)
BROKEN: dict[str, tuple[System, str]] = {
    # 1. cells
    "two cells of one name": (cell("b", name="x"), "two cells are named x"),
    "initial code outside": (cell("x", initial=(4,)), "cell x: initial"),
    "initial code below": (cell("x", initial=(-1,)), "cell x: initial"),
    "no initial code": (cell("x", initial=()), "cell x: initial"),
    "empty domain": (cell("x", domain=Domain("range", 3, 0)), "cell x: initial"),
    # 2. expressions
    "wrong argument": (claim(Apply("not", (NUMBER,))), "not of"),
    "wrong number of arguments": (claim(Apply("eq", (NUMBER,))), "eq of"),
    "cell that is not there": (claim(Apply("eq", (Read(9, "int"), Constant(1)))), "reads cell 9"),
    "cell of another type": (claim(Read(1, "bool")), "reads x as bool"),
    "bool read as a number": (claim(Apply("eq", (Read(2, "int"), Constant(1)))), "reads b as int"),
    # 3. truth values, before
    "guard is a number": (action(guard=NUMBER), "guard is not a truth value"),
    "property is a number": (claim(NUMBER), "property p is not a truth value"),
    "before in an always property": (claim(Apply("eq", (Read(1, "int", True), NUMBER))), "reads the state before"),
    "before in a guard": (action(guard=Apply("and", (GO, Read(2, "bool", True)))), "reads the state before"),
    "before in an update": (action(updates=((1, Read(1, "int", True)),)), "reads the state before"),
    # 4. updates
    "cell updated twice": (action(updates=((1, ADD), (1, NUMBER))), "two action 0 (t: go): updates are named x"),
    "constant updated": (action(updates=((4, Constant(1)),)), "updates k"),
    "control point updated": (action(updates=((0, Constant(0)),)), "updates t.at"),
    "number stored in a bool": (action(updates=((2, NUMBER),)), "wrong type in b"),
    "bool stored in a number": (action(updates=((1, TRUE),)), "wrong type in x"),
    "cell that is not there updated": (action(updates=((9, Constant(0)),)), "does not exist"),
    "failure text of a cell that is not there": (
        action(updates=(), outcome="failure", failure=dataclasses.replace(FAILURE, value=Read(9, "int"))),
        "reads cell 9",
    ),
    # 5. control points
    "control point outside": (action(location=(0, 1, 2)), "control points 1 -> 2"),
    "starts from finished": (action(location=(0, 0, 1)), "control points 0 -> 1"),
    "control point in another cell": (action(location=(1, 1, 0)), "control points"),
    "guard without control point": (action(guard=Read(2, "bool")), "does not test its control point"),
    "guard with another control point": (
        action(guard=Apply("eq", (Read(0, "int"), Constant(0)))),
        "does not test its control point",
    ),
    # 6. ghosts, actions without successor
    "guard reads a ghost": (action(guard=Apply("and", (GO, Apply("eq", (Read(3, "int"), Constant(0)))))), "ghost g"),
    "ghost stored": (action(updates=((1, Read(3, "int")),)), "ghost g"),
    "failure without a reason": (action(updates=(), outcome="failure"), "no reason"),
    "failure with updates": (action(outcome="failure", failure=FAILURE), "updates or no reason"),
    "blocked without a reason": (action(updates=(), outcome="blocked"), "no reason"),
    # 7. names, threads
    "two properties of one name": (
        dataclasses.replace(SYSTEM, properties=(PROPERTY, PROPERTY)),
        "two propertys are named p",
    ),
    "two threads of one name": (dataclasses.replace(SYSTEM, threads=SYSTEM.threads * 2), "two threads are named t"),
    "thread in a cell of another kind": (
        dataclasses.replace(SYSTEM, threads=(dataclasses.replace(SYSTEM.threads[0], cell=1),)),
        "is no control point",
    ),
}


def test_the_system_by_hand_is_well_formed() -> None:
    check(SYSTEM)
    check(claim(Apply("lt", (Read(1, "int", True), NUMBER)), "always_step"))
    check(action(updates=((3, Read(3, "int")),)))  # a ghost may read a ghost
    check(action(updates=(), outcome="failure", failure=FAILURE))


@pytest.mark.parametrize("name", BROKEN)
def test_broken(name: str) -> None:
    system, message = BROKEN[name]
    with pytest.raises(IllFormed) as caught:
        check(system)
    assert message in str(caught.value)


def test_unknown_operator() -> None:
    made = Apply("not", (TRUE,))
    made.op = "nand"
    with pytest.raises(IllFormed, match="unknown operator nand"):
        check(claim(made))


def test_conditions_of_properties_are_checked_too() -> None:
    """`undefined` holds expressions like any other."""
    with pytest.raises(IllFormed, match="not a truth value"):
        check(claim(TRUE, undefined=((NUMBER, FAILURE),)))
    with pytest.raises(IllFormed, match="reads the state before"):
        check(claim(TRUE, undefined=((Read(2, "bool", True), FAILURE),)))
    with pytest.raises(IllFormed, match="reads cell 9"):
        check(claim(TRUE, undefined=((FALSE, dataclasses.replace(FAILURE, value=Read(9, "int"))),)))


def test_what_one_property_may_read_another_may_not() -> None:
    """An expression that is right in an always_step property is looked at again where it stands in an always property."""
    holds = Apply("le", (Read(1, "int", True), NUMBER))
    properties = (Property("p", "always_step", holds), Property("q", "always", holds))
    with pytest.raises(IllFormed, match="property q: reads the state before"):
        check(dataclasses.replace(SYSTEM, properties=properties))
