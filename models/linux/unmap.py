"""Taking pages out of a process: exit, munmap, MADV_DONTNEED."""

from __future__ import annotations

from enum import Enum

from explorer.language import step
from explorer.models.linux.memory import Memory


def zap_pte(mm: Memory, process: Enum, page: int) -> None:
    """mm/memory.c:zap_pte_range(): one entry, with the flush."""
    if mm.history is not None:
        mm.history.zapped(process, page)
    entry = mm.pte[process, page]
    if entry is not None:
        mm.pte[process, page] = None
        mm.flush_tlb(process, page)
        mm.page_remove_rmap(entry.frame)
        if mm.cache is not None:
            mm.cache.zap(process, page, entry.frame)
        mm.put_page(entry.frame)
        if mm.swap is not None:
            mm.swap.free_swap_cache(entry.frame)
    if mm.swap is not None:
        mm.swap.zap_swap_entry(process, page)
    if mm.background:
        mm.migration[process, page] = None


async def exit_mm(mm: Memory, process: Enum) -> None:
    """kernel/exit.c:exit_mm(): the process exits or calls exec."""
    await step("exit_mm", voluntary=True)
    for page in mm.pages:
        zap_pte(mm, process, page)
        mm.vma[process, page] = False
