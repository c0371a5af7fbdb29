"""One process with pages of every kind, and what its stores leave behind, without a parent and a child."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

import pytest

from explorer import Model, Verdict, check, step
from explorer.errors import UsageError
from explorer.models.linux.access import load, store
from explorer.models.linux.kernels import V4_19, V6_8, Kernel
from explorer.models.linux.mapped_file import Cpu, File, Process, Value
from explorer.models.linux.memory import Access, Memory, SwapEntry
from explorer.models.linux.one_process import Mapped, one_process, vmas_of
from explorer.models.linux.page_cache import Filesystem, PageCache
from explorer.models.linux.parent_child import Half
from explorer.models.linux.routines import KERNEL, Routines
from explorer.models.linux.shape import Data, Files
from explorer.models.linux.stores import Stores
from explorer.models.linux.swap import map_swapped_page
from explorer.models.linux.swap_slots import swap_of
from explorer.properties.no_lost_cpu_write import no_lost_cpu_write
from explorer.properties.stored_is_somewhere import stored_is_somewhere
from explorer.properties.tlb_flushed_before_reuse import tlb_flushed_before_reuse

PAGES = (Mapped.ANONYMOUS, Mapped.SHARED, Mapped.SWAPPED, Mapped.NOTHING, Mapped.PRIVATE)


def editor(kernel: Kernel = V6_8, routines: Routines = KERNEL) -> Model:
    """One thread stores to the pages that can be stored to, another loads from each."""
    m = Model()
    data = Data(bytes=Half, values=Value, old=lambda number, byte: Value.OLD)
    memory = one_process(m, kernel, Process, Cpu, PAGES, data, frames=5, cached=(0, 1), routines=routines)
    files = Files(
        pages=(File.FILE, File.FILE), filesystem=lambda file: Filesystem.TMPFS, cached=(0, 1), content=data.old
    )
    PageCache(m, memory, files, vmas_of(PAGES))
    history = Stores(m, memory)

    @m.thread("types")
    async def types() -> None:
        for page in (0, 2):
            await store(memory, Cpu.USER, page, Half.LOW, Value.USER, Cpu.USER)

    @m.thread("saves")
    async def saves() -> None:
        for page in memory.pages:
            await load(memory, Cpu.THREAD2, page)

    m.require(
        no_lost_cpu_write(memory, history),
        stored_is_somewhere(memory, history),
        tlb_flushed_before_reuse(memory, history),
    )
    m.reachable("faulted", lambda: memory.sigsegv[Process.USER])
    m.reachable("all_mapped", lambda: all(memory.mapped(Process.USER, page) is not None for page in (0, 1, 2, 4)))
    return m


async def maps_without_reading(memory: Memory, process: Enum, page: int, orig: SwapEntry, access: Access) -> None:
    """A do_swap_page() that does not read the slot."""
    await step("do_swap_page", when=lambda: memory.pte_unlocked(process, page))
    if memory.pte[process, page] == orig:
        frame = memory.alloc_page()
        swap_of(memory).add_to_swap_cache(orig.slot, frame)
        map_swapped_page(memory, process, page, orig, frame, False, access)


@pytest.mark.parametrize("kernel", [V4_19, V6_8], ids=["v4.19", "v6.8"])
def test_every_kind_of_page(kernel: Kernel) -> None:
    result = check(editor(kernel))
    assert result.complete and not result.violated
    assert result["faulted"].verdict is Verdict.REACHED and result["all_mapped"].verdict is Verdict.REACHED


def test_a_fault_that_does_not_read() -> None:
    """What was swapped out before the run was stored before it."""
    result = check(editor(routines=replace(KERNEL, do_swap_page=maps_without_reading)))
    assert {p.name for p in result.violated} == {"no_lost_cpu_write", "stored_is_somewhere"}


def test_too_few_frames() -> None:
    data = Data(bytes=Half, values=Value, old=lambda number, byte: Value.OLD)
    with pytest.raises(UsageError, match=r"^frames must be 3 or more, not 2$"):
        one_process(Model(), V6_8, Process, Cpu, (Mapped.ANONYMOUS, *PAGES), data, frames=2, cached=(0,))
