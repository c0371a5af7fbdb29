"""Lowering ends soon, whatever a model says: what is nested is shared, and what would be too much is refused where it stands."""

from __future__ import annotations

import itertools
import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from explorer import check, load
from explorer.errors import LanguageError
from explorer.language import (
    Atom,
    Model,
    Part,
    Range,
    array,
    choose,
    optional,
    pairs,
    step,
    subset,
    var,
)
from explorer.language.model import MOST_COPIES
from explorer.lowering import limits, lower
from explorer.system.dump import dump
from explorer.system.form import Apply, Constant, Read
from explorer.system.semantics import Semantics, evaluate
from tests.support.agreement import compare

HERE = Path(__file__).name


class P(Part):
    def __init__(self, m: Model, elements: int = 6) -> None:
        super().__init__(m, "p")
        self.elements = elements
        self.x = array(Range(0, elements - 1), Range(0, elements - 1), lambda i: (i + 1) % elements)
        self.i = var(Range(0, elements - 1), 0)
        self.n = var(Range(0, 3), 0)
        self.b = array(Range(0, 39), bool, lambda i: False)

    def both(self, i: int) -> bool:
        if self.b[i]:
            return self.n > 0
        return self.n < i

    def twice(self, depth: int) -> bool:
        return self.once(depth) and self.once(depth + 1)

    def once(self, depth: int) -> bool:
        if self.b[depth % 40]:
            return True
        return self.n == depth

    def few(self) -> int:
        total = 0
        for i in range(5):
            if self.b[i]:
                total += 1
        return total

    def many(self) -> int:
        total = 0
        for i in range(40):
            if self.b[i]:
                total += 1
        return total


def modelled(body: Callable[[P], None], elements: int = 6) -> Model:
    m = Model()
    p = P(m, elements)

    @m.action("go", actor="a")
    def go() -> None:
        body(p)

    return m


# ---------------------------------------------------------------- what is nested is shared


def nested_reads(p: P) -> None:
    p.i = p.x[p.x[p.x[p.x[p.x[p.x[p.x[p.x[p.x[p.x[p.x[p.x[p.x[p.x[p.i]]]]]]]]]]]]]]
    p.x[p.x[p.x[p.x[p.i]]]] = p.x[p.x[p.x[p.x[p.x[p.x[p.i]]]]]]


def long_reads(p: P) -> None:
    p.i = p.x[p.x[p.i]]
    p.x[p.i] = min(sum(p.x[j] for j in range(p.elements)), max(p.x[j] for j in range(p.elements)), p.elements - 1)


def test_nested_indexes_are_shared() -> None:
    """As text the step would have some 6**14 operators. All that looks at a system looks at each of them once."""
    m = modelled(nested_reads)
    began = time.process_time()
    system = lower(m)
    [largest] = [
        max(e.size for _, e in a.updates if isinstance(e, Apply)) for a in system.actions if a.outcome == "step"
    ]
    assert largest > 6**12
    text = dump(system)
    assert len(text) < 200_000 and "where (1) is " in text
    assert len({s for _, s in Semantics(system).successors(Semantics(system).initial[0])}) == 1
    assert check(m, engine="native", reduce="none").states == check(m, engine="evaluator").states == 4
    assert compare(m, states=12).states == 4
    assert time.process_time() - began < 20


def long_arrays_agree() -> None:
    assert compare(modelled(long_reads, 40), states=6).states == 3


def equal_is_one() -> None:
    """Equal expressions are one object, however they were made."""
    first, second = (Apply("eq", (Read(0, "int"), Constant(i))) for i in (1, 1))
    assert first is second and Apply("not", (first,)) is Apply("not", (second,))
    assert pickle.loads(pickle.dumps(first)) is first
    assert Apply("not", (Read(9, "bool"),)) is not Apply("not", (Read(9, "int"),))  # of two systems


def work_is_bounded() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "MOST_WORK", 2_000)
        with pytest.raises(LanguageError):
            lower(modelled(shorter))


def paths_are_bounded() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "MOST_PATHS", 10)
        with pytest.raises(LanguageError):
            lower(modelled(some_paths))


def test_equal_expressions_are_one_object() -> None:
    equal_is_one()
    work_is_bounded()
    paths_are_bounded()


def test_long_arrays() -> None:
    """What is told by cases is told by halves where there are many: it is not nested as deeply as it is long."""
    long_arrays_agree()
    m = modelled(long_reads, 48)
    system = lower(m)
    depths = [e.depth for a in system.actions for _, e in a.updates if isinstance(e, Apply)]
    assert max(depths) < 60
    assert check(m, engine="native", depth=3).states == check(m, engine="evaluator", depth=3).states


def test_deeply_nested_expressions_are_evaluated() -> None:
    """Python reads no more than 200 brackets inside one another."""
    expr: Apply | Read = Read(0, "int")
    for i in range(limits.MOST_NESTED):
        expr = Apply("ite", (Apply("eq", (Read(1, "int"), Constant(i))), Constant(i), expr))
    assert [evaluate(expr, (500, i)) for i in (0, 149, 150)] == [0, 149, 500]


# ---------------------------------------------------------------- what is refused


def shorter(p: P) -> None:
    p.n = int(any(p.x[i % 6] == j for i in range(30) for j in range(30)))


def some_paths(p: P) -> None:
    p.n = int(any(p.few() > k for k in range(1)))


def paths(p: P) -> None:
    for i in range(20):
        if p.b[i]:
            p.b[i + 20] = True


def paths_of_a_condition(p: P) -> None:
    p.n = 1 if p.many() > 3 else 2


def choices(p: P) -> None:
    p.n = choose(range(4))
    p.x[0] = choose(range(6))
    p.x[1] = choose(range(6))
    p.x[2] = choose(range(6))
    p.x[3] = choose(range(6))
    p.x[4] = choose(range(6))


def long_loop(p: P) -> None:
    for i in range(1_000_000_000):
        p.n = i


def long_generator(p: P) -> None:
    p.n = int(any(p.x[i % 6] == j for i in range(50_000) for j in range(50_000)))


def long_range(p: P) -> None:
    p.n = int(p.i in tuple(range(1_000_000_000)))


def wide_choice(p: P) -> None:
    k = choose(pairs(Range(0, 10_000), Range(0, 10_000)))
    p.n = k[0]


def all_subsets(p: P) -> None:
    k = choose(subset(Range(0, 40)))
    p.n = len(k)


def deep(p: P) -> None:
    n = 0
    for i in range(40):
        n = (n * p.n + p.x[i % 6]) if p.b[i] else n - (p.x[(i + 1) % 6] - n) * 2
    for i in range(40):
        n = n + (p.n - n) * p.x[i % 6] if p.b[i] or n > p.n else p.n * n
    p.i = n


def inlined(p: P) -> None:
    p.n = int(all(p.twice(i) and p.twice(j) for i in range(40) for j in range(i, 40) for _ in range(200)))


REFUSED: dict[Callable[[P], None], str] = {
    paths: "there are more than 100 paths through this (the ways part in lines ",
    paths_of_a_condition: "there are more than 100 paths through this (the ways part in lines ",
    choices: "there are more than 100 paths through this",
    long_loop: "range(1000000000) has 1,000,000,000 values, and at most 100,000 are gone over",
    long_generator: "working this out takes more than 100,000 operations",
    long_range: "range(1000000000) has 1,000,000,000 values, and at most 100,000 are gone over",
    wide_choice: "has 100,020,001 values, and at most 100,000 are gone over",
    all_subsets: "has 2,199,023,255,552 values, and at most 100,000 are gone over",
    deep: "this is an expression of more than 150 operators inside one another",
    inlined: "working this out takes more than 100,000 operations",
}


@pytest.mark.parametrize("body", REFUSED, ids=lambda body: body.__name__)
def test_refused(body: Callable[[P], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Soon, at the line that takes most, with what to write instead."""
    monkeypatch.setattr(limits, "MOST_WORK", 100_000)
    monkeypatch.setattr(limits, "MOST_PATHS", 100)
    began = time.process_time()
    with pytest.raises(LanguageError) as caught:
        lower(modelled(body))
    assert REFUSED[body] in caught.value.message
    assert time.process_time() - began < 20
    place = caught.value.place
    assert place is not None and str(place.file).endswith(HERE) and place.line > 0


class Page(Atom): ...


def declared(make: Callable[[P, Model], None]) -> Callable[[], Model]:
    def build() -> Model:
        m = Model()

        class Q(P):
            def __init__(self) -> None:
                super().__init__(m)
                make(self, m)

        Q()
        return m

    return build


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p, m: setattr(p, "y", array(Range(0, 10**9), bool, lambda i: False)), "has 1,000,000,001 values"),
        (lambda p, m: setattr(p, "y", array(Range(0, 30_000), bool, lambda i: False)), "more than 20,000 cells"),
        (
            lambda p, m: setattr(p, "y", var(subset(pairs(Range(0, 999), Range(0, 999))), frozenset())),
            "has 1,000,000 values",
        ),
        (
            lambda p, m: setattr(
                p, "y", array(pairs(Range(0, 99), Range(0, 99)), optional(pairs(bool, bool)), lambda i: None)
            ),
            "more than 20,000 cells",
        ),
    ],
)
def test_refused_declarations(make: Callable[[P, Model], None], message: str) -> None:
    began = time.process_time()
    with pytest.raises(LanguageError) as caught:
        lower(declared(make)())
    assert message in caught.value.message and "p.y" in caught.value.message
    assert caught.value.place is not None and time.process_time() - began < 10


def test_refused_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_ACTIONS", 20)
    with pytest.raises(LanguageError) as caught:
        lower(load("rdma_fork")())
    assert "the model has more than 20 actions" in caught.value.message and caught.value.place is not None


def test_every_limit_is_in_the_language_reference() -> None:
    text = (Path(__file__).parents[2] / "docs" / "language.md").read_text()
    for name in limits.__dict__:
        if name.startswith("MOST_"):
            assert f"{getattr(limits, name):,}" in text, name


def copies_are_bounded() -> None:
    """A declaration makes so many threads or rules, and no values are gone over without end."""
    tried: list[dict[str, Any]] = [
        {"a": range(MOST_COPIES + 1)}, {"a": range(71), "b": range(71)}, {"a": itertools.count()},
    ]  # fmt: skip
    for over in tried:
        made: list[tuple[Any, Any]] = [
            (Model().thread("t", **over), copied),
            (Model().action("r", actor="x", **over), ruled),
        ]
        for declare, function in made:
            with pytest.raises(LanguageError, match="for each combination of a(, b)?, and that is more than 5,000"):
                declare(function)


async def copied(**over: int) -> None:
    await step("go")


def ruled(**over: int) -> None:
    pass


def test_copies_are_bounded() -> None:
    copies_are_bounded()
