"""Truncation and hole punching of files in the page cache.

| kernel | here | abstracted away |
|---|---|---|
| inode lock, invalidate_lock, i_size | a step each | waiting for direct I/O of this file |
| unmap_mapping_range() | one step for each entry, with the flush | |
| truncate_inode_pages(): lock the page, wait for writeback | one step | the pass that does not wait |
| truncate_inode_page(): unmap, release buffers, cancel dirty; leave the file | two steps | |
| break_layouts() of DAX, before i_size | unmap, look; wait without invalidate_lock; lock again | signals end the wait |
| freeing blocks, unlocking | one step | the transaction |
"""

from __future__ import annotations

from enum import Enum

from explorer.language import step
from explorer.models.linux.memory import Frame
from explorer.models.linux.page_cache import PageCache
from explorer.models.linux.rmap import try_to_unmap
from explorer.models.linux.unmap import zap_pte


async def truncate(cache: PageCache, file: Enum, size: int) -> None:
    """fs/attr.c:notify_change(): the file gets another size, in pages, of those that the model has."""
    await lock_file(cache, file)
    await break_layouts_of(cache, file)
    await step("i_size_write")
    cache.size[file] = min(cache.pages_of(file), size)
    for i in cache.file_pages:
        if cache.file_of[i] is file and cache.number_in_file[i] >= size:
            await unmap_mapping_range(cache, i, True)
    for i in cache.file_pages:
        if cache.file_of[i] is file and cache.number_in_file[i] >= size:
            await truncate_inode_page(cache, i)
            await unmap_mapping_range(cache, i, True)
    await free_blocks(cache, file, size, size + len(cache.file_pages))


async def punch_hole(cache: PageCache, i: int) -> None:
    """fs/open.c:vfs_fallocate(): FALLOC_FL_PUNCH_HOLE of one file page."""
    file, number = cache.file_of[i], cache.number_in_file[i]
    await lock_file(cache, file)
    await break_layouts_of(cache, file)
    await unmap_mapping_range(cache, i, False)
    await truncate_inode_page(cache, i)
    await free_blocks(cache, file, number, number + 1)


async def extend(cache: PageCache, file: Enum, size: int) -> None:
    """fs/attr.c:notify_change(): the file gets a larger size, in pages; what is new of it is a hole."""
    await step("inode_lock", when=lambda: not cache.inode_locked[file], fairness="strong")
    cache.inode_locked[file] = True
    if any(cache.file_of[i] is file and cache.dax[i] for i in cache.file_pages):
        await filemap_invalidate_lock(cache, file)
        await break_layouts_of(cache, file)
    await step("i_size_write")
    cache.size[file] = max(cache.size[file], min(cache.pages_of(file), size))
    cache.invalidating[file] = False
    cache.inode_locked[file] = False


async def lock_file(cache: PageCache, file: Enum) -> None:
    """What truncation holds until the blocks are free: against other changes of the file, and against page faults."""
    await step("inode_lock", when=lambda: not cache.inode_locked[file], fairness="strong")
    cache.inode_locked[file] = True
    await filemap_invalidate_lock(cache, file)


async def filemap_invalidate_lock(cache: PageCache, file: Enum) -> None:
    """include/linux/fs.h:filemap_invalidate_lock(): ext4's and XFS's own locks before v5.15."""
    if cache.kernel.truncate_invalidate_lock:  # ablation
        await step(
            "filemap_invalidate_lock",
            when=lambda: not cache.invalidating[file] and cache.invalidate_readers[file] == 0,
            fairness="strong",
        )
        cache.invalidating[file] = True


async def break_layouts_of(cache: PageCache, file: Enum) -> None:
    """fs/ext4/inode.c:ext4_break_layouts(): of the whole file, whatever part of it is to go."""
    for i in cache.file_pages:
        if cache.file_of[i] is file:
            await break_layouts(cache, i)


async def break_layouts(cache: PageCache, i: int) -> None:
    """fs/xfs/xfs_file.c:xfs_break_dax_layouts(): waits until nobody has a DAX page, for ever if need be."""
    if not cache.dax[i] or not cache.kernel.xfs_break_layouts:
        return
    file = cache.file_of[i]
    busy = True
    while busy:
        await unmap_mapping_range(cache, i, False)
        await step("dax_layout_busy_page_range")
        busy = cache.in_use(i)
        if busy:
            cache.invalidating[file] = False
            await step("wait for the DAX page", when=lambda: not cache.in_use(i), may_wait=True)
            await filemap_invalidate_lock(cache, file)


async def unmap_mapping_range(cache: PageCache, i: int, even_cows: bool) -> None:
    """mm/memory.c:unmap_mapping_range(): of one file page. `even_cows`: private copies too."""
    for process in cache.memory.processes:
        for page in cache.memory.pages:
            if cache.maps_range(process, page, i, even_cows):
                await zap_range(cache, process, page, i, even_cows)


async def zap_range(cache: PageCache, process: Enum, page: int, i: int, even_cows: bool) -> None:
    """mm/memory.c:zap_page_range_single()"""
    memory, first = cache.memory, cache.kernel.notifier_before_change  # ablation
    if first:
        await memory.invalidate_range_start(process, page)
    await step("unmap_mapping_range", when=lambda: memory.pte_unlocked(process, page))
    await memory.flush_tlb_batched_pending(process, page)
    if cache.maps_range(process, page, i, even_cows):
        zap_pte(memory, process, page)
    if not first:
        await memory.invalidate_range_start(process, page)
    await memory.invalidate_range_end(process, page)


async def truncate_inode_page(cache: PageCache, i: int) -> None:
    """mm/truncate.c:truncate_inode_page(): a pinned page goes on as an orphan."""
    await step("lock_page, wait_on_page_writeback", when=lambda: cache.settled(i), fairness="strong")
    found: Frame | None = cache.page[i]
    if found is not None:
        frame = found
        cache.locked[frame] = True
        await try_to_unmap(cache, frame)
        await step("do_invalidatepage, cancel_dirty_page")
        cache.prepared[frame] = cache.prepared[frame] and cache.always_prepared(i)
        cache.dirty[frame] = False
        await step("delete_from_page_cache")
        assert not cache.dirty[frame], "a dirty page leaves the page cache: WARN_ON_ONCE(PageDirty(page))"
        cache.locked[frame] = False
        cache.delete_from_page_cache(i, frame)
        for byte in cache.memory.bytes:
            cache.newest[i, byte] = cache.disk[i, byte]


async def free_blocks(cache: PageCache, file: Enum, start: int, end: int) -> None:
    """The filesystem's transaction: the blocks may go to any file. Then the locks are released."""
    await step("free blocks, unlock")
    for i in cache.file_pages:
        if cache.file_of[i] is file and start <= cache.number_in_file[i] < end:
            cache.has_block[i] = False
            for byte in cache.memory.bytes:
                cache.disk[i, byte] = cache.memory.zero
                cache.newest[i, byte] = cache.memory.zero
                if cache.stable_writes:
                    cache.sum[i, byte] = cache.memory.zero
    cache.invalidating[file] = False
    cache.inode_locked[file] = False
