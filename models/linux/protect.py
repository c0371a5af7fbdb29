"""System calls that change mappings: mprotect(), munmap(), madvise(), and writing to /proc/pid/clear_refs.

| kernel | here | abstracted away |
|---|---|---|
| mprotect_fixup() | mmap_lock for write; one step for each page, with the flush at the end | splitting the VMA |
| clear_refs_write() | mmap_lock; one step for each page; the flush | the soft-dirty bit itself: nothing here reads it |
| munmap() | mmap_lock for write; one step for each page, with its flush | mmu_gather: who could look waits for mmap_lock |
| MADV_DONTNEED | mmap_lock for read; the entry; the flush | |
| mremap() | mmap_lock for write; VMA; entry of any kind; the flush, from v4.19 in that step | page tables moved as a whole |
"""

from __future__ import annotations

from enum import Enum

from explorer.language import replace, step
from explorer.models.linux.errno import Errno
from explorer.models.linux.memory import Memory, change_nonpresent_pte, pte_present
from explorer.models.linux.swap import reclaim_page
from explorer.models.linux.unmap import zap_page_range, zap_pte


async def mprotect(mm: Memory, process: Enum, page: int, write: bool) -> Errno:
    """mm/mprotect.c:do_mprotect_pkey(): of one page."""
    async with mm.mmap_lock(process).write:
        if not mm.find_vma(process, page):
            return Errno.ENOMEM
        await mprotect_fixup(mm, process, page, write)
    return Errno.OK


async def mprotect_fixup(mm: Memory, process: Enum, page: int, write: bool) -> None:
    """mm/mprotect.c:mprotect_fixup(): mmap_lock is held for writing."""
    mm.vm_write[process, page] = write
    await mm.invalidate_range_start(process, page)
    await step("change_pte_range", when=lambda: mm.pte_unlocked(process, page))
    await mm.flush_tlb_batched_pending(process, page)
    entry = mm.pte[process, page]
    if pte_present(entry):
        if not write:
            mm.set_pte_at(process, page, replace(entry, writable=False, protnone=False))
        elif mm.kernel.mprotect_restores_write and mm.is_anon(entry.frame) and mm.page_anon_exclusive(entry.frame):
            mm.set_pte_at(process, page, replace(entry, writable=True, protnone=False))
        await step("flush_tlb_range")
        mm.flush_tlb_page(process, page)
    else:
        change_nonpresent_pte(mm, process, page, entry)
    await mm.invalidate_range_end(process, page)


async def clear_refs(mm: Memory, process: Enum) -> None:
    """fs/proc/task_mmu.c:clear_refs_write(): 4 was written: every entry is write-protected."""
    if mm.kernel.clear_refs_write_lock:
        async with mm.mmap_lock(process).write:
            await clear_soft_dirty(mm, process)
    else:
        async with mm.mmap_lock(process).read:
            await clear_soft_dirty(mm, process)


async def clear_soft_dirty(mm: Memory, process: Enum) -> None:
    """fs/proc/task_mmu.c:clear_refs_write(): under mmap_lock"""
    for page in mm.pages:
        await mm.invalidate_range_start(process, page)
    for page in mm.pages:
        await clear_soft_dirty_pte(mm, process, page)
    for page in mm.pages:
        await mm.invalidate_range_end(process, page)
    await step("flush_tlb_mm")
    if mm.kernel.clear_refs_flush or tlb_flush_nested(mm, process):
        mm.flush_tlb_mm(process)
    else:
        mm.may_evict(process)


def tlb_flush_nested(mm: Memory, process: Enum) -> bool:
    """include/linux/mm_types.h:mm_tlb_flush_nested(): somebody else has put a flush off."""
    return mm.mm_tlb_flush_pending(process)


async def clear_soft_dirty_pte(mm: Memory, process: Enum, page: int) -> None:
    """fs/proc/task_mmu.c:clear_soft_dirty(): one entry."""
    await step("clear_soft_dirty", when=lambda: mm.pte_unlocked(process, page))
    entry = mm.pte[process, page]
    if pte_present(entry):
        cow = not mm.cache.is_shared(process, page)
        pinned = cow and mm.has_pinned[process] and mm.page_maybe_dma_pinned(entry.frame)
        if not (mm.kernel.clear_refs_skips_pinned and entry.writable and pinned):
            mm.set_pte_at(process, page, replace(entry, writable=False))


async def munmap(mm: Memory, process: Enum, page: int) -> None:
    """mm/mmap.c:do_munmap(): of one page."""
    async with mm.mmap_lock(process).write:
        mm.vma[process, page] = False
        await mm.invalidate_range_start(process, page)
        await step("unmap_page_range", when=lambda: mm.pte_unlocked(process, page))
        await mm.flush_tlb_batched_pending(process, page)
        zap_pte(mm, process, page)
        await mm.invalidate_range_end(process, page)


async def mremap(mm: Memory, process: Enum, old: int, new: int) -> None:
    """mm/mremap.c:move_page_tables(): of one page, to where nothing is mapped."""
    assert mm.moves or not mm.background.at_work(), "mremap() moves pages that rmap may look for: Features(moves=True)"
    async with mm.mmap_lock(process).write:
        mm.move_vma(process, old, new)
        await mm.invalidate_range_start(process, old)
        await step("move_ptes", when=lambda: mm.pte_unlocked(process, old) and mm.pte_unlocked(process, new))
        await mm.flush_tlb_batched_pending(process, old)
        entry = mm.ptep_get_and_clear(process, old)
        force_flush = pte_present(entry)
        mm.set_pte_at(process, new, None if entry is None else replace(entry, uffd_wp=False))
        mm.history.moved(process, old, new)
        if force_flush:
            if not mm.kernel.mremap_flush:  # both page table locks are released
                await step("flush_tlb_range")
            mm.flush_tlb_page(process, old)
        mm.vma[process, old] = False
        await mm.invalidate_range_end(process, old)


async def madvise_dontneed(mm: Memory, process: Enum, page: int) -> Errno:
    """mm/madvise.c:madvise_dontneed_single_vma()"""
    async with mm.mmap_lock(process).read:
        if not mm.find_vma(process, page):
            return Errno.ENOMEM
        await mm.invalidate_range_start(process, page)
        await zap_page_range(mm, process, page)
        await mm.invalidate_range_end(process, page)
    return Errno.OK


async def madvise_pageout(mm: Memory, process: Enum, page: int) -> Errno:
    """mm/madvise.c:madvise_pageout(): unknown before v5.4."""
    if not mm.kernel.madv_pageout:
        await step("madvise_behavior_valid")
        return Errno.EINVAL
    async with mm.mmap_lock(process).read:
        if not mm.find_vma(process, page):
            return Errno.ENOMEM
        await reclaim_page(mm, page, process, mapped_once=True)
    return Errno.OK


async def madvise_mergeable(mm: Memory, process: Enum, page: int) -> Errno:
    """mm/ksm.c:ksm_madvise()"""
    async with mm.mmap_lock(process).write:
        if not mm.find_vma(process, page):
            return Errno.ENOMEM
        if ignores_ksm(mm, process, page):
            return Errno.OK
        mm.vm_mergeable[process, page] = True
    return Errno.OK


async def madvise_dontfork(mm: Memory, process: Enum, page: int) -> Errno:
    """mm/madvise.c:madvise_behavior(): MADV_DONTFORK"""
    async with mm.mmap_lock(process).write:
        if not mm.find_vma(process, page):
            return Errno.ENOMEM
        mm.vm_dontcopy[process, page] = True
    return Errno.OK


async def madvise_wipeonfork(mm: Memory, process: Enum, page: int) -> Errno:
    """mm/madvise.c:madvise_behavior(): MADV_WIPEONFORK"""
    async with mm.mmap_lock(process).write:
        if not mm.find_vma(process, page):
            return Errno.ENOMEM
        if maps_file(mm, process, page):
            return Errno.EINVAL
        mm.vm_wipeonfork[process, page] = True
    return Errno.OK


def maps_file(mm: Memory, process: Enum, page: int) -> bool:
    """The VMA has a vm_file."""
    return mm.cache.file_page(process, page) is not None


def ignores_ksm(mm: Memory, process: Enum, page: int) -> bool:
    """mm/ksm.c:ksm_madvise(): shared mappings and those of DAX files are passed over."""
    i = mm.cache.file_page(process, page)
    return i is not None and (mm.cache.is_shared(process, page) or mm.cache.is_dax(i))
