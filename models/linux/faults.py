"""Page faults on memory: absent, write-protected and swapped-out entries; copy-on-write.

| kernel | here | abstracted away |
|---|---|---|
| do_anonymous_page() | a write maps a zeroed frame; a read maps the zero page | |
| page lock in do_wp_page() | looked at, with the counts; up to v5.9-rc3 waited for | holding it |
| wp_page_copy(): allocate, copy | a step a byte | the notifier calls, see the devices that have them |
| wp_page_copy(): clear and flush, set, drop | one step | the flush is of all CPUs at once |
"""

from __future__ import annotations

from enum import Enum
from typing import assert_never

from explorer.language import replace, step
from explorer.models.linux.filemap import Fault
from explorer.models.linux.memory import (
    Access,
    Frame,
    Memory,
    MigrationEntry,
    Pte,
    SwapEntry,
    is_migration_entry,
    pte_present,
    pte_same,
)
from explorer.models.linux.rules.cow import Reuse


async def handle_mm_fault(memory: Memory, process: Enum, page: int, access: Access) -> bool:
    """mm/memory.c:handle_mm_fault(): False: VM_FAULT_SIGBUS, which only a mapping of a file gives."""
    if memory.cache.file_page(process, page) is not None:
        fault = await handle_file_fault(memory, process, page, access)
        return fault is not Fault.SIGBUS
    await handle_anonymous_fault(memory, process, page, access)
    return True


async def handle_file_fault(memory: Memory, process: Enum, page: int, access: Access) -> Fault:
    """mm/memory.c:handle_pte_fault(): in a mapping of a file; a private one may have anonymous pages too."""
    cache, orig = memory.cache, memory.pte[process, page]
    if orig is None:
        fault = await memory.routines.do_fault(memory, process, page, access)
        return fault
    if not cache.is_shared(process, page):
        await handle_anonymous_fault(memory, process, page, access)
    elif pte_present(orig) and not orig.writable and access is Access.WRITE:
        fault = await memory.routines.wp_page_shared(memory, process, page, orig)
        return fault
    return Fault.DONE


async def handle_anonymous_fault(memory: Memory, process: Enum, page: int, access: Access) -> None:
    """mm/memory.c:handle_pte_fault()"""
    orig = memory.pte[process, page]  # without the page table lock
    match orig:
        case Pte():
            if orig.protnone:
                await memory.routines.do_numa_page(memory, process, page)
            elif access is not Access.READ and not orig.writable:
                await memory.routines.do_wp_page(memory, process, page, orig, access)
        case MigrationEntry():
            await step("migration_entry_wait", when=lambda: not is_migration_entry(memory.pte[process, page]))
        case SwapEntry():
            await memory.routines.do_swap_page(memory, process, page, orig, access)
        case None:
            await memory.routines.do_anonymous_page(memory, process, page, access)
        case _:
            assert_never(orig)


async def do_anonymous_page(memory: Memory, process: Enum, page: int, access: Access) -> None:
    """mm/memory.c:do_anonymous_page(): no entry yet."""
    await step("do_anonymous_page", when=lambda: memory.pte_unlocked(process, page))
    if not memory.pte_none(process, page):
        return
    if memory.has_zero_page and access is not Access.WRITE:
        memory.set_pte_at(process, page, Pte(memory.zero_page, False))
        return
    new = memory.alloc_page()
    memory.page_add_new_anon_rmap(new)
    memory.set_pte_at(process, page, Pte(new, True))


async def do_wp_page(memory: Memory, process: Enum, page: int, orig: Pte, access: Access) -> None:
    """mm/memory.c:do_wp_page(): under the page table lock."""
    await step("do_wp_page", when=lambda: memory.pte_unlocked(process, page))
    if not pte_same(memory.pte[process, page], orig):
        return
    old = orig.frame
    if access is Access.WRITE:
        if orig.uffd_wp:
            await step("handle_userfault", when=lambda: not memory.uffd_protects(process, page))
            return
        if memory.mm_tlb_flush_pending(process) and memory.kernel.uffd_wp_flush:
            memory.flush_tlb_page(process, page)
    if access is Access.UNSHARE and not memory.is_anon(old) and not memory.kernel.unshare_any:
        return
    if memory.kernel.reuse in (Reuse.MAPCOUNT, Reuse.MAPCOUNT_UNSHARE):
        if memory.swap.page_locked(old):
            memory.get_page(old)
            await step("lock_page", when=lambda: page_unlocked(memory, old) and memory.pte_unlocked(process, page))
            memory.put_page(old)
            if not pte_same(memory.pte[process, page], orig):
                return
    reuse = memory.routines.wp_can_reuse_anon_folio(memory, old)
    if reuse:
        if memory.kernel.reuse == Reuse.EXCLUSIVE:
            memory.anon_exclusive[old] = True
        if access is Access.WRITE:
            wp_page_reuse(memory, process, page, orig)
    else:
        memory.get_page(old)  # the fault's own reference
        await memory.routines.wp_page_copy(memory, process, page, orig, access)


def page_unlocked(memory: Memory, frame: Frame) -> bool:
    """The page lock can be had."""
    return not memory.swap.page_locked(frame)


def wp_page_reuse(memory: Memory, process: Enum, page: int, orig: Pte) -> None:
    """mm/memory.c:wp_page_reuse(): maybe_mkwrite()"""
    memory.set_pte_at(process, page, replace(orig, writable=memory.vm_write[process, page]))


def wp_can_reuse_anon_folio(memory: Memory, frame: Frame) -> bool:
    """mm/memory.c:wp_can_reuse_anon_folio(): nobody else can see the page; it may drop the swap cache's reference. In older
    kernels a part of do_wp_page()."""
    if not memory.is_anon(frame):
        return False
    if memory.is_ksm(frame):
        return reuse_ksm_page(memory, frame)
    match memory.kernel.reuse:
        case Reuse.MAPCOUNT | Reuse.MAPCOUNT_UNSHARE:
            return reuse_swap_page(memory, frame)
        case Reuse.PAGE_COUNT:
            if page_unlocked(memory, frame) and memory.page_count(frame) == 1 and memory.page_mapcount(frame) == 1:
                return True
        case Reuse.PAGE_COUNT_SWAPCACHE:
            if not page_unlocked(memory, frame):
                return False
            memory.swap.free_last_but_one(frame)
            if memory.page_count(frame) == 1 and memory.page_mapcount(frame) == 1:
                return True
        case Reuse.EXCLUSIVE:
            if memory.page_anon_exclusive(frame):
                return True
            if not page_unlocked(memory, frame):
                return False
            memory.swap.free_last_but_one(frame)
            if memory.page_count(frame) == 1:
                return True
    return False


def reuse_swap_page(memory: Memory, frame: Frame) -> bool:
    """mm/swapfile.c:reuse_swap_page(): entries of page tables and of swap are one together."""
    entries = memory.swap.page_swapcount(frame)
    if memory.page_mapcount(frame) + entries == 1:
        memory.swap.try_to_free_swap(frame)
        return True
    return False


def reuse_ksm_page(memory: Memory, frame: Frame) -> bool:
    """mm/ksm.c:reuse_ksm_page(): v5.1 to v5.9-rc3; then page_move_anon_rmap() makes it an ordinary page again."""
    reused = memory.kernel.reuse_ksm_page and memory.page_mapcount(frame) == 1 and memory.page_count(frame) == 1
    memory.background.set_ksm(frame, not reused)
    return reused


async def wp_page_copy(memory: Memory, process: Enum, page: int, orig: Pte, access: Access) -> None:
    """mm/memory.c:wp_page_copy(): the caller took a reference on the old page."""
    await step(f"alloc_page, copy {memory.first_byte.value}")
    new = memory.alloc_page()
    memory.copy_user_highpage(orig.frame, new, memory.first_byte)
    for byte in memory.other_bytes:
        await step(f"copy {byte.value}")
        memory.copy_user_highpage(orig.frame, new, byte)
    if memory.kernel.notifier_before_change:  # ablation
        await memory.invalidate_range_start(process, page)
    await step("ptep_clear_flush, set_pte_at", when=lambda: memory.pte_unlocked(process, page))
    entry = memory.pte[process, page]
    unchecked = pte_present(entry) and not memory.kernel.wp_copy_pte_same  # ablation
    if pte_present(entry) and (unchecked or pte_same(entry, orig)):
        was = entry.frame
        if not memory.kernel.wp_copy_unmap_last:  # ablation
            memory.page_remove_rmap(was)
            await step("ptep_clear_flush, late")
        if memory.kernel.wp_copy_flush_first:  # ablation
            memory.flush_tlb_page(process, page)
        memory.page_add_new_anon_rmap(new)
        memory.set_pte_at(process, page, Pte(new, access is Access.WRITE and memory.vm_write[process, page]))
        if not memory.kernel.wp_copy_flush_first:  # ablation
            await step("flush_tlb_page, late")
            memory.flush_tlb_page(process, page)
        if memory.kernel.wp_copy_unmap_last:  # ablation
            memory.page_remove_rmap(was)
        memory.put_page(was)
    else:
        memory.put_page(new)
    if not memory.kernel.notifier_before_change:  # ablation
        await memory.invalidate_range_start(process, page)
    await memory.invalidate_range_end(process, page)
    memory.put_page(orig.frame)
