"""Taking pages out of a process: exit, munmap, MADV_DONTNEED."""

from __future__ import annotations

from enum import Enum
from typing import assert_never

from explorer.language import step
from explorer.models.linux.memory import Frame, Memory, MigrationEntry, Pte, SwapEntry


def zap_pte(mm: Memory, process: Enum, page: int) -> None:
    """mm/memory.c:zap_pte_range(): one entry, with the flush."""
    frame = gather_pte(mm, process, page)
    if frame is not None:
        mm.flush_tlb_page(process, page)
        free_pages_and_swap_cache(mm, frame)


def gather_pte(mm: Memory, process: Enum, page: int) -> Frame | None:
    """mm/memory.c:zap_pte_range(): one entry goes. The page that it named, of which the mmu_gather has the reference."""
    mm.history.zapped(process, page)
    entry = mm.ptep_get_and_clear(process, page)
    match entry:
        case Pte():
            mm.page_remove_rmap(entry.frame)
            mm.cache.zap(entry)
            return entry.frame
        case SwapEntry():
            mm.swap.free_swap_and_cache(entry.slot)
            return None
        case MigrationEntry() | None:
            return None
        case _:
            assert_never(entry)


def free_pages_and_swap_cache(mm: Memory, frame: Frame) -> None:
    """mm/swap_state.c:free_pages_and_swap_cache(): when no TLB has the page any more."""
    mm.put_page(frame)
    mm.swap.free_swap_cache(frame)


async def zap_page_range(mm: Memory, process: Enum, page: int) -> None:
    """mm/memory.c:zap_page_range(): under mmap_lock for reading. The flush is put off to tlb_finish_mmu()."""
    mm.inc_tlb_flush_pending(process)
    await step("zap_page_range", when=lambda: mm.pte_unlocked(process, page))
    await mm.flush_tlb_batched_pending(process, page)
    gathered = gather_pte(mm, process, page)
    mm.history.given_up(process, page, True)
    await step("tlb_finish_mmu")
    nested = mm.kernel.flush_nested and mm.tlb_flush_pending[process] > 1  # ablation
    if gathered is not None or nested:
        mm.flush_tlb_page(process, page)
    if gathered is not None:
        free_pages_and_swap_cache(mm, gathered)
    mm.history.given_up(process, page, False)
    mm.dec_tlb_flush_pending(process)


async def exit_mm(mm: Memory, process: Enum) -> None:
    """kernel/exit.c:exit_mm(): the process exits or calls exec."""
    await step("exit_mm", voluntary=True)
    for page in mm.pages:
        await mm.invalidate_range_start(process, page)  # mmu_notifier_release()
    for page in mm.pages:
        zap_pte(mm, process, page)
        mm.vma[process, page] = False
    for page in mm.pages:
        await mm.invalidate_range_end(process, page)
