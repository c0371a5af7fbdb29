"""A device writes to a mapped file while the file is written back.

A fault calls ->page_mkwrite() when the device's pages are pinned. What the mails argue about is later: writeback cleans the
page, and the device, which goes by no page table, writes to a clean page.

| kernel | step | abstracted away |
|---|---|---|
| ib_umem_get() | those of GUP and of the write fault with ->page_mkwrite() | how addresses are programmed |
| the device | two DMA writes; completion | more than one in flight |
| write_cache_pages(), again and again | lock; clean the entry; clear dirty; ->writepage(); checksum; two reads; end | batches |
| ib_umem_release() | lock, mark dirty, if the driver does; unpin | |
| a store of another thread | the store, its fault | |
| fsync() | the steps of writeback, and waiting for it | |

Sources: Linux v4.19 to v6.8 (mm/memory.c, mm/page-writeback.c, mm/rmap.c, mm/gup.c, fs/buffer.c); commits 8ac268436e6d,
a6e79df92e4a; D. Chinner, "get_user_pages*() and RDMA: first steps", 2018-10-01; J. Kara, "get_user_pages() and file
mappings", LSF/MM topic, January 2018.
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Model
from explorer.models.linux.access import store
from explorer.models.linux.designs import Design, Question, WritebackOfPinned
from explorer.models.linux.designs import design as named
from explorer.models.linux.file_devices import device_of
from explorer.models.linux.kernels import V5_4, Kernel
from explorer.models.linux.mapped_file import (
    Cpu,
    Fs,
    Fsync,
    SetPageDirty,
    UserUnpins,
    Value,
    Writer,
    mapped_file,
    set_aside,
)
from explorer.models.linux.page_cache import NO_DESIGN
from explorer.models.linux.parent_child import Half
from explorer.models.linux.writeback import write_cache_page

FIXED: dict[str, object] = {"design": named("bounce")}
NECESSITY = ({"design": "bounce"},)


class FsyncOfSkipped(Enum):
    """What fsync() does about a page that writeback leaves dirty because it is pinned."""

    WAITS = "waits"
    LIES = "lies"


def gup_writeback(
    *,
    design: Design = NO_DESIGN,
    fs: Fs = Fs.COW,
    kernel: Kernel = V5_4,
    set_page_dirty_at_unpin: SetPageDirty = SetPageDirty.EITHER,
    stable_writes: bool = True,
    gup_fast: bool = False,
    cpu_stores: bool = False,
    calls_fsync: bool = True,
    fsync: FsyncOfSkipped = FsyncOfSkipped.WAITS,
    user_unpins: UserUnpins = UserUnpins.PERHAPS,
) -> Model:
    """A device writes to a mapped file while the file is written back.

    Parameters:
        design: what is done about pages that are pinned for long; a+b joins two
        fs: cow (cleaning takes preparation away), delalloc (a block stays) or ext4 (buffers stay until reclaim)
        kernel: whose rules hold where the design decides nothing
        set_page_dirty_at_unpin: the driver marks pages dirty that it releases: either, never, always
        stable_writes: the device needs stable pages, and sums them
        gup_fast: the driver tries GUP-fast first
        cpu_stores: another thread of the user stores to the mapping once
        calls_fsync: somebody calls fsync() once
        fsync: of a page that a design leaves dirty, fsync() waits for the unpin, or lies
        user_unpins: the user who has seen the completion lets go perhaps or eventually
    """
    m = Model()
    memory, cache = mapped_file(
        m,
        design.kernel(kernel),
        fs,
        design=design,
        stable_writes=stable_writes,
        fsync_lies=fsync is FsyncOfSkipped.LIES,
    )
    device = device_of(m, cache, design, set_page_dirty_at_unpin, user_unpins)

    @m.thread("user", fairness="weak")
    async def user() -> None:
        await device.register(gup_fast)
        if device.programmed:
            await device.unregister()

    if cpu_stores:

        @m.thread("thread2", fairness="weak")
        async def thread2() -> None:
            await store(memory, Cpu.THREAD2, 0, Half.HIGH, Value.USER, Writer.USER)

    @m.thread(device.name, fairness="weak")
    async def run_device() -> None:
        await device.dma_write()

    @m.thread("flusher", fairness="weak")
    async def flusher() -> None:
        while True:
            await write_cache_page(cache, 0, False)

    if calls_fsync:
        call = Fsync(m, cache)

        @m.thread("fsync", fairness="weak")
        async def run_fsync() -> None:
            await call.call()

    others = {} if stable_writes else {"stable_writeback": "the device needs no stable pages"}
    if not calls_fsync:
        others |= dict.fromkeys(("writeback_progress", "fsync_durable"), "nobody calls fsync()")
    set_aside(m, design, Question.WRITEBACK, others)
    refused = "the pin is refused" if memory.kernel.refuse_longterm and design.pins_for_long() else ""
    left_dirty = "writeback leaves a pinned page dirty" if design.leaves_pinned_dirty() else ""
    m.reachable("programmed", lambda: device.programmed, unless=refused)
    m.reachable("completed", lambda: device.completed, unless=refused)
    m.reachable(
        "programmed_and_clean", lambda: device.programmed and not cache.dirty_at(0), unless=refused or left_dirty
    )
    m.reachable(
        "programmed_under_writeback",
        lambda: device.programmed and cache.under_writeback(0),
        unless=refused or ("writeback skips a pinned page" if design.writeback is WritebackOfPinned.SKIPS else ""),
    )
    m.reachable("released", lambda: device.completed and user.finished, unless=refused)
    m.reachable("dma_on_disk", lambda: cache.disk[0, Half.LOW] == Value.DEVICE, unless=refused)
    m.scope = "order-0 pages of the page cache; 1 process, 1 file of 1 page"
    return m
