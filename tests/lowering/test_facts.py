"""What a path knows, and how large an expression can get, against every state that there is."""

from __future__ import annotations

import copy
import gc
import itertools
import pickle
import sys
import threading
from random import Random

from explorer.lowering.facts import Facts, values_of
from explorer.system import form
from explorer.system.expressions import conj, neg
from explorer.system.form import FALSE, OPERATORS, Apply, Cell, Constant, Domain, Expr, Read, System
from explorer.system.intervals import Intervals
from explorer.system.semantics import State, predicate
from tests.support.systems import Generator

CELLS = [
    Cell("n", Domain("range", -2, 3), (0,)),
    Cell("m", Domain("range", 0, 2), (0,)),
    Cell("b", Domain("bool", 0, 1), (0,)),
    Cell("o", Domain("enum", 0, 1, "Color", ("red", "green"), optional=True), (0,)),
]
STATES: list[State] = list(itertools.product(*(range(d.lo, d.top + 1) for d in (c.domain for c in CELLS))))
NUMBERS: list[Expr] = [*(Read(i, "int") for i in (0, 1, 3)), *(Constant(n) for n in range(-3, 4))]


def random_expressions(seed: int) -> tuple[list[Expr], Expr]:
    """Two conditions, and a number."""
    generator = Generator(seed)
    generator.cells = CELLS
    return [generator.expr("bool", 3) for _ in range(2)], generator.expr("int", 3)


def each_operator() -> list[Expr]:
    """Every operator that gives a number, on every two of a few numbers; and a choice between them."""
    found: list[Expr] = []
    for op, (types, result) in OPERATORS.items():
        if result == "int" and types == ("int", "int"):
            found += [Apply(op, pair) for pair in itertools.product(NUMBERS, repeat=2)]
    choices = [Apply("ite", (Read(2, "bool"), *pair)) for pair in itertools.permutations(NUMBERS, 2)]
    return [*found, *choices, Apply("int", (Read(2, "bool"),))]


def comparisons() -> list[Expr]:
    return [Apply(op, pair) for op in ("eq", "lt", "le") for pair in itertools.product(NUMBERS, repeat=2)]


def values(exprs: list[Expr], states: list[State]) -> list[tuple[int, ...]]:
    """The values of each expression in all the states."""
    read = predicate(exprs)
    rows = [read(s, s) for s in states]
    return [tuple(map(int, column)) for column in zip(*rows, strict=True)] if rows else [()] * len(exprs)


def satisfying(condition: Expr) -> list[State]:
    true = predicate([condition])
    return [s for s in STATES if true(s, s)[0]]


def test_what_a_path_knows() -> None:
    facts_hold()


def facts_hold() -> None:
    """Assume some conditions: what is then said of others is so in each state that satisfies them."""
    for wanted in comparisons():
        for value in (True, False):
            facts = Facts(CELLS)
            facts.assume(wanted, value)
            states = satisfying(wanted if value else neg(wanted))
            for cell in (0, 1, 3):
                lo, hi = facts.range_of(cell)
                assert all(lo <= s[cell] <= hi for s in states), wanted
    for seed in range(600):
        conditions, number = random_expressions(seed)
        facts = Facts(CELLS)
        facts.assume(facts.simplify(conditions[0]))
        states = satisfying(conditions[0])
        simple = [facts.simplify(e) for e in (conditions[1], number)]
        assert values([conditions[1], number], states) == values(simple, states), seed
        lo, hi = facts.bounds(number)
        given = facts.bounds_given(number, conditions[1])
        for value, so in zip(*values([number, conditions[1]], states), strict=True):
            assert lo <= value <= hi, seed
            assert not so or (given is not None and given[0] <= value <= given[1]), seed
        assert facts.range_of(0) == (facts.ranges.get(0) or values_of(CELLS[0].domain))


def test_how_large_an_expression_gets() -> None:
    bounds_hold()


def bounds_hold() -> None:
    """No value is outside; and of one operator on two cells the bounds are those that it takes."""
    system = System("facts", tuple(CELLS), (), (), ())
    exprs = each_operator()
    for expr, seen in zip(exprs, values(exprs, STATES), strict=True):
        for lo, hi in (Facts(CELLS).bounds(expr), Intervals(system).of(expr)):
            assert lo <= min(seen) and max(seen) <= hi, expr
            if isinstance(expr, Apply) and expr.op in ("add", "mul", "min", "max", "ite", "int"):
                if not expr.args or len(set(expr.args)) == len(expr.args):
                    assert (lo, hi) == (min(seen), max(seen)), expr


def test_what_is_known_is_used() -> None:
    facts_are_used()


def facts_are_used() -> None:
    """What the ranges decide is decided: conditions of a cell and a constant, and of two cells whose ranges are apart."""
    for expr in comparisons():
        a, b = expr.args if isinstance(expr, Apply) else (FALSE, FALSE)
        seen = set(values([expr], STATES)[0])
        if len(seen) == 1 and a != b and not (isinstance(a, Constant) and isinstance(b, Constant)):
            assert Facts(CELLS).simplify(expr) == Constant(bool(seen.pop())), expr
    for low in range(-2, 4):
        facts = Facts(CELLS)
        facts.assume(Apply("eq", (Read(0, "int"), Constant(low))))
        assert facts.simplify(Read(0, "int")) == Constant(low)
        assert facts.bounds(Apply("add", (Read(0, "int"), Read(1, "int")))) == (low, low + 2)


def test_what_was_asked_before() -> None:
    asked_before_is_the_same()


def asked_before_is_the_same() -> None:
    """What is said does not depend on what was asked when less was known."""
    plain: dict[Expr, Expr] = {}
    for seed in range(150):
        conditions, number = random_expressions(seed)
        conditions = [*conditions, *Random(seed).sample(comparisons(), 2)]
        asked = [*conditions, number, Apply("ite", (conditions[2], number, Constant(1))), *comparisons()[::5]]
        if not satisfying(conj(*conditions)):
            continue  # no run gets there, and of what is not anything is true
        second = Facts(CELLS, plain=plain)
        for at, condition in enumerate(conditions):
            first = Facts(CELLS)
            for known in conditions[: at + 1]:
                first.assume(known)
            for facts in (second, second.copy()):  # a copy knows what it knew, whatever the other learns
                for expr in asked:
                    facts.simplify(expr)
                    facts.bounds(number)
            second.assume(condition)
            assert [second.simplify(e) for e in asked] == [first.simplify(e) for e in asked], seed
            assert second.bounds(number) == first.bounds(number), seed


def equal_expressions_are_one() -> None:
    """Whoever makes them, and when: threads at once, pickles, copies; after all others are gone too."""
    begin = threading.Barrier(8)
    made: list[list[Apply]] = [[] for _ in range(8)]

    def make(into: list[Apply]) -> None:
        begin.wait()
        for number in range(2_000):
            into.append(Apply("eq", (Read(number % 50, "int"), Constant(number))))

    threads = [threading.Thread(target=make, args=(into,)) for into in made]
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(usual)
    for same in zip(*made, strict=True):
        assert len(set(map(id, same))) == 1
    assert made_in_between() is Apply("eq", (Read(7, "int"), Constant(-9)))
    one = made[0][-1]
    assert pickle.loads(pickle.dumps(one)) is one is copy.deepcopy(one)
    assert Constant(1) is not Constant(True) and Constant(1) != Constant(True)
    assert Read(3, "int") is not Read(3, "int", True) and Read(3, "int") is not Read(3, "bool")
    many = len(form._known)
    del made, one, same
    gc.collect()
    assert len(form._known) <= many - 2_000, "what nobody has is kept"


def made_in_between() -> Apply:
    """What another thread makes after this one has looked for it, and before it notes its own; that is what this one gets."""
    usual, others = form._lock, []

    class Between:
        def __enter__(self) -> None:
            form._lock = usual
            others.append(Apply("eq", (Read(7, "int"), Constant(-9))))
            usual.acquire()

        def __exit__(self, *_: object) -> None:
            usual.release()

    parts = Read(7, "int"), Constant(-9)
    form._lock = Between()  # type: ignore[assignment]
    try:
        mine = Apply("eq", parts)
    finally:
        form._lock = usual
    assert [mine] == others and mine is others[0]
    return mine


def test_equal_expressions_are_one() -> None:
    equal_expressions_are_one()
