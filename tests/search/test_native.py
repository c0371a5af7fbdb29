"""The compiled search against the evaluator's: every figure, verdict, depth and counterexample is the same."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import pytest

from explorer import UsageError, check, load
from explorer.answer import symmetries
from explorer.errors import Notice
from explorer.search import engine, reference
from explorer.search.outcome import ALL, Bounds, Listener, Resources, Task
from explorer.system.form import OPERATORS, Apply, Cell, Constant, Domain, Expr, Property, Read, System
from explorer.system.semantics import Semantics, evaluate
from tests.support.outcomes import counters, system_of, unequal
from tests.support.systems import random_system

native = pytest.importorskip("explorer.search.native.search", reason="numba can't be imported")
ROOT = Path(__file__).resolve().parents[2]
MODELS = Path(__file__).resolve().parents[1] / "models"
SMALL_MODELS = sorted(f.stem for f in MODELS.glob("*.py") if f.stem not in ("__init__", "EXPECTED"))
SEEDS = range(120)
COMPLETE = Bounds()
BOUNDS = (Bounds(states=3000), Bounds(depth=3), Bounds(first=True, states=3000), Bounds(states=7))


def differences(system: System, bounds: Bounds, resources: Resources = ALL, **options: Any) -> list[str]:
    """The figures in which the two searches differ."""
    found = native.search(Task(system, bounds, resources=resources), **options)
    different = unequal(found, reference.search(Task(system, bounds)))
    return [f"{system.name} {bounds}: {text}" for text in different]


# ---------------------------------------------------------------- the same outcome


@pytest.mark.parametrize("name", SMALL_MODELS)
def test_small_models(name: str) -> None:
    system = system_of(f"{MODELS / name}.py:{name}")
    assert not [d for bounds in (Bounds(), Bounds(depth=5), Bounds(first=True)) for d in differences(system, bounds)]


@pytest.mark.parametrize("bounds", [Bounds(), Bounds(depth=12), Bounds(first=True), Bounds(states=2000)], ids=repr)
def test_rdma_fork(bounds: Bounds) -> None:
    shipped_model_agrees(bounds)


def shipped_model_agrees(bounds: Bounds = COMPLETE) -> None:
    assert not differences(system_of("rdma_fork"), bounds)


def test_random_systems() -> None:
    random_systems_agree()


def random_systems_agree(seeds: range = SEEDS) -> None:
    """Systems with every operator and kind of cell, of one word and of several, complete and within bounds."""
    words = set()
    for seed in seeds:
        system = random_system(seed)
        words.add(native.layout(system).words)
        bounds = (BOUNDS[0], BOUNDS[1 + seed % 3])
        assert not [d for b in bounds for d in differences(system, b, resources=Resources(threads=1))], seed
    assert {1, 2, 3} <= words


def test_threads() -> None:
    threads_agree()


def threads_agree() -> None:
    """Any number of threads, buffers that are full all the time: the same outcome."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(native, "THREADED", 0)
        patch.setattr(native, "ROOM", 16)
        any_number_of_threads()


def any_number_of_threads() -> None:
    system = system_of("rdma_fork")
    assert not [
        d for threads in (1, 2, 3, 7, 100) for d in differences(system, Bounds(), resources=Resources(threads=threads))
    ]
    for seed in range(20):
        assert not differences(random_system(seed), BOUNDS[0], resources=Resources(threads=3))


def test_larger_than_its_first_tables() -> None:
    large_tables_lose_nothing()


def large_tables_lose_nothing() -> None:
    """200,000 states: every table has grown several times, in the middle of levels, and nothing was lost."""
    counter = counters(5, 11)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(native, "ROOM", 32)
        found = native.search(Task(counter, Bounds(), resources=Resources(threads=1)))
    assert (found.states, found.complete, found.depth) == (12**5, True, 55)
    assert found.transitions == 5 * 11 * 12**4


def test_states_with_one_hash() -> None:
    different_states_stay_different()


def different_states_stay_different() -> None:
    """Two states that agree in their first word and in all bits of the hash that a table keeps are two states."""
    import numpy as np

    from explorer.search.native.loops.search_loops import SHIFT, TAG_SHIFT, insert_all
    from explorer.search.native.storage.disk import hashes_of
    from explorer.search.native.storage.store import FIRST_BITS, PARTITIONS, Store

    words = (0, 0)
    states: Any = np.zeros((1 << 22, 2), np.uint64)
    states[:, 1] = np.arange(len(states))
    hashes = hashes_of(words, states)
    low = np.uint64((1 << FIRST_BITS) - 1)
    tag = (hashes >> TAG_SHIFT) & np.uint64((1 << 32) - 1) & ~low
    kept = (hashes >> np.uint64(SHIFT)) << np.uint64(32) | tag | hashes & low
    order = np.argsort(kept, kind="stable")
    same = np.flatnonzero(kept[order[1:]] == kept[order[:-1]])
    assert len(same) > 3
    for i in same:
        pair = np.ascontiguousarray(states[order[i : i + 2]])
        p = int(hashes[order[i]]) >> SHIFT
        store, fill = Store(2), np.zeros(PARTITIONS, np.int64)
        fill[p] = pair.ctypes.data + pair.nbytes  # its end
        scratch = np.empty((2, 128), np.uint64)
        at_scratch = scratch[0].ctypes.data, scratch[1].ctypes.data
        at = pair.ctypes.data - 8 * 2 * p * 2  # the buffer of the partition is the pair
        insert_all(
            words,
            store.chunk,
            p,
            p + 1,
            1,
            store.table_at,
            store.bits,
            store.states,
            store.counts,
            at,
            fill,
            2,
            *at_scratch,
        )
        assert int(store.counts[p]) == 2


# ---------------------------------------------------------------- operators, states as words


def test_every_operator() -> None:
    operators_agree()


def operators_agree() -> None:
    """Each operator, on values of both signs, as a property that compares it with what the evaluator computes."""
    domain = Domain("range", -5, 6)
    cells: tuple[Cell, ...] = (Cell("a", domain, tuple(range(-5, 7))), Cell("b", domain, tuple(range(-5, 7))))
    cells += (Cell("p", Domain("bool", 0, 1), (0, 1)), Cell("q", Domain("bool", 0, 1), (0, 1)))
    numbers, truths = [Read(0, "int"), Read(1, "int")], [Read(2, "bool"), Read(3, "bool")]
    for op, (types, result) in OPERATORS.items():
        wanted = (types[0],) * 2 if types[-1] == "*" else types
        numbers_left, truths_left = iter(numbers), iter([*truths, truths[0]])
        args: tuple[Expr, ...] = tuple(next(numbers_left if t == "int" else truths_left) for t in wanted)
        expr = Apply(op, args)
        # the value in each initial state is told by which of these properties are reached
        values = range(-45, 46) if result == "int" else (False, True)
        claims = []
        for value in values:
            same = Apply("eq" if result == "int" else "iff", (expr, Constant(value)))
            claims.append(Property(f"is {value}", "reachable", same))
        system = System(op, cells, (), tuple(claims))
        assert not differences(system, Bounds()), op
        reached = native.search(Task(system, Bounds())).depths
        given = {evaluate(expr, state) for state in Semantics(system).initial}
        assert {f"is {value}" for value in given} <= set(reached), op


def test_states_as_words() -> None:
    words_hold_states()


def words_hold_states() -> None:
    """A state is the same after packing and unpacking, whatever the widths; and no two cells share a bit."""
    from explorer.search.native.codegen.layout import layout

    random = Random(1)
    for _ in range(200):
        cells = []
        for i in range(random.randint(1, 40)):
            lo = random.randint(-9, 9)
            top = lo + random.choice((0, 1, 2, 5, 255, 70_000, 1 << 40, (1 << 64) - 1))
            cells.append(Cell(f"c{i}", Domain("range", lo, top), (lo,)))
        places = layout(System("words", tuple(cells), (), ()))
        used = [0] * places.words
        for field in places.fields:
            assert used[field.word] & field.mask == 0 and field.mask < 1 << 64
            used[field.word] |= field.mask
        state = tuple(
            random.choice((c.domain.lo, c.domain.hi, random.randint(c.domain.lo, c.domain.hi))) for c in cells
        )
        assert places.unpack(places.pack(state)) == state


# ---------------------------------------------------------------- bounds, Ctrl-C, what is not there


def test_a_full_partition_is_refused() -> None:
    """More states than a partition's indexes can name: an end with whole levels, never a wrap."""
    found = native.search(Task(counters(4, 16), Bounds()), index_bits=10)
    complete = native.search(Task(counters(4, 16), Bounds()))
    assert found.stopped == "indexes" and not found.complete
    assert 0 < found.states < complete.states and found.depth < complete.depth
    assert found.states == native.search(Task(counters(4, 16), Bounds(depth=found.depth))).states


def test_a_time_limit_is_kept() -> None:
    """10^9 states would take minutes; compiled calls come back in between."""
    native.search(Task(counters(9, 9), Bounds(states=1000)))  # compiled
    began = time.monotonic()
    found = native.search(Task(counters(9, 9), Bounds(seconds=0.5)))
    assert found.stopped == "seconds" and not found.complete and found.depth > 3
    assert time.monotonic() - began < 5


def test_interrupt_leaves_an_answer() -> None:
    def interrupt(at: Any) -> None:
        raise KeyboardInterrupt

    for threads in (1, 2):
        found = native.search(
            Task(counters(9, 9), Bounds(), resources=Resources(threads=threads)), Listener(progress=interrupt)
        )
        assert found.stopped == "interrupt" and found.states > 100


def test_starts_small_and_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The evaluator up to a number of states, then the compiled search from the start; each finding is told once."""
    monkeypatch.setattr(engine, "SMALL", 100)
    system = system_of("rdma_fork")
    told: list[str] = []
    said: list[str] = []
    found = engine.search(Task(system, Bounds()), Listener(found=lambda name, path: told.append(name), say=said.append))
    assert found.engine == "native" and len(told) == len(set(told)) == len(found.paths)
    assert said[0] == "more than 100 states: starting again with the compiled search"
    assert engine.search(Task(system, Bounds(states=90))).engine == "evaluator"
    assert engine.search(Task(system, Bounds(states=100))).stopped == "states"
    monkeypatch.setattr(engine, "SMALL", 100_000)
    assert engine.search(Task(system, Bounds())).engine == "evaluator"


def test_without_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tool works and says what it misses."""
    package = sys.modules["explorer.search"]
    monkeypatch.setattr(
        package, "native", package.native
    )  # what is imported anew here would stay there, without its parts
    for name in [m for m in sys.modules if m.startswith("explorer.search.native")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "numba", None)
    for module in (engine, symmetries):
        monkeypatch.setattr(module, "SMALL", 100)
    said: list[str] = []
    result = check(load("rdma_fork")(), say=said.append)
    assert result.engine == "evaluator" and result.complete and result.states > 100
    assert said[-1].startswith("the compiled search needs numba, which can't be imported")
    assert result.warnings[-1].startswith("the compiled search needs numba, which can't be imported")
    with pytest.raises(UsageError, match="needs numba.*--engine evaluator does without, slower"):
        check(load("rdma_fork")(), engine="native")


def test_numbers_that_do_not_fit() -> None:
    """What 64 bits can't compute is left to the evaluator."""
    huge = Apply("mul", (Constant(1 << 40), Constant(1 << 40)))
    claim = Property("huge", "always", Apply("lt", (huge, Constant(0))))
    system = System("huge", (Cell("x", Domain("range", 0, 1), (0,)),), (), (claim,))
    with pytest.raises(UsageError, match="may leave 64 bits; --engine evaluator does without"):
        engine.search(Task(system, Bounds(), "native"))
    assert engine.search(Task(system, Bounds())).depths == {"huge": 0}


def test_tables_of_one_size_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many workers grow their partitions to it at the same moment."""
    from explorer.search.native.storage import store

    made: list[int] = []

    class Slow(store.Tables):
        def __init__(self, bits: int) -> None:
            made.append(bits)
            time.sleep(0.05)
            super().__init__(bits)

    monkeypatch.setattr(store, "Tables", Slow)
    states = store.Store(1)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda p: states.make_room(p, 1000), range(store.PARTITIONS)))
    assert made == [store.FIRST_BITS, store.FIRST_BITS + 2]
    assert list(states.generations) == [store.FIRST_BITS + 2]


def test_states_move_to_more_address_space(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system gives little, the states are copied to a larger region, between rounds, and none is lost."""
    from explorer.search.native.storage import store

    monkeypatch.setattr(store, "RESERVED", 1)
    monkeypatch.setattr(store, "CHUNK_BYTES", 1 << 8)
    monkeypatch.setattr(native, "THREADED", 0)
    for threads in (1, 3):
        assert not differences(counters(4, 11), Bounds(), resources=Resources(threads=threads))


def test_step_functions_are_equal_under_any_hash_seed(tmp_path: Path) -> None:
    """Else nothing that is kept would ever be found again, and no checkpoint taken up."""
    code = (
        "from tests.support.outcomes import system_of; from tests.support.systems import random_system;"
        "from explorer.search.native import search as native;"
        "from explorer.search.native.codegen.emit import emit; import hashlib;"
        "s = [system_of('rdma_fork'), *map(random_system, range(30))];"
        "print(hashlib.sha256(''.join(emit(x, native.layout(x), 'expand', 'check', 'moves') for x in s).encode()).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "XDG_CACHE_HOME": str(tmp_path / seed)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "12345")
    }
    assert len(found) == 1


def test_kept_code_that_is_damaged_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    system = system_of("rdma_fork")
    expected = native.search(Task(system, Bounds()))
    kept = list((tmp_path / "mm-explorer" / "machine-code").iterdir())
    assert len(kept) == 2  # the search's functions, and those that go back
    for file in kept:
        file.write_bytes(file.read_bytes()[:-100] + b"x" * 100)
    assert native.search(Task(system, Bounds())).paths == expected.paths
    for file in kept:
        assert not file.read_bytes().endswith(b"x" * 100)


def test_unwritable_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setenv("EXPLORER_PRIVATE_CACHE", "")
    with pytest.warns(Notice, match="can't be used: .*; nothing is kept after this run"):
        assert native.search(Task(counters(2, 2), Bounds())).states == 9


def test_growth_is_known_before() -> None:
    """What tables will take is asked for before they grow, so that a limit on memory is kept."""
    from explorer.search.native.storage import store

    states = store.Store(1)
    first = 3 << store.QUICK_BITS - 2
    for more in (first, first + 1):
        expected, before = states.growth(more), states.bytes
        for p in range(store.PARTITIONS):
            states.make_room(p, more)
    assert states.bytes - before == expected == store.PARTITIONS * 4 << store.QUICK_BITS
    assert states.growth(first) == 0
