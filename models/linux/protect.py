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
from explorer.models.linux.unmap import zap_pte


async def mprotect(memory: Memory, process: Enum, page: int, write: bool) -> Errno:
    """mm/mprotect.c:do_mprotect_pkey(): of one page."""
    async with memory.mmap_lock(process).write:
        if not memory.find_vma(process, page):
            return Errno.ENOMEM
        await memory.routines.mprotect_fixup(memory, process, page, write)
    return Errno.OK


async def mprotect_fixup(memory: Memory, process: Enum, page: int, write: bool) -> None:
    """mm/mprotect.c:mprotect_fixup(): mmap_lock is held for writing."""
    memory.vm_write[process, page] = write
    await memory.invalidate_range_start(process, page)
    await step("change_pte_range", when=lambda: memory.pte_unlocked(process, page))
    await memory.flush_tlb_batched_pending(process, page)
    entry = memory.pte[process, page]
    if pte_present(entry):
        if not write:
            memory.set_pte_at(process, page, replace(entry, writable=False, protnone=False))
        elif (
            memory.kernel.mprotect_restores_write
            and memory.is_anon(entry.frame)
            and memory.page_anon_exclusive(entry.frame)
        ):
            memory.set_pte_at(process, page, replace(entry, writable=True, protnone=False))
        await step("flush_tlb_range")
        memory.flush_tlb_page(process, page)
    else:
        change_nonpresent_pte(memory, process, page, entry)
    await memory.invalidate_range_end(process, page)


async def clear_refs(memory: Memory, process: Enum) -> None:
    """fs/proc/task_mmu.c:clear_refs_write(): 4 was written: every entry is write-protected."""
    if memory.kernel.clear_refs_write_lock:
        async with memory.mmap_lock(process).write:
            await clear_soft_dirty(memory, process)
    else:
        async with memory.mmap_lock(process).read:
            await clear_soft_dirty(memory, process)


async def clear_soft_dirty(memory: Memory, process: Enum) -> None:
    """fs/proc/task_mmu.c:clear_refs_write(): under mmap_lock"""
    for page in memory.pages:
        await memory.invalidate_range_start(process, page)
    for page in memory.pages:
        await memory.routines.clear_soft_dirty_pte(memory, process, page)
    for page in memory.pages:
        await memory.invalidate_range_end(process, page)
    await step("flush_tlb_mm")
    if memory.kernel.clear_refs_flush or tlb_flush_nested(memory, process):
        memory.flush_tlb_mm(process)
    else:
        memory.may_evict(process)


def tlb_flush_nested(memory: Memory, process: Enum) -> bool:
    """include/linux/mm_types.h:mm_tlb_flush_nested(): somebody else has put a flush off."""
    return memory.mm_tlb_flush_pending(process)


async def clear_soft_dirty_pte(memory: Memory, process: Enum, page: int) -> None:
    """fs/proc/task_mmu.c:clear_soft_dirty(): one entry."""
    await step("clear_soft_dirty", when=lambda: memory.pte_unlocked(process, page))
    entry = memory.pte[process, page]
    if pte_present(entry):
        cow = not memory.cache.is_shared(process, page)
        pinned = cow and memory.has_pinned[process] and memory.page_maybe_dma_pinned(entry.frame)
        if not (memory.kernel.clear_refs_skips_pinned and entry.writable and pinned):
            memory.set_pte_at(process, page, replace(entry, writable=False))


async def munmap(memory: Memory, process: Enum, page: int) -> None:
    """mm/mmap.c:do_munmap(): of one page."""
    async with memory.mmap_lock(process).write:
        memory.vma[process, page] = False
        await memory.invalidate_range_start(process, page)
        await step("unmap_page_range", when=lambda: memory.pte_unlocked(process, page))
        await memory.flush_tlb_batched_pending(process, page)
        zap_pte(memory, process, page)
        await memory.invalidate_range_end(process, page)


async def mremap(memory: Memory, process: Enum, old: int, new: int) -> None:
    """mm/mremap.c:move_page_tables(): of one page, to where nothing is mapped."""
    assert memory.moves or not memory.background.at_work(), (
        "mremap() moves pages that rmap may look for: Features(moves=True)"
    )
    async with memory.mmap_lock(process).write:
        memory.move_vma(process, old, new)
        await memory.invalidate_range_start(process, old)
        await memory.routines.move_ptes(memory, process, old, new)
        memory.vma[process, old] = False
        await memory.invalidate_range_end(process, old)


async def move_ptes(memory: Memory, process: Enum, old: int, new: int) -> None:
    """mm/mremap.c:move_ptes(): of one page."""
    await step("move_ptes", when=lambda: memory.pte_unlocked(process, old) and memory.pte_unlocked(process, new))
    await memory.flush_tlb_batched_pending(process, old)
    entry = memory.ptep_get_and_clear(process, old)
    force_flush = pte_present(entry)
    memory.set_pte_at(process, new, None if entry is None else replace(entry, uffd_wp=False))
    memory.history.moved(process, old, new)
    if force_flush:
        if not memory.kernel.mremap_flush:  # both page table locks are released
            await step("flush_tlb_range")
        memory.flush_tlb_page(process, old)


async def madvise_dontneed(memory: Memory, process: Enum, page: int) -> Errno:
    """mm/madvise.c:madvise_dontneed_single_vma()"""
    async with memory.mmap_lock(process).read:
        if not memory.find_vma(process, page):
            return Errno.ENOMEM
        await memory.invalidate_range_start(process, page)
        await memory.routines.zap_page_range(memory, process, page)
        await memory.invalidate_range_end(process, page)
    return Errno.OK


async def madvise_pageout(memory: Memory, process: Enum, page: int) -> Errno:
    """mm/madvise.c:madvise_pageout(): unknown before v5.4."""
    if not memory.kernel.madv_pageout:
        await step("madvise_behavior_valid")
        return Errno.EINVAL
    async with memory.mmap_lock(process).read:
        if not memory.find_vma(process, page):
            return Errno.ENOMEM
        await reclaim_page(memory, page, process, mapped_once=True)
    return Errno.OK


async def madvise_mergeable(memory: Memory, process: Enum, page: int) -> Errno:
    """mm/ksm.c:ksm_madvise()"""
    async with memory.mmap_lock(process).write:
        if not memory.find_vma(process, page):
            return Errno.ENOMEM
        if ignores_ksm(memory, process, page):
            return Errno.OK
        memory.mm.vm_mergeable[process, page] = True
    return Errno.OK


async def madvise_dontfork(memory: Memory, process: Enum, page: int) -> Errno:
    """mm/madvise.c:madvise_behavior(): MADV_DONTFORK"""
    async with memory.mmap_lock(process).write:
        if not memory.find_vma(process, page):
            return Errno.ENOMEM
        memory.vm_dontcopy[process, page] = True
    return Errno.OK


async def madvise_wipeonfork(memory: Memory, process: Enum, page: int) -> Errno:
    """mm/madvise.c:madvise_behavior(): MADV_WIPEONFORK"""
    async with memory.mmap_lock(process).write:
        if not memory.find_vma(process, page):
            return Errno.ENOMEM
        if maps_file(memory, process, page):
            return Errno.EINVAL
        memory.vm_wipeonfork[process, page] = True
    return Errno.OK


def maps_file(memory: Memory, process: Enum, page: int) -> bool:
    """The VMA has a vm_file."""
    return memory.cache.file_page(process, page) is not None


def ignores_ksm(memory: Memory, process: Enum, page: int) -> bool:
    """mm/ksm.c:ksm_madvise(): shared mappings and those of DAX files are passed over."""
    i = memory.cache.file_page(process, page)
    return i is not None and (memory.cache.is_shared(process, page) or memory.cache.is_dax(i))
