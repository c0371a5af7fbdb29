"""A page that a device writes to is swapped out, or migrated, and comes back.

Reclaim unmaps the page and keeps it in the swap cache, because the I/O has a reference. A load brings it back read-only, and
from v5.9 to v5.17 the next store counts the swap cache's reference or the I/O's, and copies: what the device writes is lost.

| kernel | step | abstracted away |
|---|---|---|
| ib_umem_get(), bio_iov_iter_get_pages() | those of GUP-fast | |
| shrink_page_list() | isolate; add_to_swap; unmap: two; flush; pageout; free | LRU; a second reclaim |
| unmap_and_move() | isolate; unmap: two; move; map again | page lock |
| do_swap_page() | look up or read; map | |
| do_user_addr_fault(), do_wp_page() | those of a load or store that faults | |
| the device | one DMA write, or one DMA read; completion | |

Sources: commits 09854ba94c6a (v5.9-rc4), feb889fb40fa (v5.11), 53a05ad9f21d (v5.18), 1493a1913e34 (v5.19).
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Model
from explorer.models.linux.access import load, store
from explorer.models.linux.devices import Device, DeviceKind, Dma, ReadingDevice
from explorer.models.linux.gup import Gup, UserPages
from explorer.models.linux.kernels import V5_10, V5_19, Kernel
from explorer.models.linux.memory import pte_present
from explorer.models.linux.migrate import migrate_page
from explorer.models.linux.parent_child import Cpu, Half, Process, Value, Writer, parent_memory
from explorer.models.linux.stores import StoreHistory
from explorer.models.linux.swap import reclaim_page
from explorer.models.linux.swap_slots import Swap

FIXED: dict[str, object] = {"kernel": V5_19}


class By(Enum):
    RECLAIM = "reclaim"
    MIGRATION = "migration"


def swap_pin(*, kernel: Kernel = V5_10, by: By = By.RECLAIM, gup: Gup = Gup.PIN, access: Dma = Dma.WRITE) -> Model:
    """One thread has a device use a half of a page; another loads, and stores to the other half; the kernel takes it away.

    Parameters:
        kernel: whose rules hold, vX.Y, vX.Y-rcN, vX.Y.y, with +rule=value
        by: reclaim (swaps the page out) or migration (moves it to another frame), once, at any time
        gup: the reference that the I/O takes, pin (FOLL_PIN) or get (FOLL_GET, as direct I/O to v6.4)
        access: what the device does with the page, write or read
    """
    m = Model()
    swaps = by is By.RECLAIM
    memory = parent_memory(
        m,
        4,
        1,
        kernel,
        warm=(Cpu.THREAD2,),
        parent_threads=2,
        background=True,
        migrates=not swaps,
    )
    if swaps:
        Swap(m, memory, 1)
    StoreHistory(m, memory)
    region = UserPages(m, "region", memory, Process.PARENT, gup, write=access is Dma.WRITE)
    half = (Half.LOW,)
    writing = None
    reading = None
    if access is Dma.WRITE:
        writing = Device(m, memory, DeviceKind.HCA, region, Value.DEVICE, Writer.DEVICE, bytes=half)
    else:
        reading = ReadingDevice(m, memory, DeviceKind.HCA, region, bytes=half)
    device = writing or reading
    assert device is not None

    @m.thread("io")
    async def run_io() -> None:
        await device.ib_umem_get(True)
        await device.ib_umem_release()

    @m.thread("thread2")
    async def run_thread2() -> None:
        await load(memory, Cpu.THREAD2, 0)
        await store(
            memory, Cpu.THREAD2, 0, Half.HIGH if access is Dma.WRITE else Half.LOW, Value.THREAD2, Writer.PARENT
        )

    @m.thread("kernel")
    async def run_kernel() -> None:
        if by is By.RECLAIM:
            await reclaim_page(memory, 0)
        else:
            await migrate_page(memory, 0)

    @m.thread("hca", fairness="weak")
    async def run_device() -> None:
        if writing is not None:
            await writing.dma_write()
        if reading is not None:
            await reading.dma_read()

    for name in ("fork_content", "fork_isolation_cpu", "fork_isolation_dma", "child_usable"):
        m.excludes[name] = "nobody forks"
    m.reachable(
        "taken_away_before_pin", lambda: not pte_present(memory.pte[Process.PARENT, 0]) and not device.programmed
    )
    m.reachable("stored_under_pin", lambda: device.programmed and run_thread2.finished)
    m.reachable("all_done", lambda: run_io.finished and run_thread2.finished and run_kernel.finished)
    m.scope = "order-0 anonymous pages; 1 process, 2 threads, 1 page"
    return m
