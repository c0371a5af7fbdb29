"""Reclaim takes the buffers of a clean pinned page, which its driver then marks dirty: the kernel BUG of ext4.

| kernel | step | abstracted away |
|---|---|---|
| ib_umem_get() | those of GUP and of the write fault with ->page_mkwrite() | how addresses are programmed |
| the device | two DMA writes; completion | more than one in flight |
| write_cache_pages(), again and again | lock; clean the entry; clear dirty; ->writepage(); two reads; end | batches |
| shrink_page_list(), again and again | lock; unmap; drop_buffers(); __remove_mapping() | LRU lists |
| ib_umem_release() | lock, mark dirty, if the driver does; unpin | |

Sources: J. Hubbard, "get_user_pages() and file mappings", 2018 (the stack of the BUG); Linux v4.19 (fs/ext4/inode.c,
fs/buffer.c, mm/vmscan.c), v6.8; commits cc5095747edf (v5.18: a warning, and the data is lost), d824ec2a1546 (reclaim leaves
buffers of pinned pages).
"""

from __future__ import annotations

from explorer.language import Model
from explorer.models.linux.designs import Design, Question
from explorer.models.linux.file_devices import device_of
from explorer.models.linux.kernels import V5_4, Kernel
from explorer.models.linux.kernels import kernel as kernel_named
from explorer.models.linux.mapped_file import (
    Fs,
    SetPageDirty,
    mapped_file,
    set_aside,
)
from explorer.models.linux.page_cache import NO_DESIGN
from explorer.models.linux.writeback import reclaim_file_page, write_cache_page

FIXED: dict[str, object] = {
    "kernel": kernel_named("v6.8+refuse_longterm=off"),
    "set_page_dirty_at_unpin": SetPageDirty.ALWAYS,
}


def reclaim_buffers(
    *,
    design: Design = NO_DESIGN,
    fs: Fs = Fs.EXT4,
    kernel: Kernel = V5_4,
    set_page_dirty_at_unpin: SetPageDirty = SetPageDirty.EITHER,
    gup_fast: bool = False,
) -> Model:
    """Reclaim takes the buffers of a clean pinned page, which its driver then marks dirty: the kernel BUG of ext4.

    Parameters:
        design: what is done about pages that are pinned for long; a+b joins two
        fs: ext4 keeps buffers; cow and delalloc have none to lose
        kernel: whose rules hold where the design decides nothing
        set_page_dirty_at_unpin: the driver marks pages dirty that it releases: either, never, always
        gup_fast: the driver tries GUP-fast first
    """
    m = Model()
    memory, cache = mapped_file(m, design.kernel(kernel), fs, design=design)
    device = device_of(m, cache, design, set_page_dirty_at_unpin)

    @m.thread("user", fairness="weak")
    async def user() -> None:
        await device.register(gup_fast)
        if device.programmed:
            await device.unregister()

    @m.thread(device.name, fairness="weak")
    async def run_device() -> None:
        await device.dma_write()

    @m.thread("flusher", fairness="weak")
    async def flusher() -> None:
        while True:
            await write_cache_page(cache, 0, False)

    @m.thread("kswapd", fairness="weak")
    async def kswapd() -> None:
        while True:
            await reclaim_file_page(cache, 0)

    others = {
        "no_dirty_without_mkwrite": "not asked here: gup_writeback asks it",
        "stable_writeback": "the device needs no stable pages",
        "committed_extent_immutable": "extents are written in place",
    }
    if fs is not Fs.EXT4:
        others |= dict.fromkeys(("prepared_at_writeback", "no_dirty_loss"), "reclaim finds no buffers to drop")
    set_aside(m, design, Question.WRITEBACK, others)
    refused = "the pin is refused" if memory.kernel.refuse_longterm and design.pins_for_long() else ""
    m.reachable("pinned", lambda: device.programmed, unless=refused)
    m.reachable(
        "pinned_and_clean",
        lambda: device.programmed and not cache.dirty_at(0),
        unless=refused or ("writeback leaves a pinned page dirty" if design.leaves_pinned_dirty() else ""),
    )
    m.reachable("reclaimed", lambda: cache.page[0] is None)
    m.reachable("released", lambda: device.completed and user.finished, unless=refused)
    m.scope = "order-0 pages of the page cache; 1 process, 1 file of 1 page"
    return m
