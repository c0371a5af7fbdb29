"""From a page of a file to the entries that map it: cleaning them, and taking them away.

| kernel | here | abstracted away |
|---|---|---|
| page_mkclean_one(), try_to_unmap_one() | one step an entry, with the flush | |
| their mmu notifiers | steps of the devices that follow the page table, before and after | |
| i_mmap lock | not taken | the page is locked, or truncate keeps faults out |
"""

from __future__ import annotations

from enum import Enum

from explorer.language import replace, step
from explorer.models.linux.memory import Frame, pte_present
from explorer.models.linux.page_cache import PageCache


async def page_mkclean(cache: PageCache, frame: Frame) -> bool:
    """mm/rmap.c:page_mkclean(): True: an entry was dirty or writable. The page is locked: no new entry comes."""
    memory = cache.memory
    cleaned = False
    if cache.kernel.mkclean_wrprotect:  # ablation
        for process in memory.processes:
            for page in memory.pages:
                if cache.maps_shared(process, page, frame):
                    found = await memory.routines.page_mkclean_one(cache, process, page, frame)
                    cleaned = cleaned or found
    return cleaned


async def page_mkclean_one(cache: PageCache, process: Enum, page: int, frame: Frame) -> bool:
    """mm/rmap.c:page_mkclean_one()"""
    memory, first = cache.memory, cache.kernel.notifier_before_change  # ablation
    if first:
        await memory.invalidate_range_start(process, page)
    await step("page_mkclean_one", when=lambda: memory.pte_unlocked(process, page))
    entry, found = memory.pte[process, page], False
    if pte_present(entry) and entry.frame == frame:
        found = entry.writable or entry.dirty
        memory.set_pte_at(process, page, replace(entry, writable=False, dirty=False))
        memory.flush_tlb_page(process, page)
    if not first:
        await memory.invalidate_range_start(process, page)
    await memory.invalidate_range_end(process, page)
    return found


async def try_to_unmap(cache: PageCache, frame: Frame) -> None:
    """mm/rmap.c:try_to_unmap(): of a locked page of a file."""
    for process in cache.memory.processes:
        for page in cache.memory.pages:
            if cache.maps_file_page(process, page, frame):
                await try_to_unmap_one(cache, process, page, frame)


async def try_to_unmap_one(cache: PageCache, process: Enum, page: int, frame: Frame) -> None:
    """mm/rmap.c:try_to_unmap_one(): what the entry says of dirtiness goes to the page."""
    memory, first = cache.memory, cache.kernel.notifier_before_change  # ablation
    if first:
        await memory.invalidate_range_start(process, page)
    await step("try_to_unmap_one", when=lambda: memory.pte_unlocked(process, page))
    entry = memory.pte[process, page]
    if pte_present(entry) and entry.frame == frame:
        memory.ptep_get_and_clear(process, page)
        memory.flush_tlb_page(process, page)
        memory.page_remove_rmap(frame)
        cache.zap(entry)
        memory.put_page(frame)
    if not first:
        await memory.invalidate_range_start(process, page)
    await memory.invalidate_range_end(process, page)
