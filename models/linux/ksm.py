"""KSM: two pages of equal content become one.

| kernel | here | abstracted away |
|---|---|---|
| the stable and the unstable tree | whoever asks names the two pages; a tree has one of them | checksums, chains, NUMA nodes |
| follow_page() of the page that ksmd has come to | one step, while nobody has mmap_lock for writing | |
| unstable_tree_search_insert(): follow_page(), memcmp_pages() | one step, as before | |
| try_to_merge_with_ksm_page(): mmap_lock, find_mergeable_vma() | a step | the page lock, unless reclaim may have it |
| write_protect_page() | clear and flush; test the counts; put back read-only: two steps | clean entries: none here |
| pages_identical(), replace_page() | one step: after a store between the two pte_same() fails, as it made the entry dirty | |
| break_cow(): mmap_lock; follow_page(), a fault | a step each | from v6.2 the fault unshares, and the next store reuses |
"""

from __future__ import annotations

from enum import Enum

from explorer.language import replace, step
from explorer.models.linux.faults import handle_mm_fault
from explorer.models.linux.memory import Access, Frame, Memory, Pte, pte_present, pte_same


async def ksm_merge(memory: Memory, first: Enum, page: int, second: Enum, other: int) -> None:
    """mm/ksm.c:cmp_and_merge_page(): ksmd has come to `page`; a tree has `other`, of the same process or of another."""
    await step("follow_page", when=lambda: can_follow_page(memory, first, page))
    scanned = get_mergeable_page(memory, first, page)
    if scanned is None:
        return
    await step("unstable_tree_search_insert", when=lambda: can_follow_page(memory, second, other))
    twin = get_mergeable_page(memory, second, other)
    if twin is None:
        memory.put_page(scanned)
        return
    if memcmp_pages(memory, scanned, twin):
        await merge_twins(memory, first, page, scanned, second, other, twin)
    memory.put_page(twin)
    memory.put_page(scanned)


async def merge_twins(
    memory: Memory, first: Enum, page: int, scanned: Frame, second: Enum, other: int, twin: Frame
) -> None:
    """mm/ksm.c:cmp_and_merge_page(): of pages that were equal. A page that is in the stable tree stays, and the other goes."""
    if memory.is_ksm(scanned) and memory.is_ksm(twin):
        return
    if memory.is_ksm(twin):
        await try_to_merge_with_ksm_page(memory, first, page, scanned, twin)
    elif memory.is_ksm(scanned):
        await try_to_merge_with_ksm_page(memory, second, other, twin, scanned)
    else:
        await try_to_merge_two_pages(memory, first, page, scanned, second, other, twin)


def can_follow_page(memory: Memory, process: Enum, page: int) -> bool:
    """Both mmap_lock, for reading, and the page table lock can be had, which one step takes and gives back."""
    return not memory.mmap_lock(process).writer and memory.pte_unlocked(process, page)


def find_mergeable_vma(memory: Memory, process: Enum, page: int) -> bool:
    """mm/ksm.c:find_mergeable_vma()"""
    return memory.find_vma(process, page) and memory.mm.vm_mergeable[process, page]


def get_mergeable_page(memory: Memory, process: Enum, page: int) -> Frame | None:
    """mm/ksm.c:get_mergeable_page(): the page, with a reference."""
    entry = memory.pte[process, page]
    if not pte_present(entry) or not find_mergeable_vma(memory, process, page):
        return None
    if not memory.is_anon(entry.frame):
        return None
    memory.get_page(entry.frame)
    return entry.frame


def memcmp_pages(memory: Memory, one: Frame, other: Frame) -> bool:
    """mm/util.c:memcmp_pages(): two pages that hold the same; a page is no twin of itself."""
    return one != other and all(memory.data[one, byte] == memory.data[other, byte] for byte in memory.bytes)


async def try_to_merge_two_pages(
    memory: Memory, first: Enum, page: int, kept: Frame, second: Enum, other: int, dropped: Frame
) -> None:
    """mm/ksm.c:try_to_merge_two_pages(): a KSM page that stays alone is copied again."""
    protected = False
    async with memory.mmap_lock(first).read:
        if find_mergeable_vma(memory, first, page) and trylock_page(memory, kept):
            protected = await memory.routines.write_protect_page(memory, first, page, kept)
            if protected:
                memory.background.set_ksm(kept, True)
            unlock_page(memory, kept)
    if protected:
        merged = await try_to_merge_with_ksm_page(memory, second, other, dropped, kept)
        if not merged:
            await break_cow(memory, first, page)


async def try_to_merge_with_ksm_page(memory: Memory, process: Enum, page: int, dropped: Frame, kept: Frame) -> bool:
    """mm/ksm.c:try_to_merge_with_ksm_page(): False: the process keeps its page."""
    merged = False
    async with memory.mmap_lock(process).read:
        if find_mergeable_vma(memory, process, page) and trylock_page(memory, dropped):
            protected = await memory.routines.write_protect_page(memory, process, page, dropped)
            if protected:
                merged = await memory.routines.replace_page(memory, process, page, dropped, kept)
            unlock_page(memory, dropped)
    return merged


def trylock_page(memory: Memory, frame: Frame) -> bool:
    """The page lock is taken, if it can be had: where there is swap somebody else may have it."""
    return memory.swap.trylock_page(frame)


def unlock_page(memory: Memory, frame: Frame) -> None:
    """The page lock is given back."""
    memory.swap.unlock_page(frame)


async def write_protect_page(memory: Memory, process: Enum, page: int, frame: Frame) -> bool:
    """mm/ksm.c:write_protect_page(): False: somebody else has references to the page."""
    await memory.invalidate_range_start(process, page)
    await step("write_protect_page", when=lambda: memory.pte_unlocked(process, page))
    orig = memory.pte[process, page]
    done = False
    if pte_present(orig) and orig.frame == frame:
        memory.ptep_get_and_clear_locked(process, page)
        memory.flush_tlb_page(process, page)
        await step("page_try_share_anon_rmap, set_pte_at")
        memory.unlock_pte(process, page)
        known = memory.page_mapcount(frame) + (
            2 if memory.swap.in_swap_cache(frame) else 1
        )  # the mappings', the swap cache's, our own
        if memory.page_count(frame) == known or not memory.kernel.ksm_refcount_check:  # ablation
            done = memory.page_try_share_anon_rmap(frame)
        memory.set_pte_at(process, page, replace(orig, writable=False) if done else orig)
    await memory.invalidate_range_end(process, page)
    return done


async def replace_page(memory: Memory, process: Enum, page: int, dropped: Frame, kept: Frame) -> bool:
    """mm/ksm.c:replace_page(): False: the entry has changed, or the content has."""
    await memory.invalidate_range_start(process, page)
    await step("replace_page", when=lambda: memory.pte_unlocked(process, page))
    entry = memory.pte[process, page]
    same = pte_present(entry) and (pte_same(entry, Pte(dropped, False)) or not memory.kernel.ksm_pte_same)  # ablation
    replaced = same and memcmp_pages(memory, dropped, kept)
    if replaced and pte_present(entry):
        memory.get_page(kept)
        memory.page_add_rmap(kept)
        memory.flush_tlb_page(process, page)
        memory.set_pte_at(process, page, Pte(kept, False))
        memory.page_remove_rmap(entry.frame)
        memory.swap.free_unmapped(entry.frame)
        memory.put_page(entry.frame)
    await memory.invalidate_range_end(process, page)
    return replaced


async def break_cow(memory: Memory, process: Enum, page: int) -> None:
    """mm/ksm.c:break_cow(): the process gets a page of its own again."""
    async with memory.mmap_lock(process).read:
        if find_mergeable_vma(memory, process, page):
            while True:
                await step("follow_page", when=lambda: memory.pte_unlocked(process, page))
                entry = memory.pte[process, page]
                if not pte_present(entry) or not memory.is_ksm(entry.frame):
                    break
                await handle_mm_fault(memory, process, page, Access.WRITE)
