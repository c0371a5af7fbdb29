"""A store through a mapping of a file, before and after filesystems heard of it by ->page_mkwrite().

In the kernels of the mid-2000s a page of a shared mapping became dirty by the entry's dirty bit alone; the filesystem met it
in writeback, without a reservation, buffers or an extent of its own. "Eventually Christoph Lameter got ->page_mkwrite into
the page fault path" and XFS implemented it in July 2007 (4f57dbc6b5ba). RDMA to file pages is where mmap() was then.

| kernel | step | abstracted away |
|---|---|---|
| a load and a store to the mapping | those of a fault, with ->page_mkwrite() or without | fault-around |
| munmap(), by the same thread | down_write(); the entry goes, its dirty bit to the page | |
| writeback, again and again | lock; clean entries; clear dirty; ->writepage(); two reads; end | |
| a write to another file | takes the last free block | |

Sources: D. Chinner, "get_user_pages*() and RDMA: first steps", 2018-10-01, and the commit it quotes; Linux v6.8
(mm/memory.c, mm/page-writeback.c, fs/buffer.c). That v2.6.18 brought ->page_mkwrite() and v2.6.19 page_mkclean() is
recalled, not read.
"""

from __future__ import annotations

from explorer.language import Model, step
from explorer.language.rules import with_values
from explorer.models.linux.access import load, store
from explorer.models.linux.designs import Design, Question
from explorer.models.linux.kernels import V5_4, Kernel
from explorer.models.linux.mapped_file import Cpu, Fs, Process, Value, Writer, mapped_file, set_aside
from explorer.models.linux.page_cache import NO_DESIGN
from explorer.models.linux.parent_child import Half
from explorer.models.linux.protect import munmap
from explorer.models.linux.writeback import write_cache_page

FIXED: dict[str, object] = {"page_mkwrite": True}
MATRIX = {
    "page_mkwrite": ("off", "on"),
    "fs": ("cow", "delalloc", "ext4"),
    "design": ("none",),
}  # nothing is pinned here


def mkwrite_history(
    *,
    page_mkwrite: bool = False,
    dirty_tracking: bool = True,
    hole: bool = True,
    fs: Fs = Fs.COW,
    design: Design = NO_DESIGN,
    kernel: Kernel = V5_4,
) -> Model:
    """A store through a mapping of a file, before and after filesystems heard of it by ->page_mkwrite().

    Parameters:
        page_mkwrite: a write fault calls ->page_mkwrite() (off: as for XFS before July 2007)
        dirty_tracking: writeback write-protects entries by page_mkclean() (off: as before v2.6.19)
        hole: the page has no block yet, and there is one free block, which another file may take
        fs: cow (a new extent for each write), delalloc (a reservation) or ext4 (buffers)
        design: what is done about pages that are pinned for long; nothing is pinned here
        kernel: whose rules hold for the rest
    """
    m = Model()
    if not dirty_tracking:
        kernel = with_values(kernel, mkclean_wrprotect=False)
    memory, cache = mapped_file(
        m,
        kernel,
        fs,
        design=design,
        page_mkwrite=page_mkwrite,
        holes=(0,) if hole else (),
        free_blocks=1 if hole else None,
    )

    @m.thread("user", fairness="weak")
    async def user() -> None:
        await load(memory, Cpu.USER, 0)
        await store(memory, Cpu.USER, 0, Half.HIGH, Value.USER, Writer.USER)
        if not cache.sigbus[Process.USER]:
            await munmap(memory, Process.USER, 0)

    @m.thread("flusher", fairness="weak")
    async def flusher() -> None:
        while True:
            await write_cache_page(cache, 0, False)

    if hole:

        @m.thread("other", fairness="weak")
        async def other() -> None:
            await step("allocate a block for another file", voluntary=True)
            if cache.free_blocks > 0:
                cache.free_blocks -= 1

    others = {
        "stable_writeback": "the device needs no stable pages",
        "ro_file_integrity": "the file is mapped shared, until it is unmapped",
    }
    if fs is not Fs.COW or hole:
        others["committed_extent_immutable"] = (
            "not asked here: gup_writeback asks it" if hole else "extents are written in place"
        )
    set_aside(m, design, Question.MMAP, others)
    m.reachable("stored", lambda: cache.newest[0, Half.HIGH] == Value.USER)
    m.reachable(
        "on_disk",
        lambda: cache.disk[0, Half.HIGH] == Value.USER,
        unless="ext4_writepage() ends in a BUG" if fs is Fs.EXT4 and not page_mkwrite else "",
    )
    m.reachable(
        "sigbus",
        lambda: cache.sigbus[Process.USER],
        unless="" if page_mkwrite and hole else "there is space" if not hole else "nobody asks for space in the fault",
    )
    m.scope = "order-0 pages of the page cache; 1 process, 1 file of 1 page"
    if not page_mkwrite or not dirty_tracking:
        m.assumptions = ["v2.6.18 brought ->page_mkwrite() and v2.6.19 page_mkclean() (believed)"]
    return m
