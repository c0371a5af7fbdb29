"""What is said never to be taken: each line is held to the runs of CPython, whose branches an edit of the source counts.

An edit wraps each test, `if counted(number, test):`, so nothing of the lowering says which way a run went.
"""

from __future__ import annotations

import ast
import itertools
import sys
import tempfile
import types
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from explorer import check
from explorer.answer.result import NeverFired, Result
from explorer.language.model import Model, Thread, opens_of
from explorer.lowering import lower
from explorer.witness.run import Blocked, Fault, Move, Run
from tests.generated.loading import Unfolded
from tests.generated.source import random_model

Way = tuple[str, int, bool]  # the text of a condition, its line, which way it went


@dataclass
class Counted(ast.NodeTransformer):
    """Notes which way each test in the source goes, while it is run."""

    places: list[tuple[str, int]] = field(default_factory=list)
    seen: set[Way] = field(default_factory=set)

    def counted(self, place: int, value: Any) -> Any:
        text, line = self.places[place]
        self.seen.add((text, line, bool(value)))
        return value

    def wrapped(self, shown: ast.AST, value: ast.expr) -> ast.expr:
        self.places.append((ast.unparse(shown).replace("\n", " "), getattr(shown, "lineno", 0)))
        call = ast.Call(ast.Name("counted", ast.Load()), [ast.Constant(len(self.places) - 1), value], [])
        for node in (call, call.func, call.args[0]):
            ast.copy_location(node, shown)
        return call

    def visit(self, node: ast.AST) -> ast.AST:
        texts = {id(n): n.test for n in [node] if isinstance(n, ast.If | ast.While)}
        shown = ast.parse(ast.unparse(texts[id(node)]), mode="eval").body if texts else None
        if shown is not None:
            ast.copy_location(shown, texts[id(node)])
        self.generic_visit(node)
        if isinstance(node, ast.If | ast.While):
            assert shown is not None
            node.test = self.wrapped(shown, node.test)
        elif isinstance(node, ast.Match):
            before: list[ast.stmt] = []
            for case in node.cases:
                noted = [ast.Expr(self.wrapped(case.pattern, ast.Constant(True)))]
                case.body = [*before, *noted, *case.body]
                before = [*before, ast.Expr(self.wrapped(case.pattern, ast.Constant(False)))]
            last = node.cases[-1]
            if last.guard is not None or not isinstance(last.pattern, ast.MatchAs) or last.pattern.pattern is not None:
                node.cases.append(ast.match_case(ast.MatchAs(), None, before))
            ast.fix_missing_locations(node)
        return node


@dataclass
class Runs:
    """What the runs of a model take, by actor."""

    whole: bool = True
    ways: set[tuple[str, str, int, bool]] = field(default_factory=set)
    steps: set[tuple[str, str]] = field(default_factory=set)


def standing(run: Run) -> object:
    """Where everybody is, and with what: of equal ones the same may follow."""
    found: list[object] = [run.variables()]
    for actor in run.actors.values():
        at: Any = actor.coroutine
        while at is not None and getattr(at, "cr_frame", None) is not None:
            frame = at.cr_frame
            found.append((frame.f_code.co_name, frame.f_lasti, {k: repr(v) for k, v in frame.f_locals.items()}))
            at = at.cr_await
        found.append(actor.parked is None)
    return repr(found)


def runs(model: Model, counted: Counted, most: int) -> Runs:
    """Every run, by CPython, as long as there are at most so many places where it can stand."""
    found, known = Runs(), set[object]()
    opens = {name: opened.values for name, (_, opened) in opens_of(model).items()}
    settings = [dict(zip(opens, values, strict=True)) for values in itertools.product(*opens.values())]
    pending: list[tuple[dict[str, Any], list[Move]]] = [(constants, []) for constants in settings]

    def at(prefix: list[Move]) -> Run:
        run = Run(model, constants)
        for move in prefix:
            run.take(move.who, named=list(move.choices))
        return run

    while pending:
        constants, prefix = pending.pop(0)
        run = at(prefix)
        here = standing(run), repr(constants)
        ready = []
        if here not in known:
            known.add(here)
            ready = [who for who in run.who() if enabled(run, who)]
        run.close()
        if len(known) > most:
            found.whole = False
            return found
        for who in ready:
            picks: list[int] | None = []
            while picks is not None:
                run = at(prefix)
                target = run.who()[who]
                parked = run.actors[target.name].parked if isinstance(target, Thread) else None
                label = parked.label if parked is not None else getattr(target, "label", "")
                actor = target.name if isinstance(target, Thread) else target.actor
                counted.seen.clear()
                taken = True
                try:
                    pending.append((constants, [*prefix, run.take(who, picks)]))
                except Blocked:
                    taken = False
                except Fault:
                    pass
                if taken:
                    found.ways |= {(actor, *way) for way in counted.seen}
                    found.steps.add((actor, label))
                options = run.options
                run.close()
                done = [picks[i] if i < len(picks) else 0 for i in range(len(options))]
                picks = None
                for place in range(len(options) - 1, -1, -1):
                    if done[place] + 1 < options[place]:
                        picks = [*done[:place], done[place] + 1]
                        break
    return found


def enabled(run: Run, who: str) -> bool:
    try:
        return run.enabled(who)
    except Fault:
        return False


@contextmanager
def counting(source: str) -> Iterator[tuple[Model, Counted]]:
    """The model of the source, and what its branches do when CPython runs it. The lowering reads the source as it stands."""
    counted = Counted()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "counted_model.py"
        file.write_text(source)
        module = types.ModuleType("counted_model")
        module.__dict__.update({"__file__": str(file), "counted": counted.counted, "hidden": lambda value: value})
        sys.modules["counted_model"] = module
        try:
            tree = ast.parse(source)
            Unfolded().visit(counted.visit(tree))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SyntaxWarning)
                exec(compile(ast.fix_missing_locations(tree), str(file), "exec"), module.__dict__)
            yield module.model(), counted
        finally:
            del sys.modules["counted_model"]


def judge(source: str, most: int = 60) -> tuple[int, int]:
    """Nothing that is said never to be taken is taken; and what no run takes is said, or no path of the thread can take it.

    How many are said, and whether it is known that none is left out.
    """
    with counting(source) as (model, counted):
        result = check(model, engine="evaluator", reduce="none")
        if not result.complete:
            return 0, 0
        happened = runs(model, counted, most)
        assert result.never_fired is not None
        for said in result.never_fired:
            true_to_life(said, happened)
        if not happened.whole:
            return len(result.never_fired), 0
        told = {(n.thread, n.text, n.line, n.outcome) for n in result.never_fired}
        system = lower(model)
        dead = {(n.thread, n.step) for n in result.never_fired if not n.text}  # said already
        alive = [a for a in system.actions if (a.actor, a.label) not in dead]
        possible = {(a.actor, b.text, b.line, b.outcome) for a in alive for b in a.passed}
        for actor, text, line, outcome in happened.ways:
            other = (actor, text, line, not outcome)
            if other not in happened.ways and other in possible:
                assert other in told or inside_a_condition(system, other), (
                    f"{other} is taken by no run, and nothing says so"
                )
        for thread in model.threads:
            labels = {a.label for a in system.actions if a.actor == thread.name and a.outcome == "step"}
            said_steps = {n.step for n in result.never_fired if not n.text and n.thread == thread.name}
            assert labels == said_steps | {
                step for actor, step in happened.steps if actor == thread.name and step in labels
            }
        return len(result.never_fired), 1


def inside_a_condition(system: Any, way: tuple[str, str, int, bool]) -> bool:
    """An action that is taken passes both outcomes: they are part of a condition."""
    actor, text, line, _ = way
    for action in system.actions:
        ways = {b.outcome for b in action.passed if (action.actor, b.text, b.line) == (actor, text, line)}
        if len(ways) == 2:
            return True
    return False


def true_to_life(said: NeverFired, happened: Runs) -> None:
    if not said.text:
        assert (said.thread, said.step) not in happened.steps, f"a run takes it: {said}"
    else:
        assert (said.thread, said.text, said.line, said.outcome) not in happened.ways, f"a run takes it: {said}"


# ---------------------------------------------------------------- models

SMALL = """\
from __future__ import annotations
from explorer.language import Model, Part, Range, choose, step, var


class P(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "p")
        self.n = var(Range(0, 3), 0)
        self.on = var(bool, False)

    def bump(self) -> None:
        if self.n < 3:
            self.n += 1

    def low(self) -> bool:
        if self.n > 1:
            return False
        return True

    def small(self) -> bool:
        if self.n > 2:
            return False
        return True


def model() -> Model:
    m = Model()
    p = P(m)

    @m.thread("t")
    async def t() -> None:
        await step("set")
        p.low()
        if p.n == 0:
            p.n = 1
        if p.n == 1:  # settled on the path that has just set it
            p.on = True
        else:
            p.n = 2
        p.bump()
        await step("go", when=lambda: p.small())
        while p.n < 3:
            if p.n == 0:
                await step("never")
                if p.on:
                    p.on = False
            await step("up")
            p.on = any(p.low() for _ in range(1)) or p.on
            p.bump()
            match p.n:
                case 0 | 1:
                    p.on = False
                case 2 if p.on:
                    p.on = True
                case _:
                    pass
        assert p.on
        if not p.on:
            p.n = 0
        k = choose(range(2))
        if k == 1:
            assert p.n == 0, "told by an error only"

    return m
"""


def small_models_agree() -> None:
    said, whole = judge(SMALL)
    assert said and whole


def test_small_model() -> None:
    small_models_agree()
    with counting(SMALL) as (model, _):
        result = check(model, engine="evaluator")
    assert result.never_fired is not None
    assert [str(n).partition(" (")[0] for n in result.never_fired if n.reached] == SAID


SAID = [
    "t: never",
    "t: p.n == 0 is never false",
    "t: p.n == 1 is never false",
    "t: p.n == 0 is never true",
    "t: 0 | 1 is never true",
    "t: 2 is never true",
    "t: self.n < 3 is never false",
]


def test_fault() -> None:
    """A branch that is settled on one path, and open on another that no run takes, is taken."""
    result = never_taken_model()
    lines = [str(n) for n in result.never_fired or () if n.reached]
    assert not any("frame is not None is never true" in line for line in lines)
    assert result["came_by"].verdict.value == "reached"


def never_taken_model() -> Result:
    from explorer.models.linux.access import store
    from explorer.models.linux.kernels import V6_8
    from explorer.models.linux.parent_child import Cpu, Half, Process, Value, Writer, parent_memory

    m = Model()
    memory = parent_memory(m, 2, 1, V6_8)

    @m.thread("t")
    async def t() -> None:
        await store(memory, Cpu.PARENT, 0, Half.LOW, Value.PARENT, Writer.PARENT)
        frame = memory.mapped(Process.PARENT, 0)
        if frame is not None:
            memory.has_pinned[Process.CHILD] = True

    m.reachable("came_by", lambda: memory.has_pinned[Process.CHILD])
    return check(m)


@pytest.mark.parametrize("block", range(4))
def test_generated(block: int) -> None:
    """Random models: every line that is said, and that none is missing."""
    found = [judge(random_model(seed), most=30) for seed in range(block * 25, block * 25 + 25)]
    assert sum(said for said, _ in found) > 10 and sum(whole for _, whole in found) > 2
