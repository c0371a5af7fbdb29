"""docs/toy_explorer.py, the tool in small, beside the tool: the same models written for both have the same answers."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import pytest

from explorer import Model, Part, Range, Verdict, always, array, check, optional, record, replay, step, var

TOY = Path(__file__).resolve().parents[2] / "docs" / "toy_explorer.py"


def loaded(source: str) -> ModuleType:
    module = ModuleType("toy_explorer")
    exec(compile(source, str(TOY), "exec"), module.__dict__)
    return module


# ---------------------------------------------------------------- the toy's models, in the language


class Total(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "s")
        self.counter = var(Range(0, 2), 0)
        self.done = var(Range(0, 2), 0)


@always
def counted(s: Total) -> bool:
    """When both have finished, the counter says so."""
    return s.done < 2 or s.counter == 2


def lost_update() -> Model:
    m = Model()
    s = Total(m)

    async def increment() -> None:
        await step("read")
        seen = s.counter
        await step("write")
        s.counter = seen + 1
        s.done += 1

    @m.thread("cpu0")
    async def cpu0() -> None:
        await increment()

    @m.thread("cpu1")
    async def cpu1() -> None:
        await increment()

    m.require(counted)
    return m


class Flags(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "s")
        self.wants = array(Range(0, 1), bool, lambda p: False)
        self.inside = array(Range(0, 1), bool, lambda p: False)
        self.turn = var(Range(0, 1), 0)


@always
def one_at_a_time(s: Flags) -> bool:
    """Never are both inside."""
    return not all(s.inside[p] for p in Range(0, 1))


def peterson(*, turns: bool = True) -> Model:
    m = Model()
    s = Flags(m)

    async def process(me: int) -> None:
        while True:
            await step("raise flag")
            s.wants[me] = True
            await step("give way")
            s.turn = 1 - me
            await step("enter", when=lambda: not s.wants[1 - me] or (turns and s.turn == me))
            s.inside[me] = True
            await step("leave")
            s.inside[me] = s.wants[me] = False

    @m.thread("process0")
    async def process0() -> None:
        await process(0)

    @m.thread("process1")
    async def process1() -> None:
        await process(1)

    m.require(one_at_a_time)
    return m


@record
class Pte:
    frame: Annotated[int, Range(0, 1)]
    writable: bool


class Memory(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "s")
        self.pte = var(Pte, Pte(0, True))
        self.pins = var(Range(0, 1), 0)
        self.seq = var(Range(0, 2), 0)
        self.device = var(optional(Range(0, 1)), None)


@always
def pinned_page_stays(s: Memory) -> bool:
    """What the device holds is what the process maps."""
    return s.device is None or s.device == s.pte.frame


def gup_fast_fork(*, seqcount: bool = False) -> Model:
    m = Model()
    s = Memory(m)

    @m.thread("fork")
    async def fork() -> None:
        await step("raw_write_seqcount_begin()")
        s.seq += int(seqcount)
        await step("page_maybe_dma_pinned()")
        if s.pins == 0:
            await step("ptep_set_wrprotect()")
            s.pte = Pte(0, False)
        await step("raw_write_seqcount_end()")
        s.seq += int(seqcount)
        await step("do_wp_page()")
        if not s.pte.writable:
            s.pte = Pte(1, True)

    @m.thread("gup")
    async def gup() -> None:
        await step("read_seqcount_begin()")
        seq = s.seq
        await step("pte_access_permitted()")
        pte = s.pte
        if seq % 2 == 1 or not pte.writable:
            return
        await step("try_grab_page()")
        s.pins += 1
        await step("pte_same(), read_seqcount_retry()")
        if s.pte == pte and s.seq == seq:
            s.device = pte.frame
        else:
            s.pins -= 1

    m.require(pinned_page_stays)
    return m


# ---------------------------------------------------------------- side by side

CASES: list[tuple[str, dict[str, bool], dict[str, int]]] = [  # what is broken, and in how many steps
    ("lost_update", {}, {"promise": 4}),
    ("peterson", {}, {}),
    ("peterson", {"turns": False}, {"deadlock freedom": 4}),
    ("gup_fast_fork", {}, {"promise": 9}),
    ("gup_fast_fork", {"seqcount": True}, {}),
]
TWINS: dict[str, Callable[..., Model]] = {f.__name__: f for f in (lost_update, peterson, gup_fast_fork)}


def flat(state: dict[str, Any]) -> dict[str, str]:
    """The toy's variables as the tool names and writes them."""
    out: dict[str, str] = {}
    for name, value in state.items():
        for index, one in [(f"[{i}]", v) for i, v in enumerate(value)] if isinstance(value, list) else [("", value)]:
            if isinstance(one, tuple):
                one = f"frame={one[0]}, {'writable' if one[1] else 'not writable'}"
            out[f"s.{name}{index}"] = str(one).lower() if isinstance(one, bool) else str(one)
    return out


def node(run: Any, depth: int) -> tuple[tuple[str, object], ...]:
    """A state of the toy as a node of the tool's state graph."""
    places = {f"{thread}.at": run.at[thread][0] if thread in run.at else "finished" for thread in run.model.threads}
    return tuple(sorted({"depth": depth, **flat(run.model.state), **places}.items()))


def assert_alike(small: ModuleType, name: str, given: dict[str, bool], broken: dict[str, int]) -> None:
    """Same states at the same depths, same number of transitions, same verdicts, same shortest depths."""

    def build() -> Any:
        return getattr(small, name)(**given)

    found = small.explore(build)
    result = check(TWINS[name](**given))
    assert result.complete
    nodes = Counter(tuple(sorted(data.items())) for _, data in result.to_networkx().nodes(data=True))
    assert Counter(node(small.Run(build, schedule), len(schedule)) for schedule in found.states) == nodes
    assert (len(found.states), found.transitions) == (result.states, result.transitions)
    assert {what: len(schedule) for what, schedule in found.broken.items()} == broken
    violated = [p for p in result.properties if p.verdict is Verdict.VIOLATED]
    assert {"deadlock freedom" if p.name == "deadlock_freedom" else "promise": p.depth for p in violated} == broken
    for claim, schedule in zip(violated, found.broken.values(), strict=True):  # and each runs what the other found
        assert replay(TWINS[name](**given), "/".join(schedule))[1] == [claim.name]
        run = small.Run(build, tuple(s.actor for s in result.trace(claim.name).steps))
        assert not run.model.promise() or run.at and not run.able()


@pytest.mark.parametrize(("name", "given", "broken"), CASES)
def test_side_by_side(name: str, given: dict[str, bool], broken: dict[str, int]) -> None:
    assert_alike(loaded(TOY.read_text()), name, given, broken)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("inspect.getcoroutinelocals(self.model.threads[name])) for", "0) for"),  # locals are no part of the state
        ("repr((self.model.state, places))", "repr(places)"),
        ("if when()]", "]"),
        (
            "states.append((*schedule, name))",
            "states.insert(states.index(schedule) + 1, (*schedule, name))",
        ),  # depth first
        ("if run.at and not run.able()", "if not run.able()"),
        ("if not run.model.promise()", "if run.at and not run.model.promise()"),
    ],
)
def test_a_wrong_one_is_noticed(right: str, wrong: str) -> None:
    source = TOY.read_text()
    assert source.count(right) == 1
    small = loaded(source.replace(right, wrong))
    with pytest.raises(AssertionError):
        for case in CASES:
            assert_alike(small, *case)


def test_it_needs_nothing_but_python() -> None:
    """A bare interpreter runs it; it prints what each model has, and the last race in two lanes."""
    done = subprocess.run([sys.executable, "-I", "-S", "-W", "error", str(TOY)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    heads = [line for line in done.stdout.splitlines() if "states" in line]
    assert heads == [
        "lost_update: 12 states, 14 transitions, depth 4",
        "peterson: 20 states, 34 transitions, depth 6",
        "peterson(turns=False): 20 states, 32 transitions, depth 6",
        "gup_fast_fork: 42 states, 60 transitions, depth 9",
        "gup_fast_fork(seqcount=True): 52 states, 75 transitions, depth 9",
    ]
    assert done.stdout.split("breaks its promise in 9 steps\n\n")[1].split("\n\n")[0] == RACE


RACE = """\
fork                                  gup
raw_write_seqcount_begin()
page_maybe_dma_pinned()
                                      read_seqcount_begin()
                                      pte_access_permitted()
                                      try_grab_page()
                                        pins: 0 -> 1
                                      pte_same(), read_seqcount_retry()
                                        device: None -> 0
ptep_set_wrprotect()
  pte: (0, True) -> (0, False)
raw_write_seqcount_end()
do_wp_page()
  pte: (0, False) -> (1, True)"""
