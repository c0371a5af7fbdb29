"""A page that a device writes to is write-protected for a moment, and the next store copies it. No fork.

mprotect() to read-only and back, or writing 4 to /proc/pid/clear_refs, leaves a read-only entry. From v5.9 to v5.18 the store
that follows looks at the page count, finds the reference of the I/O, and moves the process to a copy.

| kernel | step | abstracted away |
|---|---|---|
| ib_umem_get(), bio_iov_iter_get_pages() | those of GUP-fast | |
| mprotect_fixup() | down_write(); the entry; the flush | splitting the VMA |
| clear_refs_write() | mmap_lock; the entry; the flush | the soft-dirty bit |
| do_user_addr_fault(), do_wp_page() | those of a store that faults | |
| the device | one DMA write; completion | |

Sources: A. Arcangeli, page_count_do_wp_page.c (v5.11, v5.15-rc3); commits 9348b73c2e1b (v5.11), 6c287605fd56 (v5.19).
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Model, step
from explorer.models.linux.access import store
from explorer.models.linux.devices import Device, DeviceKind
from explorer.models.linux.gup import Gup, UserPages
from explorer.models.linux.kernels import V5_17, V5_19, Kernel
from explorer.models.linux.parent_child import Cpu, Half, Process, Value, Writer, parent_memory
from explorer.models.linux.protect import clear_refs, mprotect
from explorer.models.linux.stores import StoreHistory
from explorer.properties.pinned_page_stays import pinned_page_stays

FIXED: dict[str, object] = {"kernel": V5_19}


class By(Enum):
    MPROTECT = "mprotect"
    CLEAR_REFS = "clear_refs"


def mprotect_pin(*, kernel: Kernel = V5_17, by: By = By.MPROTECT, gup: Gup = Gup.PIN) -> Model:
    """A device writes to one half of a page; a thread has the page write-protected, then stores to the other half.

    Parameters:
        kernel: whose rules hold, vX.Y, vX.Y-rcN, vX.Y.y, with +rule=value
        by: mprotect (to read-only and back, when the I/O has begun) or clear_refs (at any time)
        gup: the reference that the I/O takes, pin (FOLL_PIN) or get (FOLL_GET, as direct I/O to v6.4)
    """
    m = Model()
    memory = parent_memory(m, 3, 1, kernel, warm=(Cpu.THREAD2,), parent_threads=2)
    StoreHistory(m, memory)
    region = UserPages(m, "region", memory, Process.PARENT, gup)
    device = Device(m, memory, DeviceKind.HCA, region, Value.DEVICE, Writer.DEVICE, bytes=(Half.LOW,))

    @m.thread("io")
    async def run_io() -> None:
        await device.ib_umem_get(True)
        await device.ib_umem_release()

    @m.thread("thread2")
    async def run_thread2() -> None:
        if by is By.MPROTECT:
            await step("wait for the I/O to begin", when=lambda: device.programmed or device.completed)
            await mprotect(memory, Process.PARENT, 0, False)
            await mprotect(memory, Process.PARENT, 0, True)
        else:
            await clear_refs(memory, Process.PARENT)
        await store(memory, Cpu.THREAD2, 0, Half.HIGH, Value.THREAD2, Writer.PARENT)

    @m.thread("hca", fairness="weak")
    async def run_device() -> None:
        await device.dma_write()

    m.require(pinned_page_stays(memory, device))
    for name in ("fork_content", "fork_isolation_cpu", "fork_isolation_dma", "child_usable"):
        m.excludes[name] = "nobody forks"
    m.reachable("stores_under_pin", lambda: device.programmed and run_thread2.finished)
    m.reachable("all_done", lambda: run_io.finished and run_thread2.finished)
    m.scope = "order-0 anonymous pages; 1 process, 2 threads, 1 page"
    return m
