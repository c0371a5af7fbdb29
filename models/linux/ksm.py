"""KSM: two pages of equal content become one.

| kernel | here | abstracted away |
|---|---|---|
| write_protect_page(), under the page table lock | clear and flush; test the counts; put back read-only: two steps | |
| the unstable and the stable tree, checksums | whoever asks names the two pages | |
| pages_identical() | in the step that write-protects the second page, and in replace_page() no more | |
| replace_page() | one step | |
"""

from __future__ import annotations

from enum import Enum

from explorer.language import replace, step
from explorer.models.linux.memory import Frame, Memory, Pte, maps, pte_same


async def ksm_merge(mm: Memory, first: Enum, page: int, second: Enum, other: int) -> None:
    """mm/ksm.c:try_to_merge_two_pages(): the `page` of one process and the `other` of another, or of the same."""
    await step("follow_page")
    entry, twin = mm.pte[first, page], mm.pte[second, other]
    if not mm.vm_mergeable[first, page] or not mm.vm_mergeable[second, other]:
        return
    if entry is None or twin is None:
        return
    kept, dropped = entry.frame, twin.frame
    if kept == dropped or not mm.is_anon(kept) or not mm.is_anon(dropped) or mm.is_ksm(dropped):
        return
    mm.get_page(kept)
    mm.get_page(dropped)
    await mm.invalidate_range_start(first, page)
    protected = await write_protect_page(mm, first, page, kept)
    await mm.invalidate_range_end(first, page)
    if protected:
        mm.ksm[kept] = True
        await mm.invalidate_range_start(second, other)
        protected = await write_protect_page(mm, second, other, dropped)
        if protected:
            await replace_page(mm, second, other, dropped, kept)
        await mm.invalidate_range_end(second, other)
    mm.put_page(kept)
    mm.put_page(dropped)


async def write_protect_page(mm: Memory, process: Enum, page: int, frame: Frame) -> bool:
    """mm/ksm.c:write_protect_page(): False: somebody else has references to the page."""
    await step("write_protect_page", when=lambda: mm.pte_unlocked(process, page))
    entry = mm.pte[process, page]
    if not maps(entry, frame):
        return False
    assert entry is not None
    if mm.is_ksm(frame):
        return True
    orig = entry
    mm.lock_pte(process, page)
    mm.pte[process, page] = None
    mm.flush_tlb(process, page)
    await step("page_try_share_anon_rmap, set_pte_at")
    mm.unlock_pte(process, page)
    swap_cache = mm.swap is not None and mm.swap.in_swap_cache(frame)
    known = mm.page_mapcount(frame) + (2 if swap_cache else 1)  # the mappings', the swap cache's, our own
    if mm.kernel.ksm_refcount_check and mm.page_count(frame) != known:
        mm.pte[process, page] = orig
        return False
    if not mm.page_try_share_anon_rmap(frame):
        mm.pte[process, page] = orig
        return False
    mm.pte[process, page] = replace(orig, writable=False)
    return True


async def replace_page(mm: Memory, process: Enum, page: int, dropped: Frame, kept: Frame) -> None:
    """mm/ksm.c:replace_page()"""
    await step("replace_page", when=lambda: mm.pte_unlocked(process, page))
    entry = mm.pte[process, page]
    if entry is None or (mm.kernel.ksm_pte_same and not pte_same(entry, Pte(dropped, False))):
        return
    was = entry.frame
    if all(mm.data[dropped, byte] == mm.data[kept, byte] for byte in mm.bytes):
        mm.get_page(kept)
        mm.page_add_rmap(kept)
        mm.flush_tlb(process, page)
        mm.pte[process, page] = Pte(kept, False)
        mm.page_remove_rmap(was)
        mm.put_page(was)
