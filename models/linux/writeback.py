"""Dirty file pages: set_page_dirty_lock(), writeback, fsync(), and reclaim of clean ones.

| kernel | here | abstracted away |
|---|---|---|
| set_page_dirty_lock() | lock the page; mark it: two steps | |
| msync(): mmap_lock, find_vma() | one step; fsync() of the page | |
| write_cache_pages(): find the page, lock it, wait for writeback | one step; one more to wait | |
| page_mkclean() | one step for each entry | |
| clear_page_dirty_for_io(); ->writepage(), unlock | a step each | batches of pages |
| checksum, parity | one step, where the device needs stable pages | |
| the device reads the page | one step a byte, which is on disk then | write cache, retries |
| end_page_writeback() | one step | |
| shrink_page_list() of a clean page: lock, unmap, release buffers, remove | a step each | LRU lists; writing dirty pages |
"""

from __future__ import annotations

from enum import Enum

from explorer.language import step
from explorer.models.linux.designs import WritebackOfPinned
from explorer.models.linux.errno import Errno
from explorer.models.linux.memory import Frame, Memory
from explorer.models.linux.page_cache import PageCache, page_cache_of
from explorer.models.linux.rmap import page_mkclean, try_to_unmap


async def set_page_dirty_lock(cache: PageCache, frame: Frame) -> None:
    """mm/page-writeback.c:set_page_dirty_lock(): the caller has a reference, so the page may have left its file."""
    if cache.kernel.dirty_lock:  # ablation
        await step("lock_page", when=lambda: not cache.locked[frame], fairness="strong")
        cache.locked[frame] = True
    await step("set_page_dirty")
    cache.set_page_dirty(frame)
    if cache.kernel.dirty_lock:  # ablation
        cache.locked[frame] = False


async def write_cache_page(cache: PageCache, i: int, wait: bool) -> None:
    """mm/page-writeback.c:write_cache_pages(): of one file page. `wait`: WB_SYNC_ALL."""
    memory = cache.memory
    await step("lock_page", when=lambda: cache.lockable(i), fairness="strong")
    found = cache.page[i]
    if found is None or not cache.written_back[i]:
        return
    frame = found
    if not cache.dirty[frame] or (cache.writeback[frame] and not wait):
        return
    cache.locked[frame] = True
    if cache.writeback[frame]:
        await step("wait_on_page_writeback", when=lambda: not cache.writeback[frame])
    told = cache.kernel.unmap_before_pin_check or not leaves_pinned(cache)  # ablation
    pinned = not told and memory.page_maybe_dma_pinned(frame)
    cleaned = await page_mkclean(cache, frame)
    await step("clear_page_dirty_for_io")
    if cleaned and cache.kernel.mkclean_keeps_dirty:  # ablation
        cache.set_page_dirty(frame)
    if leaves_pinned(cache):
        pinned = memory.page_maybe_dma_pinned(frame) if told else pinned
    if pinned and cache.design.writeback == WritebackOfPinned.SKIPS:
        cache.locked[frame] = False
        return
    if pinned:
        await bounce(cache, i, frame)
        return
    ready = cache.clear_page_dirty(i, frame)
    await step("->writepage")
    starts = cache.start_writeback(i, frame, ready)
    cache.locked[frame] = False
    if starts:
        await write_out(cache, i, frame)
        await step("end_page_writeback")
        cache.writeback[frame] = False


def leaves_pinned(cache: PageCache) -> bool:
    """Writeback tells pinned pages from others."""
    return cache.design.writeback != WritebackOfPinned.WRITES


async def write_out(cache: PageCache, i: int, source: Frame) -> None:
    """block/blk-core.c:submit_bio(): what is summed of the page, then what the device reads of it."""
    memory = cache.memory
    if cache.stable_writes:
        await step("checksum")
        for byte in memory.bytes:
            cache.sum[i, byte] = memory.data[source, byte]
    for byte in memory.bytes:
        await step(f"the device reads {byte.value}")
        cache.disk[i, byte] = memory.data[source, byte]


async def bounce(cache: PageCache, i: int, frame: Frame) -> None:
    """Of the designs that write a copy of a pinned page, which is locked."""
    memory = cache.memory
    cache.meets(frame)
    if cache.design.writeback == WritebackOfPinned.BOUNCES_AND_CLEANS:
        cache.clear_page_dirty(i, frame)
    cache.writeback[frame] = True
    cache.locked[frame] = False
    await step(f"alloc_page, copy {memory.first_byte.value}")
    copy = memory.alloc_page()
    memory.copy_user_highpage(frame, copy, memory.first_byte)
    for byte in memory.other_bytes:
        await step(f"copy {byte.value}")
        memory.copy_user_highpage(frame, copy, byte)
    await write_out(cache, i, copy)
    await step("end_page_writeback")
    memory.put_page(copy)
    cache.writeback[frame] = False


async def fsync(cache: PageCache, file: Enum) -> None:
    """fs/sync.c:vfs_fsync_range(): writes what is dirty, and waits for all writeback of the file."""
    for i in cache.file_pages:
        if cache.file_of[i] is file and cache.written_back[i]:
            await filemap_write_and_wait(cache, i)


async def msync(memory: Memory, process: Enum, page: int) -> Errno:
    """mm/msync.c:msync(): MS_SYNC of one page."""
    await step("find_vma", when=lambda: not memory.mmap_lock(process).writer)
    if not memory.find_vma(process, page):
        return Errno.ENOMEM
    i = memory.cache.file_page(process, page)
    if i is None or not memory.cache.is_shared(process, page):
        return Errno.OK
    await filemap_write_and_wait(page_cache_of(memory), i)
    return Errno.OK


async def filemap_write_and_wait(cache: PageCache, i: int) -> None:
    """mm/filemap.c:filemap_write_and_wait_range(): of one file page. A design may make it wait for an unpin."""
    await write_cache_page(cache, i, True)
    while cache.left_dirty(i):
        await step("wait for the unpin", when=lambda: not cache.left_dirty(i), may_wait=True)
        await write_cache_page(cache, i, True)
    await step("filemap_fdatawait", when=lambda: not cache.under_writeback(i), fairness="strong")


async def reclaim_file_page(cache: PageCache, i: int) -> None:
    """mm/vmscan.c:shrink_page_list(): of one file page, which goes only if it is clean and nobody else has it."""
    memory = cache.memory
    await step("trylock_page")
    found = cache.page[i]
    if found is None or not cache.written_back[i]:
        return
    frame = found
    if cache.locked[frame] or cache.writeback[frame]:
        return
    cache.locked[frame] = True
    await try_to_unmap(cache, frame)
    kept = cache.kernel.reclaim_keeps_buffers and memory.page_maybe_dma_pinned(frame)
    if not cache.dirty[frame] and not kept:
        if cache.buffers[i] and cache.prepared[frame]:
            await step("drop_buffers")
            cache.prepared[frame] = False
        await step("__remove_mapping")
        known = memory.page_count(frame) == 1 or not cache.kernel.reclaim_refcount_check  # ablation
        cache.locked[frame] = False
        if known and not cache.dirty[frame]:
            cache.delete_from_page_cache(i, frame)
    else:
        cache.locked[frame] = False
