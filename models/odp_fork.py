"""On-demand paging and fork: a device that holds no pages and follows the page table instead.

Before an entry changes, mmu notifiers take the device's translation away and wait until the hardware has done with it. The
next DMA faults, and the device goes where the process goes: no pin, and nothing that fork has to know.

| kernel | step | abstracted away |
|---|---|---|
| mlx5_ib_invalidate_range() | the range counts as invalidated; no translation, when the hardware is idle | umem_mutex |
| pagefault_real_mr(), hmm_range_fault() | begin; down_read(); the entry, or a fault; retry or translation | timeouts |
| dup_mmap(), copy_page_range() | those of fork, between start and end of an invalidation | |
| do_user_addr_fault(), wp_page_copy() | those of a store that faults; the notifiers around the new entry | |
| the device | a byte: look up, write; completion | |

Sources: Linux v6.8 Documentation/mm/hmm.rst, mm/mmu_notifier.c, drivers/infiniband/core/umem_odp.c,
drivers/infiniband/hw/mlx5/odp.c.
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Model, step
from explorer.models.linux.access import load, store
from explorer.models.linux.fork import ForkCall
from explorer.models.linux.kernels import V4_19, Kernel
from explorer.models.linux.odp import OdpReader, OdpWriter
from explorer.models.linux.parent_child import Cpu, Half, Process, Value, Writer, parent_memory
from explorer.models.linux.stores import StoreHistory

FIXED: dict[
    str, object
] = {}  # holds as it is; broken by +notifier_waits=off, notifier_before_change=off, odp_read_retry=off


class Access(Enum):
    WRITE = "write"
    READ = "read"


def odp_fork(*, kernel: Kernel = V4_19, access: Access = Access.WRITE, thread2: bool = False) -> Model:
    """The parent forks and stores to a half of each page; the child loads and stores; the device writes, or reads, both halves.

    Parameters:
        kernel: whose rules hold, vX.Y, vX.Y-rcN, vX.Y.y, with +rule=value
        access: what the device does, write or read
        thread2: a second thread of the parent stores to the other half, at any time
    """
    m = Model()
    mm = parent_memory(m, 4, 1, kernel, parent_threads=3, each_frame=False)
    history = StoreHistory(m, mm)
    fork = ForkCall(m, mm, Process.PARENT, Process.CHILD)
    writing = access is Access.WRITE
    device = (
        OdpWriter(m, mm, Process.PARENT, Value.DEVICE, Writer.DEVICE) if writing else OdpReader(m, mm, Process.PARENT)
    )

    @m.thread("parent")
    async def run_parent() -> None:
        await fork.dup_mmap()
        await store(mm, Cpu.PARENT, 0, Half.HIGH, Value.PARENT, Writer.PARENT)

    if thread2:

        @m.thread("thread2")
        async def run_thread2() -> None:
            await store(mm, Cpu.THREAD2, 0, Half.LOW, Value.THREAD2, Writer.PARENT)

    @m.thread("child")
    async def run_child() -> None:
        await step("ret_from_fork", when=lambda: mm.running[Process.CHILD])
        await load(mm, Cpu.CHILD, 0)
        await store(mm, Cpu.CHILD, 0, Half.HIGH, Value.CHILD, Writer.CHILD)

    @m.thread("hca", fairness="weak")
    async def run_device() -> None:
        await device.dma()

    if writing:
        m.reachable("writes_before_fork", lambda: history.had_in_fork[0, (Half.LOW, Value.DEVICE)])
        m.reachable("writes_after_fork", lambda: history.written_since_fork_by(Writer.DEVICE))
    m.reachable("invalidated_in_fault", lambda: device.invalidated[0] and device.active[0] > 0)
    m.reachable("all_done", lambda: run_parent.finished and run_child.finished and device.completed)
    m.scope = "order-0 anonymous pages; 2 processes, 1 page"
    return m
