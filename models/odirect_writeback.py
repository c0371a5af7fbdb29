"""A read with O_DIRECT into a mapping of a file, while the file is written back.

The window is short, and the block layer knows that the page may be written back in between: "must have been written out
during the direct-IO read". It marks the page dirty again, so nothing is lost; what was written back meanwhile may be torn.

| kernel | step | abstracted away |
|---|---|---|
| bio_iov_iter_get_pages() | those of GUP-fast, and of the write fault with ->page_mkwrite() | |
| bio_set_pages_dirty() | lock; mark (not FUSE) | |
| the device | two DMA writes; completion | |
| bio_check_pages_dirty(), bio_dirty_fn() | look; lock and mark a page that is clean again; release | |
| write_cache_pages(), again and again | lock; clean the entry; clear dirty; ->writepage(); checksum; two reads; end | batches |
| shrink_page_list(), again and again | lock; unmap; drop_buffers(); __remove_mapping() | LRU lists |

Sources: Linux v4.19 and v6.8 (block/bio.c, fs/iomap/direct-io.c, mm/page-writeback.c); open(2); commits 1ccf164ec866 (v6.5:
FOLL_PIN), 738adade96b2 (v6.9: FUSE too).
"""

from __future__ import annotations

from explorer.language import Model
from explorer.models.linux.designs import Design, Question
from explorer.models.linux.designs import design as design_named
from explorer.models.linux.direct_io import File
from explorer.models.linux.file_direct_io import DirectRead
from explorer.models.linux.kernels import V5_4, Kernel
from explorer.models.linux.kernels import kernel as kernel_named
from explorer.models.linux.mapped_file import Fs, Value, mapped_file, set_aside
from explorer.models.linux.page_cache import NO_DESIGN
from explorer.models.linux.parent_child import Half
from explorer.models.linux.writeback import reclaim_file_page, write_cache_page

FIXED: dict[str, object] = {"design": design_named("bounce"), "kernel": kernel_named("v6.8")}


def odirect_writeback(
    *,
    design: Design = NO_DESIGN,
    fs: Fs = Fs.COW,
    kernel: Kernel = V5_4,
    file: File = File.BLOCK,
    stable_writes: bool = True,
    reclaim: bool = True,
) -> Model:
    """A read with O_DIRECT into a mapping of a file, while the file is written back.

    Parameters:
        design: what is done about pages that are pinned; a+b joins two
        fs: of the mapped file: cow (cleaning takes preparation away), delalloc (a block stays) or ext4 (buffers stay)
        kernel: whose rules hold where the design decides nothing
        file: what is read from: block (a block device or a file on one) or fuse
        stable_writes: the device of the mapped file needs stable pages, and sums them
        reclaim: clean pages are reclaimed
    """
    m = Model()
    memory, cache = mapped_file(m, design.kernel(kernel), fs, design=design, stable_writes=stable_writes)
    disk = DirectRead(m, cache, file)

    @m.thread("user", fairness="weak")
    async def user() -> None:
        await disk.register(True)
        if disk.programmed:
            await disk.unregister()

    @m.thread("disk", fairness="weak")
    async def run_disk() -> None:
        await disk.dma_write()

    @m.thread("flusher", fairness="weak")
    async def flusher() -> None:
        while True:
            await write_cache_page(cache, 0, False)

    if reclaim:

        @m.thread("kswapd", fairness="weak")
        async def kswapd() -> None:
            while True:
                await reclaim_file_page(cache, 0)

    others = {} if stable_writes else {"stable_writeback": "the device needs no stable pages"}
    set_aside(m, design, Question.SHORT, others)
    if file is File.FUSE:
        m.assumptions = ["FUSE marks pages dirty when it releases them, and not before the I/O (recalled)"]
    pin = memory.kernel.foll_pin and disk.pages.foll_pin()
    m.reachable("in_flight", lambda: disk.programmed)
    m.reachable(
        "in_flight_and_clean",
        lambda: disk.programmed and not cache.dirty_at(0),
        unless="writeback leaves a pinned page dirty" if design.leaves_pinned_dirty() and pin else "",
    )
    m.reachable("all_done", lambda: user.finished and disk.completed)
    m.reachable("on_disk", lambda: cache.disk[0, Half.LOW] == Value.DEVICE)
    if reclaim:
        m.reachable("reclaimed", lambda: cache.page[0] is None)
    m.scope = "order-0 pages of the page cache; 1 process, 1 file of 1 page"
    return m
