"""Shared virtual addressing and fork: a device that walks the CPU's page table, with a TLB of its own.

The device needs no pins and no translations of its own, but its TLB has to be flushed where the CPUs' are: between clearing
an entry and setting one that names another page. Put off to the end of the invalidation, it goes on writing the old page. It
holds on every kernel, so there is no fixed sibling; the broken ones are ``+secondary_tlb_flush=off`` and ``+fork_flush=off``.

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

from explorer.language import Model
from explorer.models.linux.devices import Dma
from explorer.models.linux.fork_beside import fork_beside, one_page
from explorer.models.linux.kernels import V6_8, Kernel
from explorer.models.linux.parent_child import Process, Value, Writer
from explorer.models.linux.sva import SvaReader, SvaWriter

FIXED: dict[str, object] = {}


def sva_fork(*, kernel: Kernel = V6_8, access: Dma = Dma.WRITE, thread2: bool = False) -> Model:
    """The parent forks and stores to a half of the page; the child loads and stores; the device writes, or reads, both halves.

    Parameters:
        kernel: whose rules hold, vX.Y, vX.Y-rcN, vX.Y.y, with +rule=value
        access: what the device does, write or read
        thread2: a second thread of the parent stores to the other half, at any time
    """
    m = Model()
    memory = one_page(m, kernel)
    device = (
        SvaWriter(m, memory, Process.PARENT, Value.DEVICE, Writer.DEVICE)
        if access is Dma.WRITE
        else SvaReader(m, memory, Process.PARENT)
    )
    fork_beside(m, memory, device, "device", access, thread2)
    return m
