"""GUP-fast against fork: a page is pinned while fork decides that it is not.

Fork sees no pin and shares the page; GUP-fast, which takes no lock, pins it between that test and the write protection. The
parent then has a pinned page that it shares, and its next store moves it to a copy.

| kernel | step | abstracted away |
|---|---|---|
| internal_get_user_pages_fast() | one for each access to what others change | interrupts off |
| __get_user_pages() | down_read(); follow_page_mask(); a fault | |
| dup_mmap(), copy_present_pte() | test for a pin, then share; or copy by halves | |
| do_user_addr_fault(), do_wp_page() | those of a store that faults | |
| the device | two DMA writes; completion | |

Sources: commits 57efa1fe5957 (v5.11, v5.10.7), 70e806e4e645 and f3c64eda3e50 (v5.9); Linux v5.10.7 mm/gup.c.
"""

from __future__ import annotations

from explorer.language import Model, step
from explorer.models.linux.access import store
from explorer.models.linux.devices import Device, DeviceKind
from explorer.models.linux.fork import ForkCall
from explorer.models.linux.gup import Gup, UserPages
from explorer.models.linux.kernels import V5_10, V5_11, Kernel
from explorer.models.linux.parent_child import Cpu, Half, Process, Value, Writer, parent_memory
from explorer.models.linux.stores import StoreHistory
from explorer.properties.pinned_page_stays import pinned_page_stays

FIXED: dict[str, object] = {"kernel": V5_11}


def gup_fast_fork(*, kernel: Kernel = V5_10, gup: Gup = Gup.PIN) -> Model:
    """One thread of the parent forks, another pins a page by GUP-fast; then the parent stores and the device writes.

    Parameters:
        kernel: whose rules hold, vX.Y, vX.Y-rcN, vX.Y.y, with +rule=value
        gup: the reference that is taken, pin (FOLL_PIN) or get (FOLL_GET)
    """
    m = Model()
    memory = parent_memory(m, 3, 1, kernel, parent_threads=2)
    history = StoreHistory(m, memory)
    fork = ForkCall(m, memory, Process.PARENT, Process.CHILD)
    region = UserPages(m, "region", memory, Process.PARENT, gup)
    hca = Device(m, memory, DeviceKind.HCA, region, Value.DEVICE, Writer.DEVICE)

    @m.thread("fork")
    async def forking() -> None:
        await fork.dup_mmap()

    @m.thread("pin")
    async def pinning() -> None:
        await hca.ib_umem_get(True)
        await step("wait for the fork", when=lambda: memory.running[Process.CHILD])
        await store(memory, Cpu.THREAD2, 0, Half.HIGH, Value.THREAD2, Writer.PARENT)
        await hca.ib_umem_release()

    @m.thread("hca", fairness="weak")
    async def device() -> None:
        await hca.dma_write()

    m.require(pinned_page_stays(memory, hca))
    m.reachable("pinned_during_fork", lambda: history.forking and hca.programmed)
    m.reachable("stores_under_pin", lambda: hca.programmed and memory.running[Process.CHILD] and stored())
    m.reachable("all_done", lambda: forking.finished and pinning.finished)

    def stored() -> bool:
        return history.written_since_fork_by(Writer.PARENT)

    m.scope = "order-0 anonymous pages; 2 processes, 2 threads of the parent, 1 page"
    return m
