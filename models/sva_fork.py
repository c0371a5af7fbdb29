"""Shared virtual addressing and fork: a device that walks the CPU's page table, with a TLB of its own.

The device needs no pins and no translations of its own, but its TLB has to be flushed where the CPUs' are: between clearing
an entry and setting one that names another page. Put off to the end of the invalidation, it goes on writing the old page.

| kernel | step | abstracted away |
|---|---|---|
| iommu_sva_handle_mm() | down_read(); a fault | PRI queues |
| dup_mmap(), copy_page_range() | those of fork; its flush is the device's as well | the child has no PASID |
| do_user_addr_fault(), wp_page_copy() | those of a store that faults | |
| arch_invalidate_secondary_tlbs() | in the step of the flush, or at the end of the invalidation | |
| the device | two DMA writes; completion | |

Sources: Linux v6.8 Documentation/mm/mmu_notifier.rst, Documentation/arch/x86/sva.rst, mm/memory.c:wp_page_copy().
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Model, step
from explorer.models.linux.access import load, store
from explorer.models.linux.fork import ForkCall
from explorer.models.linux.kernels import V6_8, Kernel
from explorer.models.linux.parent_child import Cpu, Half, Process, Value, Writer, parent_memory
from explorer.models.linux.stores import StoreHistory
from explorer.models.linux.sva import SvaReader, SvaWriter

FIXED: dict[str, object] = {}  # holds as it is; broken by +secondary_tlb_flush=off, fork_flush=off


class Access(Enum):
    WRITE = "write"
    READ = "read"


def sva_fork(*, kernel: Kernel = V6_8, access: Access = Access.WRITE, thread2: bool = False) -> Model:
    """The parent forks and stores to a half of the page; the child loads and stores; the device writes, or reads, both halves.

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
        SvaWriter(m, mm, Process.PARENT, Value.DEVICE, Writer.DEVICE) if writing else SvaReader(m, mm, Process.PARENT)
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

    @m.thread("device", fairness="weak")
    async def run_device() -> None:
        await device.dma()

    if writing:
        m.reachable("writes_before_fork", lambda: history.had_in_fork[0, (Half.LOW, Value.DEVICE)])
        m.reachable("writes_after_fork", lambda: history.written_since_fork_by(Writer.DEVICE))
    m.reachable("all_done", lambda: run_parent.finished and run_child.finished and device.completed)
    m.scope = "order-0 anonymous pages; 2 processes, 1 page"
    return m
