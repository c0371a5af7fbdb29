"""The lowering and CPython agree: on the models of tests/models, on rdma_fork, and on models that are generated.

`python -m tests.generated.fuzz` does the last for as long as one likes.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings

from explorer import Model, Part, Range, load, step, var
from explorer.lowering import lower
from explorer.models.linux.kernels import kernel
from tests.generated import fuzz
from tests.generated.examine import Examined, complaint, examine
from tests.generated.source import drawn, models, random_model, shrunk
from tests.models import lost_update
from tests.models.EXPECTED import EXPECTED, Parameters
from tests.support.agreement import Disagreement, compare, compare_counts

T = TypeVar("T", bound=ast.AST)
SAMPLE = 200
CASES = [pytest.param(*key, id=f"{key[0]}({', '.join(f'{k}={v}' for k, v in key[1])})") for key in EXPECTED]


@pytest.mark.parametrize(("name", "parameters"), CASES)
def test_small_model(name: str, parameters: Parameters) -> None:
    """The hand-written models, each with all its parameters."""
    model = getattr(import_module(f"tests.models.{name}"), name)(**dict(parameters))
    assert compare(model, states=40, crossings=20).states >= 10
    assert compare_counts(model, most=150) == (EXPECTED[name, parameters][0] <= 150)


@pytest.mark.parametrize(
    ("version", "parameters"),
    [
        ("v4.19", {}),
        ("v5.9-rc4", {"child": "exits", "order": "child_first"}),
        ("v5.10", {"gup_fast": "on", "thread2": "pins"}),
        ("v6.18", {}),
    ],
)
def test_rdma_fork(version: str, parameters: dict[str, str]) -> None:
    model = load("rdma_fork")
    values: dict[str, Any] = {name: model.convert(name, text) for name, text in parameters.items()}
    assert compare(model(kernel=kernel(version), **values), states=60, crossings=20).states == 60


@settings(
    max_examples=150, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)  # fmt: skip
@given(models())
def test_generated(source: str) -> None:
    """Hypothesis draws models, and makes the shortest of what is wrong."""
    examine(source, states=40, crossings=10)


# ---------------------------------------------------------------- a sample of random models


@pytest.fixture(scope="module")
def sample() -> dict[str, Examined]:
    """Source texts and what was compared. Larger models than hypothesis draws."""
    return {source: examine(source, states=40, crossings=10) for source in map(random_model, range(SAMPLE))}


def test_sample_is_not_trivial(sample: dict[str, Examined]) -> None:
    """Enough of the models go on for a while, can fail, can stop, and were counted from the first state to the last."""
    found = [e.compared for e in sample.values()]
    assert sum(c.states > 20 for c in found) >= SAMPLE // 4
    assert sum(c.transitions > 2 * c.states for c in found) >= SAMPLE // 20
    assert sum(c.faults > 0 for c in found) >= SAMPLE // 10
    assert sum(c.deadlocks > 0 for c in found) >= SAMPLE // 10
    assert sum(c.initial > 1 for c in found) >= SAMPLE // 20
    assert sum(c.crossings > 0 for c in found) >= SAMPLE // 4
    assert sum(e.counted for e in sample.values()) >= SAMPLE // 2


def generated_models_agree() -> None:
    """Some of the sample, and every small model, with a few of their parameters."""
    for seed in range(30):
        examine(random_model(seed), states=25, crossings=10)
    for name, parameters in EXPECTED:
        model = getattr(import_module(f"tests.models.{name}"), name)(**dict(parameters))
        compare(model, states=15, crossings=5)


class Source:
    """A generated model, without the text that all of them begin with."""

    def __init__(self, text: str) -> None:
        self.text = text.partition("\nclass P(Part)")[2]
        self.tree = ast.parse("class P(Part)" + self.text)
        self.nodes = list(ast.walk(self.tree))

    def every(self, kind: type[T], inside: type[ast.AST] | None = None) -> list[T]:
        """Its nodes of a kind, below a node of the kind `inside`."""
        if inside is None:
            return [n for n in self.nodes if isinstance(n, kind)]
        tops = self.every(inside)
        return [n for top in tops for n in ast.walk(top) if isinstance(n, kind) and n is not top]

    def calls(self, name: str, keyword: str = "") -> bool:
        return any(
            getattr(n.func, "id", getattr(n.func, "attr", "")) == name
            and (not keyword or any(k.arg == keyword for k in n.keywords))
            for n in self.every(ast.Call)
        )

    def early_return(self) -> bool:
        """A return that is not the last statement of its routine."""
        routines: list[ast.FunctionDef | ast.AsyncFunctionDef] = [*self.every(ast.FunctionDef)]
        routines += self.every(ast.AsyncFunctionDef)
        return any(isinstance(n, ast.Return) and n is not r.body[-1] for r in routines for n in ast.walk(r))

    def attribute(self, name: str) -> bool:
        return any(n.attr == name for n in self.every(ast.Attribute))


def has(kind: type[ast.AST], inside: type[ast.AST] | None = None) -> Callable[[Source], bool]:
    return lambda source: bool(source.every(kind, inside))


def calls(name: str, keyword: str = "") -> Callable[[Source], bool]:
    return lambda source: source.calls(name, keyword)


def says(text: str) -> Callable[[Source], bool]:
    return lambda source: text in source.text


CONSTRUCTS: dict[str, Callable[[Source], bool]] = {
    "if": has(ast.If, ast.AsyncFunctionDef),
    "else": lambda s: any(n.orelse for n in s.every(ast.If)),
    "while": has(ast.While, ast.AsyncFunctionDef),
    "for": has(ast.For, ast.AsyncFunctionDef),
    "for in a plain routine": has(ast.For, ast.FunctionDef),
    "break": has(ast.Break),
    "continue": has(ast.Continue),
    "step in a while": has(ast.Await, ast.While),
    "step in a for": has(ast.Await, ast.For),
    "return in a while": has(ast.Return, ast.While),
    "return in a for": has(ast.Return, ast.For),
    "early return": Source.early_return,
    "return in async with": has(ast.Return, ast.AsyncWith),
    "break in async with": has(ast.Break, ast.AsyncWith),
    "async with": has(ast.AsyncWith),
    "async with as": lambda s: any(n.optional_vars is not None for n in s.every(ast.withitem)),
    "await of a routine": lambda s: "await p.routine" in s.text or "await self.routine" in s.text,
    "choose": calls("choose"),
    "return choose": says("return choose("),
    "local": calls("local"),
    "when": calls("step", "when"),
    "may_wait": calls("step", "may_wait"),
    "action": calls("action"),
    "action with a condition": calls("action", "when"),
    "action for each value": calls("action", "c"),
    "thread for each value": calls("thread", "n"),
    "thread.finished": lambda s: s.attribute("finished"),
    "array": calls("array"),
    "array over pairs": says("array(pairs("),
    "array over a scalarset": says("array(frames"),
    "record": says("var(Entry"),
    "record in an array": says(", Entry, lambda"),
    "replace": calls("replace"),
    "method of a record": calls("weight"),
    "property of a record": lambda s: s.attribute("plain"),
    "optional": calls("optional"),
    "optional record": says("optional(Entry)"),
    "subset": calls("subset"),
    "pairs": says("var(pairs("),
    "scalarset": says("var(frames"),
    "ghost": calls("ghost"),
    "assert": has(ast.Assert),
    "match": has(ast.Match),
    "match with a guard": lambda s: any(n.guard is not None for n in s.every(ast.match_case)),
    "match with alternatives": has(ast.MatchOr),
    "open rule": calls("any_of"),
    "always": says("@always\n"),
    "always_step": says("@always_step\n"),
    "before": calls("before"),
    "reachable": calls("reachable"),
    "comprehension with if": lambda s: any(n.ifs for n in s.every(ast.comprehension)),
    "generator in a comprehension": lambda s: any(
        isinstance(n.iter, ast.GeneratorExp) for n in s.every(ast.comprehension)
    ),
    "two for in a comprehension": lambda s: any(len(n.generators) > 1 for n in s.every(ast.GeneratorExp)),
    "any": calls("any"),
    "all": calls("all"),
    "sum": calls("sum"),
    "len": calls("len"),
    "min": calls("min"),
    "max": calls("max"),
    "abs": calls("abs"),
    "and": has(ast.And),
    "or": has(ast.Or),
    "not": has(ast.Not),
    "x if c else y": has(ast.IfExp),
    "+": has(ast.Add),
    "-": has(ast.Sub),
    "*": has(ast.Mult),
    "//": has(ast.FloorDiv),
    "%": has(ast.Mod),
    "chained comparison": lambda s: any(len(n.ops) > 1 for n in s.every(ast.Compare)),
    "is": has(ast.Is),
    "in": has(ast.In),
    "not in": has(ast.NotIn),
    "augmented assignment": has(ast.AugAssign),
    "annotated local": has(ast.AnnAssign, ast.AsyncFunctionDef),
    "chained assignment": lambda s: any(len(n.targets) > 1 for n in s.every(ast.Assign)),
    "tuple assignment": lambda s: any(isinstance(n.targets[0], ast.Tuple) for n in s.every(ast.Assign)),
    "mapping": says("WEIGHTS["),
    "mapping with a key that may be None": says("TURNS["),
    "mapping that lacks keys": says("SOME["),
    "key in a mapping": says(" in SOME"),
    "tuple under an index": says("(2, 0, 1)["),
    "call with names": says("(a0="),
    "two parts of a class": says("q = P("),
}


def test_sample_has_every_construct(sample: dict[str, Examined]) -> None:
    """Each construct is in several models that do something."""
    sources = [Source(text) for text, examined in sample.items() if examined.compared.transitions > 1]
    counts = {name: sum(map(found, sources)) for name, found in CONSTRUCTS.items()}
    assert not {name: n for name, n in counts.items() if n < 3}


# ---------------------------------------------------------------- the tools themselves


def test_same_seed_same_model() -> None:
    assert random_model(5) == random_model(5) != random_model(6)
    assert shrunk(drawn(5), lambda source: False, tries=0) == random_model(5)


def test_shrinks() -> None:
    """What a model is made of is left out as long as it still fails."""
    seed = next(s for s in range(100) if "while" in random_model(s) and len(random_model(s)) > 4000)
    text = shrunk(drawn(seed), lambda source: "\n        while " in source)
    assert "while " in text and len(text) < len(random_model(seed)) - 1000
    assert complaint(text) == ""


def test_a_difference_is_told() -> None:
    """A System that lost an action is no System of the model."""
    model = lost_update.lost_update()
    system = lower(model)
    without = dataclasses.replace(system, actions=system.actions[1:])
    with pytest.raises(Disagreement, match="Only under CPython"):
        compare(model, system=without)
    with pytest.raises(Disagreement, match="the search counts"):
        compare_counts(model, system=without)


class Two(Part):
    def __init__(self, m: Model, name: str) -> None:
        super().__init__(m, name)
        self.a = var(Range(0, 1), 1)
        self.b = var(Range(0, 1), 1)


def test_two_cells_out_of_range_in_one_step() -> None:
    """Two failing actions in the System and one fault under CPython; a System without them is still found wrong."""
    m = Model()
    p = Two(m, "p")

    @m.thread("t")
    async def t() -> None:
        await step("both")
        p.a = p.a + 1
        p.b = p.b + 1

    system = lower(m)
    assert compare(m, system=system).faults == 2
    without = dataclasses.replace(system, actions=tuple(a for a in system.actions if a.failure is None))
    with pytest.raises(Disagreement, match="Only under CPython: 1 x t .range."):
        compare(m, system=without)


def test_fuzz_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It counts what it compared; a disagreement becomes a file, as short as possible, that the next run can load."""
    assert fuzz.main(["--models", "3", "--seed", "2"]) == 0
    assert "3 models" in capsys.readouterr().out

    def broken(source: str) -> Examined:
        if "await step" in source:
            raise Disagreement("after t0: only in the System")
        return examine(source)

    monkeypatch.setattr(fuzz, "examine", broken)
    monkeypatch.setattr(fuzz, "complaint", lambda source: "Disagreement: after t0: only in the System")
    assert fuzz.main(["--models", "3", "--folder", str(tmp_path)]) == 1
    assert "model 0 of seed 0" in capsys.readouterr().err
    (found,) = tmp_path.glob("found_*.py")
    assert complaint(found.read_text()) == "" and len(found.read_text()) < 3000
