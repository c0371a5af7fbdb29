"""What may run out: each `choose` of the kernel parts, and each caller of one, has a row that says what the kernel does then."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer import Verdict, check, load
from explorer.language import Model
from explorer.language.properties import Property
from explorer.models.linux.access import store
from explorer.models.linux.kernels import V6_8
from explorer.models.linux.memory import Memory, SwapEntry, pte_present
from explorer.models.linux.migrate import migrate_page
from explorer.models.linux.numa import change_prot_numa
from explorer.models.linux.parent_child import Cpu, Half, Process, Value, Writer, parent_memory
from explorer.models.linux.pipe import Pipe
from explorer.models.linux.protect import madvise_dontneed
from explorer.models.linux.swap import reclaim_page
from explorer.models.linux.swap_slots import Swap

ROOT = Path(__file__).resolve().parents[2]
CHOICES = ("choose",)


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """``memory.py: alloc_page()`` and the function, of all models and the parts that they are made of."""
    for file in sorted((ROOT / "models").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{file.name}: {node.name}()", node


def calls(node: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            if isinstance(call.func, ast.Name):
                yield call.func.id, call
            elif isinstance(call.func, ast.Attribute):
                yield call.func.attr, call


def takers() -> set[str]:
    """The functions that choose, in the step of their caller, among what a state has, which may be nothing."""
    return {
        node.name
        for _, node in functions()
        for name, call in calls(node)
        if isinstance(node, ast.FunctionDef) and name in CHOICES and isinstance(call.args[0], ast.GeneratorExp)
    }


def test_each_has_a_row() -> None:
    """All that choose, and all that call one that may find nothing, stand in the table of docs/kernels.md; nothing else."""
    taken = {*takers(), *CHOICES}
    found = {where for where, node in functions() if taken & {name for name, _ in calls(node)}}
    section = (
        (ROOT / "docs" / "kernels.md").read_text().partition("## Where something runs out")[2].partition("\n## ")[0]
    )
    rows = [line.split(" | ") for line in section.splitlines() if line.startswith("| `")]
    listed = [name for row in rows for name in re.findall(r"`(\w+\.py: \w+\(\))`", row[0])]
    assert sorted(listed) == sorted(found)
    assert all(len(row) == 4 and row[2] and row[3] for row in rows)


# ---------------------------------------------------------------- what then happens


def small(m: Model, frames: int, pages: int = 1, *, background: bool = False, deferred: bool = False) -> Memory:
    return parent_memory(m, frames, pages, V6_8, parent_threads=2, background=background, deferred=deferred)


def finishes(m: Model) -> None:
    """All threads end, nothing is held up, and no assertion fails."""
    result = check(m)
    assert result.complete and not result.error and not result.warnings
    assert not result.violated, result


def test_swap_is_full() -> None:
    """add_to_swap() gives up and reclaim keeps the page, mapped and unlocked (shrink_folio_list(): activate_locked)."""
    m = Model()
    memory = small(m, 3, 2, background=True)
    swap = Swap(m, memory, 1)

    @m.thread("kswapd")
    async def kswapd() -> None:
        await reclaim_page(memory, 0)
        await reclaim_page(memory, 1)
        entry = memory.pte[Process.PARENT, 1]
        assert isinstance(memory.pte[Process.PARENT, 0], SwapEntry) and pte_present(entry), (
            "the first is out, the second stays"
        )
        assert not any(swap.locked[f] for f in memory.frames), "no page is left locked"
        assert memory.page_count(entry.frame) == 1, "no reference is left"

    finishes(m)


@pytest.mark.parametrize("frames", [1, 2])
def test_no_frame_to_migrate_to(frames: int) -> None:
    """The page stays where it is, as where somebody has a reference on it."""
    m = Model()
    memory = small(m, frames, background=True)

    @m.thread("kcompactd")
    async def kcompactd() -> None:
        await migrate_page(memory, 0)
        entry = memory.pte[Process.PARENT, 0]
        assert pte_present(entry) and memory.data[entry.frame, Half.LOW] == Value.OLD, (
            "it is mapped, with what was stored"
        )
        assert memory.page_count(entry.frame) == 1, "no reference is left"

    finishes(m)


@pytest.mark.parametrize("frames", [1, 2])
def test_no_frame_on_the_other_node(frames: int) -> None:
    """The page stays where it is, and is accessible again."""
    m = Model()
    memory = small(m, frames, deferred=True)

    @m.thread("numa")
    async def numa() -> None:
        await change_prot_numa(memory, Process.PARENT, 0)

    @m.thread("stores")
    async def stores() -> None:
        await store(memory, Cpu.PARENT, 0, Half.LOW, Value.PARENT, Writer.PARENT)

    finishes(m)


# the models in which somebody gives up quietly where there is no frame or no slot, with what makes them do such a thing
QUIET = {
    "swap_pin": ({"by": "reclaim"}, {"by": "migration"}),
    "tlb_flush_cow": ({"by": "reclaim"}, {"by": "numa"}),
    "vmsplice_fork": ({"swapped": "on"},),
}


def no_frame_is_free(memory: Memory) -> bool:
    return not any(memory.refcount[f] == 0 for f in memory.frames)


def test_each_model_that_may_give_up_is_named() -> None:
    wanted = {"migrate_page", "change_prot_numa", "reclaim_page"}
    found = {f.stem for f in (ROOT / "explorer" / "models").glob("*.py") if wanted & {n for n, _ in calls_of(f)}}
    assert found == QUIET.keys()


def calls_of(file: Path) -> list[tuple[str, ast.Call]]:
    return list(calls(ast.parse(file.read_text())))


@pytest.mark.parametrize("fixed", [False, pytest.param(True, marks=pytest.mark.long)])
@pytest.mark.parametrize(("name", "given"), [(name, given) for name, rows in QUIET.items() for given in rows])
def test_the_models_have_enough(name: str, given: dict[str, str], fixed: bool) -> None:
    """Nobody gives up in them, nor waits: else a run that was left out would not be missed."""
    build = load(name)
    settled = build.function.__globals__["FIXED"] if fixed else {}
    m = build(**settled, **{key: build.convert(key, value) for key, value in given.items()})
    [memory] = [part for part in m.parts.values() if isinstance(part, Memory)]
    m.properties.append(Property("no_frame_is_free", "reachable", no_frame_is_free, (memory,)))
    result = check(m, reduce="none")
    assert result.complete and result.never_fired is not None and not any("could not do" in w for w in result.warnings)
    assert result["no_frame_is_free"].verdict is Verdict.UNREACHABLE
    if isinstance(memory.swap, Swap):
        assert ("not added", True, True) in {(never.text, never.outcome, never.reached) for never in result.never_fired}


def test_no_frame_for_a_fault() -> None:
    """The bound of the models: a fault waits, and the answer says that behaviour may be missing."""
    m = Model()
    memory = small(m, 1, deferred=True)
    pipe = Pipe(m, memory, Process.PARENT)

    @m.thread("stores")
    async def stores() -> None:
        await pipe.vmsplice()
        await madvise_dontneed(memory, Process.PARENT, 0)
        await store(memory, Cpu.PARENT, 0, Half.LOW, Value.PARENT, Writer.PARENT)

    result = check(m)
    (warning,) = result.warnings
    assert "stores could not do 'do_anonymous_page' there, so behaviour may be missing" in warning
