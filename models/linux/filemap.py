"""Page faults in mappings of files, and ->page_mkwrite().

| kernel | here | abstracted away |
|---|---|---|
| filemap_fault(): find or read the page, lock it, look at its mapping and at i_size | one step | waiting for the read |
| do_read_fault(), do_cow_fault() | filemap_fault(); a copy byte by byte; finish_fault() | fault-around |
| do_shared_fault(), wp_page_shared() | filemap_fault() or a reference; ->page_mkwrite(); finish; dirty | |
| ->page_mkwrite(): invalidate_lock | one step | freezing of the filesystem |
| ->page_mkwrite(): page lock, mapping and i_size | one step | |
| ->page_mkwrite(): prepare, mark dirty | one step | transactions, quota, retries after -ENOSPC |
| ->page_mkwrite(): wait for stable pages | one step, under the page lock | |
| finish_mkwrite_fault(), fault_dirty_shared_page() | a step each | balance_dirty_pages() |
"""

from __future__ import annotations

from enum import Enum

from explorer.language import replace, step
from explorer.models.linux.memory import Access, Frame, Memory, Pte, pte_same
from explorer.models.linux.page_cache import PageCache, page_cache_of
from explorer.models.linux.unmap import zap_pte


class Fault(Enum):
    """How a part of a fault ends. RETRY: the CPU runs into the fault again, if it is still one."""

    DONE = "done"
    RETRY = "retry"
    SIGBUS = "sigbus"


async def do_fault(memory: Memory, process: Enum, page: int, access: Access) -> Fault:
    """mm/memory.c:do_fault(): the entry is absent. What is not a write reads, an unshare fault too."""
    cache = page_cache_of(memory)
    i = cache.file_page(process, page)
    assert i is not None
    await step("filemap_fault", when=lambda: cache.lockable(i) and not cache.being_truncated(i), fairness="strong")
    if cache.beyond_eof(i):
        return Fault.SIGBUS
    cached = cache.page[i]
    frame = cache.add_to_page_cache(i) if cached is None else cached
    memory.get_page(frame)
    cache.locked[frame] = True
    if access is Access.WRITE and not cache.is_shared(process, page):
        await memory.routines.do_cow_fault(memory, process, page, frame)
        return Fault.DONE
    writable = access is Access.WRITE
    if writable and cache.mkwrite[i]:
        cache.locked[frame] = False
        fault = await memory.routines.do_page_mkwrite(cache, i, frame)
        if fault is not Fault.DONE:
            memory.put_page(frame)
            return fault
    await step("finish_fault", when=lambda: memory.pte_unlocked(process, page))
    if memory.pte_none(process, page):
        every = cache.is_shared(process, page) and not cache.notified[i] and memory.vm_write[process, page]
        memory.set_pte_at(process, page, Pte(frame, writable or every, dirty=writable))
        memory.page_add_rmap(frame)
        if writable:
            await step("fault_dirty_shared_page")
            cache.set_page_dirty(frame)
        cache.locked[frame] = False
    else:
        cache.locked[frame] = False
        memory.put_page(frame)
    return Fault.DONE


async def do_cow_fault(memory: Memory, process: Enum, page: int, frame: Frame) -> None:
    """mm/memory.c:do_cow_fault(): of a private mapping; the page of the file is locked."""
    cache = page_cache_of(memory)
    await step(f"alloc_page, copy {memory.first_byte.value}")
    new = memory.alloc_page()
    memory.copy_user_highpage(frame, new, memory.first_byte)
    for byte in memory.other_bytes:
        await step(f"copy {byte.value}")
        memory.copy_user_highpage(frame, new, byte)
    await step("finish_fault", when=lambda: memory.pte_unlocked(process, page))
    if memory.pte_none(process, page):
        memory.page_add_new_anon_rmap(new)
        memory.set_pte_at(process, page, Pte(new, memory.vm_write[process, page]))
    else:
        memory.put_page(new)
    cache.locked[frame] = False
    memory.put_page(frame)


async def wp_page_shared(memory: Memory, process: Enum, page: int, orig: Pte) -> Fault:
    """mm/memory.c:wp_page_shared(): a store to a write-protected page of a shared mapping."""
    cache = page_cache_of(memory)
    await step("wp_page_shared", when=lambda: memory.pte_unlocked(process, page))
    if not pte_same(memory.pte[process, page], orig):
        return Fault.RETRY
    frame, i = orig.frame, cache.index[orig.frame]
    assert i is not None
    memory.get_page(frame)
    if cache.mkwrite[i]:
        fault = await memory.routines.do_page_mkwrite(cache, i, frame)
        if fault is not Fault.DONE:
            memory.put_page(frame)
            return fault
        await step("finish_mkwrite_fault", when=lambda: memory.pte_unlocked(process, page))
        if not pte_same(memory.pte[process, page], orig):
            cache.locked[frame] = False
            memory.put_page(frame)
            return Fault.RETRY
        memory.set_pte_at(process, page, replace(orig, writable=True, dirty=True))
        await step("fault_dirty_shared_page")
    else:
        memory.set_pte_at(process, page, replace(orig, writable=True, dirty=True))
        await step("fault_dirty_shared_page, lock_page", when=lambda: not cache.locked[frame], fairness="strong")
    cache.set_page_dirty(frame)
    cache.locked[frame] = False
    memory.put_page(frame)
    return Fault.DONE


async def do_page_mkwrite(cache: PageCache, i: int, frame: Frame) -> Fault:
    """fs/buffer.c:block_page_mkwrite(): DONE: the page is prepared, dirty and locked. The caller has a reference of it."""
    if cache.kernel.truncate_invalidate_lock:  # ablation
        await step("filemap_invalidate_lock_shared", when=lambda: not cache.being_truncated(i), fairness="strong")
        cache.readers(i, 1)
    await step("lock_page", when=lambda: not cache.locked[frame], fairness="strong")
    if cache.kernel.mkwrite_mapping_check and (cache.page[i] != frame or cache.beyond_eof(i)):  # ablation
        if cache.kernel.truncate_invalidate_lock:  # ablation
            cache.readers(i, -1)
        return Fault.RETRY
    cache.locked[frame] = True
    await step("->page_mkwrite")
    assert cache.page[i] == frame, "->page_mkwrite() of a page without a file: page->mapping is NULL"
    granted = cache.prepare(i, frame)
    if granted and cache.stable_writes and cache.kernel.mkwrite_wait_stable:  # ablation
        await step("wait_for_stable_page", when=lambda: not cache.writeback[frame])
    if cache.kernel.truncate_invalidate_lock:  # ablation
        cache.readers(i, -1)
    if not granted:
        cache.locked[frame] = False
        return Fault.SIGBUS
    return Fault.DONE


async def mmap_file(memory: Memory, process: Enum, page: int, i: int, shared: bool) -> None:
    """mm/mmap.c:mmap_region(): the file page at the page, in the place of what was there."""
    cache = page_cache_of(memory)
    async with memory.mmap_lock(process).write:
        await step("unmap_region", when=lambda: memory.pte_unlocked(process, page))
        await memory.flush_tlb_batched_pending(process, page)
        zap_pte(memory, process, page)
        memory.vma[process, page] = True
        memory.vm_write[process, page] = True
        memory.vm_dontcopy[process, page] = False
        memory.vm_wipeonfork[process, page] = False
        memory.background.clear_mergeable(process, page)
        cache.mmap(process, page, i, shared)
