"""Direct I/O into a part of a page, a fork, and a store to the rest of the page.

Two buffers of malloc() lie on one page: `a`, its low half, is read into by O_DIRECT, and the program goes on using `b`, its
high half. Fork shares the page of a FOLL_GET reference, so the store to `b` may move the process to a copy, and what the
device writes to `a` is lost: "fork needs to eventually do this for O_DIRECT as well" (J. Gunthorpe, 2020-09-18).

| kernel | step | abstracted away |
|---|---|---|
| bio_iov_iter_get_pages(), fuse_get_user_pages() | those of GUP-fast | |
| dup_mmap(), copy_page_range() | those of fork | |
| do_user_addr_fault(), do_wp_page() | those of a store that faults | |
| the device | one DMA write of `a`, or one DMA read; completion, any time later | NVMe-oF retries |
| bio_release_pages() | one, after the completion | |

Sources: open(2), NOTES; J. Gunthorpe, "mm: Trial do_wp_page() simplification", 2020-09-18; commits 70e806e4e645 (v5.9),
1ccf164ec866 (v6.5), 738adade96b2 (v6.9).
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Model, step
from explorer.models.linux.access import load, store
from explorer.models.linux.devices import Device, ReadingDevice
from explorer.models.linux.direct_io import DirectIoPages, File
from explorer.models.linux.fork import ForkCall
from explorer.models.linux.kernels import V5_10, V6_18, Kernel
from explorer.models.linux.parent_child import Cpu, Half, Process, Value, Writer, parent_memory
from explorer.models.linux.stores import StoreHistory
from explorer.models.linux.unmap import exit_mm

FIXED: dict[str, object] = {"kernel": V6_18}


class Call(Enum):
    """READ writes to memory, WRITE reads from it."""

    READ = "read"
    WRITE = "write"


class Child(Enum):
    READS = "reads"
    STORES = "stores"
    EXITS = "exits"


class Disk(Enum):
    DISK = "disk"


def odirect_fork(
    *, kernel: Kernel = V5_10, file: File = File.BLOCK, call: Call = Call.READ, child: Child = Child.READS
) -> Model:
    """One thread does direct I/O on a half of a page; another forks and stores to the other half.

    Parameters:
        kernel: whose rules hold, vX.Y, vX.Y-rcN, vX.Y.y, with +rule=value
        file: block (a block device or a file on one) or fuse
        call: read (the device writes to memory) or write (it reads)
        child: reads the page, stores to the other half, or exits (or calls exec)
    """
    m = Model()
    memory = parent_memory(m, 3, 1, kernel, parent_threads=2)
    history = StoreHistory(m, memory)
    fork = ForkCall(m, memory, Process.PARENT, Process.CHILD)
    bio = DirectIoPages(m, memory, Process.PARENT, file, write=call is Call.READ)
    buffer = (Half.LOW,)
    writing = (
        Device(m, memory, Disk.DISK, bio, Value.DEVICE, Writer.DEVICE, bytes=buffer) if call is Call.READ else None
    )
    reading = ReadingDevice(m, memory, Disk.DISK, bio, bytes=buffer) if call is Call.WRITE else None
    disk = writing or reading
    assert disk is not None

    @m.thread("io")
    async def run_io() -> None:
        if call is Call.WRITE:
            await store(memory, Cpu.PARENT, 0, Half.LOW, Value.PARENT, Writer.PARENT)
        await disk.submit()
        await disk.reap()

    @m.thread("fork")
    async def run_fork() -> None:
        await fork.dup_mmap()
        await store(memory, Cpu.THREAD2, 0, Half.HIGH, Value.THREAD2, Writer.PARENT)

    @m.thread("child")
    async def run_child() -> None:
        await step("ret_from_fork", when=lambda: memory.running[Process.CHILD])
        if child is Child.EXITS:
            await exit_mm(memory, Process.CHILD)
        if child is Child.READS:
            await load(memory, Cpu.CHILD, 0)
        if child is Child.STORES:
            await store(memory, Cpu.CHILD, 0, Half.HIGH, Value.CHILD, Writer.CHILD)

    @m.thread("disk", fairness="weak")
    async def run_disk() -> None:
        if writing is not None:
            await writing.dma_write()
        if reading is not None:
            await reading.dma_read()

    if child is not Child.READS:
        m.excludes["fork_content"] = "the child does not read"
    m.reachable(
        "forked_while_in_flight", lambda: disk.programmed and not disk.completed and memory.running[Process.CHILD]
    )
    m.reachable("stored_while_in_flight", lambda: disk.programmed and not disk.completed and run_fork.finished)
    if child is Child.READS and call is Call.READ:
        m.reachable("child_reads_before", lambda: history.first_read[0, Half.LOW] == Value.OLD)
        m.reachable("child_reads_result", lambda: history.first_read[0, Half.LOW] == Value.DEVICE)
    m.reachable("all_done", lambda: run_io.finished and run_fork.finished and run_child.finished)
    m.scope = "order-0 anonymous pages; 2 processes, 2 threads of the parent, 1 page of two buffers"
    return m
