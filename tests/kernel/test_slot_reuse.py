"""A slot that is freed and taken again, while a fault that is under way remembers it: what choosing one free slot would miss."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

import pytest

from explorer import Model, Verdict, check, load, step
from explorer.models.linux.access import load as load_page
from explorer.models.linux.access import store
from explorer.models.linux.fork import ForkCall
from explorer.models.linux.kernels import V6_8, kernel
from explorer.models.linux.memory import Access, Memory, Pte, SwapEntry, pte_same
from explorer.models.linux.parent_child import Cpu, Half, Process, Value, Writer, parent_memory
from explorer.models.linux.routines import KERNEL, Routines
from explorer.models.linux.stores import StoreHistory
from explorer.models.linux.swap import map_swapped_page, reclaim_page
from explorer.models.linux.swap_slots import Swap, swap_of
from explorer.models.linux.unmap import exit_mm
from explorer.properties.no_lost_cpu_write import no_lost_cpu_write


async def skips_swap_cache(memory: Memory, process: Enum, page: int, orig: SwapEntry, access: Access) -> None:
    """mm/memory.c:do_swap_page() of a synchronous device, before 13ddaf26be32: what one entry names is read into a page that
    never is in the swap cache, so two faults do not know of each other, and only the entry tells what became of the page."""
    swap = swap_of(memory)
    await step("do_swap_page", when=lambda: memory.pte_unlocked(process, page))
    if not pte_same(memory.pte[process, page], orig):
        return
    slot = orig.slot
    frame = memory.alloc_page()
    await step("swap_read_folio")
    swap.swap_read_folio(slot, frame)
    await step("map the page that was read", when=lambda: memory.pte_unlocked(process, page))
    if not pte_same(memory.pte[process, page], orig):
        memory.put_page(frame)
        return
    map_swapped_page(memory, process, page, orig, frame, True, access)


def slot_reuse(routines: Routines | None = None) -> Model:
    """Page 0 has slot 0 and page 1 slot 1; page 0 comes back, so page 1 may be swapped out again to either."""
    m = Model()
    memory = parent_memory(m, 4, 2, V6_8, parent_threads=3, background=True, migrates=False, routines=routines)
    Swap(m, memory, 2)
    history = StoreHistory(m, memory)

    @m.thread("kswapd")
    async def kswapd() -> None:
        await reclaim_page(memory, 0)
        await reclaim_page(memory, 1)
        await load_page(memory, Cpu.PARENT, 0)
        await reclaim_page(memory, 1)

    @m.thread("t0")
    async def t0() -> None:
        await step("wait", when=lambda: one_is_out(memory), may_wait=True)
        await load_page(memory, Cpu.PARENT, 1)

    @m.thread("t1")
    async def t1() -> None:
        await step("wait", when=lambda: one_is_out(memory), may_wait=True)
        await store(memory, Cpu.THREAD2, 1, Half.LOW, Value.THREAD2, Writer.PARENT)

    for name in ("fork_content", "fork_isolation_cpu", "fork_isolation_dma", "child_usable"):
        m.excludes[name] = "nobody forks"
    m.require(no_lost_cpu_write(memory, history))
    return m


def one_is_out(memory: Memory) -> bool:
    """Page 0 is mapped, and page 1 is in its slot."""
    parent = Process.PARENT
    return isinstance(memory.pte[parent, 1], SwapEntry) and memory.mapped(parent, 0) is not None


def test_slot_reuse() -> None:
    model = slot_reuse(replace(KERNEL, do_swap_page=skips_swap_cache))
    found = check(model, properties=["no_lost_cpu_write"], first=True)["no_lost_cpu_write"]
    assert (found.verdict, found.depth) == (Verdict.VIOLATED, 39)


@pytest.mark.long
def test_the_swap_cache_is_what_both_faults_go_through() -> None:
    result = check(slot_reuse(), properties=["no_lost_cpu_write", "assertions"])
    assert result.complete and not result.violated


@pytest.mark.parametrize(("version", "depth"), [("v5.10+gup_fast_pte_recheck=off", 20), ("v5.10", 22)])
def test_gup_fast_remembers_a_frame(version: str, depth: int) -> None:
    """Where it does not read the entry again, the frame that it remembers may be freed and be another's by then."""
    found = check(load("swap_pin")(kernel=kernel(version)), properties=["pinned_page_stays"])["pinned_page_stays"]
    assert (found.verdict, found.depth) == (Verdict.VIOLATED, depth)


async def always_copies(memory: Memory, process: Enum, page: int, orig: Pte, access: Access) -> None:
    """mm/memory.c:do_wp_page(): as if somebody else could always see the page."""
    await step("do_wp_page", when=lambda: memory.pte_unlocked(process, page))
    if pte_same(memory.pte[process, page], orig):
        memory.get_page(orig.frame)
        await KERNEL.wp_page_copy(memory, process, page, orig, access)


def stored_after_fork(routines: Routines | None) -> Model:
    """The child has exited, and there is no frame for a copy of the page."""
    m = Model()
    memory = parent_memory(m, 1, 1, V6_8, routines=routines)
    fork = ForkCall(m, memory, Process.PARENT, Process.CHILD)

    @m.thread("parent")
    async def parent() -> None:
        await fork.dup_mmap()
        await exit_mm(memory, Process.CHILD)
        await store(memory, Cpu.PARENT, 0, Half.LOW, Value.PARENT, Writer.PARENT)

    m.reachable("stored", lambda: parent.finished)
    return m


def test_a_routine_is_replaced_in_one_model() -> None:
    replaced_routines_are_used()


def replaced_routines_are_used() -> None:
    """Built beside each other, and whichever is asked first."""
    for changes in (
        [None, replace(KERNEL, do_wp_page=always_copies)],
        [replace(KERNEL, do_wp_page=always_copies), None],
    ):
        for changed, m in [(changed, stored_after_fork(changed)) for changed in changes]:
            assert check(m)["stored"].verdict is (Verdict.REACHED if changed is None else Verdict.UNREACHABLE)
