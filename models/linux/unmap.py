"""Taking pages out of a process: exit, munmap, MADV_DONTNEED."""

from __future__ import annotations

from enum import Enum
from typing import assert_never

from explorer.language import step
from explorer.models.linux.memory import Frame, Memory, MigrationEntry, Pte, SwapEntry


def zap_pte(memory: Memory, process: Enum, page: int) -> None:
    """mm/memory.c:zap_pte_range(): one entry, with the flush."""
    frame = memory.routines.gather_pte(memory, process, page)
    if frame is not None:
        memory.flush_tlb_page(process, page)
        free_pages_and_swap_cache(memory, frame)


def gather_pte(memory: Memory, process: Enum, page: int) -> Frame | None:
    """mm/memory.c:zap_pte_range(): one entry goes. The page that it named, of which the mmu_gather has the reference."""
    memory.history.zapped(process, page)
    entry = memory.ptep_get_and_clear(process, page)
    match entry:
        case Pte():
            memory.page_remove_rmap(entry.frame)
            memory.cache.zap(entry)
            return entry.frame
        case SwapEntry():
            memory.swap.free_swap_and_cache(entry.slot)
            return None
        case MigrationEntry() | None:
            return None
        case _:
            assert_never(entry)


def free_pages_and_swap_cache(memory: Memory, frame: Frame) -> None:
    """mm/swap_state.c:free_pages_and_swap_cache(): when no TLB has the page any more."""
    memory.put_page(frame)
    memory.swap.free_swap_cache(frame)


async def zap_page_range(memory: Memory, process: Enum, page: int) -> None:
    """mm/memory.c:zap_page_range(): under mmap_lock for reading. The flush is put off to tlb_finish_mmu()."""
    memory.inc_tlb_flush_pending(process)
    await step("zap_page_range", when=lambda: memory.pte_unlocked(process, page))
    await memory.flush_tlb_batched_pending(process, page)
    gathered = memory.routines.gather_pte(memory, process, page)
    memory.history.given_up(process, page, True)
    await step("tlb_finish_mmu")
    nested = memory.kernel.flush_nested and memory.mm.tlb_flush_pending[process] > 1  # ablation
    if gathered is not None or nested:
        memory.flush_tlb_page(process, page)
    if gathered is not None:
        free_pages_and_swap_cache(memory, gathered)
    memory.history.given_up(process, page, False)
    memory.dec_tlb_flush_pending(process)


async def exit_mm(memory: Memory, process: Enum) -> None:
    """kernel/exit.c:exit_mm(): the process exits or calls exec."""
    await step("exit_mm", voluntary=True)
    for page in memory.pages:
        await memory.invalidate_range_start(process, page)  # mmu_notifier_release()
    for page in memory.pages:
        zap_pte(memory, process, page)
        memory.vma[process, page] = False
    for page in memory.pages:
        await memory.invalidate_range_end(process, page)
