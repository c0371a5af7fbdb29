"""Symmetry: exact numbers of orbits, the same answers with it and without, and what is refused."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer import (
    Atom,
    LanguageError,
    Model,
    ModelError,
    Part,
    Range,
    Scalarset,
    UsageError,
    Verdict,
    always,
    always_step,
    array,
    check,
    eventually,
    load,
    step,
)
from explorer.answer import symmetries
from explorer.answer.checking import select
from explorer.language import before, choose, optional, var
from explorer.lowering import lower
from explorer.reduction.letter import to_the_letter
from explorer.reduction.orders import representatives
from explorer.reduction.symmetry import Representatives, Symmetry, check_symmetry
from explorer.search import reference
from explorer.search.native.codegen.canonical import walk
from explorer.search.native.codegen.emit import emit
from explorer.search.native.codegen.layout import layout
from explorer.search.native.codegen.machine_code import machine_code
from explorer.search.native.loops import search_loops
from explorer.search.native.search import search as native
from explorer.search.outcome import Bounds, Engine, Resources, Task
from explorer.symbolic.candidates import candidates, sample
from explorer.symbolic.encode import Encoding
from explorer.symbolic.invariants import houdini
from explorer.symbolic.symmetry import certify
from explorer.system.form import Domain, Expr, System
from tests.generated.loading import loaded
from tests.generated.source import random_model
from tests.models.cow import cow
from tests.models.slot_table import slot_table
from tests.support.symmetric_systems import Symmetric
from tests.support.symmetries import ONE, compare, counted, orbit

ROOT = Path(__file__).resolve().parents[2]


class Frame(Atom):
    """A page frame."""


class Process(Enum):
    PARENT = 0
    FIRST = 1
    SECOND = 2
    THIRD = 3


class Frames(Part):
    def __init__(self, m: Model, count: int) -> None:
        super().__init__(m, "mm")
        self.frames = Scalarset(Frame, count)
        self.refcount = array(self.frames, Range(0, 2), lambda f: 0)

    def alloc_page(self) -> Frame:
        new = choose(f for f in self.frames if self.refcount[f] == 0)
        self.refcount[new] = 1
        return new


@always
def three_at_most(mm: Frames) -> bool:
    """Never are four frames in use."""
    return sum(mm.refcount[f] for f in mm.frames) < 4


def allocation(*, threads: int = 3, frames: int = 4) -> Model:
    """Threads that take frames and give them back."""
    m = Model()
    mm = Frames(m, frames)

    @m.thread("cpu", cpu=tuple(range(threads)))
    async def cpu(cpu: int) -> None:
        for _ in range(2):
            await step("alloc")
            first = mm.alloc_page()
            await step("alloc again")
            second = mm.alloc_page()
            await step("free")
            mm.refcount[first] = 0
            mm.refcount[second] = 0

    m.require(three_at_most(mm))
    return m


class Counter3(Part):
    """Children take turns; `favoured`: the first child need not wait."""

    def __init__(self, m: Model, favoured: bool) -> None:
        super().__init__(m, "turns")
        self.favoured = favoured
        self.taken = array(Process, Range(0, 2), lambda p: 0)
        self.holder = var(optional(Process), None)

    def may(self, p: Process) -> bool:
        return self.holder is None or (self.favoured and p is Process.FIRST)


@always
def few_turns(turns: Counter3) -> bool:
    """Nobody takes three turns while another took none."""
    return all(turns.taken[p] < 2 or turns.taken[q] > 0 for p in Process for q in Process if p is not Process.PARENT)


def turns(*, favoured: bool = False) -> Model:
    m = Model()
    part = Counter3(m, favoured)

    @m.thread("child", p=(Process.FIRST, Process.SECOND, Process.THIRD))
    async def child(p: Process) -> None:
        for _ in range(2):
            await step("take", when=lambda: part.may(p))
            part.holder = p
            await step("give")
            part.taken[p] += 1
            part.holder = None

    m.require(few_turns)
    m.interchangeable(Process.FIRST, Process.SECOND, Process.THIRD)
    return m


MODELS: dict[str, tuple[Callable[[], Model], int, int]] = {  # states, and of these up to permutations
    "slots": (lambda: slot_table(clients=3), 73, 16),
    "slots taken in two steps": (lambda: slot_table(atomic=False), 27, 15),
    "cow": (cow, 115, 52),
    "alloc": (lambda: allocation(threads=2), 537, 49),
    "turns": (turns, 81, 22),
}


def learned(system: System) -> list[Expr]:
    """The invariants that are found."""
    wanted = candidates(system, sample(system))
    return list(houdini(Encoding(system, wanted), wanted).invariants)


def symmetry_of(system: System) -> Symmetry:
    found = certify(system, lambda: learned(system))
    assert found.symmetry is not None and not found.refused, found.refused
    check_symmetry(system, found.symmetry)
    return found.symmetry


@pytest.mark.parametrize("name", MODELS)
def test_orbits(name: str) -> None:
    make, states, orbits = MODELS[name]
    system = lower(make())
    assert compare(system, symmetry_of(system)) == (states, orbits)


def random_systems_agree(seeds: range = range(12)) -> None:
    """With symmetry and without, on systems whose cells relate values in every way."""
    kinds: Counter[str] = Counter()
    for seed in seeds:
        system = Symmetric(seed).system()
        found = compare(system, symmetry_of(system), 1_000)
        kinds["compared"] += found is not None
        kinds["reduced"] += found is not None and found[1] < found[0]
    assert kinds["compared"] > len(seeds) // 2 and kinds["reduced"] > len(seeds) // 5


def test_random_systems() -> None:
    random_systems_agree()


@pytest.mark.parametrize("seed", range(6))
def test_the_compiled_representative_is_the_same_for_a_whole_orbit(seed: int) -> None:
    representatives_are_canonical(range(seed, seed + 1))


class Large(Symmetric):
    """What a state says of a frame takes several words."""

    def declare(self) -> None:
        super().declare()
        for number in range(3):
            self.array(f"large{number}", Domain("range", 0, 1 << 40), "frame")


def representatives_are_canonical(seeds: range = range(6)) -> None:
    """A member of the orbit, and the same for each member; of states that no search need reach."""
    for seed, kind in [*((seed, Symmetric) for seed in seeds), *((seed, Large) for seed in seeds)]:
        system = kind(seed).system()
        symmetry, places = symmetry_of(system), layout(system)
        code = machine_code(emit(system, places, symmetry=symmetry), ("canon",))
        states = kind(seed).random
        for _ in range(40):
            codes = [(c.domain.lo, c.domain.top, states.randint(c.domain.lo, c.domain.top)) for c in system.cells]
            members = orbit(system, symmetry, tuple(states.choice(c) for c in codes))
            made = set()
            for member in members:
                packed = np.array(places.pack(member), np.uint64)
                search_loops.canonical(code.addresses["canon"], packed.ctypes.data)
                made.add(places.unpack(packed.tolist()))
            assert len(made) == 1 and made <= members, "the representative is one member of the orbit"
            assert Representatives(system, symmetry)(next(iter(members))) == min(members)


class Pages(Part):
    def __init__(self, m: Model, frames: int) -> None:
        super().__init__(m, "pages")
        self.frames = Scalarset(Frame, frames)
        self.count = array(self.frames, Range(0, 3), lambda f: 0)


@always_step
def one_at_a_time(pages: Pages) -> bool:
    """A step changes the count of one page."""
    return sum(pages.count[f] != before(lambda: pages.count[f]) for f in pages.frames) <= 1  # noqa: B023


def counting() -> Model:
    """A step from 0 1 to 2 1: the states that stand for these may differ in both."""
    m = Model()
    pages = Pages(m, 2)

    @m.action("one", actor="cpu")
    def one() -> None:
        f = choose(f for f in pages.frames if pages.count[f] == 0)
        pages.count[f] = 1

    @m.action("two", actor="cpu")
    def two() -> None:
        f = choose(f for f in pages.frames if pages.count[f] < 2)
        pages.count[f] += 2

    m.require(one_at_a_time)
    return m


def steps_are_of_the_system() -> None:
    """What is said about steps is said about the successor, not about what stands for it."""
    system = lower(counting())
    assert compare(system, symmetry_of(system)) == (16, 10)
    assert not reference.search(Task(system, Bounds(), symmetry=symmetry_of(system))).depths


def test_steps_are_of_the_system() -> None:
    steps_are_of_the_system()


@pytest.mark.parametrize("seed", [103, 212, 504])
def test_generated_models(seed: int) -> None:
    """Models in which frames are chosen and kept; `python -m tests.fuzz_reductions` looks longer."""
    with loaded(random_model(seed)) as model:
        system = lower(model)
        assert compare(system, symmetry_of(system)) is not None


def test_a_shipped_model() -> None:
    """Frames that alloc_page() takes, any free one."""
    model = load("rdma_fork")(kernel=load("rdma_fork").convert("kernel", "v5.10"))
    system = lower(model, select(model, None)[0])
    found = compare(system, symmetry_of(system))
    assert found is not None and found[1] < found[0]


def test_walks_visit_every_permutation() -> None:
    for counts in ([2], [3], [4], [5], [2, 3], [3, 3], [2, 2, 2]):
        at = tuple(tuple(range(n)) for n in counts)
        visited = {at}
        for number, position in walk(counts):
            row = list(at[number])
            row[position], row[position + 1] = row[position + 1], row[position]
            at = (*at[:number], tuple(row), *at[number + 1 :])
            visited.add(at)
        assert len(visited) == len(walk(counts)) + 1


# ---------------------------------------------------------------- what is refused


def wrong_declarations_are_refused() -> None:
    with pytest.raises(ModelError) as e:
        certify(lower(turns(favoured=True)))
    text = str(e.value)
    assert "test_symmetry.py:" in text and "m.interchangeable(Process.FIRST" in text
    assert (
        "the model declares first, second and third interchangeable, and they are not: 'take' of child[first] (" in text
    )
    assert "can be taken, and cannot with first and second exchanged" in text or "cannot be taken, and can" in text
    assert "turns.holder = " in text


def test_wrong_declarations() -> None:
    wrong_declarations_are_refused()


def test_only_members_of_an_enum_are_declared() -> None:
    m = Model()
    Counter3(m, False)
    m.interchangeable(1, 2)
    with pytest.raises(LanguageError, match="two or more members of one Enum, not 1, 2"):
        lower(m)


def test_what_is_not_decided_is_not_certified() -> None:
    """Where z3 gives up there is no symmetry."""
    unknown_is_no_proof()


def unknown_is_no_proof() -> None:
    system = lower(turns(favoured=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("explorer.symbolic.symmetry.ask", lambda *given: "unknown")
        with pytest.raises(ModelError, match="could not be decided"):
            certify(system)


def first_frame_wins() -> Model:
    """A model whose property speaks of one of two processes that are declared interchangeable."""
    m = Model()
    part = Counter3(m, False)

    @m.action("take", actor="{p}", p=Process, when=lambda p: part.holder is None)
    def take(p: Process) -> None:
        part.holder = p

    @always
    def never_the_first(turns: Counter3) -> bool:
        return turns.holder is not Process.FIRST

    m.require(never_the_first)
    m.interchangeable(Process.FIRST, Process.SECOND)
    return m


def test_a_property_that_tells_values_apart() -> None:
    properties_are_compared()


def properties_are_compared() -> None:
    with pytest.raises(ModelError, match="the property never_the_first tells first from second"):
        certify(lower(first_frame_wins()))


def letters_are_compared() -> None:
    """What the text shows to be alike is asked of nobody, and what it does not show is not used."""
    assert to_the_letter(lower(turns())).symmetry is not None
    assert to_the_letter(lower(turns(favoured=True))).symmetry is None
    assert to_the_letter(lower(first_frame_wins())).symmetry is None


def test_letters() -> None:
    letters_are_compared()
    system = lower(allocation(threads=2))
    found = to_the_letter(system).symmetry
    assert found is not None and found.queries == 0
    given = symmetry_of(system)
    assert [g.images for g in found.generators] == [g.images for g in given.generators]


def representatives_by_order() -> None:
    """By order there are as many representatives as by trying each permutation, one for each orbit."""
    system = lower(allocation(threads=2))
    symmetry = symmetry_of(system)
    by_order, by_trying = representatives(system, symmetry), Representatives(system, symmetry)
    states = sample(system)
    pairs = {(by_order(s), by_trying(s)) for s in states}
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs}) < len(states)
    assert all(by_order(s) in by_trying.orbit(s) for s in states)


def test_representatives_by_order() -> None:
    representatives_by_order()


@pytest.mark.parametrize("engine", ["auto", "evaluator"])
def test_beyond_small_it_is_used_by_itself(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(symmetries, "SMALL", 100)
    found = check(allocation(threads=2), engine=engine)
    assert (found.states, found.reductions) == (
        49,
        ("symmetry of frames (certified: the text of the actions says it)",),
    )
    assert check(allocation(threads=2), engine=engine, reduce="none").states == 537
    monkeypatch.setattr(symmetries, "SMALL", 1000)
    assert check(allocation(threads=2), engine=engine).states == 537


def maps_are_checked() -> None:
    system = lower(turns())
    symmetry = symmetry_of(system)
    given = symmetry.generators[0]
    for wrong in (
        replace(given, images=(given.images[1], *given.images[1:])),
        replace(given, cells=(*given.cells[:-1], given.cells[0])),
        replace(given, codes=(given.codes[1], *given.codes[1:]), cells=(1, 2, 0, *given.cells[3:])),
    ):
        with pytest.raises(ValueError, match="the exchange of first and second"):
            check_symmetry(system, Symmetry((wrong,)))


def test_maps_that_are_no_exchange() -> None:
    maps_are_checked()


def test_whole_runs_are_decided_without() -> None:
    m = turns()
    part: Any = m.parts["turns"]

    @eventually
    def somebody(turns: Counter3) -> bool:
        return turns.holder is not None

    system = lower(m, [somebody(part)])
    assert certify(system).symmetry is None
    bare = symmetry_of(lower(turns()))
    with pytest.raises(ValueError, match="whole runs"):
        reference.search(Task(system, Bounds(), symmetry=bare))


# ---------------------------------------------------------------- check()


@pytest.mark.parametrize("engine", ["evaluator", "native", "auto"])
def test_check(engine: Any) -> None:
    result = check(allocation(threads=2), reduce="symmetry", engine=engine)
    assert result.states == 49 and len(result.reductions) == 1
    assert result.reductions[0].startswith("symmetry of frames (certified: ")
    whole = check(allocation(threads=2), reduce="none")
    assert whole.reductions == () and whole.states == 537
    assert result["three_at_most"].verdict is whole["three_at_most"].verdict is Verdict.VIOLATED
    assert result["three_at_most"].trace == whole["three_at_most"].trace
    assert result.never_fired == whole.never_fired


def test_a_large_search_looks_for_symmetry_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.answer.symmetries.SMALL", 100)
    told: list[str] = []
    result = check(allocation(threads=2), engine="native", say=told.append)
    assert result.states == 49 and result.reductions
    assert check(allocation(threads=2), engine="native", reduce="none").states == 537
    assert check(allocation(threads=2), engine="native", max_states=100).reductions == ()


def test_without_z3(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the text shows needs no z3; what it does not show is done without."""
    for name in ("z3", "explorer.symbolic.encode"):
        monkeypatch.setitem(sys.modules, name, None)
    told: list[str] = []
    result = check(allocation(threads=2), reduce="symmetry", engine="evaluator", say=told.append)
    assert result.states == 49 and len(result.reductions) == 1 and told == list(result.reductions)
    told.clear()
    assert check(first_frame_wins(), reduce="symmetry", engine="evaluator", say=told.append).reductions == ()
    assert any("needs z3, which can't be imported" in text for text in told)


def test_the_benchmark_counts_orbits() -> None:
    """Frames chosen among the free ones: with two processes, as counted by trying all permutations of each state."""
    model = load(f"{ROOT / 'benchmarks' / 'models' / 'cow_any_frame.py'}:cow_any_frame")(processes=2, frames=3)
    system = lower(model, select(model, None)[0])
    symmetry = symmetry_of(system)
    whole = native(Task(system, Bounds(), resources=ONE))
    reduced = native(Task(system, Bounds(), resources=ONE, symmetry=symmetry))
    assert (whole.states, reduced.states) == (18_234, 3_627)
    assert whole.depths == reduced.depths and whole.paths == reduced.paths


def test_disk_and_checkpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On disk, stopped and gone on with, the search with symmetry is the same; it is not gone on with without."""
    monkeypatch.setattr("explorer.search.native.search.LEAST", 1 << 17)
    system = lower(allocation(threads=2))
    symmetry = symmetry_of(system)
    whole = native(Task(system, Bounds(), resources=ONE, symmetry=symmetry))
    spilled = native(Task(system, Bounds(), resources=Resources(threads=2, memory=1), symmetry=symmetry))
    assert counted(spilled) == counted(whole)
    native(Task(system, Bounds(depth=5), resources=Resources(folder=tmp_path), symmetry=symmetry))
    with pytest.raises(UsageError, match="of another system"):
        native(Task(system, Bounds(), resources=Resources(folder=tmp_path, resume=True)))
    resumed = native(Task(system, Bounds(), resources=Resources(folder=tmp_path, resume=True), symmetry=symmetry))
    assert counted(resumed) == counted(whole)
