"""Migration of an anonymous page to another frame.

| kernel | here | abstracted away |
|---|---|---|
| isolate_lru_page(): a reference | one step, with the page lock | the page lock, unless reclaim may have it |
| try_to_migrate_one(), under the page table lock | clear the entry and flush; test and set it: two steps | |
| folio_migrate_mapping(): the refcount is the expected one | one step | the kernel has the new page before it unmaps the old |
| copying the data | in that step: nobody has the page any more | |
| remove_migration_ptes() | one step for each process | |
| rmap_walk_ksm(): each address of a KSM page | the first one | a KSM page that is mapped twice is not migrated |
| migrate_vma_collect_pmd() | the migration entry; the flush, from v6.0 with it; the entry again | the device's memory |
"""

from __future__ import annotations

from enum import Enum

from explorer.language import step
from explorer.models.linux.memory import Frame, Memory, MigrationEntry, Pte, is_migration_entry, pte_present


async def migrate_page(memory: Memory, page: int) -> None:
    """mm/migrate.c:unmap_and_move(): an anonymous page that is mapped there."""
    await step("isolate_lru_page")
    old = memory.isolate_lru_page(page)
    if old is None:
        return
    locked = memory.swap.trylock_page(old)
    if not locked:  # MIGRATE_ASYNC
        return
    memory.get_page(old)
    unmapped = True
    for process in memory.processes:
        if unmapped:
            await memory.invalidate_range_start(process, page)
            unmapped = await memory.routines.try_to_migrate_one(memory, process, page, old)
            await memory.invalidate_range_end(process, page)
    await step("folio_migrate_mapping")
    known = 2 if memory.swap.in_swap_cache(old) else 1
    target = old
    moves = memory.page_count(old) == known or not memory.kernel.migrate_refcount_check  # ablation
    if unmapped and moves and not memory.out_of_memory():
        target = memory.alloc_page()
        for byte in memory.bytes:
            memory.copy_user_highpage(old, target, byte)
        memory.background.migrate_flags(old, target)
        memory.swap.folio_migrate_mapping(old, target)
    else:
        memory.get_page(target)
    for process in memory.processes:
        await memory.routines.remove_migration_pte(memory, process, page, old, target)
    memory.swap.unlock_page(old)
    memory.put_page(target)
    memory.put_page(old)


async def try_to_migrate_one(memory: Memory, process: Enum, page: int, frame: Frame) -> bool:
    """mm/rmap.c:try_to_migrate_one(): False: the page may be pinned, and its entry is back."""
    await step("try_to_migrate_one", when=lambda: memory.rmap_unlocked(process, page, frame))
    at = memory.rmap_address(process, page, frame)
    orig = memory.pte[process, at]
    if not pte_present(orig) or orig.frame != frame:
        return True
    memory.ptep_get_and_clear_locked(process, at)
    memory.flush_tlb_page(process, at)
    await step("page_try_share_anon_rmap, set the migration entry")
    exclusive = memory.marked_exclusive(frame)
    pinned = memory.put_back_if_pinned(process, at, frame, orig)
    if pinned:
        return False
    memory.set_pte_at(process, at, MigrationEntry(frame, orig.writable, exclusive, orig.uffd_wp))
    memory.page_remove_rmap(frame)
    memory.put_page(frame)
    return True


async def remove_migration_pte(memory: Memory, process: Enum, page: int, old: Frame, target: Frame) -> None:
    """mm/migrate.c:remove_migration_pte()"""
    await step("remove_migration_pte", when=lambda: memory.rmap_unlocked(process, page, old))
    at = memory.rmap_address(process, page, old)
    entry = memory.pte[process, at]
    if is_migration_entry(entry) and entry.frame == old:
        memory.get_page(target)
        memory.page_add_rmap(target)
        if memory.tracks_exclusive():
            memory.anon_exclusive[target] = entry.exclusive
        writable = entry.writable and memory.vm_write[process, at]  # maybe_mkwrite()
        memory.set_pte_at(process, at, Pte(target, writable, uffd_wp=entry.uffd_wp))


async def migrate_vma(memory: Memory, process: Enum, page: int) -> None:
    """mm/migrate_device.c:migrate_vma_setup(): of one page, for a driver that wants it in the memory of its device.

    The page comes back: what is asked is when TLBs forget it.
    """
    async with memory.mmap_lock(process).read:
        await memory.invalidate_range_start(process, page)
        await step("migrate_vma_collect_pmd", when=lambda: memory.pte_unlocked(process, page))
        entry = memory.pte[process, page]
        if pte_present(entry):
            await collected(memory, process, page, entry)
        await memory.invalidate_range_end(process, page)


async def collected(memory: Memory, process: Enum, page: int, entry: Pte) -> None:
    """mm/migrate_device.c:migrate_vma_collect_pmd(): the device has a reference in place of the entry."""
    frame = entry.frame
    exclusive = memory.marked_exclusive(frame)
    memory.ptep_get_and_clear(process, page)
    memory.set_pte_at(process, page, MigrationEntry(frame, entry.writable, exclusive, entry.uffd_wp))
    memory.page_remove_rmap(frame)
    if not memory.kernel.migrate_flush:  # the page table lock is released
        await step("flush_tlb_range")
    memory.flush_tlb_page(process, page)
    await memory.routines.remove_migration_pte(memory, process, page, frame, frame)
    memory.put_page(frame)
