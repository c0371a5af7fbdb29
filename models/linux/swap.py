"""Swap: reclaim of an anonymous page, and the fault that brings it back.

| kernel | here | abstracted away |
|---|---|---|
| isolate_lru_page(): a reference | one step, with the page lock and the test for pins | LRU lists, young bits |
| add_to_swap() | one step | writing only what is dirty: every page is written |
| try_to_unmap_one(), under the page table lock | clear the entry; test and set it: two steps | |
| try_to_unmap_flush() | one step, before the page is written | |
| pageout(), __remove_mapping() | a step each | |
| do_swap_page(): look up or read; then map, under the page lock | two steps | read-ahead; SWP_STABLE_WRITES |
| free_swap_cache() when the last entry goes | in the step that removes it | |
"""

from __future__ import annotations

from enum import Enum

from explorer.language import step
from explorer.models.linux.memory import Access, Frame, Memory, Pte, SwapEntry, pte_present, pte_same
from explorer.models.linux.rules.cow import SwapIn
from explorer.models.linux.rules.pte import DeferFlush
from explorer.models.linux.swap_slots import swap_of


async def do_swap_page(memory: Memory, process: Enum, page: int, orig: SwapEntry, access: Access) -> None:
    """mm/memory.c:do_swap_page()"""
    swap = swap_of(memory)
    await step("do_swap_page", when=lambda: memory.pte_unlocked(process, page))
    if not pte_same(memory.pte[process, page], orig):
        return
    slot = orig.slot
    cached = swap.lookup_swap_cache(slot)
    if cached is None:
        frame = memory.alloc_page()
        swap.swap_read_folio(slot, frame)
        swap.add_to_swap_cache(slot, frame)
    else:
        frame = cached
        memory.get_page(frame)
    await step(
        "map the page from the swap cache", when=lambda: memory.pte_unlocked(process, page) and not swap.locked[frame]
    )
    if swap.cached[slot] != frame or not pte_same(memory.pte[process, page], orig):  # the slot may be another page's
        memory.put_page(frame)
        return
    exclusive = swapped_in_exclusively(memory, frame, orig, access)
    map_swapped_page(memory, process, page, orig, frame, exclusive, access)


def map_swapped_page(
    memory: Memory, process: Enum, page: int, orig: SwapEntry, frame: Frame, exclusive: bool, access: Access
) -> None:
    """The rest of do_swap_page(), under the page table lock: the entry is the page's again."""
    swap_of(memory).swap_free(orig.slot)
    memory.page_add_rmap(frame)
    if memory.tracks_exclusive():
        memory.anon_exclusive[frame] = exclusive
    writable = exclusive and access is Access.WRITE and not orig.uffd_wp
    memory.set_pte_at(process, page, Pte(frame, writable, uffd_wp=orig.uffd_wp))


def swapped_in_exclusively(memory: Memory, frame: Frame, entry: SwapEntry, access: Access) -> bool:
    """The test in do_swap_page() whether the page is this process's alone; it may drop the swap cache's reference."""
    swap = swap_of(memory)
    others = swap.count[entry.slot] - 1
    if memory.kernel.swap_in == SwapIn.MAPCOUNT:
        if access is not Access.WRITE or memory.page_mapcount(frame) + others > 0:
            return False
        swap.delete_from_swap_cache(frame)
        return True
    if access is Access.WRITE and others == 0 and memory.page_count(frame) == 2 and not memory.is_ksm(frame):
        swap.delete_from_swap_cache(frame)  # should_try_to_free_swap()
    if memory.kernel.swap_in == SwapIn.EXCLUSIVE and entry.exclusive:
        return True
    return memory.page_count(frame) == 1 and not memory.is_ksm(frame)


async def reclaim_page(memory: Memory, page: int, process: Enum | None = None, *, mapped_once: bool = False) -> None:
    """mm/vmscan.c:shrink_page_list(): of one anonymous page, that of the process, or any that is mapped there.

    `mapped_once`: MADV_PAGEOUT, which leaves a page alone that is mapped more than once.
    """
    swap = swap_of(memory)
    await step("isolate_lru_page")
    frame = memory.isolate_lru_page(page) if process is None else memory.mapped(process, page)
    if frame is None:
        return
    if not memory.is_anon(frame) or memory.is_ksm(frame) or (mapped_once and memory.page_mapcount(frame) != 1):
        return
    if swap.locked[frame]:  # trylock_page()
        return
    if memory.kernel.swap_skips_pinned and not swap.in_swap_cache(frame) and memory.page_maybe_dma_pinned(frame):
        return
    memory.get_page(frame)
    swap.locked[frame] = True
    await step("add_to_swap")
    if not swap.in_swap_cache(frame):
        added = swap.add_to_swap(frame)
        if not added:  # activate_locked
            swap.locked[frame] = False
            memory.put_page(frame)
            return
    unmapped = True
    for mapper in memory.processes:
        if unmapped:
            await memory.invalidate_range_start(mapper, page)
            unmapped = await memory.routines.try_to_unmap_one(memory, mapper, page, frame)
            await memory.invalidate_range_end(mapper, page)
    if unmapped:
        await step("try_to_unmap_flush")
        memory.try_to_unmap_flush(page, frame)
        await step("pageout")
        freeable = memory.page_count(frame) == 2 or not memory.kernel.reclaim_refcount_check  # ablation
        if memory.page_mapcount(frame) == 0 and freeable:
            swap.swap_writepage(frame)
            await step("__remove_mapping")
            expected = memory.page_count(frame) == 2 or not memory.kernel.reclaim_refcount_check  # ablation
            if expected and memory.page_mapcount(frame) == 0 and swap.in_swap_cache(frame):
                swap.delete_from_swap_cache(frame)
    swap.locked[frame] = False
    memory.put_page(frame)


async def try_to_unmap_one(memory: Memory, process: Enum, page: int, frame: Frame) -> bool:
    """mm/rmap.c:try_to_unmap_one(): False: the page may be pinned, and its entry is back."""
    swap = swap_of(memory)
    await step("try_to_unmap_one", when=lambda: memory.rmap_unlocked(process, page, frame))
    at = memory.rmap_address(process, page, frame)
    orig = memory.pte[process, at]
    if not pte_present(orig) or orig.frame != frame:
        return True
    memory.ptep_get_and_clear_locked(process, at)
    deferred = memory.kernel.defer_flush == DeferFlush.ANY or not memory.anon_exclusive[frame]
    if deferred:
        swap.tlb_flush_batched[process] = True  # set_tlb_ubc_flush_pending()
    else:
        memory.flush_tlb_page(process, at)
    await step("page_try_share_anon_rmap, set the swap entry")
    exclusive = memory.marked_exclusive(frame)
    pinned = memory.put_back_if_pinned(process, at, frame, orig)
    if pinned:
        return False
    slot = swap.slot[frame]
    assert slot is not None, "the page is locked, so it is still in the swap cache"
    swap.swap_duplicate(slot)
    memory.set_pte_at(process, at, SwapEntry(slot, exclusive, orig.uffd_wp))
    memory.page_remove_rmap(frame)
    memory.put_page(frame)
    return True
