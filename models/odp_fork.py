"""On-demand paging and fork: a device that holds no pages and follows the page table instead.

Before an entry changes, mmu notifiers take the device's translation away and wait until the hardware has done with it. The
next DMA faults, and the device goes where the process goes: no pin, and nothing that fork has to know. It holds on every kernel,
so there is no fixed sibling; what breaks it is ``+notifier_waits=off``, ``+notifier_before_change=off`` or
``+odp_read_retry=off``.

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

from explorer.language import Model
from explorer.models.linux.devices import Dma
from explorer.models.linux.fork_beside import fork_beside, one_page
from explorer.models.linux.kernels import V4_19, Kernel
from explorer.models.linux.odp import OdpReader, OdpWriter
from explorer.models.linux.parent_child import Process, Value, Writer

FIXED: dict[str, object] = {}


def odp_fork(*, kernel: Kernel = V4_19, access: Dma = Dma.WRITE, thread2: bool = False) -> Model:
    """The parent forks and stores to a half of each page; the child loads and stores; the device writes, or reads, both halves.

    Parameters:
        kernel: whose rules hold, vX.Y, vX.Y-rcN, vX.Y.y, with +rule=value
        access: what the device does, write or read
        thread2: a second thread of the parent stores to the other half, at any time
    """
    m = Model()
    memory = one_page(m, kernel)
    device = (
        OdpWriter(m, memory, Process.PARENT, Value.DEVICE, Writer.DEVICE)
        if access is Dma.WRITE
        else OdpReader(m, memory, Process.PARENT)
    )
    fork_beside(m, memory, device, "hca", access, thread2)
    m.reachable("invalidated_in_fault", lambda: device.invalidated[0] and device.active[0] > 0)
    return m
