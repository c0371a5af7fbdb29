"""A file is truncated, or gets a hole, while a device has its pages.

The page leaves the file and goes on as an orphan of the device's: "the only expectation is that dma can safely continue while
the filesystem reallocates the block(s)" (5fac7408d828). What the driver then says of its dirtiness must not reach the file.

| kernel | step | abstracted away |
|---|---|---|
| ib_umem_get() | those of GUP and of the write fault with ->page_mkwrite() | how addresses are programmed |
| the device | two DMA writes; completion | more than one in flight |
| notify_change(), vfs_fallocate() | locks; i_size; unmap; lock the page; take it out, two steps; free the block | the journal |
| ib_umem_release() | lock, mark dirty, if the driver does; unpin | |
| another thread's store | the store, its fault; SIGBUS beyond the end | |
| writeback, once the file is truncated | lock; clean the entry; clear dirty; ->writepage(); two reads; end | |

Sources: Linux v4.19 and v6.8 (mm/truncate.c, mm/memory.c, mm/page-writeback.c, fs/buffer.c); commit 5fac7408d828.
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Model, step
from explorer.models.linux.access import store
from explorer.models.linux.designs import Design, Question
from explorer.models.linux.file_devices import device_of
from explorer.models.linux.kernels import V5_4, Kernel
from explorer.models.linux.mapped_file import (
    Cpu,
    File,
    Fs,
    Process,
    SetPageDirty,
    Value,
    Writer,
    mapped_file,
    set_aside,
)
from explorer.models.linux.page_cache import NO_DESIGN
from explorer.models.linux.parent_child import Half
from explorer.models.linux.truncate import extend, punch_hole, truncate
from explorer.models.linux.writeback import write_cache_page

FIXED: dict[str, object] = {"kernel": V5_4}


class Call(Enum):
    """What happens to the file. EXTEND: truncated, and extended to its old size."""

    TRUNCATE = "truncate"
    EXTEND = "extend"
    PUNCH_HOLE = "punch_hole"


def truncate_pagecache(
    *,
    design: Design = NO_DESIGN,
    call: Call = Call.EXTEND,
    fs: Fs = Fs.COW,
    kernel: Kernel = V5_4,
    set_page_dirty_at_unpin: SetPageDirty = SetPageDirty.EITHER,
    gup_fast: bool = False,
    cpu_stores: bool = True,
) -> Model:
    """A file is truncated, or gets a hole, while a device has its pages.

    Parameters:
        design: what is done about pages that are pinned for long; a+b joins two
        call: truncate, extend (truncate, then back to the old size) or punch_hole
        fs: cow, delalloc or ext4
        kernel: whose rules hold where the design decides nothing
        set_page_dirty_at_unpin: the driver marks pages dirty that it releases: either, never, always
        gup_fast: the driver tries GUP-fast first
        cpu_stores: another thread of the user stores to the mapping once
    """
    m = Model()
    memory, cache = mapped_file(m, design.kernel(kernel), fs, design=design, frames=3)
    device = device_of(m, cache, design, set_page_dirty_at_unpin)

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

    @m.thread("truncate", fairness="weak")
    async def run_truncate() -> None:
        await step("the region is registered", when=lambda: device.programmed or user.finished)
        if call is Call.PUNCH_HOLE:
            await punch_hole(cache, 0)
        else:
            await truncate(cache, File.FILE, 0)
        if call is Call.EXTEND:
            await extend(cache, File.FILE, 1)

    @m.thread("flusher", fairness="weak")
    async def flusher() -> None:
        await step("wakeup", when=lambda: run_truncate.finished)
        while True:
            await write_cache_page(cache, 0, False)

    others = {
        "no_dirty_without_mkwrite": "not asked here: gup_writeback asks it",
        "stable_writeback": "the device needs no stable pages",
    }
    set_aside(m, design, Question.TRUNCATE, others)
    m.assumptions = [
        "a dirty page must not leave the page cache: WARN_ON_ONCE() in unaccount_page_cache_page() (recalled)"
    ]
    refused = "the pin is refused" if memory.kernel.refuse_longterm and design.pins_for_long() else ""
    m.reachable(
        "dma_after_truncate",
        lambda: device.programmed and not device.completed and run_truncate.finished,
        unless=refused,
    )
    m.reachable("truncated", lambda: run_truncate.finished)
    m.reachable("released_after", lambda: run_truncate.finished and user.finished and device.completed, unless=refused)
    if cpu_stores:
        m.reachable(
            "sigbus",
            lambda: cache.sigbus[Process.USER],
            unless="a hole is within the file" if call is Call.PUNCH_HOLE else "",
        )
        m.reachable(
            "stores_again",
            lambda: run_truncate.finished and cache.newest[0, Half.HIGH] == Value.USER,
            unless="the page is beyond the end of the file" if call is Call.TRUNCATE else "",
        )
    m.scope = "order-0 pages of the page cache; 1 process, 1 file of 1 page"
    return m
